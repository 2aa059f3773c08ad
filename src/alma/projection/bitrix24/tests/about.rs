//! Marks, and what the bare number in a tenant's contract is taken for.

use super::*;
use crate::ledger::{AlmaTaken, TakenFor};

const NUMBER: &str = "ufCrm20_1693919019";

fn with_names(tenant_contract_names: TenantContractNames) -> Bitrix24 {
    Bitrix24::new(Settings { tenant_contract_names, ..settings() })
}

fn either(ledger: &Ledger) -> Wanted {
    let key = AlmaKey::new(AlmaKind::TenantContract, "5");
    with_names(TenantContractNames::Either).project(&key, ledger).unwrap()
}

fn takes(ledger: &Ledger) -> Option<AlmaTaken> {
    let key = AlmaKey::new(AlmaKind::TenantContract, "5");
    with_names(TenantContractNames::Either).takes(&key, ledger).unwrap()
}

/// What the contract is about, or why it is blocked.
fn about(ledger: &Ledger) -> String {
    match either(ledger) {
        Wanted::Yes(fields) => fields.string("rental_object").unwrap(),
        Wanted::Blocked(reason) => reason,
        Wanted::No => "not wanted".to_owned(),
        Wanted::Excluded { reason, .. } => reason,
    }
}

/// The contract with this value; apartment 7 is let whole as unit 22, apartment 8 is shared and
/// unit 7 is its room, apartment 9 is let whole and has the number of no unit.
fn rents(value: &str) -> Ledger {
    let mut ledger = small();
    ledger.put(APARTMENT, "9", Some(&WHOLE.replace("[22]", "[]")));
    ledger.with(TENANT_CONTRACT, "5", NUMBER, value)
}

fn taken(number: &str, taken: Option<TakenFor>) -> AlmaTaken {
    AlmaTaken { number: number.to_owned(), taken }
}

#[test]
fn a_mark_decides_where_both_have_the_number() {
    assert_eq!(about(&rents("\"Ta7_7\"")), "room 7");
    assert_eq!(about(&rents("\"TA7_7\"")), "room 7");
    assert_eq!(about(&rents("\"T90_7\"")), "unit 7");
    assert_eq!(about(&rents("[\"T90_7\",\"Ta7_7\"]")), "unit 7");
    assert_eq!(about(&rents("\"Ta7_22\"")), "unit 7");
    assert_eq!(takes(&rents("\"Ta7_7\"")), None);
    assert_eq!(
        about(&rents("\"T90_8\"")),
        "it is about apartment 8, which is shared: name the room in ufCrm20_1693919019 in Bitrix24"
    );
}

#[test]
fn a_mark_of_another_process_blocks_and_names_both() {
    for (value, expected) in [
        (
            "\"T91_7\"",
            "item 7 of entityTypeId 145 in unit (ufCrm20_1693919019), where unit (entityTypeId 167) or apartment (entityTypeId 144) is expected: correct it in Bitrix24",
        ),
        (
            "\"C_7\"",
            "contact 7 in unit (ufCrm20_1693919019), where unit (entityTypeId 167) or apartment (entityTypeId 144) is expected: correct it in Bitrix24",
        ),
        (
            "\"Tz_7\"",
            "an item of the unknown kind Tz in unit (ufCrm20_1693919019), where unit (entityTypeId 167) or apartment (entityTypeId 144) is expected: correct it in Bitrix24",
        ),
    ] {
        assert_eq!(about(&rents(value)), format!("tenant_contract 5 has {expected}"));
    }
    let by_unit = small().with(TENANT_CONTRACT, "5", NUMBER, "\"T90_7\"");
    let reason = by_unit.reason(AlmaKind::TenantContract, "5");
    assert!(
        reason.contains("apartment 7 in unit") && reason.contains("where unit (entityTypeId 167)")
    );
    let owns = small().with(OWNER_CONTRACT, "3", "ufCrm10_1693823301", "\"Ta7_7\"");
    assert_eq!(
        owns.reason(AlmaKind::OwnerContract, "3"),
        "owner_contract 3 has unit 7 in apartment (ufCrm10_1693823301), where apartment (entityTypeId 144) is expected: correct it in Bitrix24"
    );
    let room = small().with(UNIT, "7", "ufCrm8_1684429208", "\"Ta7_8\"");
    assert!(room.reason(AlmaKind::Room, "7").starts_with("unit 7 has unit 8 in apartment"));
    let whole = small().with(APARTMENT, "7", "ufCrm6_1684425402", "\"T90_22\"");
    assert!(whole.reason(AlmaKind::Unit, "7").starts_with("apartment 7 has apartment 22 in unit"));
    let contact = small().with(TENANT_CONTRACT, "5", "contactId", "\"CO_52\"");
    assert!(contact.reason(AlmaKind::TenantContract, "5").contains("where contact"));
    assert_eq!(contact.project(AlmaKind::Client, "52"), Wanted::No);
}

#[test]
fn a_number_is_the_units_where_there_is_or_was_one() {
    assert_eq!(about(&rents("7")), "room 7");
    assert_eq!(takes(&rents("7")), Some(taken("7", Some(TakenFor::Unit))));
    // Never the apartment of that number.
    let gone = rents("7").without(UNIT, "7");
    assert_eq!(about(&gone), "waits for unit 7, which the ledger does not have");
    assert_eq!(takes(&gone), None);
}

#[test]
fn a_number_is_the_apartments_only_when_the_units_were_read() {
    let mut ledger = rents("9");
    assert_eq!(about(&ledger), "unit 9");
    assert_eq!(takes(&ledger), Some(taken("9", Some(TakenFor::Apartment))));
    ledger.unread.insert(UNIT.to_owned());
    assert_eq!(about(&ledger), "waits for unit 9, which the ledger does not have");
    assert_eq!(takes(&ledger), Some(taken("9", None)));
    let shared = rents("8");
    assert!(
        about(&shared)
            .ends_with("which is shared: name the room in ufCrm20_1693919019 in Bitrix24")
    );
    assert_eq!(takes(&shared), None);
    assert_eq!(about(&rents("10")), "waits for unit 10, which the ledger does not have");
    let unclear = rents("9").with(APARTMENT, "9", "ufCrm6_1736951470242", "1");
    assert!(about(&unclear).starts_with("apartment 9 has 1 in Sharing"));
}

#[test]
fn what_a_number_was_taken_for_stays_until_the_number_changes() {
    let mut ledger = rents("9");
    ledger.taken.insert("5".to_owned(), taken("9", Some(TakenFor::Apartment)));
    assert_eq!(takes(&ledger), None);
    // A unit of that number is made.
    ledger.put(UNIT, "9", Some(OF_SHARED));
    assert_eq!(about(&ledger), "unit 9");
    let moved = ledger.with(TENANT_CONTRACT, "5", NUMBER, "7");
    assert_eq!(about(&moved), "room 7");
    let named = ledger.with(TENANT_CONTRACT, "5", NUMBER, "\"Ta7_9\"");
    assert_eq!(about(&named), "room 9");
}

#[test]
fn an_apartment_touches_the_contracts_that_name_it() {
    let mut ledger = rents("9");
    let links = ledger.put(APARTMENT, "9", Some(WHOLE));
    let touched = ledger.touched(APARTMENT, "9", &links);
    assert!(touched.contains(&AlmaKey::new(AlmaKind::TenantContract, "5")), "{touched:?}");
}
