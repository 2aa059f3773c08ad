//! `fetch`: one read with filters of its own, beside a daemon or without one. It
//! stores, deletes nothing, and what is read next is what would have been read.

use super::items::{CHANGES, deal, deals, flats, live, of_deals, premises};
use crate::support::{setup, wait_until};
use simulator::{Endpoint, Fault, FaultKind, FeedKind, Layout};

const STATE: &str = "SELECT * FROM feed";
const RUNS: &str = "SELECT * FROM poll";

#[test]
fn it_stores_and_moves_nothing() {
    let bench = of_deals(&[]).start();
    bench.items("deals", deals(1..3));
    bench.pass();
    bench.tamper("UPDATE feed SET read_at = '2024-03-01T09:00:00.000Z'");
    let before = (bench.lines(STATE), bench.lines(RUNS));
    bench.items("deals", [deal(1), deal(2).replace("5600000.10", "1.00"), deal(3)]);
    let ended = bench.run(&["fetch", "deals", "--deal-ids", "2,3"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stdout, "2 items read: 1 new, 1 changed otherwise, 0 quarantined\n");
    assert_eq!(
        bench.lines(CHANGES)[2..],
        [r#"2|update|{"price":["5600000.10","1.00"]}"#, "3|insert|NULL"]
    );
    assert_eq!((bench.lines(STATE), bench.lines(RUNS)), before);
    bench.pass();
    assert_eq!(bench.last_read("deals"), "dt_updated_from=2024-02-29");
    assert_eq!(bench.one("SELECT count(*) FROM change"), "4");
}

#[test]
fn it_deletes_nothing_even_when_it_brings_nothing() {
    let bench = premises(&["max_shrink = 100"]).start();
    bench.items("flats", flats(1..6));
    bench.pass();
    bench.raw("flats", r#"{"data":[{"id":2}]}"#);
    for arguments in [&["fetch", "flats"][..], &["fetch", "flats", "--ids", "2"]] {
        assert_eq!(bench.run(arguments).code, Some(0));
        assert_eq!(live(&bench, "premises").len(), 5, "{arguments:?}");
    }
    bench.raw("flats", "[]");
    assert_eq!(bench.run(&["fetch", "flats"]).code, Some(0));
    assert_eq!(live(&bench, "premises").len(), 5);
    // A read that may delete does, of what a fetch has brought as of all else.
    bench.items("flats", flats(6..8));
    assert_eq!(bench.run(&["fetch", "flats"]).code, Some(0));
    bench.items("flats", flats(1..6));
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["1", "2", "3", "4", "5"]);
    assert_eq!(bench.one("SELECT count(*) FROM change WHERE op = 'delete'"), "2");
}

#[test]
fn a_fetch_before_the_first_read_does_not_stand_in_for_it() {
    let bench = setup()
        .without_uzhkh()
        .feed("deals", FeedKind::Deals, Layout::array(), &[])
        .feed("flats", FeedKind::Premises, Layout::array(), &[])
        .start();
    bench.items("deals", deals(1..4));
    // Nothing has made a ledger yet.
    assert!(!bench.ledger().exists());
    let ended = bench.run(&["fetch", "deals", "--deal-ids", "1"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(live(&bench, "deal"), ["1"]);
    bench.pass();
    assert_eq!(bench.last_read("deals"), "");
    assert_eq!(live(&bench, "deal"), ["1", "2", "3"]);
}

#[test]
fn it_prints_json() {
    let bench = of_deals(&[]).start();
    bench.pass();
    bench.items("deals", [deal(1), "17".to_owned(), deal(2)]);
    let ended = bench.run(&["fetch", "deals", "--json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let told: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(told["fetched"], 3);
    assert_eq!(told["new"], 2);
    assert_eq!(told["changed"], 2);
    assert_eq!(told["quarantined"], 1);
}

#[test]
fn it_works_beside_the_daemon() {
    let bench = of_deals(&["schedule = \"0 0 0 1 1 *\""]).start();
    bench.items("deals", deals(1..3));
    let daemon = bench.daemon();
    // The service reads once at its start, and then not before the new year.
    wait_until("the first read", || bench.one_or_none("SELECT count(*) FROM poll") == "1");
    bench.items("deals", deals(1..4));
    let ended = bench.run(&["fetch", "deals", "--flat-status", "3"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(bench.last_read("deals"), "flat_status=3");
    assert_eq!(live(&bench, "deal"), ["1", "2", "3"]);
    assert_eq!(bench.reads("deals").len(), 2);
    daemon.stop();
}

#[test]
fn a_fetch_that_fails_stores_nothing_and_says_why() {
    let bench = of_deals(&[]).start();
    bench.pass();
    bench.items("deals", deals(1..60));
    for (kind, words) in [
        (FaultKind::Html, "HTML"),
        (FaultKind::CutBody, "cut short"),
        (FaultKind::Forbidden, "403"),
        (FaultKind::Redirect, "302"),
    ] {
        bench.uzhkh().inject(Fault::new(kind).at(Endpoint::Feed));
        let before = bench.lines(RUNS);
        let ended = bench.run(&["fetch", "deals"]);
        bench.uzhkh().clear_faults();
        assert_eq!(ended.code, Some(1), "{words}");
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
        assert!(ended.stdout.is_empty(), "{}", ended.stdout);
        assert_eq!(live(&bench, "deal"), Vec::<String>::new());
        assert_eq!(bench.lines(RUNS), before);
    }
    // Two that break off and then one that does not.
    assert_eq!(bench.run(&["fetch", "deals"]).code, Some(0));
    assert_eq!(live(&bench, "deal").len(), 59);
}

#[test]
fn it_explains_itself() {
    let bench = of_deals(&[]).start();
    let help = bench.run(&["fetch", "--help"]);
    assert_eq!(help.code, Some(0));
    for option in [
        "--ids",
        "--dt-updated-last-days",
        "--dt-updated-from",
        "--dt-updated-to",
        "--deal-status",
        "--deal-ids",
        "--deal-dogovor-number",
        "--dt-status-changed-from",
        "--dt-status-changed-to",
        "--dogovor-day-from",
        "--dogovor-day-to",
        "--day-reg-start-from",
        "--day-reg-start-to",
        "--day-reg-end-from",
        "--day-reg-end-to",
        "--flat-status",
        "--only-active",
        "--flat-ids",
        "--json",
    ] {
        assert!(
            help.stdout.contains(&format!("{option} "))
                || help.stdout.contains(&format!("{option}\n")),
            "{option}"
        );
    }
}
