//! The queue, drained: what comes in is recorded once, verbatim and exactly.

use crate::support::entities::{
    account, account_of, car, counter, document, envelope, object, payment, person, request,
    resident, to_object_adding, to_register,
};
use crate::support::setup;
use simulator::{Endpoint, Fault, FaultKind};

const CHANGES: &str = "SELECT kind, id, op, fields FROM change ORDER BY seq";

#[test]
fn every_kind_becomes_a_record() {
    let bench = setup().start();
    let entries = [
        envelope("g01", "Resident", &resident("r1")),
        envelope("g02", "Account", &account_of("a1", &[person("r2")])),
        envelope("g03", "Counter", &counter("c1")),
        envelope("g04", "Request", &request(10001)),
        envelope("g05", "Payment", &payment("p1")),
        envelope("g06", "Obj", &object("o1")),
        envelope("g07", "Doc", &document("article", "1")),
        envelope("g08", "Doc", &document("news", "1")),
        envelope("g09", "Doc", &document("notice", "1")),
        envelope("g10", "RequestToRegister", &to_register("1")),
        envelope("g11", "RequestToObjectAdding", &to_object_adding("1")),
        envelope("g12", "Car", &car("k1")),
    ];
    for entry in &entries {
        bench.uzhkh().push_request(entry.as_str());
    }
    bench.pass();
    assert_eq!(
        bench.lines("SELECT source, kind, id FROM record ORDER BY rowid"),
        [
            "uzhkh|resident|r1",
            "uzhkh|account|a1",
            "uzhkh|resident|r2",
            "uzhkh|counter|c1",
            "uzhkh|request|10001",
            "uzhkh|payment|p1",
            "uzhkh|object|o1",
            "uzhkh|article|1",
            "uzhkh|news|1",
            "uzhkh|notice|1",
            "uzhkh|requesttoregister|1",
            "uzhkh|requesttoobjectadding|1",
            "uzhkh|car|k1",
        ]
    );
    assert_eq!(
        bench.lines("SELECT op, fields, count(*) FROM change GROUP BY op, fields"),
        ["insert|NULL|13"]
    );
    assert_eq!(
        bench.lines("SELECT kinds FROM envelope ORDER BY seq"),
        [
            r#"["resident"]"#,
            r#"["account"]"#,
            r#"["counter"]"#,
            r#"["request"]"#,
            r#"["payment"]"#,
            r#"["object"]"#,
            r#"["article"]"#,
            r#"["news"]"#,
            r#"["notice"]"#,
            r#"["requesttoregister"]"#,
            r#"["requesttoobjectadding"]"#,
            r#"["car"]"#,
        ]
    );
    let kept = bench.lines("SELECT body FROM envelope ORDER BY seq");
    assert_eq!(kept, entries);
    let lengths: Vec<String> = entries.iter().map(|one| one.len().to_string()).collect();
    assert_eq!(bench.lines("SELECT bytes FROM envelope ORDER BY seq"), lengths);
    assert_eq!(
        bench
            .lines("SELECT DISTINCT queue, state, attempts, acknowledged_at IS NULL FROM envelope"),
        ["requests|acknowledged|0|0"]
    );
    assert_eq!(bench.uzhkh().queue_len(), 0);
    assert_eq!(
        bench.lines("SELECT feed, outcome, fetched, changed, error FROM poll ORDER BY seq"),
        ["Requests|ok|12|13|NULL", "DeletedItems|ok|0|0|NULL"]
    );
}

#[test]
fn a_person_of_an_account_loses_what_only_means_something_inside() {
    let bench = setup().start();
    let account = account_of("a1", &[person("r2")]);
    bench.uzhkh().push_request(envelope("g1", "Account", &account));
    bench.pass();
    assert_eq!(bench.one("SELECT body FROM record WHERE kind = 'account'"), account);
    assert_eq!(
        bench.one("SELECT body FROM record WHERE kind = 'resident'"),
        r#"{"Surname":"Ветрова","Name":"Инна","Patronymic":"Павловна","UrCompanyName":null,"Email":"inna@example.invalid","Phone":"+70000000001","Id":"r2"}"#
    );
}

#[test]
fn the_wrapping_and_a_byte_order_mark_do_not_matter() {
    let bench = setup().options(|options| options.wrap_items = true).start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    bench.pass();
    assert_eq!(bench.uzhkh().queue_len(), 0);
    bench.uzhkh().inject(Fault::new(FaultKind::Bom));
    bench.uzhkh().push_request(envelope("g2", "Counter", &counter("c2")));
    bench.pass();

    let bare = setup().options(|options| options.faults = vec![Fault::new(FaultKind::Bom)]).start();
    bare.uzhkh().push_request(envelope("g3", "Counter", &counter("c3")));
    bare.pass();
    let ids = "SELECT id FROM record ORDER BY id";
    assert_eq!(bench.lines(ids), ["c1", "c2"]);
    assert_eq!(bare.lines(ids), ["c3"]);
}

#[test]
fn an_upstream_that_hands_out_few_at_a_time_is_drained_to_the_end() {
    let bench = setup().options(|options| options.batch_limit = Some(3)).start();
    for n in 0..10 {
        let entry = envelope(&format!("g{n}"), "Counter", &counter(&format!("c{n}")));
        bench.uzhkh().push_request(entry);
    }
    bench.pass();
    assert_eq!(bench.uzhkh().queue_len(), 0);
    assert_eq!(bench.one("SELECT count(*) FROM record"), "10");
    // Four that brought something, one that did not.
    assert_eq!(bench.asked("Requests"), 5);
    assert_eq!(bench.asked("Delete"), 10);
}

#[test]
fn an_entry_twice_in_one_answer_is_one_entry() {
    let bench = setup().start();
    bench.uzhkh().inject(Fault::new(FaultKind::Duplicate).at(Endpoint::Requests));
    for n in 0..9 {
        let entry = envelope(&format!("g{n}"), "Counter", &counter(&format!("c{n}")));
        bench.uzhkh().push_request(entry);
    }
    bench.pass();
    assert!(bench.report().faults["duplicate"] >= 1);
    for table in ["envelope", "record", "change"] {
        assert_eq!(bench.one(&format!("SELECT count(*) FROM {table}")), "9", "{table}");
    }
    assert_eq!(bench.one("SELECT count(*) FROM finding"), "0");
}

#[test]
fn a_redelivery_changes_nothing_and_is_acknowledged_again() {
    let bench = setup().start();
    let entry = envelope("g1", "Counter", &counter("c1"));
    bench.uzhkh().push_request(entry.as_str());
    bench.pass();
    let everything = "SELECT (SELECT count(*) FROM envelope), (SELECT count(*) FROM change), \
         (SELECT count(*) FROM finding), (SELECT body || updated_at FROM record)";
    let before = bench.one(everything);
    bench.uzhkh().push_request(entry.as_str());
    bench.pass();
    assert_eq!(bench.one(everything), before);
    assert_eq!(bench.deletes("g1"), [None, None]);
    assert_eq!(bench.one("SELECT state FROM envelope"), "acknowledged");
    assert_eq!(bench.uzhkh().queue_len(), 0);
}

#[test]
fn a_guid_with_another_body_is_a_revision_and_a_finding() {
    let bench = setup().start();
    let first = envelope("g1", "Counter", &counter("c1"));
    bench.uzhkh().push_request(first.as_str());
    bench.pass();
    let second = first.replace("10.50", "11.75");
    bench.uzhkh().push_request(second.as_str());
    bench.pass();
    assert_eq!(
        bench.lines("SELECT guid, body FROM envelope ORDER BY seq"),
        [format!("g1|{first}"), format!("g1|{second}")]
    );
    assert_eq!(
        bench.lines(CHANGES),
        ["counter|c1|insert|NULL", r#"counter|c1|update|{"Value1":["10.50","11.75"]}"#]
    );
    assert_eq!(
        bench.lines("SELECT kind, id, envelope_seq, path FROM finding"),
        ["counter|c1|2|Guid"]
    );
    assert_eq!(bench.deletes("g1").len(), 2);
}

#[test]
fn a_delete_left_over_waits_for_what_its_guid_offers_by_now() {
    let bench = setup().start();
    let first = envelope("g1", "Counter", &counter("c1"));
    bench.uzhkh().push_request(first.as_str());
    // UZhKH forgets the entry, and we do not hear of it.
    for kind in [FaultKind::LostAnswer, FaultKind::Forbidden] {
        let fault = Fault::new(kind).at(Endpoint::Delete).times(1);
        bench.uzhkh().inject(fault);
    }
    bench.fail();
    assert_eq!(bench.one("SELECT state FROM envelope"), "committed");
    assert_eq!(bench.uzhkh().queue_len(), 0);

    let second = first.replace("10.50", "11.75");
    bench.uzhkh().push_request(second.as_str());
    bench.uzhkh().set_latency(std::time::Duration::from_millis(50));
    bench.pass();
    assert_eq!(
        bench.lines("SELECT body, state FROM envelope ORDER BY seq"),
        [format!("{first}|acknowledged"), format!("{second}|acknowledged")]
    );
    assert_eq!(bench.one("SELECT value1 FROM counter"), "11.75");
}

#[test]
fn what_says_the_same_is_no_change() {
    let bench = setup().start();
    let object = object("o1");
    let mut reordered = object.replace(r#""TypeObject":"Квартира","#, "");
    reordered.insert_str(reordered.len() - 1, r#", "TypeObject" : "Квартира""#);
    let said_again = [
        object.clone(),
        reordered,
        object.replace(r#""SipNumber":null,"#, ""),
        object.replace("Лодочная", r"\u041bодочная"),
    ];
    for (n, entity) in said_again.iter().enumerate() {
        bench.uzhkh().push_request(envelope(&format!("g{n}"), "Obj", entity));
        bench.pass();
    }
    assert_eq!(bench.lines(CHANGES), ["object|o1|insert|NULL"]);
    assert_eq!(bench.one("SELECT count(*) FROM envelope WHERE state = 'acknowledged'"), "4");
}

#[test]
fn an_update_names_the_old_and_the_new() {
    let bench = setup().start();
    let before = account("a1");
    let money = before.replace("10.50", "12.00");
    let rest = money
        .replace(r#""IsActive":true"#, r#""IsActive":false"#)
        .replace(r#""LivingPerson":3"#, r#""LivingPerson":null"#)
        .replace("1001", "2002");
    for (n, entity) in [before, money, rest].iter().enumerate() {
        bench.uzhkh().push_request(envelope(&format!("g{n}"), "Account", entity));
        bench.pass();
    }
    assert_eq!(
        bench.lines("SELECT seq, envelope_seq, op, fields FROM change ORDER BY seq"),
        [
            "1|1|insert|NULL",
            r#"2|2|update|{"Balance":["10.50","12.00"]}"#,
            r#"3|3|update|{"AccountNumber":["1001","2002"],"IsActive":[true,false],"LivingPerson":[3,null]}"#
        ]
    );
}

#[test]
fn decimals_stay_as_they_were_written() {
    let bench = setup().start();
    let spellings =
        ["1234.10", "0.00", "-0.50", "1e400", "7", "123456789012345678901234567890.123456"];
    for (n, spelling) in spellings.iter().enumerate() {
        let id = format!("x{n}");
        let balance = account(&id).replace("10.50", spelling);
        let value = counter(&id).replace("10.50", spelling);
        let sum = payment(&id).replace("1500.00", spelling);
        for (member, entity) in [("Account", balance), ("Counter", value), ("Payment", sum)] {
            let entry = envelope(&format!("{member}{n}"), member, &entity);
            bench.uzhkh().push_request(entry);
        }
    }
    bench.pass();
    for (n, spelling) in spellings.iter().enumerate() {
        let body =
            bench.one(&format!("SELECT body FROM record WHERE kind = 'account' AND id = 'x{n}'"));
        assert!(body.contains(&format!(r#""Balance":{spelling},"#)), "{body}");
        for column in ["balance FROM account", "value1 FROM counter", "sum FROM payment"] {
            assert_eq!(bench.one(&format!("SELECT {column} WHERE id = 'x{n}'")), *spelling);
        }
    }
    assert_eq!(bench.lines("SELECT DISTINCT typeof(balance) FROM account"), ["text"]);
}

#[test]
fn nulls_and_unknown_members_are_kept() {
    let bench = setup().start();
    let entity = r#"{"Id":"k9" , "ResidentId":null,"Brand":"Лада","Model":"","Number":"В111ВВ","IsTemp":true,"Colour":{"name":"синий","rgb":[0, 0, 1.0]}}"#;
    let entry = format!(r#"{{"Guid":"g1","Resident":null,"Тест":1,"Car":{entity}}}"#);
    bench.uzhkh().push_request(entry.as_str());
    bench.pass();
    assert_eq!(bench.one("SELECT body FROM record"), entity);
    assert_eq!(bench.one("SELECT body FROM envelope"), entry);
}
