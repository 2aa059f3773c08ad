//! Absent is not empty, and empty is not always sent.

use simulator::{AlmaKind, BitrixKind};

use super::rentals;
use crate::bitrix24::bench::Bench;

const LOCK: &str = "ufCrm6_1715777670";
const WIFI: &str = "ufCrm6_1686728251990";
const RENT: &str = "ufCrm6_1682232447205";
const POOL: &str = "ufCrm6_1697622591377";
const SHARING: &str = "ufCrm6_1736951470242";
const KEYBOX: &str = "ufCrm6_1720794204";
/// The end of an owner's contract.
const END: &str = "ufCrm10_1693823282826";

#[test]
fn what_people_typed_into_alma_is_not_emptied_on_adoption() {
    let bench = rentals();
    bench.furnish();
    bench.portal().change(BitrixKind::Apartment, 7, POOL, "null");
    let alma = bench.alma();
    let building = alma.create(AlmaKind::Building, r#"{"name":"Golden Gate","project":207}"#);
    alma.create(
        AlmaKind::Unit,
        &format!(
            r#"{{"external_id":"7","name":"Gate 7","header":"Gate 7","building":{building},"internet_password":"w1f1","electronic_lock_password":"1234","floor":12,"number_of_baths":2,"is_swimming_pool":true,"goal_rent_cost":100}}"#
        ),
    );
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    for (field, expected) in [
        ("internet_password", "\"w1f1\""),
        ("electronic_lock_password", "\"1234\""),
        ("floor", "12"),
        ("number_of_baths", "2"),
        ("is_swimming_pool", "true"),
        ("goal_rent_cost", "100"),
        ("additional_external_id", "\"22\""),
    ] {
        assert_eq!(bench.field(AlmaKind::Unit, "7", field), expected, "{field}");
    }
    bench.rests();
    // What the portal says from now on is sent, and emptied again.
    let portal = bench.portal();
    portal.change(BitrixKind::Apartment, 7, LOCK, "\"5678\"");
    portal.change(BitrixKind::Apartment, 7, WIFI, "\"secret\"");
    portal.change(BitrixKind::Apartment, 7, RENT, "200");
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Unit, "7", "electronic_lock_password"), "\"5678\"");
    assert_eq!(bench.field(AlmaKind::Unit, "7", "goal_rent_cost"), "200");
    portal.change(BitrixKind::Apartment, 7, LOCK, "\"\"");
    portal.change(BitrixKind::Apartment, 7, RENT, "null");
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Unit, "7", "electronic_lock_password"), "null");
    assert_eq!(bench.field(AlmaKind::Unit, "7", "goal_rent_cost"), "null");
    assert_eq!(bench.field(AlmaKind::Unit, "7", "internet_password"), "\"secret\"");
    bench.rests();
}

#[test]
fn an_emptied_birthday_is_taken_back_and_an_emptied_price_blocks_the_price_alone() {
    let bench = rentals();
    bench.furnish();
    let portal = bench.portal();
    portal.change(BitrixKind::Contact, 52, "BIRTHDATE", "\"1990-08-24T03:00:00+03:00\"");
    bench.pass();
    assert_ne!(bench.field(AlmaKind::Client, "52", "birthday"), "null");
    portal.change(BitrixKind::Contact, 52, "BIRTHDATE", "\"\"");
    portal.change(BitrixKind::TenantContract, 1, "opportunity", "null");
    portal.change(BitrixKind::TenantContract, 1, "title", "\"Lease\"");
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Client, "52", "birthday"), "null");
    assert_eq!(bench.field(AlmaKind::TenantContract, "1", "name"), "\"Lease\"");
    assert_eq!(bench.field(AlmaKind::TenantContract, "1", "price"), "\"5500.00\"");
    assert_eq!(
        bench.stuck(),
        [
            "tenant_contract 1 blocked: tenant_contract 1 has no amount (opportunity): give it in Bitrix24"
        ]
    );
    bench.rests();
    portal.change(BitrixKind::TenantContract, 1, "opportunity", "6000");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.field(AlmaKind::TenantContract, "1", "price"), "\"6000.00\"");
}

#[test]
fn fields_that_the_items_lack_altogether_are_left_as_alma_has_them() {
    let bench = rentals();
    bench.furnish();
    bench.portal().change(BitrixKind::Apartment, 7, LOCK, "\"5678\"");
    bench.pass();
    for field in [LOCK, SHARING] {
        bench.portal().lack(BitrixKind::Apartment, field);
    }
    bench.portal().change(BitrixKind::Apartment, 7, "ufCrm6_1718821717", "\"New street\"");
    bench.apartment(9, super::SHARED, "[]");
    bench.forget_full_reads();
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Unit, "7", "electronic_lock_password"), "\"5678\"");
    assert_eq!(bench.field(AlmaKind::Unit, "7", "address"), "\"New street\"");
    assert_eq!(bench.state("unit", "7"), "synced");
    // A new one cannot be made, and the rooms and contracts stay where they are.
    assert_eq!(bench.state("unit", "9"), "blocked");
    assert!(!bench.held(AlmaKind::Room, "7").is_archived);
    assert!(!bench.held(AlmaKind::TenantContract, "2").is_archived);
    bench.rests();
}

/// A pass that reads everything anew.
fn read_whole(bench: &Bench) {
    bench.forget_full_reads();
    bench.pass();
}

#[test]
fn a_field_that_comes_back_empty_is_one_that_is_there() {
    let bench = rentals();
    bench.furnish();
    let (portal, owners, apartments) =
        (bench.portal(), BitrixKind::OwnerContract, BitrixKind::Apartment);
    portal.change(owners, 1, END, "null");
    portal.lack(owners, END);
    portal.change(apartments, 7, KEYBOX, "\"0042\"");
    bench.pass();
    assert_eq!(bench.state("owner_contract", "1"), "blocked");
    assert!(bench.why("owner_contract", "1").contains("which the item lacks altogether"));
    assert_eq!(bench.field(AlmaKind::Unit, "7", "keybox_code"), "\"0042\"");
    portal.change(apartments, 7, KEYBOX, "null");
    portal.lack(apartments, KEYBOX);
    read_whole(&bench);
    assert_eq!(bench.field(AlmaKind::Unit, "7", "keybox_code"), "\"0042\"");
    // The webhook may read them again. Nobody has changed the items.
    let before = bench.changes().len();
    portal.regain(owners, END);
    portal.regain(apartments, KEYBOX);
    read_whole(&bench);
    assert_eq!(bench.state("owner_contract", "1"), "synced");
    assert_eq!(bench.field(AlmaKind::OwnerContract, "1", "end_date"), "\"2099-12-31T00:00:00\"");
    assert_eq!(bench.field(AlmaKind::Unit, "7", "keybox_code"), "null");
    let told = "SELECT kind, id, fields FROM change WHERE op = 'update' ORDER BY seq DESC LIMIT 4";
    // Which list is read first is left to chance.
    let mut changes = bench.changes().split_off(before);
    changes.sort();
    assert_eq!(
        changes,
        [
            "update apartment/7",
            "update apartment/8",
            "update owner_contract/1",
            "update owner_contract/2"
        ],
        "{:?}",
        bench.lines(told)
    );
    bench.rests();
    // And lost again.
    portal.lack(owners, END);
    read_whole(&bench);
    assert_eq!(
        bench.one("SELECT fields FROM change WHERE id = '1' ORDER BY seq DESC LIMIT 1"),
        format!(r#"{{"{END}":[null,null]}}"#)
    );
    assert_eq!(bench.state("owner_contract", "1"), "synced");
    bench.rests();
}

#[test]
fn what_was_sent_before_a_field_was_absent_is_emptied_when_that_is_there_and_empty() {
    let bench = rentals();
    bench.furnish();
    let portal = bench.portal();
    portal.change(BitrixKind::Apartment, 7, RENT, "5000");
    bench.pass();
    // For a while the config names a field that the items lack.
    bench.fills_alma("fields.apartment_rent = \"ufCrm6_1700000009\"", "");
    portal.change(BitrixKind::Apartment, 7, "title", "\"Gate 7 B\"");
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Unit, "7", "name"), "\"Gate 7 B\"");
    assert_eq!(bench.field(AlmaKind::Unit, "7", "goal_rent_cost"), "5000");
    bench.fills_alma("", "");
    portal.change(BitrixKind::Apartment, 7, RENT, "null");
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Unit, "7", "goal_rent_cost"), "null");
    assert_eq!(bench.stuck(), [""; 0]);
    bench.rests();
}
