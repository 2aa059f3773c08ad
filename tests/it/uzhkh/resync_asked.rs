//! A full resync that is asked for while the service runs: the service makes it.

use std::time::Duration;

use crate::support::{Bench, setup, wait_until};
use simulator::{Endpoint, Fault, FaultKind};

const ASK: [&str; 2] = ["run", "--full-resync"];
/// A resync of lists that hold nothing asks for a page of each.
const PAGES: u64 = 6;

fn is_over(bench: &Bench) -> bool {
    let left = "SELECT (SELECT count(*) FROM resync WHERE state = 'reading') + \
                (SELECT count(*) FROM resync_wanted)";
    bench.one(left) == "0"
}

/// Asks the running service, which must not take long.
#[track_caller]
fn ask(bench: &Bench, arguments: &[&str]) {
    let asked = bench.run(arguments);
    assert_eq!(asked.code, Some(0), "{}", asked.stderr);
    assert!(asked.stdout.contains("the service is running"), "{}", asked.stdout);
    assert!(asked.took < Duration::from_secs(15), "{:?}", asked.took);
}

#[test]
fn a_full_resync_beside_the_service_was_refused() {
    let bench = setup().every_second().start();
    let daemon = bench.daemon();
    wait_until("the service", || bench.asked("DeletedItems") >= 1);
    for (asked, arguments) in [&ASK[..], &["run", "--once", "--full-resync"]].into_iter().zip(1..) {
        let pages = PAGES * arguments;
        ask(&bench, asked);
        wait_until("all lists", || bench.asked("Download") == pages && is_over(&bench));
    }
    let lists = bench.lines("SELECT DISTINCT state FROM resync");
    assert_eq!(lists, ["done"]);
    daemon.stop();
}

#[test]
fn what_is_asked_while_lists_are_read_makes_one_resync_more() {
    let bench = setup().every_second().start();
    let daemon = bench.daemon();
    wait_until("the service", || bench.asked("DeletedItems") >= 1);
    bench.uzhkh().set_latency(Duration::from_millis(700));
    ask(&bench, &ASK);
    wait_until("the first page", || bench.asked("Download") >= 1);
    for _ in 0..3 {
        ask(&bench, &ASK);
    }
    assert!(bench.asked("Download") < PAGES, "too fast for this test");
    bench.uzhkh().set_latency(Duration::ZERO);
    wait_until("both", || bench.asked("Download") == 2 * PAGES && is_over(&bench));
    let polls = bench.asked("DeletedItems");
    wait_until("nothing more", || bench.asked("DeletedItems") >= polls + 3);
    assert_eq!(bench.asked("Download"), 2 * PAGES);
    daemon.stop();
}

#[test]
fn what_was_asked_survives_a_crash() {
    let bench = setup().every_second().start();
    let daemon = bench.daemon();
    wait_until("the service", || bench.asked("DeletedItems") >= 1);
    bench.uzhkh().set_latency(Duration::from_millis(700));
    ask(&bench, &ASK);
    wait_until("the first page", || bench.asked("Download") >= 1);
    ask(&bench, &ASK);
    daemon.kill();
    assert_eq!(bench.one("SELECT count(*) FROM resync_wanted"), "1");
    bench.uzhkh().set_latency(Duration::ZERO);
    let begun = bench.asked("Download");
    let daemon = bench.daemon();
    wait_until("the rest of the first, and the second", || {
        is_over(&bench) && bench.asked("Download") > begun + PAGES
    });
    daemon.stop();
}

#[test]
fn what_a_pass_did_not_come_to_is_left_for_the_next() {
    let bench = setup().start();
    bench.uzhkh().inject(Fault::new(FaultKind::Error500).at(Endpoint::Requests));
    let ended = bench.run(&["run", "--once", "--full-resync"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(bench.asked("Download"), 0);
    bench.uzhkh().clear_faults();
    for _ in 0..2 {
        bench.pass();
        assert_eq!(bench.asked("Download"), PAGES);
        assert!(is_over(&bench));
    }
}
