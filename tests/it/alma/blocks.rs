//! Blocks, which only the operator asks for: the last word counts, and a refusal is told.

use simulator::{AlmaKind, Endpoint, Fault, FaultKind};

use crate::alma::bench::{both, flat};
use crate::support::{Bench, wait_until};

/// The bodies of the blocks that reached Alma.
fn blocks(bench: &Bench) -> Vec<String> {
    let calls = bench.writes_since(0).into_iter();
    let blocks = calls.filter(|call| call.path.ends_with("/block/"));
    blocks.filter_map(|call| call.body).collect()
}

#[test]
fn the_last_word_about_a_block_counts() {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "12"));
    bench.pass();
    for word in ["block", "unblock", "block"] {
        let said = bench.orders(&[word, "unit", "o1"]);
        assert!(
            said.starts_with(&format!("unit o1 is to be {word}ed (call "))
                && said.ends_with("); it is taken up when the service runs\n"),
            "{said}"
        );
    }
    bench.traced_pass();
    assert_eq!(blocks(&bench), [r#"{"is_blocked":true}"#]);
    assert!(bench.held(AlmaKind::Unit, "o1").is_blocked);
    bench.orders(&["block", "unit", "o1"]);
    bench.orders(&["unblock", "unit", "o1"]);
    bench.pass();
    assert_eq!(blocks(&bench)[1..], [r#"{"is_blocked":false}"#]);
    assert!(!bench.held(AlmaKind::Unit, "o1").is_blocked);
    assert_eq!(bench.lines("SELECT DISTINCT state FROM call WHERE target = 'alma'"), ["done"]);
    bench.rests();
}

#[test]
fn a_block_that_alma_refuses_is_told_with_its_object() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    bench.orders(&["block", "unit", "o1"]);
    let ended = bench.traced(&["run", "--once"]);
    assert_eq!(ended.code, Some(1), "somebody waits for it: {}", ended.stderr);
    let reason = bench.reason("unit", "o1");
    assert!(
        reason.starts_with(
            "block was refused: alma: block unit: refused with HTTP 400: There are inter"
        ),
        "{reason}"
    );
    assert_eq!(bench.state("unit", "o1"), "synced");
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("1  calls failed"), "{status}");
    bench.rests();
    assert_eq!(blocks(&bench).len(), 1);
    bench.orders(&["unblock", "unit", "o1"]);
    bench.pass();
    assert_eq!(bench.reason("unit", "o1"), "NULL");
}

#[test]
fn a_refusal_leaves_the_reason_that_an_object_is_held_for() {
    let bench = both().start();
    bench.furnish();
    bench.pass();
    bench.say_deleted("object", "o1");
    bench.pass();
    let held = bench.reason("unit", "o1");
    for _ in 0..2 {
        bench.orders(&["block", "unit", "o1"]);
        bench.fail();
        let reason = bench.reason("unit", "o1");
        let refusal = reason.strip_prefix(&held).unwrap();
        assert!(refusal.starts_with("; block was refused: "), "{reason}");
        assert_eq!(refusal.matches("block was refused").count(), 1, "{reason}");
    }
    bench.orders(&["unblock", "unit", "o1"]);
    bench.pass();
    assert_eq!(bench.reason("unit", "o1"), held);
    assert_eq!(bench.state("unit", "o1"), "held");
}

#[test]
fn a_block_whose_answer_was_lost_is_not_taken_for_refused() {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "12"));
    bench.pass();
    bench.orders(&["block", "unit", "o1"]);
    bench.fault(FaultKind::LostAnswer, Endpoint::AlmaBlock, 1);
    bench.fail();
    assert_eq!(bench.one("SELECT state FROM call WHERE target = 'alma'"), "unknown");
    assert!(bench.reason("unit", "o1").ends_with("may have done it: look into Alma"));
    assert!(bench.held(AlmaKind::Unit, "o1").is_blocked);
    bench.rests();
    // Nothing done, and nothing lost.
    bench.orders(&["unblock", "unit", "o1"]);
    bench.fault(FaultKind::Error500, Endpoint::AlmaBlock, 2);
    bench.pass();
    assert!(!bench.held(AlmaKind::Unit, "o1").is_blocked);
    assert_eq!(bench.reason("unit", "o1"), "NULL");
}

#[test]
fn a_block_waits_out_a_bad_day() {
    let bench = both().every_second().start();
    bench.say("Obj", &flat("o1", "12"));
    bench.pass();
    bench.fault(FaultKind::Error500, Endpoint::AlmaBlock, 2);
    let daemon = bench.daemon();
    wait_until("the service", || daemon.log().contains("running"));
    bench.orders(&["block", "unit", "o1"]);
    wait_until("the block", || bench.held(AlmaKind::Unit, "o1").is_blocked);
    let call = "SELECT state || ' ' || attempts FROM call WHERE target = 'alma'";
    wait_until("its note", || bench.one(call) == "done 3");
    daemon.stop();
    assert_eq!(bench.asked("AlmaBlock"), 3);
    assert_eq!(bench.reason("unit", "o1"), "NULL");
}

#[test]
fn what_is_blocked_through_us_is_listed_until_it_is_unblocked() {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "12"));
    bench.say("Obj", &flat("o2", "13"));
    bench.pass();
    assert_eq!(bench.orders(&["blocks"]), "nothing is blocked through this ledger\n");
    bench.orders(&["block", "unit", "o1"]);
    assert_eq!(bench.orders(&["blocks", "--json"]), "[]\n", "Alma has not taken it yet");
    bench.pass();
    // A call that is refused is none.
    bench.say(
        "Account",
        &crate::alma::bench::account("a2", "o2", &[crate::alma::bench::tenant("r2")]),
    );
    bench.pass();
    bench.orders(&["block", "unit", "o2"]);
    bench.fail();
    let listed: serde_json::Value =
        serde_json::from_str(&bench.orders(&["blocks", "--json"])).unwrap();
    let since = bench.one("SELECT finished_at FROM call WHERE op = 'block' AND state = 'done'");
    assert_eq!(
        listed,
        serde_json::json!([{ "kind": "unit", "external_id": "o1", "since": since }])
    );
    assert!(bench.orders(&["blocks"]).contains(&format!("unit  o1  {since}")));
    bench.orders(&["unblock", "unit", "o1"]);
    bench.pass();
    assert_eq!(bench.orders(&["blocks", "--json"]), "[]\n");
}

#[test]
fn blocks_since_a_backup_are_listed_after_it_is_restored() {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "12"));
    bench.say("Obj", &flat("o2", "13"));
    bench.pass();
    bench.orders(&["block", "unit", "o2"]);
    bench.pass();
    let backup = bench.dir.path().join("copy.db");
    let backup = backup.to_str().unwrap();
    assert_eq!(bench.run(&["backup", backup]).code, Some(0));
    bench.orders(&["block", "unit", "o1"]);
    bench.orders(&["unblock", "unit", "o2"]);
    bench.pass();
    let listed = bench.orders(&["blocks", "--json"]);
    assert!(listed.contains("o1") && !listed.contains("o2"), "{listed}");
    let ended = bench.run(&["restore", backup, "--yes"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(bench.orders(&["blocks", "--json"]), listed);
}

/// So many flats in Alma, all of which are to be blocked.
fn to_be_blocked(flats: usize) -> Bench {
    let bench = both().start();
    for n in 1..=flats {
        bench.say("Obj", &flat(&format!("o{n}"), &n.to_string()));
    }
    bench.pass();
    for n in 1..=flats {
        bench.orders(&["block", "unit", &format!("o{n}")]);
    }
    bench
}

#[test]
fn without_a_connection_not_every_block_is_tried() {
    let bench = to_be_blocked(8);
    let back = bench.with_nobody_as_alma();
    bench.fail();
    let calls = "SELECT DISTINCT state, attempts FROM call WHERE target = 'alma'";
    assert_eq!(bench.lines(calls), ["pending|0"]);
    // The next is begun when the first one's answer comes.
    let untried = "SELECT count(*) FROM call WHERE target = 'alma' AND last_error IS NULL";
    assert_ne!(bench.one(untried), "0");
    back(&bench);
    bench.pass();
    assert_eq!(blocks(&bench).len(), 8);
}

#[test]
fn four_blocks_that_fail_are_enough_for_each_of_three_rounds() {
    let bench = to_be_blocked(8);
    bench.inject(Fault::new(FaultKind::Error500).at(Endpoint::AlmaBlock));
    bench.fail();
    // And what is under way when the fourth answer comes.
    let asked = bench.asked("AlmaBlock") as usize;
    assert!((3 * 4..3 * 8).contains(&asked), "{asked}");
    bench.clear_faults();
    bench.pass();
    assert_eq!(blocks(&bench).len(), asked + 8);
    assert!((1..=8).all(|n| bench.held(AlmaKind::Unit, &format!("o{n}")).is_blocked));
}
