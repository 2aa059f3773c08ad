//! An account that moves away from a flat that leaves: Alma archives with a flat what
//! contracts are on it, for good, so they go first.

use simulator::{AlmaKind, Endpoint, Fault, FaultKind, Way};

use crate::alma::archive::{AUTO, archiving, furnished};
use crate::alma::bench::{account, both, flat, owner, tenant};
use crate::alma::wire::{OWNER_CONTRACTS, TENANT_CONTRACTS, patch};
use crate::support::{Bench, wait_until};

/// o1 is deleted, and its account is about o2 from now on.
fn moves(bench: &Bench) {
    bench.say("Account", &account("a1", "o2", &[owner("r1"), tenant("r2")]));
    bench.say_deleted("object", "o1");
}

fn two_flats(line: &str) -> Bench {
    let bench = furnished(line);
    bench.say("Obj", &flat("o2", "13"));
    bench.pass();
    bench
}

fn assert_moved(bench: &Bench) {
    for (kind, id) in [(AlmaKind::OwnerContract, "a1:r1"), (AlmaKind::TenantContract, "a1:r2")] {
        let contract = bench.held(kind, id);
        assert!(!contract.is_archived);
        let unit = bench.alma_id(AlmaKind::Unit, "o2");
        assert_eq!(contract.fields["unit_id"], unit.to_string());
        assert_eq!(bench.state(kind.word(), id), "synced");
    }
    assert!(bench.held(AlmaKind::Unit, "o1").is_archived);
    assert_eq!(bench.state("unit", "o1"), "archived");
    bench.rests();
}

#[test]
fn the_contracts_move_before_the_flat_is_archived() {
    let bench = two_flats(AUTO);
    let unit = bench.alma_id(AlmaKind::Unit, "o2");
    let left = bench.alma_id(AlmaKind::Unit, "o1");
    let owners = bench.alma_id(AlmaKind::OwnerContract, "a1:r1");
    let tenants = bench.alma_id(AlmaKind::TenantContract, "a1:r2");
    let before = bench.writes().len();
    moves(&bench);
    bench.pass();
    let there = format!(r#"{{"unit_id":{unit}}}"#);
    assert_eq!(
        bench.writes()[before..],
        [
            patch(OWNER_CONTRACTS, owners, &there),
            patch(TENANT_CONTRACTS, tenants, &there),
            archiving(left, true),
        ]
    );
    assert_moved(&bench);
}

#[test]
fn a_contract_that_could_not_move_yet_keeps_its_flat() {
    for line in ["", AUTO] {
        let bench = two_flats(line);
        moves(&bench);
        let down = Fault::new(FaultKind::Error500).at(Endpoint::AlmaTenantContracts);
        bench.uzhkh().inject(down.by(Way::Patch));
        bench.fail();
        if line.is_empty() {
            bench.release("unit", "o1");
            bench.fail();
        }
        assert!(!bench.held(AlmaKind::Unit, "o1").is_archived, "{line}");
        assert_eq!(bench.state("unit", "o1"), "blocked");
        let reason = bench.reason("unit", "o1");
        assert!(reason.contains("tenant_contract a1:r2"), "{reason}");
        bench.clear_faults();
        bench.pass();
        assert_moved(&bench);
    }
}

#[test]
fn a_released_flat_that_is_kept_and_tried_again_stays_released() {
    let bench = two_flats("");
    moves(&bench);
    let down = Fault::new(FaultKind::Error500).at(Endpoint::AlmaTenantContracts);
    bench.uzhkh().inject(down.by(Way::Patch));
    bench.fail();
    bench.release("unit", "o1");
    bench.fail();
    assert_eq!(bench.state("unit", "o1"), "blocked");
    bench.orders(&["retry", "unit", "o1"]);
    bench.fail();
    assert_eq!(bench.state("unit", "o1"), "blocked");
    // Looked at anew for whatever reason, it is still what the operator has released.
    bench.tamper("INSERT INTO alma_dirty (kind, external_id) VALUES ('unit', 'o1')");
    bench.fail();
    assert_eq!(bench.state("unit", "o1"), "blocked");
    bench.clear_faults();
    bench.pass();
    assert_moved(&bench);
}

#[test]
fn a_contract_that_alma_does_not_let_move_keeps_its_flat_until_it_may() {
    let bench = two_flats(AUTO);
    bench.say("Account", &account("a2", "o2", &[tenant("r5")]));
    bench.pass();
    moves(&bench);
    bench.pass();
    assert_eq!(bench.state("tenant_contract", "a1:r2"), "rejected");
    assert_eq!(bench.state("owner_contract", "a1:r1"), "synced");
    assert_eq!(bench.state("unit", "o1"), "blocked");
    assert!(!bench.held(AlmaKind::TenantContract, "a1:r2").is_archived);
    bench.rests();
    // The other tenant's contract is ended by people.
    let other = bench.alma_id(AlmaKind::TenantContract, "a2:r5");
    bench.alma().archive(AlmaKind::TenantContract, other, true);
    let retried = bench.run(&["alma", "retry", "tenant_contract", "a1:r2"]);
    assert_eq!(retried.code, Some(0), "{}", retried.stderr);
    bench.pass();
    assert_moved(&bench);
}

#[test]
fn a_contract_that_leaves_with_its_flat_does_not_keep_it() {
    let bench = two_flats(AUTO);
    let left = bench.alma_id(AlmaKind::Unit, "o1");
    bench.say("Account", &account("a1", "o1", &[owner("r1")]));
    bench.say_deleted("object", "o1");
    bench.pass_writes_only(&[archiving(left, true)]);
    assert_eq!(bench.state("tenant_contract", "a1:r2"), "archived");
}

#[test]
fn a_contract_that_leaves_instead_of_moving_keeps_its_flat_no_longer() {
    let bench = two_flats(AUTO);
    moves(&bench);
    bench.fault(FaultKind::Error500, Endpoint::AlmaTenantContracts, 1000);
    bench.fail();
    assert_eq!(bench.state("unit", "o1"), "blocked");
    bench.clear_faults();
    bench.say_deleted("account", "a1");
    bench.pass();
    assert!(bench.held(AlmaKind::Unit, "o1").is_archived);
    assert_eq!(bench.state("tenant_contract", "a1:r2"), "archived");
    // That one has moved, and nothing can end it but people.
    assert_eq!(bench.state("owner_contract", "a1:r1"), "held");
    bench.rests();
}

#[test]
fn a_contract_whose_next_flat_is_not_in_alma_yet_keeps_the_old_one() {
    let bench = furnished(AUTO);
    // The same flat under another id: Alma has the name already.
    bench.say("Obj", &flat("o2", "12"));
    moves(&bench);
    bench.pass();
    assert_eq!(bench.state("unit", "o2"), "blocked");
    assert_eq!(bench.state("unit", "o1"), "blocked");
    assert_eq!(bench.state("owner_contract", "a1:r1"), "blocked");
    assert!(!bench.held(AlmaKind::OwnerContract, "a1:r1").is_archived);
    bench.rests();
    // People make room for it.
    let old = bench.alma_id(AlmaKind::Unit, "o1");
    bench.alma().edit(AlmaKind::Unit, old, "name", r#""12, old""#);
    let retried = bench.run(&["alma", "retry", "unit", "o2"]);
    assert_eq!(retried.code, Some(0), "{}", retried.stderr);
    bench.pass();
    assert_moved(&bench);
}

#[test]
fn a_contract_that_nobody_can_tell_the_terms_of_keeps_its_flat() {
    let bench = two_flats(AUTO);
    let undated = account("a1", "o2", &[owner("r1"), tenant("r2")])
        .replace(r#""DateTimeOpen":"2023-01-15T00:00:00""#, r#""DateTimeOpen":null"#);
    bench.say("Account", &undated);
    bench.say_deleted("object", "o1");
    bench.pass_writes_only(&[]);
    assert_eq!(bench.state("owner_contract", "a1:r1"), "blocked");
    assert_eq!(bench.state("unit", "o1"), "blocked");
    moves(&bench);
    bench.pass();
    assert_moved(&bench);
}

#[test]
fn the_service_moves_contracts_before_it_archives() {
    let bench = both().alma(AUTO).every_second().start();
    bench.furnish();
    bench.say("Obj", &flat("o2", "13"));
    bench.pass();
    let down = Fault::new(FaultKind::Error500).at(Endpoint::AlmaOwnerContracts);
    bench.uzhkh().inject(down.by(Way::Patch));
    let daemon = bench.daemon();
    bench.say("Account", &account("a1", "o2", &[owner("r1"), tenant("r2")]));
    wait_until("a contract cannot move", || {
        bench.one("SELECT max(attempts) FROM alma_object WHERE kind = 'owner_contract'") != "0"
    });
    bench.say_deleted("object", "o1");
    wait_until("its flat is kept", || bench.state("unit", "o1") == "blocked");
    assert!(!bench.held(AlmaKind::Unit, "o1").is_archived);
    bench.clear_faults();
    wait_until("the flat is archived", || bench.state("unit", "o1") == "archived");
    daemon.stop();
    assert_moved(&bench);
}
