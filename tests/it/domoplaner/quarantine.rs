//! Quarantined items of a feed, and what an operator does with them.

use crate::support::{Bench, setup};
use simulator::{FeedKind, Layout};

/// A bench with a feed whose items have their id where nobody looks.
fn elsewhere() -> Bench {
    let bench = setup()
        .without_uzhkh()
        .feed("flats", FeedKind::Premises, Layout::array(), &["max_shrink = 100"])
        .start();
    bench.items("flats", [r#"{"uid":"x1","day_x":"01.02.2023"}"#, r#"{"uid":"x2"}"#]);
    bench.pass();
    assert_eq!(bench.one("SELECT count(*) FROM record"), "0");
    bench
}

#[test]
fn quarantined_items_are_listed_shown_and_put_away() {
    let bench = elsewhere();
    let list = bench.run(&["quarantine", "list"]);
    assert_eq!(list.stdout.lines().count(), 3, "{}", list.stdout);
    assert!(list.stdout.contains("domoplaner") && list.stdout.contains("flats"), "{}", list.stdout);
    assert!(!list.stdout.contains("x1"), "{}", list.stdout);
    let json = bench.run(&["quarantine", "list", "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["source"], "domoplaner");
    assert_eq!(json[0]["queue"], "flats");
    let seq = json[0]["seq"].to_string();
    let shown = bench.run(&["quarantine", "show", &seq]);
    assert_eq!(shown.stdout, "{\"uid\":\"x1\",\"day_x\":\"01.02.2023\"}\n");
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("2  quarantined"), "{status}");

    let still = bench.run(&["quarantine", "retry", &seq]);
    assert_eq!(still.code, Some(1));
    assert!(still.stderr.contains("no id"), "{}", still.stderr);
    let away = bench.run(&["quarantine", "acknowledge", &seq]);
    assert_eq!(away.code, Some(0), "{}", away.stderr);
    assert!(!away.stdout.contains("acknowledged by the service"), "{}", away.stdout);
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "1");
    assert_eq!(bench.run(&["quarantine", "retry", &seq]).code, Some(1));
    // It comes again, and stays away.
    bench.pass();
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "1");
}

#[test]
fn a_retry_applies_what_the_config_explains_by_now() {
    let mut bench = elsewhere();
    let seqs = bench.lines("SELECT seq FROM quarantine ORDER BY seq");
    bench.reconfigure(
        "flats",
        &["max_shrink = 100", "id_field = \"uid\"", "date_fields = [\"day_x\"]"],
    );
    for seq in &seqs {
        let ended = bench.run(&["quarantine", "retry", seq]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
    assert_eq!(bench.lines("SELECT id FROM premises ORDER BY id"), ["x1", "x2"]);
    assert_eq!(
        bench.one("SELECT body FROM premises WHERE id = 'x1'"),
        r#"{"uid":"x1","day_x":"2023-02-01"}"#
    );
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "0");
    bench.pass();
    assert_eq!(bench.one("SELECT count(*) FROM change"), "2");
    assert_eq!(bench.run(&["verify"]).code, Some(0));
}

#[test]
fn what_was_applied_by_a_retry_is_deleted_when_it_is_missing() {
    let mut bench = elsewhere();
    let seq = bench.one("SELECT min(seq) FROM quarantine");
    bench.reconfigure("flats", &["max_shrink = 100", "id_field = \"uid\""]);
    assert_eq!(bench.run(&["quarantine", "retry", &seq]).code, Some(0));
    bench.items("flats", [r#"{"uid":"x2"}"#]);
    bench.pass();
    assert_eq!(bench.lines("SELECT id FROM premises"), ["x2"]);
}

#[test]
fn a_retry_does_not_undo_what_came_later() {
    let mut bench = elsewhere();
    let seq = bench.one("SELECT min(seq) FROM quarantine");
    bench.reconfigure("flats", &["max_shrink = 100", "id_field = \"uid\""]);
    bench.items("flats", [r#"{"uid":"x1","price":2.20}"#]);
    bench.pass();
    bench.run(&["quarantine", "retry", &seq]);
    assert_eq!(bench.one("SELECT price FROM premises WHERE id = 'x1'"), "2.20");
}
