//! What is no longer in the portal, and apartments that are let another way than before.

use simulator::{AlmaKind, AlmaObject, BitrixKind};

use super::{SHARED, WHOLE, of, rentals};
use crate::bitrix24::bench::Bench;

/// It is thrown away in the portal, which a full read finds out.
fn thrown_away(bench: &Bench, kind: BitrixKind, id: u64) {
    assert!(bench.portal().remove(kind, id));
    bench.forget_full_reads();
    bench.pass();
}

#[test]
fn an_apartment_that_is_gone_waits_for_the_operator_and_is_archived_with_all_of_it() {
    let bench = rentals();
    bench.furnish();
    // So that a few of many are gone.
    bench.fills_alma("max_shrink = 100", "");
    bench.pass();
    let writes = bench.alma().writes();
    for (kind, id) in
        [(BitrixKind::Unit, 7), (BitrixKind::OwnerContract, 2), (BitrixKind::TenantContract, 2)]
    {
        assert!(bench.portal().remove(kind, id));
    }
    thrown_away(&bench, BitrixKind::Apartment, 8);
    let held = |object: &str| format!("{object} held");
    let stuck = bench.stand();
    for object in ["unit 8", "room 7", "owner_contract 2", "tenant_contract 2", "client 53"] {
        assert!(stuck.contains(&held(object)), "{object}: {stuck:?}");
    }
    assert_eq!(bench.alma().writes(), writes);
    assert!(!bench.held(AlmaKind::Unit, "8").is_archived);
    bench.rests();
    bench.tell(&["release", "unit", "8"]);
    bench.pass();
    assert!(bench.held(AlmaKind::Unit, "8").is_archived);
    assert!(bench.held(AlmaKind::Room, "7").is_archived);
    assert!(bench.held(AlmaKind::TenantContract, "2").is_archived);
    for (kind, id) in
        [("unit", "8"), ("room", "7"), ("owner_contract", "2"), ("tenant_contract", "2")]
    {
        assert_eq!(bench.state(kind, id), "archived", "{kind} {id}");
    }
    // The other apartment is let as before.
    for (kind, id) in [("unit", "7"), ("owner_contract", "1"), ("tenant_contract", "1")] {
        assert_eq!(bench.state(kind, id), "synced", "{kind} {id}");
    }
    bench.rests();
    bench.verified();
}

#[test]
fn a_room_that_was_archived_and_comes_back_with_its_apartment_is_archived_again() {
    for line in ["", "archive = \"auto\""] {
        let bench = of(line);
        bench.furnish();
        bench.unit(9, 8);
        bench.portal().change(BitrixKind::Unit, 9, "ufCrm8_1698838056004", "1296");
        bench.fills_alma("max_shrink = 100", line);
        bench.pass();
        thrown_away(&bench, BitrixKind::Unit, 9);
        if line.is_empty() {
            bench.tell(&["release", "room", "9"]);
            bench.pass();
        }
        let room = || bench.held(AlmaKind::Room, "9");
        assert!(room().is_archived);
        assert_eq!(bench.state("room", "9"), "archived");
        // People archive the apartment, which is live in the portal.
        let unit = bench.alma_id(AlmaKind::Unit, "8");
        bench.alma().archive(AlmaKind::Unit, unit, true);
        bench.portal().change(BitrixKind::Apartment, 8, "ufCrm6_1718821717", "\"New street\"");
        bench.pass();
        if line.is_empty() {
            assert_eq!(bench.state("unit", "8"), "held");
            bench.tell(&["release", "unit", "8"]);
            bench.pass();
            // It came back with the apartment, and is for the operator to archive.
            assert!(!room().is_archived);
            assert_eq!(bench.state("room", "9"), "held");
            bench.tell(&["release", "room", "9"]);
            bench.pass();
        }
        assert_eq!(bench.state("unit", "8"), "synced");
        assert!(!bench.held(AlmaKind::Unit, "8").is_archived);
        assert!(!bench.held(AlmaKind::Room, "7").is_archived);
        assert!(room().is_archived);
        assert_eq!(bench.state("room", "9"), "archived");
        // The contracts went with the apartment, for good.
        for (kind, id) in [("owner_contract", "2"), ("tenant_contract", "2")] {
            assert_eq!(bench.state(kind, id), "held", "{kind}");
        }
        bench.rests();
    }
}

#[test]
fn contracts_of_an_apartment_that_is_gone_say_what_they_wait_for() {
    let bench = rentals();
    bench.furnish();
    bench.fills_alma("max_shrink = 100", "");
    bench.pass();
    let writes = bench.alma().writes();
    thrown_away(&bench, BitrixKind::Apartment, 8);
    let waits = "waits for apartment 8, which the ledger does not have";
    let stuck: Vec<String> = bench.stuck();
    for object in ["room 7", "owner_contract 2", "tenant_contract 2"] {
        assert!(stuck.contains(&format!("{object} blocked: {waits}")), "{object}: {stuck:?}");
    }
    assert_eq!(bench.state("unit", "8"), "held");
    assert_eq!(bench.alma().writes(), writes);
    bench.rests();
    // It is restored, and all is as it was.
    bench.apartment(8, SHARED, "[7]");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.alma().writes(), writes);
    bench.rests();
}

#[test]
fn archive_auto_asks_nobody() {
    let bench = of("archive = \"auto\"");
    bench.furnish();
    bench.fills_alma("max_shrink = 100", "archive = \"auto\"");
    bench.pass();
    for (kind, id) in
        [(BitrixKind::OwnerContract, 1), (BitrixKind::TenantContract, 1), (BitrixKind::Unit, 22)]
    {
        assert!(bench.portal().remove(kind, id));
    }
    thrown_away(&bench, BitrixKind::Apartment, 7);
    assert!(bench.held(AlmaKind::Unit, "7").is_archived);
    assert_eq!(bench.state("unit", "7"), "archived");
    assert!(!bench.held(AlmaKind::Unit, "8").is_archived);
    bench.pass();
    bench.rests();
}

#[test]
fn a_list_that_shrinks_too_much_takes_nothing_out_of_alma() {
    let bench = rentals();
    bench.furnish();
    bench.pass();
    let stand = bench.stand();
    assert!(bench.portal().remove(BitrixKind::Apartment, 7));
    bench.forget_full_reads();
    bench.fail();
    assert_eq!(bench.stand(), stand);
}

#[test]
fn an_apartment_that_is_shared_from_now_on_gets_its_rooms() {
    let bench = rentals();
    bench.apartment(7, WHOLE, "[22]");
    bench.unit(22, 7);
    bench.unit(23, 7);
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Unit, "7", "additional_external_id"), "\"22\"");
    assert!(bench.alma().objects(AlmaKind::Room).is_empty());
    let sharing = "ufCrm6_1736951470242";
    let portal = bench.portal();
    portal.change(BitrixKind::Unit, 23, "ufCrm8_1698838056004", "1296");
    portal.change(BitrixKind::Apartment, 7, sharing, &SHARED.to_string());
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.field(AlmaKind::Unit, "7", "additional_external_id"), "\"\"");
    assert_eq!(bench.field(AlmaKind::Unit, "7", "is_used_additional_external_id"), "false");
    let parent = bench.id(AlmaKind::Unit, "7").to_string();
    for room in ["22", "23"] {
        assert_eq!(bench.field(AlmaKind::Room, room, "parent_unit"), parent);
    }
    bench.rests();
}

#[test]
fn an_apartment_that_is_shared_no_longer_takes_its_contract_when_the_operator_lets_it() {
    let bench = rentals();
    bench.apartment(7, SHARED, "[22]");
    bench.unit(22, 7);
    bench.person(52);
    bench.rents(1, 22, 52);
    bench.pass();
    let room = bench.id(AlmaKind::Room, "22").to_string();
    assert_eq!(bench.field(AlmaKind::TenantContract, "1", "unit_id"), room);
    bench.apartment(7, WHOLE, "[22]");
    bench.pass();
    assert_eq!(bench.state("unit", "7"), "synced");
    // Alma lets no unit that has rooms, and archives a room with its contracts: both are
    // the operator's to decide.
    assert_eq!(bench.state("room", "22"), "held");
    // Alma still finds the room under the number of the contract.
    assert_eq!(bench.state("tenant_contract", "1"), "blocked");
    bench.rests();
    bench.tell(&["release", "room", "22"]);
    assert_eq!(bench.state("tenant_contract", "1"), "held");
    bench.tell(&["release", "tenant_contract", "1"]);
    assert_eq!(bench.state("tenant_contract", "1"), "synced");
    let whole = bench.id(AlmaKind::Unit, "7").to_string();
    let contracts = bench.alma().objects(AlmaKind::TenantContract);
    let about = |contract: &&AlmaObject| contract.fields["unit_id"] == whole;
    let live: Vec<&AlmaObject> = contracts.iter().filter(|one| !one.is_archived).collect();
    assert!(live.len() == 1 && live.iter().all(about), "{contracts:?}");
    bench.rests();
}

const AUTO: &str = "archive = \"auto\"";

/// Apartment 10 with unit 30 and contract 9, which names this number, and another one like it.
fn lets_two(lines: &str, sharing: u32, number: u64) -> Bench {
    let bench = of(lines);
    for more in 0..2 {
        bench.apartment(10 + more, sharing, &format!("[{}]", 30 + more));
        bench.unit(30 + more, 10 + more);
        bench.person(52 + more);
        bench.rents(9 - more, number + more, 52 + more);
    }
    bench.fills_alma("max_shrink = 100", lines);
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    bench
}

/// Why a unit is not archived.
fn why_it_stays(bench: &Bench, id: &str) -> String {
    assert!(!bench.held(AlmaKind::Unit, id).is_archived);
    assert_eq!(bench.state("unit", id), "blocked");
    bench.why("unit", id)
}

#[test]
fn by_itself_an_apartment_takes_neither_rooms_nor_contracts_along_that_the_portal_has() {
    let bench = lets_two(AUTO, SHARED, 30);
    let writes = bench.alma().writes();
    thrown_away(&bench, BitrixKind::Apartment, 10);
    let why = why_it_stays(&bench, "10");
    assert!(why.starts_with("tenant_contract 9 is to move to another unit first"), "{why}");
    bench.rests();
    // The contract is thrown away, and the room is not.
    thrown_away(&bench, BitrixKind::TenantContract, 9);
    let why = why_it_stays(&bench, "10");
    assert!(why.starts_with("room 30 is still in it"), "{why}");
    assert!(!bench.held(AlmaKind::Room, "30").is_archived);
    assert!(!bench.held(AlmaKind::TenantContract, "9").is_archived);
    assert_eq!(bench.alma().writes(), writes);
    bench.rests();
    thrown_away(&bench, BitrixKind::Unit, 30);
    for (kind, id) in [(AlmaKind::Unit, "10"), (AlmaKind::Room, "30")] {
        assert!(bench.held(kind, id).is_archived);
        assert_eq!(bench.state(kind.word(), id), "archived");
    }
    bench.pass();
    bench.rests();
}

#[test]
fn by_itself_nothing_goes_with_a_contract_that_waits_for_a_person() {
    let bench = lets_two(AUTO, SHARED, 30);
    for (contract, contact) in [(9, 54), (8, 55)] {
        bench.person(contact);
        let contact = contact.to_string();
        bench.portal().change(BitrixKind::TenantContract, contract, "contactId", &contact);
    }
    bench.pass();
    for contract in ["8", "9"] {
        // Alma changes no contract's client.
        assert_eq!(bench.state("tenant_contract", contract), "held");
    }
    let sharing = "ufCrm6_1736951470242";
    bench.portal().change(BitrixKind::Apartment, 10, sharing, &WHOLE.to_string());
    thrown_away(&bench, BitrixKind::Apartment, 11);
    assert_eq!(bench.state("room", "30"), "held");
    let why = bench.why("room", "30");
    assert!(why.contains("and let in Alma: tenant_contract 9;"), "{why}");
    let why = why_it_stays(&bench, "11");
    assert!(why.starts_with("tenant_contract 8 is to move to another unit first"), "{why}");
    for contract in ["8", "9"] {
        assert!(!bench.held(AlmaKind::TenantContract, contract).is_archived);
    }
    bench.rests();
}

#[test]
fn by_itself_nothing_goes_with_what_is_in_it_after_a_restore_either() {
    let bench = lets_two(AUTO, SHARED, 30);
    let backup = bench.file("copy.db");
    let backup = backup.to_str().unwrap();
    for arguments in [&["backup", backup][..], &["restore", backup, "--yes"][..]] {
        let ended = bench.run(arguments);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
    thrown_away(&bench, BitrixKind::Apartment, 10);
    let why = why_it_stays(&bench, "10");
    assert!(why.starts_with("tenant_contract 9 is to move to another unit first"), "{why}");
    assert!(!bench.held(AlmaKind::Room, "30").is_archived);
    assert!(!bench.held(AlmaKind::TenantContract, "9").is_archived);
    assert_eq!(bench.state("tenant_contract", "8"), "synced");
    bench.rests();
}

/// The same Alma, by another name than before.
#[test]
fn by_itself_nothing_goes_with_what_is_in_it_under_another_address_either() {
    let bench = lets_two(AUTO, SHARED, 30);
    thrown_away(&bench, BitrixKind::Apartment, 10);
    let why = why_it_stays(&bench, "10");
    bench.tamper(
        "UPDATE alma_cursor SET settings = substr(settings, 1, instr(settings, ', at ') + 4) \
         || '0000000000000000' || substr(settings, instr(settings, ';'))",
    );
    let ended = bench.pass();
    assert!(ended.stderr.contains("alma.base_url is another one"), "{}", ended.stderr);
    assert_eq!(why_it_stays(&bench, "10"), why);
    assert!(!bench.held(AlmaKind::Room, "30").is_archived);
    assert!(!bench.held(AlmaKind::TenantContract, "9").is_archived);
    assert_eq!(bench.state("tenant_contract", "8"), "synced");
    bench.rests();
}

#[test]
fn by_itself_an_apartment_that_a_contract_names_stays() {
    let lines = format!("{AUTO}\ntenant_contract_names = \"apartment\"");
    let bench = lets_two(&lines, WHOLE, 10);
    let writes = bench.alma().writes();
    thrown_away(&bench, BitrixKind::Apartment, 10);
    let why = why_it_stays(&bench, "10");
    assert!(why.starts_with("tenant_contract 9 is to move to another unit first"), "{why}");
    let waits = "waits for apartment 10, which the ledger does not have";
    assert_eq!(bench.why("tenant_contract", "9"), waits);
    assert_eq!(bench.alma().writes(), writes);
    bench.rests();
    // It is restored, and all is as it was.
    bench.apartment(10, WHOLE, "[30]");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.alma().writes(), writes);
    bench.rests();
}

#[test]
fn contracts_that_went_with_an_apartment_are_held_when_it_is_there_again() {
    let bench = of(AUTO);
    bench.furnish();
    bench.fills_alma("max_shrink = 100", AUTO);
    bench.pass();
    // People archive it, and so does the portal.
    let unit = bench.alma_id(AlmaKind::Unit, "8");
    bench.alma().archive(AlmaKind::Unit, unit, true);
    thrown_away(&bench, BitrixKind::Apartment, 8);
    assert_eq!(bench.state("unit", "8"), "archived");
    // Both bring it back. Its contracts stay archived.
    bench.alma().archive(AlmaKind::Unit, unit, false);
    bench.apartment(8, SHARED, "[7]");
    bench.pass();
    assert_eq!(bench.state("unit", "8"), "synced");
    for kind in [AlmaKind::OwnerContract, AlmaKind::TenantContract] {
        assert!(bench.held(kind, "2").is_archived);
        assert_eq!(bench.state(kind.word(), "2"), "held");
    }
    bench.rests();
}

#[test]
fn a_room_that_comes_back_leaves_the_contract_of_the_apartment_of_its_number_alone() {
    let bench = of(AUTO);
    bench.furnish();
    bench.apartment(122, WHOLE, "[]");
    bench.rents(9, 122, 52);
    bench.fills_alma("max_shrink = 100", AUTO);
    bench.pass();
    bench.unit(122, 8);
    bench.portal().change(BitrixKind::Unit, 122, "ufCrm8_1698838056004", "1296");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    thrown_away(&bench, BitrixKind::Unit, 122);
    assert_eq!(bench.state("room", "122"), "archived");
    // People have agreed upon another price.
    let contract = bench.alma_id(AlmaKind::TenantContract, "9");
    bench.alma().edit(AlmaKind::TenantContract, contract, "price", "\"7777.00\"");
    bench.unit(122, 8);
    bench.portal().change(BitrixKind::Unit, 122, "ufCrm8_1698838056004", "1296");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.field(AlmaKind::TenantContract, "9", "price"), "\"7777.00\"");
    bench.rests();
}
