//! Deaths while Alma is filled: whatever is left, the next passes bring everything
//! there, and nothing twice.

use std::fs;

use simulator::{AlmaKind, Endpoint, Fault, FaultKind, Way};

use crate::alma::bench::{account, both, flat, owner, tenant};
use crate::support::{Bench, process, tool, wait_until};

/// The endpoints that make something.
const MAKERS: [Endpoint; 5] = [
    Endpoint::AlmaBuildings,
    Endpoint::AlmaUnits,
    Endpoint::AlmaClients,
    Endpoint::AlmaOwnerContracts,
    Endpoint::AlmaTenantContracts,
];

/// Runs a pass under strace until the N-th such call; true when it was killed there.
fn dies_at(bench: &Bench, calls: &str, number: usize) -> bool {
    let inject = format!("inject={calls}:signal=KILL:when={number}");
    let trace = format!("trace={calls}");
    let output = bench.dir.path().join("strace");
    let output = output.to_str().unwrap();
    let tracer = ["strace", "-f", "-qq", "-o", output, "-e", &trace, "-e", &inject];
    let mut command = process::under(&tracer, &bench.config(), &["run", "--once"]);
    // strace counts for each thread.
    command.env("TOKIO_WORKER_THREADS", "1");
    // strace dies of what its child died of.
    process::finish(command).code.is_none()
}

/// Some flats in two houses, each with an owner and a tenant.
fn people(bench: &Bench, count: usize) {
    for n in 0..count {
        let object = flat(&format!("o{n}"), &n.to_string());
        bench.say(
            "Obj",
            &object
                .replace("\"h4\"", &format!("\"h{}\"", n % 2))
                .replace(r#""HouseNumber":"4""#, &format!(r#""HouseNumber":"{}""#, n % 2)),
        );
        let persons = [owner(&format!("w{n}")), tenant(&format!("t{n}"))];
        bench.say("Account", &account(&format!("a{n}"), &format!("o{n}"), &persons));
    }
}

/// Everything arrives, nothing twice, and then there is rest.
#[track_caller]
fn arrives(bench: &Bench, count: usize) {
    bench.pass();
    for (kind, expected) in [
        (AlmaKind::Building, count.min(2)),
        (AlmaKind::Unit, count),
        (AlmaKind::Client, 2 * count),
        (AlmaKind::OwnerContract, count),
        (AlmaKind::TenantContract, count),
    ] {
        let held = bench.alma().objects(kind);
        assert_eq!(held.len(), expected, "{kind}: {held:?}");
    }
    assert_eq!(bench.lines("SELECT * FROM alma_pending"), Vec::<String>::new());
    bench.rests();
    assert_eq!(bench.run(&["verify"]).code, Some(0));
}

/// A death at every request of a first pass, one after another.
#[test]
fn killed_at_any_request_of_a_first_pass() {
    sweep("writev", 4..24, 12);
}

/// A death at every write to the ledger, and at every flush.
#[test]
fn killed_at_any_write_of_a_first_pass() {
    sweep("pwrite64", (126..190).step_by(9), 5);
    sweep("fsync", 9..22, 8);
}

fn sweep(calls: &str, numbers: impl Iterator<Item = usize>, least: u32) {
    let Some(_) = tool("strace") else { return };
    let mut deaths = 0;
    for number in numbers {
        let bench = both().start();
        people(&bench, 2);
        deaths += u32::from(dies_at(&bench, calls, number));
        arrives(&bench, 2);
    }
    assert!(deaths >= least, "only {deaths} deaths: the sweep goes too far");
}

/// The answer to each sort of write is lost at its first attempt, at its second, at its
/// third.
#[test]
fn every_answer_to_a_write_lost_in_turn() {
    for endpoint in MAKERS {
        for times in 1..=3 {
            let bench = both().start();
            people(&bench, 2);
            let lost = Fault::new(FaultKind::LostAnswer).at(endpoint).by(Way::Write);
            bench.inject(lost.times(times));
            drop(bench.once());
            arrives(&bench, 2);
        }
    }
}

/// A backup from before Alma was filled is put back: all of it is found and adopted.
#[test]
fn a_ledger_put_back_from_before_finds_everything() {
    let bench = both().start();
    people(&bench, 3);
    bench.inject(Fault::new(FaultKind::Error500).at(Endpoint::AlmaBuildings));
    bench.fail();
    bench.clear_faults();
    let backup = bench.dir.path().join("backup.db");
    bench.tamper(&format!("VACUUM INTO '{}'", backup.display()));
    arrives(&bench, 3);
    let writes = bench.alma().writes();
    for leftover in ["ledger.db-wal", "ledger.db-shm", "ledger.db.lock"] {
        drop(fs::remove_file(bench.dir.path().join(leftover)));
    }
    fs::copy(&backup, bench.ledger()).unwrap();
    arrives(&bench, 3);
    assert_eq!(bench.alma().writes(), writes, "what was there was sent again");
}

/// The service is killed again and again on its way through many objects.
#[test]
fn the_service_killed_on_its_way_through_two_hundred_objects() {
    const FLATS: usize = 40;
    let bench = both().start();
    people(&bench, FLATS);
    for share in 1..=6 {
        let daemon = bench.daemon();
        let made = || {
            let kinds = AlmaKind::ALL.into_iter();
            kinds.map(|kind| bench.alma().objects(kind).len()).sum::<usize>()
        };
        wait_until("a further part of it", || made() >= share * 30);
        daemon.kill();
    }
    arrives(&bench, FLATS);
}
