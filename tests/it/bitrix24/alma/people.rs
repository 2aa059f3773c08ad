//! What people write about people: phones of a country, no last name.

use simulator::{AlmaKind, BitrixKind};

use super::rentals;
use crate::bitrix24::bench::Bench;

impl Bench {
    fn phones(&self, contact: u64, number: &str) {
        let rows = format!(r#"[{{"ID":"1","VALUE_TYPE":"WORK","VALUE":"{number}"}}]"#);
        self.portal().change(BitrixKind::Contact, contact, "PHONE", &rows);
    }
}

#[test]
fn phones_without_plus_are_of_the_country_and_never_guessed() {
    let bench = rentals();
    bench.furnish();
    for (typed, expected) in [
        ("0500000001", "\"+971500000001\""),
        ("971 50 000 0002", "\"+971500000002\""),
        ("+447911123456", "\"+447911123456\""),
    ] {
        bench.phones(51, typed);
        bench.pass();
        assert_eq!(bench.field(AlmaKind::Client, "51", "phone"), expected, "{typed}");
    }
    for typed in ["447911123456", "8900 000-00-01", "050000000", "+971 50 000 000 00"] {
        bench.phones(51, typed);
        bench.pass();
        let stuck = bench.stuck();
        let reason = "with + and the code of its country or of AE (alma.phone_country)";
        assert!(
            stuck[0].starts_with("client 51 blocked") && stuck[0].contains(reason),
            "{stuck:?}"
        );
        assert!(!stuck[0].contains(typed), "{stuck:?}");
        // What Alma has stays.
        assert_eq!(bench.field(AlmaKind::Client, "51", "phone"), "\"+447911123456\"", "{typed}");
    }
    bench.fills_alma("", "phone_country = \"RU\"");
    bench.phones(51, "8900 000-00-01");
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Client, "51", "phone"), "\"+79000000001\"");
}

#[test]
fn who_has_no_last_name_is_sent_the_one_of_the_config_and_keeps_what_people_typed() {
    let bench = rentals();
    bench.furnish();
    let portal = bench.portal();
    portal.change(BitrixKind::Contact, 51, "LAST_NAME", "\"\"");
    portal.change(BitrixKind::Contact, 52, "LAST_NAME", "null");
    let theirs = bench.alma().create(
        AlmaKind::Client,
        r#"{"external_id":"52","first_name":"Инна","last_name":"Typed","email":"p52@example.com","phone":"+79000000052","country":4}"#,
    );
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Client, "51", "last_name"), "\"-\"");
    assert_eq!(bench.id(AlmaKind::Client, "52"), theirs);
    assert_eq!(bench.field(AlmaKind::Client, "52", "last_name"), "\"Typed\"");
    bench.rests();
    // A name is given, and taken away again.
    for (name, expected) in [("\"Lee\"", "\"Lee\""), ("\"\"", "\"-\"")] {
        portal.change(BitrixKind::Contact, 52, "LAST_NAME", name);
        bench.pass();
        assert_eq!(bench.field(AlmaKind::Client, "52", "last_name"), expected);
    }
    // One that the contacts lack altogether says nothing, but that a new client needs one.
    portal.lack(BitrixKind::Contact, "LAST_NAME");
    bench.person(54);
    bench.rents(3, 22, 54);
    portal.change(BitrixKind::TenantContract, 3, "ufCrm20ContractStartDate", "\"2098-09-01\"");
    portal.change(BitrixKind::TenantContract, 3, "ufCrm20ContractEndDate", "\"2099-09-01\"");
    bench.forget_full_reads();
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Client, "53", "last_name"), "\"Ветрова\"");
    assert_eq!(bench.field(AlmaKind::Client, "54", "last_name"), "\"-\"");
    bench.rests();
    bench.fills_alma("", "blank_last_name = \"Unknown\"");
    bench.pass();
    assert_eq!(bench.field(AlmaKind::Client, "51", "last_name"), "\"-\"");
}

#[test]
fn co_tenants_are_named_by_text_or_by_their_contact() {
    let bench = rentals();
    bench.fills_alma(
        "fields.tenant_contract_co_tenant = \"ufCrm20_1700215654\"\n\
         fields.tenant_contract_co_tenant_id = \"ufCrm20_1700000001\"",
        "",
    );
    bench.furnish();
    bench.person(54);
    let portal = bench.portal();
    let rents = BitrixKind::TenantContract;
    portal.change(rents, 1, "ufCrm20_1700215654", "[\"C_54\"]");
    portal.change(rents, 1, "ufCrm20_1700000001", "\"P 123\"");
    portal.change(rents, 2, "ufCrm20_1700215654", "\"Anna B; Lev C\"");
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.field(AlmaKind::TenantContract, "1", "co_tenant"), "\"Инна Ветрова\"");
    assert_eq!(bench.field(AlmaKind::TenantContract, "1", "co_tenant_id"), "\"P 123\"");
    assert_eq!(bench.field(AlmaKind::TenantContract, "2", "co_tenant"), "\"Anna B; Lev C\"");
    // Who is named beside is no client.
    assert!(bench.alma().object(AlmaKind::Client, "54").is_none());
    bench.rests();
    portal.change(BitrixKind::Contact, 54, "NAME", "\"Rosa\"");
    portal.change(rents, 1, "ufCrm20_1700000001", "\"\"");
    // By a number alone, of a contact that is not there.
    portal.change(rents, 2, "ufCrm20_1700215654", "99");
    portal.change(rents, 2, "opportunity", "6000");
    bench.pass();
    assert_eq!(bench.field(AlmaKind::TenantContract, "1", "co_tenant"), "\"Rosa Ветрова\"");
    assert_eq!(bench.field(AlmaKind::TenantContract, "1", "co_tenant_id"), "\"\"");
    assert_eq!(bench.field(AlmaKind::TenantContract, "2", "co_tenant"), "\"Anna B; Lev C\"");
    assert_eq!(bench.field(AlmaKind::TenantContract, "2", "price"), "\"6000.00\"");
    let stuck = bench.stuck();
    assert_eq!(stuck.len(), 1, "{stuck:?}");
    assert!(stuck[0].contains("names contact 99 as its co-tenant"), "{stuck:?}");
    bench.person(99);
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.field(AlmaKind::TenantContract, "2", "co_tenant"), "\"Инна Ветрова\"");
    bench.rests();
}
