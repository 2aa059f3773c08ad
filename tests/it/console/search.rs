//! The search, through the page: what is looked for is in no address.

use super::site::site;
use crate::support::entities::{account, envelope, object, resident};
use crate::support::{Bench, wait_until};

#[test]
fn a_change_is_found_at_once_and_the_only_hit_is_opened() {
    let mut site = site(|setup| setup);
    let push = |guid: &str, member: &str, entity: &str| {
        site.bench.uzhkh().push_request(envelope(guid, member, entity));
    };
    let flat = |id: &str, house: &str, number: &str| {
        object(id)
            .replace("\"Лодочная\"", "\"ул. Ткачей\"")
            .replace(r#""HouseNumber":"4""#, &format!(r#""HouseNumber":"{house}""#))
            .replace(r#""FlatNumber":"12""#, &format!(r#""FlatNumber":"{number}""#))
    };
    push("g1", "Obj", &flat("o1", "13", "5"));
    push("g2", "Obj", &flat("o2", "5", "13"));
    push("g3", "Resident", &resident("r1").replace("Ветрова", "Озёрова-Клёнова"));
    push("g4", "Account", &account("--9"));
    site.begin();
    site.wait_for("SELECT count(*) FROM envelope WHERE state = 'acknowledged'", "4");
    let account = site.bench.permanent("account", "--9");
    let operator = site.signed_in("operator");
    let found = |text: &str| {
        let answer = operator.post("/search", &[("q", text)]);
        assert!([200, 303].contains(&answer.status), "{}", answer.text);
        answer.header("location").to_owned()
    };
    wait_until("the index is filled", || {
        found("--9") == format!("/records/uzhkh/account/{account}")
    });
    for (text, path) in [
        ("ткачей 13 5", "/records/uzhkh/object/o1"),
        ("ткачей 5 13", "/records/uzhkh/object/o2"),
        ("кленова", "/records/uzhkh/resident/r1"),
        ("8 (000) 000-00-01", "/records/uzhkh/resident/r1"),
        ("1001", &format!("/records/uzhkh/account/{account}")),
        (&account, &format!("/records/uzhkh/account/{account}")),
    ] {
        assert_eq!(found(text), path, "{text}");
    }
    // The Guid of an entry leads to its record, or to the quarantine.
    site.bench.uzhkh().push_request(envelope("G-tank", "Tank", "{}"));
    site.wait_for("SELECT count(*) FROM quarantine", "1");
    let seq = site.bench.one("SELECT seq FROM quarantine");
    for (guid, path) in [
        ("g1", "/records/uzhkh/object/o1"),
        ("G3", "/records/uzhkh/resident/r1"),
        (" g4 ", &format!("/records/uzhkh/account/{account}")),
        ("G-tank", &format!("/quarantine?page=1#q-{seq}")),
    ] {
        assert_eq!(found(guid), path, "{guid}");
        assert_eq!(site.signed_in("viewer").post("/search", &[("q", guid)]).status, 303);
    }
    let several = operator.post("/search", &[("q", "ткачей")]);
    assert_eq!(several.status, 200);
    assert!(several.text.contains("/object/o1") && several.text.contains("/object/o2"));
    let none = operator.post("/search", &[("q", "<b>никого</b>")]);
    assert!(
        none.text.contains("Ничего не найдено") && !none.text.contains("<b>никого"),
        "{}",
        none.text
    );
    let viewer = site.signed_in("viewer");
    let answer = viewer.post("/search", &[("q", "кленова")]);
    assert!(answer.text.contains("Ничего не найдено"), "{}", answer.text);
    assert_eq!(viewer.post("/search", &[("q", "ткачей 13 5")]).status, 303);
    // Nothing of its own: it is made anew where it is missing, and in no backup.
    let index = site.bench.file("ledger-search.db");
    assert!(index.exists());
    site.daemon.take().unwrap().stop();
    std::fs::remove_file(&index).unwrap();
    site.begin();
    let operator = site.signed_in("operator");
    wait_until("the index is filled again", || {
        operator.post("/search", &[("q", "кленова")]).header("location")
            == "/records/uzhkh/resident/r1"
    });
}

#[test]
fn an_index_that_is_taken_away_under_the_service_is_made_anew() {
    let mut site = site(|setup| setup);
    let push = |bench: &Bench, id: &str| {
        let entity = resident(id).replace("Ветрова", &format!("Клёнова{id}"));
        bench.uzhkh().push_request(envelope(id, "Resident", &entity));
    };
    push(&site.bench, "r0");
    site.begin();
    let operator = site.signed_in("operator");
    let wait_for = |id: &str| {
        wait_until(&format!("{id} is found"), || {
            operator.post("/search", &[("q", &format!("клёнова{id}"))]).header("location")
                == format!("/records/uzhkh/resident/{id}")
        });
    };
    wait_for("r0");
    let index = |end: &str| site.bench.file(&format!("ledger-search.db{end}"));
    for (round, gone) in [&["", "-wal", "-shm"][..], &[""], &["-wal"]].into_iter().enumerate() {
        for end in gone {
            std::fs::remove_file(index(end)).unwrap();
        }
        wait_for("r0");
        let id = format!("r{}", round + 1);
        push(&site.bench, &id);
        wait_for(&id);
    }
    // Another file in its place is none of ours.
    let other = site.bench.file("other.db");
    std::fs::write(&other, "no index").unwrap();
    std::fs::rename(&other, index("")).unwrap();
    wait_for("r0");
    wait_for("r3");
}
