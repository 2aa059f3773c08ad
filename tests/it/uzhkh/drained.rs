//! What a drain tells of itself.

use crate::support::entities::{account_of, counter, envelope, person};
use crate::support::{Bench, setup};
use simulator::{Endpoint, Fault, FaultKind};

/// What the log and the table say of the last poll of the queue.
#[track_caller]
fn told(bench: &Bench, counts: &str, row: &str) {
    let ended = bench.pass();
    assert!(ended.stderr.contains(counts), "{counts}: {}", ended.stderr);
    assert_eq!(bench.newest_poll("uzhkh", "Requests", "fetched, changed"), row);
}

#[test]
fn a_poll_counts_what_came_by_what_became_of_it() {
    let bench = setup().options(|options| options.batch_limit = Some(2)).start();
    let household = account_of("a1", &[person("r1"), person("r2")]);
    bench.uzhkh().push_request(envelope("g1", "Account", &household));
    bench.uzhkh().push_request(envelope("g2", "Counter", &counter("c1")));
    bench.uzhkh().push_request(envelope("g3", "Counter", &counter("c2")));
    bench.uzhkh().push_request(r#"{"Guid":"g4"}"#);
    // The last one is not understood, stays in the queue, and comes again.
    told(&bench, "fetched=5 new=4 changed=5 quarantined=1", "5|5");
    let later = counter("c1").replace("10.50", "11.75");
    bench.uzhkh().push_request(envelope("g5", "Counter", &later));
    told(&bench, "fetched=3 new=1 changed=1 quarantined=0", "3|1");
}

#[test]
fn what_is_acknowledged_after_the_last_fetch_may_have_held_back_more() {
    let bench = setup().options(|options| options.batch_limit = Some(1)).start();
    for n in 1..=3 {
        let household = account_of(&format!("a{n}"), &[person(&format!("--{n}"))]);
        bench.uzhkh().push_request(envelope(&format!("g{n}"), "Account", &household));
    }
    bench.uzhkh().inject(Fault::new(FaultKind::Error500).at(Endpoint::SetId).times(1));
    bench.pass();
    assert_eq!(bench.uzhkh().queue_len(), 0);
}

#[test]
fn an_acknowledgement_that_fails_once_keeps_no_other_waiting() {
    let bench = setup().uzhkh("acknowledge_concurrency = 1").start();
    for n in 1..=8 {
        let entry = envelope(&format!("g{n}"), "Counter", &counter(&format!("c{n}")));
        bench.uzhkh().push_request(entry);
    }
    bench.uzhkh().inject(Fault::new(FaultKind::Error500).at(Endpoint::Delete).times(1));
    let ended = bench.pass();
    assert!(!ended.stderr.contains("acknowledging paused"), "{}", ended.stderr);
    assert_eq!(bench.asked("Delete"), 9);
}

#[test]
fn acknowledgements_that_fail_one_after_another_are_left_for_later() {
    let bench = setup().uzhkh("acknowledge_concurrency = 1").start();
    for n in 1..=8 {
        let entry = envelope(&format!("g{n}"), "Counter", &counter(&format!("c{n}")));
        bench.uzhkh().push_request(entry);
    }
    bench.uzhkh().inject(Fault::new(FaultKind::Error500).at(Endpoint::Delete));
    let ended = bench.fail();
    assert!(ended.stderr.contains("acknowledging paused"), "{}", ended.stderr);
    assert_eq!(bench.one("SELECT DISTINCT state FROM envelope"), "committed");
}

/// An entry that waits for its SetId is acknowledged in the last rounds alone.
#[test]
fn a_pass_takes_up_an_acknowledgement_that_failed_last() {
    let bench = setup().start();
    let household = account_of("a1", &[person("--1")]);
    bench.uzhkh().push_request(envelope("g1", "Account", &household));
    for endpoint in [Endpoint::SetId, Endpoint::Delete] {
        bench.uzhkh().inject(Fault::new(FaultKind::Error500).at(endpoint).times(2));
    }
    bench.pass();
    assert_eq!(bench.uzhkh().queue_len(), 0);
}
