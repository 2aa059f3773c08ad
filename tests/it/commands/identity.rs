//! `identity`: permanent ids looked at, or set by hand before UZhKH knows another.

use crate::support::entities::{account, account_of, counter, envelope, object, person};
use crate::support::{Bench, setup};
use simulator::{Endpoint, Fault, FaultKind};

#[track_caller]
fn set(bench: &Bench, kind: &str, temporary: &str, permanent: &str) {
    let ended = bench.run(&["identity", "set", kind, temporary, permanent]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[track_caller]
fn refused(bench: &Bench, kind: &str, temporary: &str, permanent: &str) {
    let ended = bench.run(&["identity", "set", kind, temporary, permanent]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert!(!ended.stderr.is_empty());
}

/// A bench with an account that refers to an object that was not seen itself.
fn referring() -> Bench {
    let bench = setup().start();
    let entity = account("a1").replace(r#""o1""#, r#""--7""#);
    bench.uzhkh().push_request(envelope("g1", "Account", &entity));
    bench.pass();
    bench
}

#[test]
fn all_are_listed() {
    let bench = setup().start();
    bench.pass();
    let none = bench.run(&["identity", "list"]);
    assert_eq!(none.stdout, "no temporary id has been seen\n");
    let entity = counter("--5").replace(r#""o1""#, r#""--7""#);
    bench.uzhkh().push_request(envelope("g1", "Counter", &entity));
    bench.pass();
    let (meter, flat) = (bench.permanent("counter", "--5"), bench.permanent("object", "--7"));
    let list = bench.run(&["identity", "list"]).stdout;
    for words in ["--5", "--7", "announced", "reserved", &meter, &flat] {
        assert!(list.contains(words), "{words}: {list}");
    }
    let json = bench.run(&["identity", "list", "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["temporary_id"], "--7");
    assert_eq!(json[0]["permanent_id"], flat.as_str());
    assert_eq!(json[0]["state"], "reserved");
    assert_eq!(json[1]["kind"], "counter");
    assert_eq!(json[1]["state"], "announced");
}

#[test]
fn an_id_set_beforehand_is_used_when_it_comes() {
    let bench = setup().start();
    bench.pass();
    set(&bench, "counter", "--5", "ПУ-1/\"5\" & co");
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.pass();
    let expected = "ПУ-1/\"5\" & co".to_owned();
    assert_eq!(bench.one("SELECT id FROM counter"), expected);
    assert_eq!(bench.one("SELECT body ->> '$.Id' FROM record"), expected);
    assert_eq!(bench.deletes("g1"), [Some(expected)]);
    assert_eq!(bench.one("SELECT state FROM identity"), "announced");
}

#[test]
fn an_id_that_is_only_reserved_can_be_set_and_records_follow() {
    let bench = referring();
    set(&bench, "object", "--7", "flat-7");
    assert_eq!(bench.one("SELECT apartment_id FROM account"), "flat-7");
    assert_eq!(bench.one("SELECT permanent_id, state FROM identity"), "flat-7|reserved");
    assert_eq!(
        bench.lines("SELECT op, envelope_seq FROM change WHERE kind = 'account' ORDER BY seq"),
        ["insert|1", "update|NULL"]
    );
    bench.uzhkh().push_request(envelope("g2", "Obj", &object("--7")));
    bench.pass();
    assert_eq!(bench.deletes("g2"), [Some("flat-7".to_owned())]);
    assert_eq!(bench.one("SELECT id FROM object"), "flat-7");
    assert_eq!(bench.run(&["verify"]).code, Some(0));
}

#[test]
fn a_rejected_id_can_be_set_anew_and_is_offered_again() {
    let bench = setup().section("[identity]\nannounce_after = \"0s\"").start();
    let entity = account_of("a1", &[person("--3")]);
    bench.uzhkh().push_request(envelope("g1", "Account", &entity));
    let word = FaultKind::Word("unknownType".to_owned());
    bench.uzhkh().inject(Fault::new(word).at(Endpoint::SetId).times(1));
    bench.pass();
    assert_eq!(bench.one("SELECT state FROM identity"), "rejected");
    set(&bench, "resident", "--3", "person-3");
    assert_eq!(bench.one("SELECT id FROM resident"), "person-3");
    assert_eq!(bench.one("SELECT resident_id FROM account_person"), "person-3");
    bench.pass();
    assert_eq!(bench.set_ids()[1..], ["resident/--3=person-3 success".to_owned()]);
    assert_eq!(bench.run(&["verify"]).code, Some(0));
}

#[test]
fn what_uzhkh_knows_is_for_ever() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.pass();
    let known = bench.permanent("counter", "--5");
    refused(&bench, "counter", "--5", "mine");
    // To say what is so already is no contradiction.
    set(&bench, "counter", "--5", &known);
    assert_eq!(bench.permanent("counter", "--5"), known);
}

#[test]
fn what_uzhkh_may_know_is_for_ever_too() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.uzhkh().inject(Fault::new(FaultKind::LostAnswer).at(Endpoint::Delete));
    bench.fail();
    refused(&bench, "counter", "--5", "mine");
    bench.uzhkh().clear_faults();
    bench.pass();
    assert_eq!(bench.uzhkh().current_id("counter", "--5"), bench.permanent("counter", "--5"));
}

#[test]
fn an_id_that_is_taken_is_refused() {
    let bench = referring();
    bench.uzhkh().push_request(envelope("g2", "Obj", &object("o2")));
    bench.pass();
    // Of a record, and of another temporary id.
    refused(&bench, "object", "--7", "o2");
    set(&bench, "object", "--8", "flat-8");
    refused(&bench, "object", "--7", "flat-8");
    refused(&bench, "object", "--9", "flat-8");
    // Another kind counts for itself.
    set(&bench, "account", "--7", "flat-8");
    assert_ne!(bench.permanent("object", "--7"), "flat-8");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let bench = referring();
    for (kind, temporary, permanent) in [
        ("request", "--7", "x"),
        ("requesttoregister", "--7", "x"),
        ("house", "--7", "x"),
        ("object", "7", "x"),
        ("object", "--7", ""),
    ] {
        let ended = bench.run(&["identity", "set", kind, temporary, permanent]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    }
    let flag = bench.run(&["identity", "set", "object", "--7", "--8"]);
    assert_eq!(flag.code, Some(2), "{}", flag.stderr);
    assert_eq!(bench.one("SELECT count(*) FROM identity"), "1");
}

/// What refers to an id is found by what has changed since it was given, and by all there is
/// where those changes are not kept any more.
#[test]
fn a_correction_finds_every_record_though_old_changes_are_gone() {
    for is_forgetful in [false, true] {
        let bench = setup().section("[identity]\nannounce_after = \"9d\"").start();
        bench.uzhkh().push_request(envelope("g0", "Counter", &counter("old")));
        bench.pass();
        for n in 1..=3 {
            let refers = counter(&format!("c{n}")).replace(r#""o1""#, r#""--7""#);
            bench.uzhkh().push_request(envelope(&format!("g{n}"), "Counter", &refers));
            bench.pass();
        }
        if is_forgetful {
            bench.tamper("DELETE FROM change WHERE seq <= 3");
        }
        set(&bench, "object", "--7", "wrong");
        set(&bench, "object", "--7", "flat-7");
        assert_eq!(
            bench.lines("SELECT id, flat_id FROM counter ORDER BY id"),
            ["c1|flat-7", "c2|flat-7", "c3|flat-7", "old|o1"]
        );
        assert_eq!(bench.run(&["verify"]).code, Some(0));
    }
}
