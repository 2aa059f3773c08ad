//! Persons that become clients.

use super::*;

fn resident(name: &str, value: &str) -> Ledger {
    let mut ledger = small();
    ledger.put(RESIDENT, "r1", Some(&with(PERSON, name, value)));
    ledger
}

#[test]
fn an_owner_becomes_a_client_with_every_field_of_the_table() {
    assert_eq!(
        small().wanted(AlmaKind::Client, "r1"),
        r#"{"external_id":"r1","first_name":"Инна","last_name":"Ветрова","email":"inna@example.com","phone":"+79000000001","country":4}"#
    );
}

#[test]
fn only_who_owns_or_rents_a_unit_is_a_client() {
    let mut ledger = small();
    assert_eq!(ledger.project(AlmaKind::Client, "r9"), Wanted::No);
    for persons in [
        r#"[{"Id":"r1","IsOwner":true}]"#,
        r#"[{"Id":"r1","IsEmployer":1}]"#,
        r#"[{"Id":"r1"},{"Id":"r1","IsOwner":"true"}]"#,
        r#"[null,7,{"IsOwner":true},{"Id":"r1","IsOwner":false,"IsEmployer":"True"}]"#,
    ] {
        ledger.put(ACCOUNT, "a1", Some(&with(BILL, "Persons", persons)));
        ledger.wanted(AlmaKind::Client, "r1");
    }
    for persons in [
        r#"[{"Id":"r1","IsOwner":false}]"#,
        r#"[{"Id":"r1","IsOwner":"no","IsEmployer":2}]"#,
        r#"[{"Id":"r1","IsOwner":[true]}]"#,
        r#"[{"Id":"r2","IsOwner":true}]"#,
        r#"{"Id":"r1","IsOwner":true}"#,
        "[]",
        "null",
    ] {
        ledger.put(ACCOUNT, "a1", Some(&with(BILL, "Persons", persons)));
        assert_eq!(ledger.project(AlmaKind::Client, "r1"), Wanted::No, "{persons}");
    }
}

#[test]
fn a_client_goes_with_its_last_unit() {
    let mut ledger = small();
    ledger.put(OBJECT, "o1", Some(&with(FLAT, "TypeObject", "\"Кладовка\"")));
    assert_eq!(ledger.project(AlmaKind::Client, "r1"), Wanted::No);
    ledger.put(OBJECT, "o2", Some(FLAT));
    ledger.put(ACCOUNT, "a2", Some(&with(BILL, "ApartmentID", "\"o2\"")));
    ledger.wanted(AlmaKind::Client, "r1");
    ledger.put(ACCOUNT, "a2", None);
    assert_eq!(ledger.project(AlmaKind::Client, "r1"), Wanted::No);
    ledger.put(OBJECT, "o1", Some(FLAT));
    ledger.wanted(AlmaKind::Client, "r1");
    ledger.put(OBJECT, "o1", None);
    assert_eq!(ledger.project(AlmaKind::Client, "r1"), Wanted::No);
}

#[test]
fn where_there_is_no_resident_the_account_tells() {
    let persons = r#"[{"Id":7,"Surname":"Котов","Name":"Лев","Email":" lev@example.com ","Phone":79000000002,"IsEmployer":true}]"#;
    let mut ledger = small();
    ledger.put(ACCOUNT, "a1", Some(&with(BILL, "Persons", persons)));
    assert_eq!(
        ledger.wanted(AlmaKind::Client, "7"),
        r#"{"external_id":"7","first_name":"Лев","last_name":"Котов","email":"lev@example.com","phone":"+79000000002","country":4}"#
    );
}

#[test]
fn a_company_is_called_by_its_name() {
    let company = with(PERSON, "UrCompanyName", "\" ООО «Причал» \"");
    for surname in ["null", "\"\""] {
        let mut ledger = small();
        let nameless = with(&with(&company, "Surname", surname), "Name", "null");
        ledger.put(RESIDENT, "r1", Some(&nameless));
        let client = ledger.wanted(AlmaKind::Client, "r1");
        assert!(client.contains(r#""first_name":"ООО «Причал»","last_name":"-","#), "{client}");
    }
    let ledger = resident("UrCompanyName", "\"ООО «Причал»\"");
    assert_eq!(ledger.field(AlmaKind::Client, "r1", "last_name"), "\"Ветрова\"");
    let ledger = resident("UrCompanyName", "\"  \"");
    assert_eq!(ledger.field(AlmaKind::Client, "r1", "first_name"), "\"Инна\"");
}

#[test]
fn what_is_missing_is_named_and_what_is_there_is_not_told() {
    for (name, value, reason) in [
        ("Name", "null", "no Name: give it"),
        ("Surname", "\" \"", "no Surname: give it"),
        ("Surname", "{}", "no Surname: give it"),
        ("Email", "null", "no Email: give it"),
        ("Email", "\"\"", "no Email: give it"),
        ("Email", "\"secret\"", "an Email that is not one address: correct it"),
        ("Email", "\"@secret\"", "an Email that is not one address: correct it"),
        ("Email", "\"secret@\"", "an Email that is not one address: correct it"),
        ("Email", "\"a@secret@b\"", "an Email that is not one address: correct it"),
        ("Email", "\"a b@secret\"", "an Email that is not one address: correct it"),
        ("Phone", "null", "no Phone: give it"),
        (
            "Phone",
            "\"secret\"",
            "a Phone that is not one phone number, with + and the code of its country or of RU \
             (alma.phone_country): correct it",
        ),
    ] {
        let found = resident(name, value).reason(AlmaKind::Client, "r1");
        let expected = format!("resident r1 has {reason} in Umnoe ZhKH");
        assert_eq!(found, expected, "{name} {value}");
    }
    let mut ledger = small();
    ledger.put(RESIDENT, "r1", Some("{}"));
    assert_eq!(
        ledger.reason(AlmaKind::Client, "r1"),
        "resident r1 has no Name: give it in Umnoe ZhKH; and no Surname: give it in Umnoe ZhKH; \
         and no Email: give it in Umnoe ZhKH; and no Phone: give it in Umnoe ZhKH"
    );
}
