//! Records that name something else than before.

use simulator::{AlmaKind, BitrixKind};

use super::{SHARED, WHOLE, rentals};

#[test]
fn an_apartment_that_moves_takes_its_new_building_along() {
    let bench = rentals();
    bench.apartment(7, SHARED, "[]");
    bench.apartment(8, SHARED, "[]");
    bench.pass();
    let building = "ufCrm6_1682232363193";
    let name = "\" Silver \\n Gate \"";
    bench.portal().change(BitrixKind::Apartment, 7, building, name);
    bench.pass();
    bench.tell(&["release", "building", "Silver Gate"]);
    assert_eq!(bench.stuck(), [""; 0]);
    let buildings = bench.alma().objects(AlmaKind::Building);
    let new = buildings.iter().find(|one| one.fields["name"] == "\"Silver Gate\"").unwrap();
    assert_eq!(bench.field(AlmaKind::Unit, "7", "building"), new.id.to_string());
    assert_ne!(bench.field(AlmaKind::Unit, "8", "building"), new.id.to_string());
    bench.rests();
}

#[test]
fn a_room_moves_to_another_apartment() {
    let bench = rentals();
    bench.apartment(7, SHARED, "[22]");
    bench.apartment(8, SHARED, "[]");
    bench.unit(22, 7);
    bench.person(52);
    bench.rents(1, 22, 52);
    bench.pass();
    let contract = bench.field(AlmaKind::TenantContract, "1", "unit_id");
    bench.unit(22, 8);
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    let parent = bench.id(AlmaKind::Unit, "8").to_string();
    assert_eq!(bench.field(AlmaKind::Room, "22", "parent_unit"), parent);
    assert_eq!(bench.field(AlmaKind::TenantContract, "1", "unit_id"), contract);
    bench.rests();
}

#[test]
fn a_room_that_has_moved_and_back_is_where_it_belongs_after_a_restore() {
    let bench = rentals();
    bench.apartment(7, SHARED, "[22]");
    bench.apartment(8, SHARED, "[]");
    bench.unit(22, 7);
    bench.pass();
    let (backup, parent) = (bench.file("copy.db"), bench.id(AlmaKind::Unit, "7").to_string());
    let backup = backup.to_str().unwrap();
    assert_eq!(bench.run(&["backup", backup]).code, Some(0));
    bench.unit(22, 8);
    bench.pass();
    assert_ne!(bench.field(AlmaKind::Room, "22", "parent_unit"), parent);
    let ended = bench.run(&["restore", backup, "--yes"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    bench.unit(22, 7);
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.field(AlmaKind::Room, "22", "parent_unit"), parent);
    bench.rests();
}

#[test]
fn an_apartment_let_whole_that_is_let_as_another_unit_says_so() {
    let bench = rentals();
    bench.apartment(7, WHOLE, "[22]");
    bench.unit(22, 7);
    bench.unit(23, 7);
    bench.person(52);
    bench.rents(1, 22, 52);
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    let unit = "ufCrm6_1684425402";
    bench.portal().change(BitrixKind::Apartment, 7, unit, "[23]");
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Unit, "7", "additional_external_id"), "\"23\"");
    assert_eq!(
        bench.stuck(),
        [
            "tenant_contract 1 blocked: unit 22 is not the one that apartment 7, which is not shared, is let as: \
             correct ufCrm6_1684425402 or Sharing of the apartment in Bitrix24"
        ]
    );
    bench.portal().change(BitrixKind::Apartment, 7, unit, "null");
    bench.pass();
    let reason = "apartment 7 has 2 units and is not shared: say in ufCrm6_1684425402 which of them it is let as, \
                  or correct Sharing in Bitrix24";
    assert_eq!(
        bench.stuck(),
        [format!("tenant_contract 1 blocked: {reason}"), format!("unit 7 blocked: {reason}")]
    );
    bench.portal().remove(BitrixKind::Unit, 23);
    bench.fills_alma("max_shrink = 100", "");
    bench.forget_full_reads();
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.field(AlmaKind::Unit, "7", "additional_external_id"), "\"22\"");
    bench.rests();
}

/// Alma changes no contract's client: the operator ends the one and lets the other begin.
#[test]
fn a_contract_of_another_person_waits_for_the_operator() {
    let bench = rentals();
    bench.furnish();
    bench.pass();
    bench.person(54);
    let contact = "contactId";
    bench.portal().change(BitrixKind::TenantContract, 1, contact, "54");
    bench.pass();
    assert_eq!(bench.state("tenant_contract", "1"), "held");
    assert_eq!(bench.state("client", "54"), "synced");
    let former = bench.id(AlmaKind::Client, "52").to_string();
    assert_eq!(bench.field(AlmaKind::TenantContract, "1", "client_id"), former);
    bench.rests();
    bench.portal().change(BitrixKind::TenantContract, 1, contact, "52");
    bench.pass();
    assert_eq!(bench.state("tenant_contract", "1"), "synced");
    bench.rests();
}

#[test]
fn an_apartment_that_is_gone_is_not_archived_while_contracts_are_on_it() {
    let bench = rentals();
    bench.furnish();
    bench.fills_alma("max_shrink = 100", "");
    bench.pass();
    assert!(bench.portal().remove(BitrixKind::Apartment, 8));
    bench.forget_full_reads();
    bench.pass();
    bench.tell(&["release", "unit", "8"]);
    bench.pass();
    assert!(!bench.held(AlmaKind::Unit, "8").is_archived);
    let stuck = bench.stuck();
    let unit = stuck.iter().find(|line| line.starts_with("unit 8 blocked"));
    assert!(
        unit.is_some_and(|line| line.contains("owner_contract 2 is to move to another unit first")),
        "{stuck:?}"
    );
    bench.rests();
    // They are thrown away too, and what the operator said holds.
    assert!(bench.portal().remove(BitrixKind::OwnerContract, 2));
    assert!(bench.portal().remove(BitrixKind::TenantContract, 2));
    bench.forget_full_reads();
    bench.pass();
    assert!(bench.held(AlmaKind::Unit, "8").is_archived);
    assert!(bench.held(AlmaKind::TenantContract, "2").is_archived);
    assert_eq!(bench.state("unit", "8"), "archived");
    assert_eq!(bench.state("tenant_contract", "2"), "archived");
    bench.rests();
    // All of it is restored in the portal.
    bench.apartment(8, SHARED, "[7]");
    bench.owns(2, 8, 51);
    bench.rents(2, 7, 53);
    bench.pass();
    bench.pass();
    bench.tell(&["release", "unit", "8"]);
    bench.pass();
    for kind in ["owner_contract", "tenant_contract"] {
        bench.tell(&["release", kind, "2"]);
    }
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert!(!bench.held(AlmaKind::Unit, "8").is_archived);
    assert!(!bench.held(AlmaKind::Room, "7").is_archived);
    assert!(!bench.held(AlmaKind::TenantContract, "2").is_archived);
    bench.rests();
}
