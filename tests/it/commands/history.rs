//! `history`: one record's life, as a person reads it and as a program does.

use serde_json::{Value, json};

use crate::support::entities::{counter, envelope, object, to_register};
use crate::support::{Bench, setup};
use crate::uzhkh::external::{external, named};

#[track_caller]
fn history(bench: &Bench, record: [&str; 3]) -> Value {
    let ended = bench.run(&[&["history"], &record[..], &["--json"]].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

/// What each change of a history was, and what brought it.
fn told(history: &Value) -> Vec<Value> {
    let changes = history["changes"].as_array().unwrap();
    changes.iter().map(|one| json!([one["op"], one["from"], one["envelope"]["guid"]])).collect()
}

#[test]
fn each_change_comes_with_what_brought_it() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    bench.pass();
    let risen = counter("c1").replace("10.50", "12.00");
    bench.uzhkh().push_request(envelope("g2", "Counter", &risen));
    bench.pass();
    let listed = counter("c1").replace("10.50", "13.00");
    bench.uzhkh().set_download("Counters", vec![listed]);
    assert_eq!(bench.run(&["run", "--once", "--full-resync"]).code, Some(0));
    bench.uzhkh().push_deletion("counter", "c1");
    bench.pass();
    let life = history(&bench, ["uzhkh", "counter", "c1"]);
    let deleted = told(&life)[3][2].clone();
    assert_eq!(
        told(&life),
        [
            json!(["insert", "envelope", "g1"]),
            json!(["update", "envelope", "g2"]),
            json!(["update", "list", null]),
            json!(["delete", "envelope", deleted]),
        ]
    );
    assert_eq!(life["changes"][1]["fields"], json!({"Value1": ["10.50", "12.00"]}));
    assert_eq!(life["changes"][3]["envelope"]["queue"], "deleted");
    assert!(life["record"]["deleted_at"].is_string());
    let ended = bench.run(&["history", "uzhkh", "counter", "c1"]);
    for words in ["requests g1 (envelope 1)", "Value1: 12.00 → 13.00", "a list, or"] {
        assert!(ended.stdout.contains(words), "{words}: {}", ended.stdout);
    }
}

#[test]
fn a_temporary_id_leads_to_the_record_with_its_calls_findings_and_objects_of_alma() {
    let bench = setup().alma("").start();
    let flat = object("--7").replace(r#""SquareAll":54.3"#, r#""SquareAll":"much""#);
    let two = format!(r#"{{"Guid":"g1","Obj":{flat},"Counter":{}}}"#, counter("c1"));
    bench.uzhkh().push_request(two);
    bench.once();
    let id = bench.permanent("object", "--7");
    let life = history(&bench, ["uzhkh", "object", "--7"]);
    assert_eq!(life["id"], id.as_str());
    assert_eq!(life["identity"]["temporary_id"], "--7");
    assert_eq!(life["calls"][0]["op"], "SetId", "{life}");
    assert_eq!(life["findings"][0]["path"], "SquareAll", "{life}");
    assert_eq!(life["alma"][0]["kind"], "unit", "{life}");
    assert_eq!(life, history(&bench, ["uzhkh", "object", &id]));
}

#[test]
fn what_was_under_earlier_ids_is_told_too() {
    let bench = external();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    bench.uzhkh().push_request(envelope("g2", "Counter", &counter("--5")));
    bench.pass();
    let risen = counter("--5").replace("10.50", "12.00");
    bench.uzhkh().push_request(envelope("g3", "Counter", &risen));
    bench.pass();
    // The record of --5 is joined with one that was there: both lives are told.
    named(&bench, "counter", "--5", "c1", "merged");
    let life = history(&bench, ["uzhkh", "counter", "c1"]);
    assert_eq!(life["earlier_ids"], json!(["--5"]));
    assert_eq!(
        told(&life),
        [
            json!(["insert", "envelope", "g1"]),
            json!(["insert", "envelope", "g2"]),
            json!(["update", "envelope", "g3"]),
            json!(["rename", "operator", null]),
        ]
    );
    bench.verified();
}

#[test]
fn what_is_not_known_is_said() {
    let bench = setup().start();
    bench.pass();
    let ended = bench.run(&["history", "uzhkh", "counter", "none"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("nothing is known of uzhkh counter none"), "{}", ended.stderr);
    assert_eq!(bench.run(&["history", "uzhkh", "kettle", "1"]).code, Some(2));
}

const DECISIONS: &str = "SELECT request, id, requested_account_number, approved, cause, account_number, state, \
                         open FROM decision ORDER BY request DESC, id";

#[test]
fn the_view_of_decisions_shows_what_is_open() {
    let bench = setup().start();
    for id in ["71", "72", "73"] {
        bench.uzhkh().push_request(envelope(id, "RequestToRegister", &to_register(id)));
    }
    let adding = crate::support::entities::to_object_adding("71");
    bench.uzhkh().push_request(envelope("81", "RequestToObjectAdding", &adding));
    bench.pass();
    let number = bench.one("SELECT account_number FROM request_to_register WHERE id = '71'");
    let open = |id: &str| format!("register|{id}|{number}|NULL|NULL|NULL|NULL|1");
    let object = "object|71|NULL|NULL|NULL|NULL|NULL|1".to_owned();
    assert_eq!(bench.lines(DECISIONS), [open("71"), open("72"), open("73"), object]);
    for arguments in [
        &["register", "71", "--approve"][..],
        &["register", "72", "--reject", "--cause", "why"],
        &["object", "71", "--approve", "--account-number", "10/01"],
    ] {
        assert_eq!(bench.run(&[&["decide"], arguments].concat()).code, Some(0));
    }
    bench.tamper("UPDATE call SET state = 'failed', finished_at = created_at WHERE seq = 2");
    bench.tamper("UPDATE record SET deleted_at = updated_at WHERE id = '73'");
    assert_eq!(
        bench.lines(DECISIONS),
        [
            format!("register|71|{number}|1|NULL|NULL|pending|0"),
            format!("register|72|{number}|0|why|NULL|failed|1"),
            format!("register|73|{number}|NULL|NULL|NULL|NULL|0"),
            "object|71|NULL|1|NULL|10/01|pending|0".to_owned(),
        ]
    );
    let dated = "SELECT count(*) FROM decision WHERE decided_at = (SELECT created_at FROM call WHERE seq = call)";
    assert_eq!(bench.one(dated), "3");
}
