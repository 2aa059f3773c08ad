//! What the ledger itself refuses of a feed: whether others go on depends on what it was.

use std::fs;
use std::os::unix::fs::FileExt;

use super::items::{flats, premises};
use crate::support::Bench;
use crate::support::entities::{counter, envelope};
use simulator::{FeedKind, Layout};

const LAST: &str = "SELECT outcome, error FROM poll WHERE source = 'domoplaner' ORDER BY seq DESC";

#[test]
fn a_record_that_the_ledger_refuses_fails_its_feed_alone() {
    let bench =
        crate::support::setup().feed("flats", FeedKind::Premises, Layout::array(), &[]).start();
    bench.pass();
    bench.tamper(
        "CREATE TRIGGER refusal BEFORE INSERT ON record WHEN NEW.source = 'domoplaner' \
         BEGIN SELECT RAISE(ABORT, 'refused on purpose'); END",
    );
    bench.items("flats", flats(1..3));
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    bench.fail();
    let last = bench.lines(LAST).remove(0);
    assert!(last.starts_with("failed|") && last.contains("refused on purpose"), "{last}");
    assert_eq!(bench.lines("SELECT id FROM record"), ["c1"]);
    bench.tamper("DROP TRIGGER refusal");
    bench.pass();
    assert_eq!(bench.one("SELECT count(*) FROM record"), "3");
}

/// Where a table of the ledger is in the file, and the size of a page.
fn place(bench: &Bench, table: &str) -> (u64, usize) {
    let page = bench.one(&format!("SELECT rootpage FROM sqlite_schema WHERE name = '{table}'"));
    let size = bench.one("PRAGMA page_size");
    let (page, size): (u64, u64) = (page.parse().unwrap(), size.parse().unwrap());
    ((page - 1) * size, usize::try_from(size).unwrap())
}

#[test]
fn a_ledger_that_is_damaged_ends_the_run_and_is_no_failure_of_the_feed() {
    let bench = premises(&[]).start();
    bench.items("flats", flats(1..3));
    bench.pass();
    let (at, size) = place(&bench, "feed_item");
    let file = fs::OpenOptions::new().write(true).open(bench.ledger()).unwrap();
    file.write_all_at(&vec![0xA5; size], at).unwrap();
    bench.items("flats", flats(1..4));
    let ended = bench.fail();
    assert!(ended.stderr.contains("damaged"), "{}", ended.stderr);
    assert_eq!(bench.lines("SELECT outcome FROM poll"), ["ok"]);
}
