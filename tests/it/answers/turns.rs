//! What fails in every pass keeps nothing behind it from its turn, though so many failures in a row
//! end a pass.

use simulator::{AlmaKind, Endpoint, Fault, FaultKind};

use crate::alma::bench::{both, flat};
use crate::support::entities::{account_of, counter, envelope, person, to_register};
use crate::support::{Bench, setup, wait_until};

/// More than one run tries: four in each of three rounds.
const FAILING: usize = 14;
/// What is behind them, in any order.
const BEHIND: &str = "z9";

/// What stands in front, and what is behind.
fn all() -> Vec<String> {
    let failing = (0..FAILING).map(|n| format!("a{n:02}"));
    failing.chain([BEHIND.to_owned()]).collect()
}

/// Requests at an endpoint about this fail from now on.
fn fails(bench: &Bench, endpoint: Endpoint, about: &str) {
    bench.inject(Fault::new(FaultKind::Error500).at(endpoint).about(about));
}

/// Runs until nothing waits but what stands in front, each in turn; then it goes through, too.
fn each_has_its_turn(bench: &Bench, waiting: &str) {
    let waits = || bench.one(waiting).parse::<usize>().unwrap();
    for _ in 0..3 {
        bench.fail();
        if waits() == FAILING {
            bench.clear_faults();
            bench.pass();
            assert_eq!(waits(), 0);
            return;
        }
    }
    panic!("{} wait", waits());
}

/// Flats that Alma has, and the ids by which it has them: those in front, and the one behind.
fn let_flats() -> (Bench, Vec<i64>) {
    let bench = both().alma("concurrency = 1").start();
    all().iter().for_each(|id| bench.say("Obj", &flat(id, &format!("1{id}"))));
    bench.pass();
    let ids = all().iter().map(|id| bench.held(AlmaKind::Unit, id).id).collect();
    (bench, ids)
}

#[test]
fn an_object_of_alma_behind_such_as_fail_each_time() {
    let (bench, ids) = let_flats();
    ids[..FAILING]
        .iter()
        .for_each(|id| fails(&bench, Endpoint::AlmaUnits, &format!("/units/{id}/")));
    all().iter().for_each(|id| bench.say("Obj", &flat(id, &format!("2{id}"))));
    each_has_its_turn(&bench, "SELECT count(*) FROM alma_object WHERE state = 'pending'");
}

#[test]
fn a_call_behind_such_as_fail_each_time() {
    let (bench, ids) = let_flats();
    ids[..FAILING]
        .iter()
        .for_each(|id| fails(&bench, Endpoint::AlmaBlock, &format!("/units/{id}/")));
    all().iter().for_each(|id| drop(bench.orders(&["block", "unit", id])));
    each_has_its_turn(&bench, "SELECT count(*) FROM call WHERE state = 'pending'");
}

#[test]
fn a_set_id_behind_such_as_fail_each_time() {
    let bench = setup().uzhkh("acknowledge_concurrency = 1").start();
    fails(&bench, Endpoint::SetId, "uzhkId=--a");
    for id in all() {
        let entity = account_of(&id, &[person(&format!("--{id}"))]);
        bench.uzhkh().push_request(envelope(&id, "Account", &entity));
    }
    each_has_its_turn(&bench, "SELECT count(*) FROM call WHERE state = 'pending'");
}

#[test]
fn a_decision_of_the_service_behind_such_as_fail_each_time() {
    let bench = setup().uzhkh("acknowledge_concurrency = 1").every_second().start();
    bench.uzhkh().push_request(envelope("asked", "RequestToRegister", &to_register("71")));
    bench.fault(FaultKind::Error500, Endpoint::SetId, u32::MAX);
    // As many as end a pass.
    for id in &all()[..4] {
        let entity = account_of(id, &[person(&format!("--{id}"))]);
        bench.uzhkh().push_request(envelope(id, "Account", &entity));
    }
    bench.fail();
    assert_eq!(bench.one("SELECT count(*), min(attempts) > 0 FROM call"), "4|1");
    bench.tamper("UPDATE call SET next_attempt_at = NULL");
    let decided = bench.run(&["decide", "register", "71", "--approve"]);
    assert_eq!(decided.code, Some(0), "{}", decided.stderr);
    bench.clear_faults();
    bench.fault(FaultKind::Stall, Endpoint::SetId, u32::MAX);
    let before = bench.asked("SetId");
    let daemon = bench.daemon();
    let decision = "SELECT state FROM call WHERE op <> 'SetId'";
    wait_until("the decision", || bench.one(decision) == "done");
    // It was not behind those that failed: one of them, at most, has been sent again by now.
    assert!(bench.asked("SetId") <= before + 1);
    daemon.kill();
}

#[test]
fn an_acknowledgement_of_the_service_behind_such_as_fail_each_time() {
    let bench = setup().uzhkh("acknowledge_concurrency = 1").every_second().start();
    bench.fault(FaultKind::Error500, Endpoint::Delete, u32::MAX);
    for id in ["a1", "a2", "a3", "a4", BEHIND] {
        bench.uzhkh().push_request(envelope(id, "Counter", &counter(id)));
    }
    bench.fail();
    // All in front have failed before, and are due.
    bench.tamper("UPDATE envelope SET attempts = guid <> 'z9', next_attempt_at = NULL");
    bench.clear_faults();
    bench.inject(Fault::new(FaultKind::Stall).at(Endpoint::Delete).about("guid=a"));
    let before = bench.asked("Delete");
    let daemon = bench.daemon();
    let state = "SELECT state FROM envelope WHERE guid = 'z9'";
    wait_until("the one behind", || bench.one(state) == "acknowledged");
    assert!(bench.asked("Delete") <= before + 2);
    daemon.kill();
}

#[test]
fn an_acknowledgement_behind_such_as_fail_each_time() {
    let bench = setup().uzhkh("acknowledge_concurrency = 1").start();
    fails(&bench, Endpoint::Delete, "guid=a");
    for id in all() {
        bench.uzhkh().push_request(envelope(&id, "Counter", &counter(&id)));
    }
    each_has_its_turn(&bench, "SELECT count(*) FROM envelope WHERE state = 'committed'");
}
