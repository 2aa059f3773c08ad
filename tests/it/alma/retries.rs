//! Trying many again at once, and what a plan leaves out.

use serde_json::Value;
use simulator::AlmaKind;

use crate::alma::archive::furnished;
use crate::alma::bench::{account, both, flat, owner};
use crate::support::Bench;

/// Two flats with a number that another has, and an owner without an e-mail.
fn stuck() -> Bench {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "12"));
    bench.pass();
    bench.say("Obj", &flat("o2", "12"));
    bench.say("Obj", &flat("o3", "12"));
    let faulty = owner("r1").replace("r1@example.invalid", "");
    bench.say("Account", &account("a1", "o1", &[faulty]));
    bench.pass();
    assert_eq!(bench.states(), "2 rejected");
    bench
}

impl Bench {
    /// How many units and clients are stuck, and how.
    fn states(&self) -> String {
        let sql = "SELECT count(*) || ' ' || state FROM alma_object WHERE kind = 'unit' AND state <> 'synced' GROUP BY state";
        self.lines(sql).join(", ")
    }
}

#[test]
fn all_that_stand_so_are_tried_again() {
    let bench = stuck();
    let said = bench.orders(&["retry", "--state", "rejected"]);
    assert_eq!(said, "2 objects are tried again; it is taken up when the service runs\n");
    assert_eq!(bench.states(), "2 pending");
    bench.pass();
    assert_eq!(bench.states(), "2 rejected");
    let sql = "SELECT count(*) FROM alma_object WHERE state IN ('blocked', 'rejected', 'pending')";
    let stuck: u64 = bench.one(sql).parse().unwrap();
    assert!(stuck > 2);
    let said = bench.orders(&["retry", "--all", "--json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["objects"], stuck, "{said}");
    bench.pass();
    assert_eq!(bench.states(), "2 rejected");
    let none = bench.orders(&["retry", "--state", "pending"]);
    assert_eq!(none, "nothing to try again\n");
}

#[test]
fn either_one_object_or_many_are_named() {
    let bench = both().start();
    bench.pass();
    for arguments in [
        &["retry"][..],
        &["retry", "unit"],
        &["retry", "unit", "o1", "--all"],
        &["retry", "--all", "--state", "rejected"],
        &["retry", "--state", "held"],
        &["retry", "--state", "synced"],
    ] {
        let ended = bench.run(&[&["alma"], arguments].concat());
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn what_is_archived_is_planned_only_where_it_is_asked_for() {
    let bench = furnished(crate::alma::archive::AUTO);
    bench.say_deleted("object", "o1");
    bench.say_deleted("account", "a1");
    bench.pass();
    assert!(bench.alma().objects(AlmaKind::Unit)[0].is_archived);
    let row = "- unit o1  archived";
    let hidden = bench.orders(&["plan"]);
    assert!(!hidden.contains(row), "{hidden}");
    let shown = bench.orders(&["plan", "--archived"]);
    assert!(shown.contains(row), "{shown}");
    let json = bench.orders(&["plan", "--archived", "--json"]);
    assert!(json.contains(r#""state": "archived""#), "{json}");
    let json = bench.orders(&["plan", "--json"]);
    assert!(!json.contains(r#""state": "archived""#), "{json}");
}

#[test]
fn a_hint_can_be_typed_as_it_stands_whatever_the_id() {
    let bench = both().start();
    let id = "Lake's House, 4";
    let entity = flat("o1", "12").replace(r#""HouseId":"h4""#, &format!(r#""HouseId":"{id}""#));
    bench.say("Obj", &entity);
    bench.pass();
    bench.say_deleted("object", "o1");
    bench.pass();
    let reason = bench.one("SELECT reason FROM alma_object WHERE kind = 'building'");
    let hint = r"`uzhkh-ledger alma release building 'Lake'\''s House, 4'`";
    assert!(reason.contains(hint), "{reason}");
    let refused = bench.run(&["alma", "retry", "building", id]);
    assert!(refused.stderr.contains(hint), "{}", refused.stderr);
    bench.orders(&["release", "building", id]);
}
