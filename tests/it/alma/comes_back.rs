//! What comes back into the ledger: before a release, after it, and when nothing waits for
//! one.

use simulator::{AlmaKind, Endpoint, Fault, FaultKind};

use crate::alma::archive::{ALL_ARCHIVED, ALL_HELD, AUTO, archiving, furnished, people};
use crate::alma::bench::{account, both, flat, owner};
use crate::alma::commands::recorded;
use crate::alma::wire::{OWNER_CONTRACTS, TENANT_CONTRACTS, UNITS, patch};
use crate::support::wait_until;

const ALL_SYNCED: [&str; 6] = [
    "building h4 synced",
    "client r1 synced",
    "client r2 synced",
    "owner_contract a1:r1 synced",
    "tenant_contract a1:r2 synced",
    "unit o1 synced",
];

#[test]
fn what_comes_back_before_a_release_is_as_it_was() {
    let bench = furnished("");
    bench.say_deleted("object", "o1");
    bench.pass();
    let before = (bench.alma().reads(), bench.alma().writes());
    bench.restore();
    assert_eq!((bench.alma().reads(), bench.alma().writes()), before);
    assert_eq!(bench.stand(), ALL_SYNCED);
    bench.rests();
}

#[test]
fn what_comes_back_between_a_release_and_the_next_pass_is_not_archived() {
    let bench = furnished("");
    bench.say_deleted("object", "o1");
    bench.pass();
    bench.release("unit", "o1");
    bench.restore();
    assert!(!bench.held(AlmaKind::Unit, "o1").is_archived);
    assert_eq!(bench.stand(), ALL_SYNCED);
    bench.rests();
    // The release is used up: the next deletion waits for another.
    bench.say_deleted("object", "o1");
    bench.pass_writes_only(&[]);
    assert_eq!(bench.stand(), ALL_HELD);
}

#[test]
fn what_comes_back_after_a_release_waits_for_the_operator() {
    let bench = furnished("");
    let unit = bench.alma_id(AlmaKind::Unit, "o1");
    bench.say_deleted("object", "o1");
    bench.pass();
    for line in ALL_HELD {
        let (kind, id) = line.trim_end_matches(" held").split_once(' ').unwrap();
        bench.release(kind, id);
    }
    bench.pass();
    assert_eq!(bench.stand(), ALL_ARCHIVED);
    let before = bench.writes();
    let higher = flat("o1", "12").replace(r#""EtazhNumber":3"#, r#""EtazhNumber":4"#);
    bench.resync(&[higher], &[account("a1", "o1", &people())]);
    assert_eq!(bench.writes(), before);
    assert_eq!(
        bench.stand(),
        [
            "building h4 synced",
            "client r1 synced",
            "client r2 synced",
            "owner_contract a1:r1 held",
            "tenant_contract a1:r2 held",
            "unit o1 held",
        ]
    );
    bench.release("unit", "o1");
    bench.pass_writes_only(&[archiving(unit, false), patch(UNITS, unit, r#"{"floor":4}"#)]);
    bench.release("owner_contract", "a1:r1");
    bench.release("tenant_contract", "a1:r2");
    let writes = bench.pass_writes();
    assert_eq!(writes.len(), 2, "{writes:?}");
    assert!(writes[0].starts_with(&format!("POST {OWNER_CONTRACTS}")), "{writes:?}");
    assert!(writes[1].starts_with(&format!("POST {TENANT_CONTRACTS}")), "{writes:?}");
    assert_eq!(bench.stand(), ALL_SYNCED);
    assert_eq!(bench.held(AlmaKind::Client, "r2").status, "active");
    bench.rests();
}

#[test]
fn by_itself_a_flat_comes_back_at_once_and_its_contracts_wait() {
    let bench = furnished(AUTO);
    let unit = bench.alma_id(AlmaKind::Unit, "o1");
    bench.say_deleted("object", "o1");
    bench.pass();
    let before = bench.writes().len();
    bench.restore();
    assert_eq!(bench.writes()[before..], [archiving(unit, false)]);
    assert_eq!(bench.state("unit", "o1"), "synced");
    assert_eq!(bench.state("owner_contract", "a1:r1"), "held");
    assert_eq!(bench.state("tenant_contract", "a1:r2"), "held");
    bench.rests();
}

#[test]
fn what_comes_back_while_a_pass_goes_on_is_not_archived() {
    let bench = both().alma(AUTO).every_second().section("[http]\ntimeout = \"3s\"\n").start();
    bench.furnish();
    bench.pass();
    bench.say("Obj", &flat("o1", "12").replace("Квартира", "Кладовая"));
    bench.say("Obj", &flat("o2", "13"));
    bench.say("Account", &account("a2", "o2", &[owner("r9")]));
    recorded(&bench);
    // The looks at the new client take long; the flat leaves after that.
    let long = Fault::new(FaultKind::Stall).at(Endpoint::AlmaClients);
    bench.inject(long.times(2));
    let before = bench.asked("AlmaClients");
    let daemon = bench.daemon();
    wait_until("the look", || bench.asked("AlmaClients") > before);
    assert_eq!(bench.state("unit", "o1"), "pending");
    bench.say("Obj", &flat("o1", "12"));
    wait_until("the client", || bench.state("client", "r9") == "synced");
    wait_until("rest", || bench.stuck().is_empty());
    daemon.stop();
    let unit = bench.alma_id(AlmaKind::Unit, "o1");
    assert!(!bench.writes().contains(&archiving(unit, true)));
    assert!(!bench.held(AlmaKind::OwnerContract, "a1:r1").is_archived);
    bench.rests();
}

#[test]
fn a_person_who_comes_back_has_the_contract_that_is_still_in_force() {
    for is_released in [false, true] {
        let bench = furnished("");
        bench.say("Account", &account("a1", "o1", &[owner("r1")]));
        bench.pass();
        if is_released {
            bench.release("tenant_contract", "a1:r2");
            bench.release("client", "r2");
            bench.pass();
            assert_eq!(bench.state("tenant_contract", "a1:r2"), "archived");
        }
        bench.say("Account", &account("a1", "o1", &people()));
        bench.pass_writes_only(&[]);
        assert_eq!(bench.stand(), ALL_SYNCED);
    }
}
