//! The lists of ready flats, as they stand in the ledger.

use std::process::Command;

use serde_json::Value;
use simulator::{Category, Endpoint, PhpShape};

use crate::macrocrm::bench::{Bench, DOMAIN, FLAT, HOUSE, bench, read_once};
use crate::support::tool;

const TWO: &str = "categories = [\"flat\", \"garage\"]";

/// What the sqlite3 shell of the system prints.
fn shell(bench: &Bench, arguments: &[&str], sql: &str) -> String {
    let mut shell = Command::new("sqlite3");
    shell.args(["-readonly", "-bail"]).args(arguments);
    let shell = shell.arg(bench.ledger()).arg(sql).output().unwrap();
    assert!(shell.status.success(), "{shell:?}");
    String::from_utf8(shell.stdout).unwrap()
}

/// An answer of getReadyFlats with these houses.
fn houses(houses: &str) -> String {
    format!(r#"{{"status_code":200,"data":{{"houses":{houses}}},"message":"Выполнено"}}"#)
}

#[test]
fn each_category_is_a_list_of_its_own() {
    let bench = read_once(TWO);
    assert_eq!(
        bench.flats(),
        ["123/flat/2", "123/flat/3", &format!("123/flat/{FLAT}"), &format!("123/garage/{FLAT}"),]
    );
    assert_eq!(bench.polled("flat"), "ok|3|3");
    assert_eq!(bench.polled("garage"), "ok|1|1");
    assert_eq!(
        bench.lines("SELECT DISTINCT source, kind, op, fields, envelope_seq FROM change"),
        ["macrocrm|ready_flat|insert|NULL|NULL"]
    );
    let calls = bench.calls("getReadyFlats");
    for (call, category) in calls.iter().zip(["flat", "garage"]) {
        assert_eq!(call.method, "POST");
        assert_eq!(call.parameters["category"], category);
        assert_eq!(call.parameters["domain"], DOMAIN);
        assert_eq!(call.parameters.len(), 3, "these, time and no other");
    }
    assert_eq!(calls.len(), 2);
    let status = bench.run(&["status"]).stdout;
    for list in ["macrocrm flat ", "macrocrm garage "] {
        assert!(status.contains(list), "{status}");
    }
    assert!(status.contains("4  ready_flat"), "{status}");
    let status = bench.run(&["status", "--json"]).stdout;
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["not_polled"], Value::Array(Vec::new()));
    let parts = status["parts"].as_array().unwrap();
    let parts: Vec<_> = parts
        .iter()
        .map(|part| (part["feed"].as_str().unwrap(), part["fetched"].as_u64()))
        .collect();
    assert_eq!(parts, [("flat", Some(3)), ("garage", Some(1))]);
}

#[test]
fn a_list_that_was_never_read_is_shown_as_such() {
    let bench = read_once("categories = [\"flat\"]");
    bench.reconfigure(TWO);
    let status = bench.run(&["status"]).stdout;
    let garage = status.lines().find(|line| line.contains("macrocrm garage"));
    assert!(garage.unwrap().ends_with("not yet"), "{status}");
}

#[test]
fn where_no_category_is_configured_none_is_asked_for() {
    let bench = read_once("");
    let calls = bench.calls("getReadyFlats");
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].parameters.get("category"), None);
    assert_eq!(
        bench.flats(),
        ["123/any/2".to_owned(), "123/any/3".to_owned(), format!("123/any/{FLAT}")]
    );
    // The flat and the parking place with the same number cannot be told apart.
    assert_eq!(bench.polled("any"), "ok|4|3");
    assert_eq!(
        bench.one("SELECT source, kind, id, path, problem FROM finding"),
        format!(
            "macrocrm|ready_flat|123/any/{FLAT}||the list has it more than once; the last one counts"
        )
    );
    let before = bench.mirrored();
    bench.pass();
    assert_eq!(bench.mirrored(), before);
    assert_eq!(bench.one("SELECT count(*) FROM finding"), "1");
}

#[test]
fn the_view_is_read_by_the_shell() {
    let Some(_) = tool("sqlite3") else { return };
    let bench = bench("categories = [\"flat\"]");
    let title = "3 очередь \"бизнес-класс\"";
    bench.macrocrm().set_ready("124", title, Category::Flat, &["К-1.4-7-1"]);
    bench.macrocrm().set_ready(HOUSE, "Дом", Category::Flat, &[]);
    bench.pass();
    let columns = "SELECT group_concat(name, ' ') FROM pragma_table_info('ready_flat')";
    assert_eq!(shell(&bench, &[], columns), "id house_id title category flat updated_at\n");
    let at = bench.one("SELECT updated_at FROM record");
    assert_eq!(
        shell(&bench, &[], "SELECT * FROM ready_flat"),
        format!("124/flat/К-1.4-7-1|124|{title}|flat|К-1.4-7-1|{at}\n")
    );
    let body = bench.one("SELECT body FROM record");
    let body: Value = serde_json::from_str(&body).unwrap();
    let expected = serde_json::json!({
        "house_id": "124", "title": title, "category": "flat", "flat": "К-1.4-7-1"
    });
    assert_eq!(body, expected);
}

#[test]
fn a_number_is_kept_to_the_letter() {
    let bench = bench("categories = [\"comm\"]");
    // К and Е in Cyrillic and in Latin, composed and not, blanks, what JSON escapes,
    // what SQL does.
    let odd = [
        "К-1",
        "K-1",
        "Ё",
        "Е\u{308}",
        " 7 ",
        "7",
        "07",
        "1/2",
        "1\\2\"",
        "'; --",
        "№ 5 (Б)",
        "🏠",
    ];
    bench.macrocrm().set_ready("124", "Дом", Category::Comm, &odd);
    bench.pass();
    let mut flats = bench.lines("SELECT flat FROM ready_flat");
    flats.sort();
    let mut expected = odd.to_vec();
    expected.sort_unstable();
    assert_eq!(flats, expected);
    let mut ids = bench.flats();
    ids.sort();
    let expected: Vec<String> = expected.iter().map(|flat| format!("124/comm/{flat}")).collect();
    assert_eq!(ids, expected);
}

#[test]
fn php_writes_one_list_in_many_ways() {
    let bench = bench(TWO);
    bench.macrocrm().set_php(PhpShape::Lists);
    bench.macrocrm().set_ready("0124", "Дом 0124", Category::Garage, &["1", "2"]);
    bench.pass();
    let before = bench.mirrored();
    assert_eq!(bench.flats().len(), 6);
    for shape in [PhpShape::Holes, PhpShape::Mixed, PhpShape::Lists] {
        bench.macrocrm().set_php(shape);
        bench.pass();
        assert_eq!(bench.polled("flat"), "ok|3|0", "{shape:?}");
        assert_eq!(bench.polled("garage"), "ok|3|0", "{shape:?}");
        assert_eq!(bench.mirrored(), before, "{shape:?}");
    }
}

#[test]
fn what_says_the_same_changes_nothing() {
    let bench = bench("categories = [\"flat\"]");
    bench.answers(
        Endpoint::GetReadyFlats,
        &houses(r#"[{"id":"7","title":"Дом \"7\"","flats":["1","2"]},{"id":"8","title":null,"flats":[]}]"#),
    );
    bench.pass();
    let before = bench.mirrored();
    assert_eq!(bench.changes(), ["insert 7/flat/1", "insert 7/flat/2"]);
    for same in [
        // A number for text, another order of members, more of them, escapes.
        r#"[{"flats":["1","2"],"title":"Дом \"7\"","id":7}]"#,
        r#"{"5":{"id":7,"floors":9,"title":"\u0414ом \u00227\"","flats":{"3":"1","17":2}}}"#,
        // Another order, and the house in two parts.
        r#"[{"id":"7","title":"Дом \"7\"","flats":["2"]},{"id":"7","title":"Дом \"7\"","flats":["1"]}]"#,
    ] {
        bench.answers(Endpoint::GetReadyFlats, &houses(same));
        bench.pass();
        assert_eq!(bench.polled("flat"), "ok|2|0", "{same}");
        assert_eq!(bench.mirrored(), before, "{same}");
    }
    // The ledger's own time is no part of it either.
    let at = "SELECT max(at) FROM change";
    let first = bench.one(at);
    bench.pass();
    assert_eq!(bench.one(at), first);
}

#[test]
fn a_house_that_is_renamed_is_one_update_for_each_flat() {
    let bench = read_once(TWO);
    bench.macrocrm().set_ready(HOUSE, "Дом \"Новый\"", Category::Flat, &[FLAT, "2", "3"]);
    bench.pass();
    let updates = "SELECT id, fields FROM change WHERE op = 'update' ORDER BY id";
    let fields = r#"{"title":["Дом","Дом \"Новый\""]}"#;
    let expected: Vec<String> = bench.flats().iter().map(|id| format!("{id}|{fields}")).collect();
    assert_eq!(bench.lines(updates), expected);
    assert_eq!(expected.len(), 4);
    assert_eq!(bench.polled("flat"), "ok|3|3");
    let titles = bench.lines("SELECT DISTINCT title FROM ready_flat");
    assert_eq!(titles, ["Дом \"Новый\""]);
    let before = bench.mirrored();
    bench.pass();
    assert_eq!(bench.mirrored(), before);
}

#[test]
fn of_two_the_last_counts_and_once() {
    let bench = bench("categories = [\"flat\"]");
    let twice = r#"[{"id":1,"title":"А","flats":["5","5"]},{"id":1,"title":"Б","flats":["5"]}]"#;
    bench.answers(Endpoint::GetReadyFlats, &houses(twice));
    bench.pass();
    assert_eq!(bench.changes(), ["insert 1/flat/5"]);
    assert_eq!(bench.one("SELECT title FROM ready_flat"), "Б");
    assert_eq!(bench.polled("flat"), "ok|3|1");
    let before = bench.mirrored();
    bench.pass();
    assert_eq!(bench.mirrored(), before, "it does not go back and forth");
    assert_eq!(bench.one("SELECT count(*) FROM finding"), "1");
}

#[test]
fn nothing_ready_is_a_list_too() {
    let bench = bench("categories = [\"flat\"]");
    for data in [
        "[]",
        "null",
        "{}",
        r#"{"houses":[]}"#,
        r#"{"houses":null}"#,
        r#"{"houses":{}}"#,
        r#"{"houses":[{"id":"1","title":"Дом","flats":null}]}"#,
        r#"{"houses":{"4":{"id":1,"title":"Дом","flats":{}}}}"#,
    ] {
        let body = format!(r#"{{"status_code":200,"data":{data},"message":"Выполнено"}}"#);
        bench.answers(Endpoint::GetReadyFlats, &body);
        bench.pass();
        assert_eq!(bench.polled("flat"), "ok|0|0", "{data}");
    }
    assert_eq!(bench.one("SELECT count(*) FROM record"), "0");
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "0");
}
