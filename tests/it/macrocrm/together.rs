//! MACRO beside UZhKH and Domoplaner: one that is dead or silent delays no other.

use std::time::Duration;

use simulator::{Endpoint, Fault, FaultKind, FeedKind, Layout};

use crate::macrocrm::bench::{Bench, FLAT, bench, read_once};
use crate::support::entities::{counter, envelope};
use crate::support::{TOKEN, wait_until};

const MACRO: [Endpoint; 2] = [Endpoint::GetReadyFlats, Endpoint::Add];
const OTHERS: [Endpoint; 5] =
    [Endpoint::Requests, Endpoint::DeletedItems, Endpoint::Delete, Endpoint::SetId, Endpoint::Feed];
/// Within this a pass ends, whatever does not answer.
const PASS: Duration = Duration::from_secs(30);

/// All three, with something to do for each.
fn all_three() -> Bench {
    let bench = read_once("");
    let simulator = &bench.simulator;
    let link = simulator.domoplaner().add_feed(FeedKind::Premises, Layout::array());
    let item = r#"{"id":11,"number":"5"}"#.to_owned();
    simulator.domoplaner().set_items(&link, vec![item]);
    let entry = envelope("g1", "Counter", &counter("c1"));
    simulator.uzhkh().push_request(entry);
    bench.reconfigure(&format!(
        "[uzhkh]\nbase_url = {:?}\ntoken = {TOKEN:?}\n\
         [[domoplaner.feed]]\nname = \"all\"\nkind = \"premises\"\nurl = {link:?}",
        simulator.base_url()
    ));
    bench.books(FLAT, &bench.at("10:30"));
    bench
}

fn fault(bench: &Bench, kind: &FaultKind, endpoints: &[Endpoint]) {
    for endpoint in endpoints {
        let fault = Fault::new(kind.clone()).at(*endpoint);
        bench.simulator.inject(fault);
    }
}

/// UZhKH's entry is acknowledged, and Domoplaner's item is there.
fn others_are_done(bench: &Bench) -> bool {
    let sql = "SELECT (SELECT count(*) FROM envelope WHERE state = 'acknowledged'), \
               (SELECT count(*) FROM premises)";
    bench.one(sql) == "1|1" && bench.simulator.uzhkh().queue_len() == 0
}

fn outcome(bench: &Bench, source: &str) -> Vec<String> {
    bench.lines(&format!(
        "SELECT DISTINCT outcome FROM poll WHERE source = '{source}' \
         AND seq IN (SELECT max(seq) FROM poll GROUP BY source, feed)"
    ))
}

#[test]
fn all_that_is_well_is_done() {
    let bench = all_three();
    bench.pass();
    assert!(others_are_done(&bench));
    assert_eq!(bench.states(), ["done|1|200"]);
}

/// A pass in which MACRO fails like this does the rest.
#[track_caller]
fn does_the_rest(kind: &FaultKind) {
    let bench = all_three();
    fault(&bench, kind, &MACRO);
    let ended = bench.fail();
    assert!(ended.took < PASS, "{kind:?}: {:?}", ended.took);
    assert!(ended.stderr.contains("macrocrm"), "{}", ended.stderr);
    assert!(others_are_done(&bench), "{kind:?}");
    assert_eq!(outcome(&bench, "uzhkh"), ["ok"], "{kind:?}");
    assert_eq!(outcome(&bench, "domoplaner"), ["ok"], "{kind:?}");
    assert_ne!(outcome(&bench, "macrocrm"), ["ok"], "{kind:?}");
    assert!(bench.added() <= 1, "{kind:?}");
}

#[test]
fn a_pass_with_a_macro_that_never_answers_does_the_rest() {
    does_the_rest(&FaultKind::Stall);
}

#[test]
fn a_pass_with_a_macro_that_falls_silent_does_the_rest() {
    does_the_rest(&FaultKind::StallBody);
}

#[test]
fn a_pass_with_a_macro_that_fails_does_the_rest() {
    for kind in [FaultKind::ResetBefore, FaultKind::Error500, FaultKind::Forbidden] {
        does_the_rest(&kind);
    }
}

#[test]
fn a_pass_with_a_booking_that_is_never_answered_ends_too() {
    let bench = all_three();
    fault(&bench, &FaultKind::Stall, &[Endpoint::Add]);
    let ended = bench.fail();
    assert!(ended.took < PASS, "{:?}", ended.took);
    assert!(others_are_done(&bench));
    assert_eq!(bench.states(), ["unknown|1|NULL"]);
}

#[test]
fn a_pass_with_the_others_silent_does_macro() {
    let bench = all_three();
    fault(&bench, &FaultKind::Stall, &OTHERS);
    let ended = bench.fail();
    assert!(ended.took < PASS, "{:?}", ended.took);
    assert_eq!(bench.states(), ["done|1|200"]);
    assert_eq!(outcome(&bench, "macrocrm"), ["ok"]);
    assert_eq!(outcome(&bench, "uzhkh"), ["failed"]);
    assert_eq!(outcome(&bench, "domoplaner"), ["failed"]);
}

#[test]
fn a_service_with_a_silent_macro_does_the_rest() {
    let bench = all_three();
    fault(&bench, &FaultKind::Stall, &MACRO);
    let service = bench.service();
    wait_until("both calls of MACRO", || bench.added() == 1 && bench.asked("getReadyFlats") >= 2);
    wait_until("the others", || others_are_done(&bench));
    let entry = envelope("g2", "Counter", &counter("c2"));
    bench.simulator.uzhkh().push_request(entry);
    wait_until("another entry", || bench.simulator.uzhkh().queue_len() == 0);
    assert_eq!(bench.states(), ["pending|1|NULL"], "it is silent still");
    service.kill();
}

#[test]
fn a_service_with_the_others_silent_does_macro() {
    let bench = all_three();
    fault(&bench, &FaultKind::Stall, &OTHERS);
    let service = bench.service();
    wait_until("both of the others", || bench.asked("Requests") >= 1 && bench.asked("Feed") >= 1);
    wait_until("the booking", || bench.states() == ["done|1|200"]);
    bench.books("2", &bench.at("11:30"));
    wait_until("another", || bench.states()[1] == "done|1|200");
    service.kill();
}

#[test]
fn a_macro_that_is_switched_off_is_left_alone() {
    let bench = bench("");
    bench.pass();
    let asked = bench.asked("getReadyFlats");
    bench.books(FLAT, &bench.at("10:30"));
    bench.switch_off();
    bench.pass();
    assert_eq!(bench.asked("getReadyFlats"), asked);
    assert_eq!(bench.states(), ["pending|0|NULL"]);
    assert_eq!(bench.flats().len(), 3, "what is known stays");
}
