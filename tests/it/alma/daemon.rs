//! The service keeps Alma in step, ends in order and goes on where it ended.

use std::time::{Duration, Instant};

use simulator::{AlmaKind, Endpoint, Fault, FaultKind, Way};

use crate::alma::bench::{account, both, flat, owner};
use crate::alma::watch::fill;
use crate::support::process::spawn;
use crate::support::{Bench, Setup, wait_until};

const SYNCED: &str = "SELECT count(*) FROM alma_object WHERE state = 'synced'";
const IN_ALMA: &str = "SELECT kind || ' ' || external_id || ' ' || alma_id FROM alma_object \
                       WHERE alma_id IS NOT NULL AND kind <> 'building' ORDER BY 1";

fn service() -> Setup {
    both().every_second()
}

/// Every object of Alma as the ledger knows it: `kind external_id alma_id`.
fn in_alma(bench: &Bench) -> Vec<String> {
    let kinds = [
        (AlmaKind::Unit, "unit"),
        (AlmaKind::Client, "client"),
        (AlmaKind::OwnerContract, "owner_contract"),
        (AlmaKind::TenantContract, "tenant_contract"),
    ];
    let objects = kinds.into_iter().flat_map(|(kind, word)| {
        let objects = bench.alma().objects(kind).into_iter();
        objects.map(move |object| format!("{word} {} {}", object.external_id, object.id))
    });
    let mut all: Vec<String> = objects.collect();
    all.sort();
    all
}

/// All of it is in Alma, once, and the ledger knows it.
#[track_caller]
fn assert_filled(bench: &Bench, flats: usize) {
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.alma().objects(AlmaKind::Building).len(), 1);
    assert_eq!(in_alma(bench).len(), 5 * flats);
    assert_eq!(bench.lines(IN_ALMA), in_alma(bench));
    bench.rests();
}

#[test]
fn a_change_in_the_queue_is_in_alma_soon() {
    let bench = service().start();
    bench.furnish();
    let daemon = bench.daemon();
    wait_until("the flat", || bench.one_or_none(SYNCED) == "6");
    let began = Instant::now();
    bench.say("Obj", &flat("o1", "14"));
    wait_until("its number", || bench.field(AlmaKind::Unit, "o1", "name") == "\"14\"");
    // The queue's second, a tick, and a machine that has other things to do.
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    bench.say("Account", &account("a2", "o1", &[owner("r3")]));
    wait_until("another owner", || bench.alma().object(AlmaKind::OwnerContract, "a2:r3").is_some());
    bench.say_deleted("account", "a2");
    wait_until("its end", || bench.state("owner_contract", "a2:r3") == "held");
    daemon.stop();
    assert_eq!(bench.alma().twins(), [""; 0]);
}

#[test]
fn an_unchanged_ledger_asks_alma_for_nothing() {
    let bench = service().alma("schedule = \"* * * * * *\"").start();
    bench.furnish();
    let daemon = bench.daemon();
    wait_until("the flat", || bench.one_or_none(SYNCED) == "6");
    let before = bench.called();
    let polls = bench.asked("Requests");
    // What is said again, and what Alma does not hold, are no changes.
    bench.furnish();
    bench.say("Obj", &flat("o1", "12").replace("31.0", "32.5"));
    wait_until("some seconds", || bench.asked("Requests") > polls + 3);
    assert_eq!(bench.report().waiting_requests, 0);
    daemon.stop();
    bench.rests();
    assert_eq!(bench.called(), before);
}

#[test]
fn no_more_is_under_way_at_once_than_the_config_says() {
    for concurrency in [1, 3] {
        let bench = service()
            .alma(&format!("concurrency = {concurrency}"))
            .alma("schedule = \"* * * * * *\"")
            .start();
        bench.inject(Fault::new(FaultKind::Stall).at(Endpoint::AlmaUnits).by(Way::Post));
        fill(&bench, 10);
        let daemon = bench.daemon();
        let posts = || {
            let calls = bench.writes_since(0).into_iter();
            calls.filter(|call| call.path.ends_with("/units/")).count()
        };
        wait_until("as many as may", || posts() == concurrency);
        let polls = bench.asked("Requests");
        wait_until("some seconds", || bench.asked("Requests") > polls + 3);
        assert_eq!(posts(), concurrency);
        daemon.kill();
        bench.clear_faults();
        bench.pass();
        assert_filled(&bench, 10);
    }
}

#[test]
fn a_stop_in_the_middle_loses_no_answer() {
    let bench = service().options(|options| options.latency = Duration::from_millis(20)).start();
    fill(&bench, 40);
    let daemon = bench.daemon();
    wait_until("some of it", || bench.alma().objects(AlmaKind::Client).len() > 10);
    daemon.signal("TERM");
    let ended = daemon.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
    let known = in_alma(&bench);
    assert!(known.len() < 200, "it was stopped too late to tell");
    assert_eq!(bench.lines(IN_ALMA), known, "what was answered is noted");
    let before = bench.alma().writes();
    // Clients do not wait for the building.
    let all = known.len() + bench.alma().objects(AlmaKind::Building).len();
    let daemon = bench.daemon();
    wait_until("the rest", || bench.one(SYNCED) == "201");
    daemon.stop();
    let posted = bench.alma().writes() - before;
    assert_eq!(posted, 201 - u64::try_from(all).unwrap(), "each once");
    assert_filled(&bench, 40);
}

#[test]
fn a_death_in_the_middle_makes_no_twin() {
    for deaths in 1..=3 {
        let bench = service()
            .options(|options| {
                options.latency = Duration::from_millis(10);
                options.contracts_by_external_id = deaths != 2;
            })
            .start();
        fill(&bench, 20);
        for death in 0..deaths {
            let daemon = bench.daemon();
            let before = bench.alma().writes();
            wait_until("some of it", || bench.alma().writes() > before + 11 + death);
            daemon.kill();
        }
        let daemon = bench.daemon();
        wait_until("all of it", || bench.one(SYNCED) == "101");
        daemon.stop();
        assert_filled(&bench, 20);
    }
}

#[test]
fn a_stop_while_alma_is_silent_takes_no_longer_than_it_may() {
    let bench = service().start();
    bench.inject(Fault::new(FaultKind::Stall).at(Endpoint::AlmaClients));
    fill(&bench, 10);
    let daemon = bench.daemon();
    wait_until("a client on its way", || bench.asked("AlmaClients") > 0);
    daemon.signal("TERM");
    let ended = daemon.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.took < Duration::from_secs(15), "{:?}", ended.took);
    bench.clear_faults();
    bench.pass();
    assert_filled(&bench, 10);
}

#[test]
fn a_change_while_its_object_is_on_the_way_is_not_lost() {
    let bench = service().start();
    bench.say("Obj", &flat("o1", "12"));
    let slowly = Fault::new(FaultKind::Drip).at(Endpoint::AlmaUnits).by(Way::Post);
    bench.inject(slowly);
    let daemon = bench.daemon();
    wait_until("the flat on its way", || !bench.writes_since(1).is_empty());
    bench.say("Obj", &flat("o1", "13"));
    wait_until("the change", || {
        let unit = bench.alma().object(AlmaKind::Unit, "o1");
        unit.is_some_and(|unit| unit.fields["name"] == "\"13\"")
    });
    wait_until("its note", || bench.one_or_none(SYNCED) == "2");
    daemon.stop();
    bench.rests();
}

#[test]
fn an_e_mail_that_was_given_up_is_free_for_another() {
    let bench = service().start();
    bench.say("Obj", &flat("o1", "12"));
    bench.say("Account", &account("a1", "o1", &[owner("r1")]));
    let daemon = bench.daemon();
    wait_until("the flat", || bench.one_or_none(SYNCED) == "4");
    daemon.stop();
    let daemon = bench.daemon();
    // From here on the service has a list of clients in which the e-mail is r1's.
    bench.say("Account", &account("a2", "o1", &[owner("r2")]));
    wait_until("another owner", || bench.one(SYNCED) == "6");
    let moved = owner("r1").replace("r1@", "new@");
    bench.say("Account", &account("a1", "o1", &[moved]));
    wait_until("the new e-mail", || {
        bench.field(AlmaKind::Client, "r1", "email") == "\"new@example.invalid\""
    });
    let heir = owner("r3").replace("r3@", "R1@");
    bench.say("Account", &account("a3", "o1", &[heir]));
    wait_until("the heir", || bench.alma().object(AlmaKind::OwnerContract, "a3:r3").is_some());
    daemon.stop();
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}

#[test]
fn a_recovery_is_noticed_without_a_restart() {
    let bench = service().start();
    for endpoint in [Endpoint::AlmaBuildings, Endpoint::AlmaClients] {
        bench.inject(Fault::new(FaultKind::ResetBefore).at(endpoint));
    }
    fill(&bench, 5);
    let daemon = bench.daemon();
    let failed = "SELECT count(*) FROM poll WHERE source = 'alma' AND outcome = 'failed'";
    wait_until("a failure", || !["", "0"].contains(&bench.one_or_none(failed).as_str()));
    bench.clear_faults();
    wait_until("all of it", || bench.one(SYNCED) == "26");
    wait_until("its log", || daemon.log().contains("poll recovered"));
    daemon.stop();
    assert_filled(&bench, 5);
}

#[test]
fn a_pass_that_is_interrupted_says_so_and_loses_nothing() {
    let bench = both().options(|options| options.latency = Duration::from_millis(20)).start();
    fill(&bench, 40);
    let pass = spawn(&bench.config(), &["run", "--once"]);
    wait_until("some of it", || bench.alma().objects(AlmaKind::Client).len() > 10);
    pass.signal("INT");
    let ended = pass.end();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("interrupted"), "{}", ended.stderr);
    assert_eq!(bench.lines(IN_ALMA), in_alma(&bench));
    bench.pass();
    assert_filled(&bench, 40);
}
