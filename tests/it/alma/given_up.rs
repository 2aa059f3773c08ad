//! When a pass over a failing Alma is given up, and what it tells of that: what was not
//! tried stays as it was, and waits for the next one.

use simulator::{Endpoint, Fault, FaultKind, Way};

use crate::alma::bench::both;
use crate::alma::watch::{assert_filled, fill, polled};
use crate::support::{Bench, Setup};

/// One object after the other.
fn in_turn() -> Setup {
    both().alma("concurrency = 1")
}

/// The kinds of which objects were tried in vain, and how many of each.
fn tried(bench: &Bench) -> Vec<String> {
    bench.lines("SELECT kind, count(*) FROM alma_object WHERE attempts > 0 GROUP BY kind")
}

/// How many contracts are as they were before the pass: they do not wait for clients yet.
fn untouched(bench: &Bench) -> String {
    bench.one("SELECT count(*) FROM alma_object WHERE kind LIKE '%_contract' AND state = 'pending'")
}

fn strikes(kind: FaultKind) -> Fault {
    Fault::new(kind).at(Endpoint::AlmaClients).by(Way::Post)
}

#[test]
fn four_failures_in_a_row_are_enough() {
    let bench = in_turn().start();
    fill(&bench, 8);
    bench.inject(strikes(FaultKind::Error500));
    bench.fail();
    // Four of sixteen in each of three rounds.
    assert_eq!(tried(&bench), ["client|12"]);
    assert_eq!(untouched(&bench), "16");
    assert!(polled(&bench).starts_with("failed|alma: "), "{}", polled(&bench));
    bench.clear_faults();
    bench.pass();
    assert_filled(&bench, 8);
}

#[test]
fn failures_that_are_not_in_a_row_are_not() {
    let bench = in_turn().start();
    fill(&bench, 4);
    // Each that fails is followed by one that does not.
    for at in 0..4 {
        bench.inject(strikes(FaultKind::Error500).times(1).after(at));
    }
    bench.pass();
    let posts = bench.writes_since(0).into_iter().filter(|call| call.method == "POST");
    let before_contracts = posts.take_while(|call| !call.path.contains("contract"));
    let clients = before_contracts.filter(|call| call.path.ends_with("/clients/"));
    assert_eq!(clients.count(), 8, "all of them in the first round");
    assert_filled(&bench, 4);
}

#[test]
fn one_refusal_of_the_key_is_enough() {
    let bench = in_turn().start();
    fill(&bench, 2);
    let key = bench.alma().api_key();
    bench.alma().set_api_key("another");
    bench.fail();
    assert_eq!(tried(&bench), ["building|1"]);
    assert_eq!(untouched(&bench), "4");
    assert!(polled(&bench).starts_with("unauthorized|alma: "), "{}", polled(&bench));
    bench.alma().set_api_key(key);
    bench.pass();
    assert_filled(&bench, 2);
}

#[test]
fn one_request_that_cannot_leave_is_enough() {
    let bench = in_turn().start();
    fill(&bench, 2);
    let back = bench.with_nobody_as_alma();
    bench.fail();
    assert_eq!(tried(&bench), ["building|1"]);
    assert_eq!(untouched(&bench), "4");
    assert!(polled(&bench).starts_with("failed|alma: "), "{}", polled(&bench));
    back(&bench);
    bench.pass();
    assert_filled(&bench, 2);
}

#[test]
fn a_refusal_of_the_key_is_told_before_what_failed_earlier() {
    let bench = in_turn().start();
    fill(&bench, 2);
    bench.inject(strikes(FaultKind::Error500).times(1));
    bench.inject(strikes(FaultKind::Forbidden));
    bench.fail();
    // Two in the first round, and one that is not even sent in each of two more.
    assert_eq!(tried(&bench), ["client|4"]);
    let polled = polled(&bench);
    assert!(polled.starts_with("unauthorized|alma: ") && polled.contains("HTTP 403"), "{polled}");
    bench.clear_faults();
    bench.pass();
    assert_filled(&bench, 2);
}
