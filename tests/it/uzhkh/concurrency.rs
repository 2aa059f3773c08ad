//! How many acknowledgements are under way at once follows UZhKH's answers.

use std::time::Duration;

use crate::support::entities::{counter, deletion, envelope};
use crate::support::{Bench, setup, wait_until};
use simulator::{Endpoint, Fault, FaultKind};

/// A bench with entries in both queues, whose acknowledgements take so long.
fn filled(entries: usize, latency: u64) -> Bench {
    let bench = setup().every_second().start();
    for n in 0..entries {
        bench.uzhkh().push_request(envelope(
            &format!("g{n}"),
            "Counter",
            &counter(&format!("c{n}")),
        ));
        bench.uzhkh().push_deleted(deletion(&format!("d{n}"), "counter", &format!("gone{n}")));
    }
    bench.uzhkh().set_latency(Duration::from_millis(latency));
    bench
}

#[test]
fn a_server_far_away_gets_many_at_once_and_never_more_than_64() {
    // So long that a busy machine adds little to it.
    let bench = filled(600, 300);
    let daemon = bench.daemon();
    wait_until("many are under way at once", || bench.report().max_concurrent_deletes > 32);
    wait_until("both queues are empty", || {
        bench.uzhkh().queue_len() + bench.uzhkh().deleted_len() == 0
    });
    daemon.stop();
    let most = bench.report().max_concurrent_deletes;
    assert!(most <= 64, "{most} at once, of both queues together");
}

#[test]
fn a_server_that_says_too_many_gets_few_at_once() {
    let bench = filled(600, 20);
    bench.inject(Fault::new(FaultKind::TooMany).at(Endpoint::Delete).likely(0.25));
    let daemon = bench.daemon();
    wait_until("many have been acknowledged", || bench.asked("Delete") >= 400);
    let most = bench.report().max_concurrent_deletes;
    // Without the refusals it would be at 64 before a third of that.
    assert!(most <= 32, "{most} at once");
    bench.clear_faults();
    wait_until("both queues are empty", || {
        bench.uzhkh().queue_len() + bench.uzhkh().deleted_len() == 0
    });
    daemon.stop();
}

#[test]
fn a_server_that_asks_to_wait_is_left_alone_and_that_is_said_once() {
    let bench = setup().every_second().start();
    for n in 0..400 {
        let entry = envelope(&format!("g{n}"), "Counter", &counter(&format!("c{n}")));
        bench.uzhkh().push_request(entry);
    }
    let kind = FaultKind::Unavailable { retry_after_seconds: 60 };
    bench.inject(Fault::new(kind).at(Endpoint::Delete));
    let daemon = bench.daemon();
    wait_until("the refusals", || daemon.log().contains("acknowledging paused"));
    let (polls, burst) = (bench.asked("Requests"), bench.asked("Delete"));
    wait_until("further polls", || bench.asked("Requests") >= polls + 4);
    assert_eq!(bench.asked("Delete"), burst);
    let log = daemon.stop();
    assert_eq!(log.matches("acknowledging paused").count(), 1, "{log}");
}
