//! Contacts of contracts, which become clients.

use super::*;

const CLIENT: AlmaKind = AlmaKind::Client;

fn owner(name: &str, value: &str) -> Ledger {
    small().with(CONTACT, "51", name, value)
}

#[test]
fn a_contact_of_a_contract_becomes_a_client_with_every_field_of_the_document() {
    assert_eq!(
        small().wanted(CLIENT, "51"),
        r#"{"external_id":"51","first_name":"William","last_name":"Lee","email":"lee@example.com","phone":"+79000000002","country":4,"passport_scan":"file:owner_contract/3/ufCrm10_1694000435068/45","birthday":"1990-08-24T00:00:00"}"#
    );
    assert_eq!(
        small().wanted(CLIENT, "52"),
        r#"{"external_id":"52","first_name":"Anna","last_name":"-","email":"anna@example.com","phone":"+79000000003","country":4,"birthday":null,"blank_fields":"last_name"}"#
    );
}

#[test]
fn who_has_no_contract_is_no_client() {
    let mut ledger = small();
    ledger.put(CONTACT, "53", Some(OWNER));
    assert_eq!(ledger.project(CLIENT, "53"), Wanted::No);
    for ledger in
        [small().without(OWNER_CONTRACT, "3"), small().with(OWNER_CONTRACT, "3", "contactId", "53")]
    {
        assert_eq!(ledger.project(CLIENT, "51"), Wanted::No);
    }
    assert_eq!(
        small().without(CONTACT, "51").reason(CLIENT, "51"),
        "owner_contract 3 names contact 51, which the ledger does not have"
    );
    assert_eq!(
        small().without(CONTACT, "52").reason(CLIENT, "52"),
        "tenant_contract 5 names contact 52, which the ledger does not have"
    );
}

#[test]
fn the_passport_is_of_the_first_owners_contract_that_has_one() {
    let mut ledger = small().with(OWNER_CONTRACT, "3", "ufCrm10_1694000435068", "[]");
    assert_eq!(ledger.field(CLIENT, "51", "passport_scan"), "");
    ledger.put(OWNER_CONTRACT, "4", Some(OWNS));
    let expected = "\"file:owner_contract/4/ufCrm10_1694000435068/45\"";
    assert_eq!(ledger.field(CLIENT, "51", "passport_scan"), expected);
}

#[test]
fn the_passport_of_a_tenant_is_of_the_tenants_contract() {
    let files = r#"{"id":47}"#;
    let ledger = small().with(TENANT_CONTRACT, "5", "UF_CRM_20_1696615939", files);
    let expected = "\"file:tenant_contract/5/ufCrm20_1696615939/47\"";
    assert_eq!(ledger.field(CLIENT, "52", "passport_scan"), expected);
}

#[test]
fn the_phone_is_the_first_for_work_else_the_first() {
    for (phones, expected) in [
        (
            r#"[{"VALUE_TYPE":"WORK","VALUE":""},{"VALUE_TYPE":"HOME","VALUE":"+971501234567"}]"#,
            "+971501234567",
        ),
        (r#"[{"VALUE_TYPE":"work","VALUE":"00971 50 123 45 67"}]"#, "+971501234567"),
        (r#"[{"VALUE":"0500000004"},{"VALUE":"0500000005"}]"#, "+971500000004"),
        (r#"[{"VALUE_TYPE":"WORK","VALUE":971500000006}]"#, "+971500000006"),
    ] {
        let found = owner("PHONE", phones).field(CLIENT, "51", "phone");
        assert_eq!(found, format!("\"{expected}\""), "{phones}");
    }
    // As crm.item.list has them.
    let fm = r#"[{"typeId":"EMAIL","valueType":"WORK","value":"x@example.com"},{"typeId":"PHONE","valueType":"HOME","value":"+79000000007"},{"typeId":"PHONE","valueType":"WORK","value":"+79000000008"}]"#;
    let ledger = owner("PHONE", "null").with(CONTACT, "51", "fm", fm);
    assert_eq!(ledger.field(CLIENT, "51", "phone"), "\"+79000000008\"");
    for wrong in
        ["89000000001", "447911123456", "12345", "+7900000000x", "+79000000001, +79000000002"]
    {
        let phones = format!(r#"[{{"VALUE":"{wrong}"}}]"#);
        assert_eq!(
            owner("PHONE", &phones).reason(CLIENT, "51"),
            "contact 51 has a Phone that is not one phone number, with + and the code of its \
             country or of AE (alma.phone_country): correct it in Bitrix24",
            "{wrong}"
        );
    }
}

#[test]
fn a_contact_that_lacks_something_is_blocked_and_nothing_of_it_is_said() {
    for (name, value, expected) in [
        ("NAME", "null", "no First Name (NAME): give it in Bitrix24"),
        ("UF_CRM_1727788747", "\"\"", "no Email (UF_CRM_1727788747): give it in Bitrix24"),
        (
            "UF_CRM_1727788747",
            "\"lee\"",
            "an Email (UF_CRM_1727788747) that is not one address: correct it in Bitrix24",
        ),
        ("PHONE", "[]", "no Phone: give it in Bitrix24"),
        ("PHONE", "{\"x\":1}", "no Phone: give it in Bitrix24"),
        (
            "BIRTHDATE",
            "\"24.08.1990\"",
            "a value in birthday (BIRTHDATE) that is no date: correct it in Bitrix24",
        ),
    ] {
        assert_eq!(owner(name, value).reason(CLIENT, "51"), format!("contact 51 has {expected}"));
    }
}
