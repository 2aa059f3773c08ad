//! Persons of an account that become parties of a contract.

use super::*;

const OWNER: AlmaKind = AlmaKind::OwnerContract;
const TENANT: AlmaKind = AlmaKind::TenantContract;

fn account(name: &str, value: &str) -> Ledger {
    let mut ledger = small();
    ledger.put(ACCOUNT, "a1", Some(&with(BILL, name, value)));
    ledger
}

#[test]
fn an_owner_has_a_contract_with_every_field_of_the_table() {
    assert_eq!(
        small().wanted(OWNER, "a1:r1"),
        r#"{"external_id":"a1:r1","unit_id":"o1","client_id":"r1","name":"ЛС 1001","start_date":"2023-01-15T00:00:00","end_date":"2050-01-01T00:00:00","work_model":"TM 10%"}"#
    );
}

#[test]
fn the_first_tenant_has_a_contract_that_names_the_others() {
    let mut ledger = small();
    assert_eq!(
        ledger.wanted(TENANT, "a1:r2"),
        r#"{"external_id":"a1:r2","unit_id":"o1","client_id":"r2","name":"ЛС 1001","start_date":"2023-01-15T00:00:00","end_date":"2050-01-01T00:00:00","price":"0.00","co_tenant":"Котова Ада Львовна","type_contract":"Long-term 3+ months","blank_fields":"price"}"#
    );
    for (kind, id) in [(TENANT, "a1:r1"), (TENANT, "a1:r3"), (OWNER, "a1:r2")] {
        assert_eq!(ledger.project(kind, id), Wanted::No, "{kind} {id}");
    }
    let persons = r#"[{"Id":"r2","IsEmployer":true},{"Id":"r3","Surname":"Котова","IsEmployer":true},{"Id":"r4","IsEmployer":true},{"Id":"r5","UrCompanyName":"ООО «Причал»","Surname":"x","IsEmployer":true},{"Id":"r2","IsEmployer":true},{"Id":"r3","IsEmployer":true},{"Id":"r1","IsEmployer":true}]"#;
    ledger.put(ACCOUNT, "a1", Some(&with(BILL, "Persons", persons)));
    assert_eq!(
        ledger.field(TENANT, "a1:r2", "co_tenant"),
        "\"Котова; ООО «Причал»; Ветрова Инна Павловна\""
    );
}

#[test]
fn who_owns_and_rents_has_both_contracts() {
    for persons in [
        r#"[{"Id":"r1","IsOwner":true,"IsEmployer":true}]"#,
        r#"[{"Id":"r1","IsOwner":true},{"Id":"r1","IsEmployer":true}]"#,
        r#"[{"Id":"r1","IsEmployer":1},{"Id":"r1","IsOwner":"true"}]"#,
    ] {
        let ledger = account("Persons", persons);
        ledger.wanted(OWNER, "a1:r1");
        assert_eq!(ledger.field(TENANT, "a1:r1", "co_tenant"), "\"\"");
    }
    // The second entry of the one who is listed first comes after another's.
    let persons =
        r#"[{"Id":"r1"},{"Id":"r2","IsEmployer":true},{"Id":"r1","Name":"x","IsEmployer":true}]"#;
    let ledger = account("Persons", persons);
    assert_eq!(ledger.field(TENANT, "a1:r2", "co_tenant"), "\"Ветрова Инна Павловна\"");
    assert_eq!(ledger.project(TENANT, "a1:r1"), Wanted::No);
}

#[test]
fn a_contract_goes_with_its_account_its_unit_and_its_person() {
    for id in ["", ":", "a1", "a1:", ":r1", "a1:r9", "a9:r1", "a1:r1:", "r1:a1"] {
        assert_eq!(small().project(OWNER, id), Wanted::No, "{id}");
    }
    let mut without_account = small();
    without_account.put(ACCOUNT, "a1", None);
    let mut without_object = small();
    without_object.put(OBJECT, "o1", None);
    let mut cellar = small();
    cellar.put(OBJECT, "o1", Some(&with(FLAT, "TypeObject", "\"Кладовка\"")));
    for ledger in [
        without_account,
        without_object,
        cellar,
        account("ApartmentID", "null"),
        account("ApartmentID", "\"o9\""),
        account("ApartmentID", "[\"o1\"]"),
        account("Persons", "[]"),
    ] {
        assert_eq!(ledger.project(OWNER, "a1:r1"), Wanted::No);
        assert_eq!(ledger.project(TENANT, "a1:r2"), Wanted::No);
    }
    // Without a record of the resident the contract stays: the client is another object.
    let mut without_resident = small();
    without_resident.put(RESIDENT, "r1", None);
    without_resident.wanted(OWNER, "a1:r1");
}

#[test]
fn ids_may_have_colons_and_be_numbers() {
    let persons = r#"[{"Id":"r:1","IsOwner":true},{"Id":12,"IsOwner":true}]"#;
    let body = with(&with(BILL, "Persons", persons), "ApartmentID", "34");
    let ledger = Ledger::of(&[(OBJECT, "34", FLAT), (ACCOUNT, "a:b", &body)]);
    assert_eq!(ledger.field(OWNER, "a:b:r:1", "client_id"), "\"r:1\"");
    assert_eq!(ledger.field(OWNER, "a:b:12", "client_id"), "\"12\"");
    assert_eq!(ledger.field(OWNER, "a:b:12", "unit_id"), "\"34\"");
}

#[test]
fn the_dates_of_a_contract_are_days() {
    for (name, value, field, expected) in [
        ("DateTimeOpen", "\"2023-01-15T22:30:00Z\"", "start_date", "\"2023-01-16T00:00:00\""),
        ("DateTimeOpen", "\"15.01.2023 10:00:00\"", "start_date", "\"2023-01-15T00:00:00\""),
        ("DateTimeClose", "\"0001-01-01T00:00:00\"", "end_date", "\"2050-01-01T00:00:00\""),
        ("DateTimeClose", "\"9999-12-31T00:00:00\"", "end_date", "\"2050-01-01T00:00:00\""),
        ("DateTimeClose", "\"\"", "end_date", "\"2050-01-01T00:00:00\""),
        ("DateTimeClose", "\"2024-12-31T23:59:59\"", "end_date", "\"2024-12-31T00:00:00\""),
        ("AccountNumber", "1001.50", "name", "\"ЛС 1001.50\""),
        ("AccountNumber", "\" 0-1 \"", "name", "\"ЛС 0-1\""),
    ] {
        let found = account(name, value).field(OWNER, "a1:r1", field);
        assert_eq!(found, expected, "{name} {value}");
    }
}

#[test]
fn an_account_that_lacks_something_blocks_its_contracts() {
    for (name, value, reason) in [
        ("AccountNumber", "null", "no AccountNumber: give it in Umnoe ZhKH"),
        ("AccountNumber", "\" \"", "no AccountNumber: give it in Umnoe ZhKH"),
        ("DateTimeOpen", "null", "no DateTimeOpen: give it in Umnoe ZhKH"),
        ("DateTimeOpen", "\"0001-01-01T00:00:00\"", "no DateTimeOpen: give it in Umnoe ZhKH"),
        ("DateTimeOpen", "\"secret\"", "a DateTimeOpen that is no date: correct it in Umnoe ZhKH"),
        ("DateTimeOpen", "20230115", "a DateTimeOpen that is no date: correct it in Umnoe ZhKH"),
        ("DateTimeClose", "[]", "a DateTimeClose that is no date: correct it in Umnoe ZhKH"),
        (
            "DateTimeClose",
            "\"2023-01-15T23:00:00\"",
            "a DateTimeOpen that is not before its DateTimeClose: correct them in Umnoe ZhKH",
        ),
        (
            "DateTimeOpen",
            "\"2050-01-01T00:00:00\"",
            "a DateTimeOpen that is not before alma.open_ended_date: correct it in Umnoe ZhKH, or the date in the config",
        ),
    ] {
        let ledger = account(name, value);
        let expected = format!("account a1 has {reason}");
        assert_eq!(ledger.reason(OWNER, "a1:r1"), expected, "{name} {value}");
        assert_eq!(ledger.reason(TENANT, "a1:r2"), expected, "{name} {value}");
    }
    let body = with(&with(BILL, "AccountNumber", "null"), "DateTimeOpen", "1");
    let mut ledger = small();
    ledger.put(ACCOUNT, "a1", Some(&body));
    assert_eq!(
        ledger.reason(OWNER, "a1:r1"),
        "account a1 has no AccountNumber: give it in Umnoe ZhKH; and a DateTimeOpen that is no \
         date: correct it in Umnoe ZhKH"
    );
}
