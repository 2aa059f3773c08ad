//! What people archive or delete in Alma while the ledger has it live.

use simulator::{AlmaKind, Endpoint, Fault, FaultKind, Way};

use crate::alma::archive::{AUTO, archiving, furnished};
use crate::alma::bench::{account, both, flat, owner, tenant};
use crate::alma::wire::{BUILDINGS, OWNER_CONTRACTS, TENANT_CONTRACTS, UNITS, patch};
use crate::support::Bench;

fn higher() -> String {
    flat("o1", "12").replace(r#""EtazhNumber":3"#, r#""EtazhNumber":4"#)
}

fn renumbered() -> String {
    account("a1", "o1", &[owner("r1"), tenant("r2")]).replace("1001", "1002")
}

/// The id of an object that people have archived.
fn archived(bench: &Bench, kind: AlmaKind, external_id: &str) -> i64 {
    let id = bench.alma_id(kind, external_id);
    bench.alma().archive(kind, id, true);
    id
}

/// How many objects of a kind Alma has.
fn count(bench: &Bench, kind: AlmaKind) -> usize {
    bench.alma().objects(kind).len()
}

#[test]
fn a_flat_is_held_before_anything_is_changed_and_a_release_brings_it_back_first() {
    let bench = furnished("");
    let unit = archived(&bench, AlmaKind::Unit, "o1");
    bench.rests();
    bench.say("Obj", &higher());
    bench.pass_writes_only(&[]);
    assert_eq!(bench.state("unit", "o1"), "held");
    let reason = bench.reason("unit", "o1");
    assert!(reason.contains("archived in Alma"), "{reason}");
    assert!(reason.contains("uzhkh-ledger alma release unit o1"), "{reason}");
    let before = bench.writes().len();
    bench.release("unit", "o1");
    bench.pass();
    let floor = patch(UNITS, unit, r#"{"floor":4}"#);
    assert_eq!(bench.writes()[before..], [archiving(unit, false), floor]);
    assert_eq!(bench.state("unit", "o1"), "synced");
    bench.rests();
}

#[test]
fn contracts_that_went_with_a_flat_are_held_as_soon_as_that_is_seen() {
    for line in ["", AUTO] {
        let bench = furnished(line);
        archived(&bench, AlmaKind::Unit, "o1");
        bench.say("Obj", &higher());
        bench.pass();
        let state = if line.is_empty() { "held" } else { "synced" };
        assert_eq!(bench.state("unit", "o1"), state);
        for (kind, id) in [("owner_contract", "a1:r1"), ("tenant_contract", "a1:r2")] {
            assert_eq!(bench.state(kind, id), "held", "{line}");
            let reason = bench.reason(kind, id);
            assert!(reason.starts_with("archived in Alma, for good"), "{reason}");
        }
        bench.rests();
    }
}

#[test]
fn by_itself_a_flat_is_brought_back_before_it_is_changed() {
    let bench = furnished(AUTO);
    let unit = archived(&bench, AlmaKind::Unit, "o1");
    bench.say("Obj", &higher());
    let before = bench.writes().len();
    bench.pass();
    let floor = patch(UNITS, unit, r#"{"floor":4}"#);
    assert_eq!(bench.writes()[before..], [archiving(unit, false), floor]);
    bench.rests();
}

#[test]
fn bringing_back_whose_answer_is_lost_goes_on_with_the_change() {
    for line in ["", AUTO] {
        let bench = furnished(line);
        let unit = archived(&bench, AlmaKind::Unit, "o1");
        bench.say("Obj", &higher());
        if line.is_empty() {
            bench.pass();
            bench.release("unit", "o1");
        }
        let lost = Fault::new(FaultKind::LostAnswer).at(Endpoint::AlmaArchive);
        bench.uzhkh().inject(lost.by(Way::Patch).times(1));
        let before = bench.writes().len();
        bench.pass();
        let floor = patch(UNITS, unit, r#"{"floor":4}"#);
        assert_eq!(bench.writes()[before..], [archiving(unit, false), floor]);
        bench.rests();
    }
}

#[test]
fn a_flat_that_is_found_archived_is_held_or_brought_back() {
    for line in ["", AUTO] {
        let bench = furnished(line);
        let unit = archived(&bench, AlmaKind::Unit, "o1");
        bench.tamper("DELETE FROM alma_object");
        bench.tamper("DELETE FROM alma_cursor");
        let before = bench.writes().len();
        bench.pass();
        let state = if line.is_empty() { "held" } else { "synced" };
        assert_eq!(bench.state("unit", "o1"), state);
        assert_eq!(bench.state("owner_contract", "a1:r1"), "held");
        assert_eq!(bench.state("tenant_contract", "a1:r2"), "held");
        let writes = bench.writes().split_off(before);
        let back = if line.is_empty() { vec![] } else { vec![archiving(unit, false)] };
        assert_eq!(writes, back);
        bench.rests();
    }
}

#[test]
fn a_contract_for_an_archived_flat_is_made_once_the_flat_is_back() {
    let bench = furnished("");
    archived(&bench, AlmaKind::Unit, "o1");
    bench.say("Account", &account("a2", "o1", &[owner("r7")]));
    bench.pass();
    assert_eq!(bench.state("owner_contract", "a2:r7"), "blocked");
    let reason = bench.reason("owner_contract", "a2:r7");
    assert!(reason.contains("archived there"), "{reason}");
    bench.rests();
    bench.say("Obj", &higher());
    bench.pass();
    bench.release("unit", "o1");
    bench.pass();
    assert_eq!(bench.state("unit", "o1"), "synced");
    assert_eq!(bench.state("owner_contract", "a2:r7"), "synced");
    bench.rests();
}

#[test]
fn a_contract_is_held_in_both_modes_and_a_release_makes_another() {
    for line in ["", AUTO] {
        let bench = furnished(line);
        archived(&bench, AlmaKind::OwnerContract, "a1:r1");
        archived(&bench, AlmaKind::TenantContract, "a1:r2");
        bench.rests();
        bench.say("Account", &renumbered());
        bench.pass_writes_only(&[]);
        for (kind, id) in [("owner_contract", "a1:r1"), ("tenant_contract", "a1:r2")] {
            assert_eq!(bench.state(kind, id), "held", "{line}");
            assert!(bench.reason(kind, id).contains("for good"));
            bench.release(kind, id);
        }
        let writes = bench.pass_writes();
        assert_eq!(writes.len(), 2, "{writes:?}");
        assert!(writes[0].starts_with(&format!("POST {OWNER_CONTRACTS}")));
        assert!(writes[1].starts_with(&format!("POST {TENANT_CONTRACTS}")));
        assert_eq!(bench.field(AlmaKind::OwnerContract, "a1:r1", "name"), r#""ЛС 1002""#);
        bench.rests();
        // What comes next changes the new one.
        bench.say("Account", &renumbered().replace("1002", "1003"));
        let writes = bench.pass_writes();
        assert!(writes.iter().all(|write| write.starts_with("PATCH")), "{writes:?}");
        assert!(!bench.held(AlmaKind::TenantContract, "a1:r2").is_archived);
        bench.rests();
    }
}

#[test]
fn another_contract_whose_answer_is_lost_is_made_once() {
    for by_external_id in [true, false] {
        for faults in [1, 3] {
            let bench =
                both().options(|options| options.contracts_by_external_id = by_external_id).start();
            bench.furnish();
            bench.pass();
            archived(&bench, AlmaKind::TenantContract, "a1:r2");
            bench.say("Account", &renumbered());
            bench.pass();
            bench.release("tenant_contract", "a1:r2");
            let lost = Fault::new(FaultKind::LostAnswer).at(Endpoint::AlmaTenantContracts);
            bench.uzhkh().inject(lost.by(Way::Post).times(1));
            // And it cannot be looked for either, at first.
            bench.fault(FaultKind::Error500, Endpoint::AlmaTenantContracts, 4 * faults);
            bench.once();
            bench.clear_faults();
            bench.pass();
            assert_eq!(bench.state("tenant_contract", "a1:r2"), "synced");
            assert!(!bench.held(AlmaKind::TenantContract, "a1:r2").is_archived);
            assert_eq!(count(&bench, AlmaKind::TenantContract), 2);
            bench.rests();
        }
    }
}

#[test]
fn a_building_is_held_until_people_bring_it_back() {
    for line in ["", AUTO] {
        let bench = both().alma(line).start();
        bench.say("Obj", &flat("o1", "12"));
        bench.pass();
        let id = bench.building("Лодочная, 4");
        bench.alma().archive(AlmaKind::Building, id, true);
        let renamed = flat("o1", "12").replace("\"Лодочная\"", "\"Парусная\"");
        bench.say("Obj", &renamed);
        bench.pass_writes_only(&[]);
        assert_eq!(bench.state("building", "h4"), "held", "{line}");
        let reason = bench.reason("building", "h4");
        assert!(reason.contains("web interface"), "{reason}");
        bench.release("building", "h4");
        bench.pass_writes_only(&[]);
        assert_eq!(bench.state("building", "h4"), "held", "it is still archived");
        bench.alma().archive(AlmaKind::Building, id, false);
        bench.release("building", "h4");
        let fields = r#"{"name":"Парусная, 4","project":207}"#;
        bench.pass_writes_only(&[patch(BUILDINGS, id, fields)]);
        assert_eq!(bench.state("building", "h4"), "synced");
    }
}

#[test]
fn what_people_archived_needs_no_archive_when_it_leaves() {
    for line in ["", AUTO] {
        let bench = furnished(line);
        archived(&bench, AlmaKind::Unit, "o1");
        bench.say_deleted("object", "o1");
        bench.pass_writes_only(&[]);
        if line.is_empty() {
            assert_eq!(bench.state("unit", "o1"), "held");
            bench.release("unit", "o1");
            bench.pass_writes_only(&[]);
        }
        for (kind, id) in
            [("unit", "o1"), ("owner_contract", "a1:r1"), ("tenant_contract", "a1:r2")]
        {
            assert_eq!(bench.state(kind, id), "archived", "{line}");
        }
    }
}

#[test]
fn what_people_deleted_is_made_anew_once_the_operator_says_so() {
    let bench = furnished("");
    let unit = bench.alma_id(AlmaKind::Unit, "o1");
    bench.alma().remove(AlmaKind::Unit, unit);
    assert_eq!(count(&bench, AlmaKind::OwnerContract), 0);
    bench.say("Obj", &higher());
    bench.say("Account", &renumbered());
    bench.pass_writes_only(&[]);
    for (kind, id) in [("unit", "o1"), ("owner_contract", "a1:r1"), ("tenant_contract", "a1:r2")] {
        assert!(bench.reason(kind, id).contains("no longer has it") || kind != "unit");
        assert_ne!(bench.state(kind, id), "synced");
    }
    bench.release("unit", "o1");
    assert_eq!(bench.pass_writes().len(), 1);
    assert_eq!(bench.state("unit", "o1"), "synced");
    assert_ne!(bench.alma_id(AlmaKind::Unit, "o1"), unit);
    bench.release("owner_contract", "a1:r1");
    bench.release("tenant_contract", "a1:r2");
    assert_eq!(bench.pass_writes().len(), 2);
    assert_eq!(
        bench.field(AlmaKind::OwnerContract, "a1:r1", "unit_id"),
        bench.alma_id(AlmaKind::Unit, "o1").to_string()
    );
    bench.rests();
}

#[test]
fn what_people_deleted_needs_nothing_when_it_leaves() {
    let bench = furnished(AUTO);
    let unit = bench.alma_id(AlmaKind::Unit, "o1");
    bench.alma().remove(AlmaKind::Unit, unit);
    bench.say_deleted("object", "o1");
    bench.pass_writes_only(&[]);
    assert_eq!(bench.state("unit", "o1"), "archived");
    assert!(bench.reason("unit", "o1").contains("no longer has it"));
    // It comes back: there is nothing to bring back, and a person decides.
    let before = bench.writes();
    bench.restore();
    assert_eq!(bench.writes(), before);
    assert_eq!(bench.state("unit", "o1"), "held");
}

#[test]
fn an_id_that_alma_gave_to_another_flat_is_free_once_the_first_has_left() {
    let bench = furnished(AUTO);
    let id = bench.alma_id(AlmaKind::Unit, "o1");
    // Alma was put back from a backup, and made another flat since.
    bench.alma().edit(AlmaKind::Unit, id, "external_id", "\"o2\"");
    bench.alma().edit(AlmaKind::Unit, id, "name", "\"13\"");
    bench.say_deleted("object", "o1");
    bench.say("Obj", &flat("o2", "13"));
    bench.pass();
    assert_eq!(bench.state("unit", "o1"), "archived");
    bench.pass();
    assert_eq!(bench.state("unit", "o2"), "synced");
    assert_eq!(bench.alma_id(AlmaKind::Unit, "o2"), id);
    bench.rests();
}
