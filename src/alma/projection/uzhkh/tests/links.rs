//! What records name, and what a change of one touches.

use super::*;

fn links(kind: &str, body: &str) -> Vec<Pair> {
    let links = uzhkh().links(kind, "x", body);
    links.into_iter().map(|link| pair(link.to, &link.id)).collect()
}

fn touched(ledger: &Ledger, kind: &str, id: &str, links: &[Pair]) -> Vec<String> {
    let touched = uzhkh().touched(kind, id, links, ledger).unwrap();
    touched.iter().map(ToString::to_string).collect()
}

#[test]
fn records_name_what_they_belong_to() {
    assert_eq!(
        links(OBJECT, FLAT),
        [
            pair("address", "Лодочная, 4\u{1f}h4"),
            pair("house_name", "h4\u{1f}Лодочная, 4"),
            pair("house", "h4"),
        ]
    );
    assert_eq!(links(OBJECT, &with(FLAT, "Street", "null")), [pair("house", "h4")]);
    for body in
        [with(FLAT, "HouseId", "null"), with(FLAT, "TypeObject", "\"Офис\""), "[]".to_owned()]
    {
        assert_eq!(links(OBJECT, &body), []);
    }
    assert_eq!(
        links(ACCOUNT, BILL),
        [
            pair("object", "o1"),
            pair("resident", "r1"),
            pair("resident", "r2"),
            pair("resident", "r3"),
        ]
    );
    let odd = r#"{"ApartmentID":5,"Persons":[{"Id":6},{"Id":"6"},{"Id":""},{},null]}"#;
    assert_eq!(links(ACCOUNT, odd), [pair("object", "5"), pair("resident", "6")]);
    assert_eq!(links(RESIDENT, PERSON), []);
    assert_eq!(links("counter", FLAT), []);
}

#[test]
fn an_object_touches_its_unit_its_houses_and_those_who_live_there() {
    let mut ledger = small();
    let neighbour = with(FLAT, "HouseId", "\"h9\"");
    ledger.put(OBJECT, "o9", Some(&neighbour));
    let moved = with(&with(FLAT, "HouseId", "\"h5\""), "HouseNumber", "\"5\"");
    let links = ledger.put(OBJECT, "o1", Some(&moved));
    assert_eq!(
        touched(&ledger, OBJECT, "o1", &links),
        [
            "building h4",
            "building h5",
            "building h9",
            "unit o1",
            "client r1",
            "client r2",
            "client r3",
            "owner_contract a1:r1",
            "owner_contract a1:r2",
            "owner_contract a1:r3",
            "tenant_contract a1:r1",
            "tenant_contract a1:r2",
            "tenant_contract a1:r3",
        ]
    );
}

#[test]
fn an_object_that_names_its_house_anew_touches_the_houses_of_the_former_name() {
    let mut ledger = small();
    let namesake = with(FLAT, "HouseId", "\"h9\"");
    ledger.put(OBJECT, "o9", Some(&namesake));
    let first = with(FLAT, "Street", "\"Новая\"");
    let links = ledger.put(OBJECT, "o0", Some(&first));
    let touched = touched(&ledger, OBJECT, "o0", &links);
    assert!(touched.contains(&"building h9".to_owned()), "{touched:?}");
}

#[test]
fn an_account_touches_its_persons_and_a_resident_the_contracts_that_name_it() {
    let mut ledger = small();
    let links = ledger.put(ACCOUNT, "a1", Some(&with(BILL, "Persons", "[{\"Id\":\"r4\"}]")));
    let all = touched(&ledger, ACCOUNT, "a1", &links);
    for key in ["client", "owner_contract", "tenant_contract"] {
        for id in ["r1", "r2", "r3", "r4"] {
            let account = if key == "client" { "" } else { "a1:" };
            assert!(all.contains(&format!("{key} {account}{id}")), "{all:?}");
        }
    }
    assert_eq!(all.len(), 12);
    assert_eq!(
        touched(&small(), RESIDENT, "r3", &[]),
        ["client r3", "tenant_contract a1:r1", "tenant_contract a1:r2", "tenant_contract a1:r3",]
    );
}
