//! What the operator sees of Alma and decides about it, whether the service runs or not.

use std::fs;

use serde_json::Value;
use simulator::{AlmaKind, Endpoint, Fault, FaultKind, Way};

use crate::alma::bench::{account, both, flat, owner, tenant};
use crate::support::{Bench, wait_until};

/// The config without `[alma]`, which stands last in it.
fn switch_off(bench: &Bench) -> String {
    let config = fs::read_to_string(bench.config()).unwrap();
    let at = config.find("[alma]").unwrap();
    fs::write(bench.config(), &config[..at]).unwrap();
    config
}

/// The records are in the ledger, and Alma has not been switched on yet.
pub(crate) fn recorded(bench: &Bench) {
    let config = switch_off(bench);
    bench.pass();
    fs::write(bench.config(), config).unwrap();
}

/// What `plan --json` prints.
fn plan(bench: &Bench) -> Vec<Value> {
    serde_json::from_str(&bench.orders(&["plan", "--json"])).unwrap()
}

#[test]
fn a_plan_shows_all_and_sends_nothing() {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "12"));
    bench.say("Account", &account("a1", "o1", &[owner("r1")]));
    let faulty = owner("r2").replace("r2@example.invalid", "");
    bench.say("Account", &account("a2", "o1", &[faulty]));
    recorded(&bench);
    let shown = bench.orders(&["plan"]);
    for line in [
        "+ building h4  pending",
        "    name: \"Лодочная, 4\"",
        "    project: 207",
        "+ client r1  pending",
        "    email: \"r1@example.invalid\"",
        "? client r2  blocked",
        "      resident r2 has no Email: give it in Umnoe ZhKH",
        "+ owner_contract a1:r1  pending",
        "    unit_id: \"o1\"",
        "+ unit o1  pending",
        "1 blocked, 5 pending; what Alma has already is adopted, not made",
    ] {
        assert!(shown.lines().any(|known| known == line), "{line}: {shown}");
    }
    let planned = plan(&bench);
    assert_eq!(planned.len(), 6);
    assert_eq!(planned[2]["external_id"], "r2");
    assert_eq!(planned[2]["is_wanted"], false);
    assert_eq!(planned[0]["state"], "pending");
    assert_eq!(planned[0]["fields"][0][0], "name");
    assert_eq!(planned[0]["fields"][0][1], Value::Null);
    assert!(bench.writes_since(0).is_empty(), "a plan only looks");
    bench.pass();
    let unit = bench.held(AlmaKind::Unit, "o1").id;
    bench.say("Obj", &flat("o1", "13"));
    bench.say_deleted("account", "a1");
    recorded(&bench);
    let before = bench.called();
    let shown = bench.orders(&["plan"]);
    let change = format!("~ unit o1  pending  (in Alma {unit})\n    name: \"12\" -> \"13\"\n");
    assert!(shown.contains(&change), "{shown}");
    assert!(
        shown.contains("- owner_contract a1:r1  held  (in Alma 542)\n      no longer"),
        "{shown}"
    );
    assert_eq!(bench.called(), before);
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Unit, "o1", "name"), "\"13\"");
}

#[test]
fn where_all_is_sent_the_plan_says_so() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    let before = bench.called();
    assert_eq!(
        bench.orders(&["plan"]),
        "nothing to send: Alma was sent all that the ledger wants\n"
    );
    assert_eq!(plan(&bench), Vec::<Value>::new());
    assert_eq!(bench.called(), before);
}

#[test]
fn without_alma_every_command_is_a_fault_of_the_config() {
    let bench = both().start();
    bench.pass();
    switch_off(&bench);
    for command in [
        vec!["plan"],
        vec!["retry", "unit", "o1"],
        vec!["release", "unit", "o1"],
        vec!["block", "unit", "o1"],
        vec!["unblock", "unit", "o1"],
    ] {
        let ended = bench.run(&[&["alma"], command.as_slice()].concat());
        assert_eq!(ended.code, Some(78), "{command:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("[alma]"), "{}", ended.stderr);
    }
}

#[test]
fn a_wrong_word_is_wrong_usage() {
    let bench = both().start();
    bench.pass();
    for command in [
        vec!["retry", "flat", "o1"],
        vec!["release", "Unit", "o1"],
        vec!["block", "unit"],
        vec!["unblock", "unit", ""],
        vec!["plan", "unit"],
        vec![],
    ] {
        let ended = bench.run(&[&["alma"], command.as_slice()].concat());
        assert_eq!(ended.code, Some(2), "{command:?}: {}", ended.stderr);
    }
}

#[test]
fn what_there_is_nothing_to_decide_about_is_refused() {
    let bench = both().start();
    let ended = bench.run(&["alma", "retry", "unit", "o1"]);
    assert_eq!(ended.code, Some(1), "no ledger yet: {}", ended.stderr);
    bench.refuses(&["plan"], "ledger.db");
    assert!(!bench.ledger().exists(), "a command that looks makes none");
    bench.furnish();
    bench.say("Obj", &flat("o2", "2").replace(r#""HouseId":"h4""#, r#""HouseId":null"#));
    bench.pass();
    bench.say_deleted("account", "a1");
    bench.pass();
    let tables = "SELECT (SELECT count(*) FROM call WHERE target = 'alma'), \
                  (SELECT max(updated_at) FROM alma_object)";
    let (before, ledger) = (bench.called(), bench.one(tables));
    for command in ["retry", "release", "block", "unblock"] {
        bench.refuses(&[command, "unit", "o9"], "there is no unit o9");
        bench.refuses(&[command, "room", "o1"], "there is no room o1");
        bench.refuses(&[command, "unit", "-1"], "there is no unit -1");
    }
    bench.refuses(&["retry", "unit", "o1"], "unit o1 is synced: there is nothing to try");
    bench.refuses(
        &["retry", "owner_contract", "a1:r1"],
        "owner_contract a1:r1 is held; `uzhkh-ledger alma release owner_contract a1:r1` lets go on",
    );
    bench.refuses(&["release", "unit", "o1"], "unit o1 is synced, not held");
    bench.refuses(&["release", "unit", "o2"], "unit o2 is blocked, not held");
    for command in ["block", "unblock"] {
        bench.refuses(&[command, "unit", "o2"], "unit o2 is not in Alma yet");
        for (kind, id) in [("building", "h4"), ("client", "r1"), ("owner_contract", "a1:r1")] {
            bench.refuses(&[command, kind, id], &format!("a {kind} cannot be blocked"));
        }
    }
    assert_eq!(bench.one(tables), ledger, "what is refused leaves no trace");
    bench.leaves_alma_alone();
    assert_eq!(bench.called(), before);
    bench.orders(&["release", "client", "r1"]);
    bench.pass();
    bench.refuses(&["retry", "client", "r1"], "client r1 is archived");
    bench.refuses(&["release", "client", "r1"], "client r1 is archived, not held");
}

#[test]
fn the_service_takes_up_what_is_decided() {
    let bench = both().every_second().start();
    bench.say("Obj", &flat("o1", "12"));
    bench.say("Obj", &flat("o2", "12"));
    let daemon = bench.daemon();
    let stands = "SELECT count(*) FROM alma_object WHERE state IN ('synced', 'rejected')";
    wait_until("both flats", || bench.one_or_none(stands) == "3");
    let held = if bench.state("unit", "o1") == "synced" { "o1" } else { "o2" };
    let said = bench.orders(&["block", "unit", held]);
    assert!(said.ends_with("; the service takes it up at once\n"), "{said}");
    wait_until("the block", || bench.held(AlmaKind::Unit, held).is_blocked);
    bench.orders(&["unblock", "unit", held]);
    wait_until("its end", || !bench.held(AlmaKind::Unit, held).is_blocked);
    let other = if held == "o1" { "o2" } else { "o1" };
    let posted = || {
        let calls = bench.writes_since(0).into_iter();
        let posts = calls.filter(|call| call.path.ends_with("/units/") && call.method == "POST");
        posts.count()
    };
    assert_eq!(posted(), 2);
    bench.orders(&["retry", "unit", other]);
    wait_until("another try", || posted() == 3);
    assert!(bench.orders(&["plan"]).contains(&format!("+ unit {other}  ")));
    bench.say_deleted("object", held);
    wait_until("the deletion", || bench.state("unit", held) == "held");
    assert!(!bench.held(AlmaKind::Unit, held).is_archived);
    bench.orders(&["release", "unit", held]);
    wait_until("the archive", || bench.held(AlmaKind::Unit, held).is_archived);
    daemon.stop();
}

#[test]
fn what_waits_after_a_failure_is_tried_at_once_when_told() {
    let bench = both().every_second().start();
    bench.say("Obj", &flat("o1", "12"));
    let fault = |times| {
        let fault = Fault::new(FaultKind::Error500).at(Endpoint::AlmaUnits);
        bench.inject(fault.by(Way::Post).times(times));
    };
    fault(3);
    bench.fail();
    let next = "SELECT attempts || ' ' || (next_attempt_at > updated_at) FROM alma_object \
                WHERE kind = 'unit'";
    assert_eq!(bench.one(next), "3 1");
    // As if it had failed for a day.
    bench.tamper(
        "UPDATE alma_object SET next_attempt_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+14 minutes') \
         WHERE kind = 'unit'",
    );
    let daemon = bench.daemon();
    wait_until("the service", || daemon.log().contains("running"));
    bench.orders(&["retry", "unit", "o1"]);
    wait_until("the flat", || bench.alma().object(AlmaKind::Unit, "o1").is_some());
    daemon.stop();
    bench.rests();
}

#[test]
fn the_status_counts_what_stands_how() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    bench.say("Obj", &flat("o2", "12"));
    bench.say("Account", &account("a2", "o2", &[tenant("r3").replace("r3@", "")]));
    bench.pass();
    let status = bench.run(&["status"]).stdout;
    for line in [
        "       1  alma building synced",
        "       1  alma client blocked",
        "       2  alma client synced",
        "       1  alma unit rejected",
        "       1  alma unit synced",
        "          what is not synced: `uzhkh-ledger alma plan`, or the view alma_pending",
    ] {
        assert!(status.lines().any(|known| known == line), "{line}: {status}");
    }
    assert!(status.contains("alma objects"), "{status}");
    let json: Value = serde_json::from_str(&bench.run(&["status", "--json"]).stdout).unwrap();
    let counts = json["alma"].as_array().unwrap();
    let count = |kind: &str, state: &str| {
        let mut all = counts.iter();
        let found = all.find(|known| known["kind"] == kind && known["state"] == state);
        found.map_or(0, |known| known["count"].as_u64().unwrap())
    };
    assert_eq!(count("client", "synced"), 2);
    assert_eq!(count("client", "blocked"), 1);
    assert_eq!(count("unit", "rejected"), 1);
    assert_eq!(count("unit", "held"), 0);
    let parts = json["parts"].as_array().unwrap();
    let part = parts.iter().find(|part| part["source"] == "alma").unwrap();
    assert_eq!((&part["outcome"], &part["feed"]), (&"ok".into(), &"objects".into()));
    let pending = bench.lines("SELECT kind || ' ' || external_id FROM alma_pending ORDER BY 1");
    assert_eq!(pending.len(), 3, "{pending:?}");
}

#[test]
fn all_that_is_held_is_released_at_once_where_the_operator_is_sure() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    bench.say_deleted("object", "o1");
    bench.pass();
    let held = || bench.one("SELECT count(*) FROM alma_object WHERE state = 'held'");
    let all = held();
    assert!(all.parse::<u32>().unwrap() > 3, "{:?}", bench.stand());
    // Without a terminal there is no one to ask.
    let unsure = bench.run(&["alma", "release", "--state", "held"]);
    assert_eq!(unsure.code, Some(2), "{}", unsure.stderr);
    assert!(unsure.stderr.contains("--yes"), "{}", unsure.stderr);
    assert_eq!(held(), all);
    let clients = bench.orders(&["release", "--state", "held", "--kind", "client", "--yes"]);
    assert!(clients.contains("client r1: no longer in the ledger"), "{clients}");
    assert!(clients.contains("2 objects are released; "), "{clients}");
    bench.pass();
    assert_eq!(bench.state("client", "r1"), "archived");
    assert_eq!(bench.state("unit", "o1"), "held");
    bench.orders(&["release", "--state", "held", "--yes"]);
    bench.pass();
    assert_eq!(held(), "0");
    assert_eq!(bench.orders(&["release", "--state", "held", "--yes"]), "nothing is held\n");
    bench.rests();
}
