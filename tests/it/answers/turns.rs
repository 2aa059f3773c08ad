//! What fails in every `run --once` keeps nothing behind it from its turn, though so many failures
//! in a row end a pass.

use simulator::{AlmaKind, Endpoint, Fault, FaultKind};

use crate::alma::bench::{both, flat};
use crate::support::entities::{account_of, counter, envelope, person};
use crate::support::{Bench, setup};

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
fn an_acknowledgement_behind_such_as_fail_each_time() {
    let bench = setup().uzhkh("acknowledge_concurrency = 1").start();
    fails(&bench, Endpoint::Delete, "guid=a");
    for id in all() {
        bench.uzhkh().push_request(envelope(&id, "Counter", &counter(&id)));
    }
    each_has_its_turn(&bench, "SELECT count(*) FROM envelope WHERE state = 'committed'");
}
