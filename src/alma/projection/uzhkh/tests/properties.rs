//! What holds for any records.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const IDS: [&str; 4] = ["1", "2", "1:2", "3"];
const KINDS: [&str; 3] = [OBJECT, ACCOUNT, RESIDENT];

/// One of these texts.
fn any_of(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(texts)
}

/// An id as a body has it, blank and missing ones too.
fn id() -> impl Strategy<Value = &'static str> {
    any_of(&["\"1\"", "1", "\"2\"", "2", "\"1:2\"", "\"3\"", "\" \"", "null"])
}

fn object() -> impl Strategy<Value = String> {
    (
        prop_oneof![4 => Just("\"Квартира\""), 1 => Just("\"Офис\"")],
        id(),
        any_of(&["\"А\"", "\"А\"", "\"Б\"", "null"]),
        any_of(&["1", "\"1\"", "\"2\"", "\"\""]),
        any_of(&["\"У\"", "\"Ф\"", "null", "\"\""]),
        any_of(&["\"7\"", "null"]),
    )
        .prop_map(|(ty, house, street, number, locality, flat)| {
            format!(
                r#"{{"TypeObject":{ty},"HouseId":{house},"Street":{street},"HouseNumber":{number},"Locality":{locality},"FlatNumber":{flat}}}"#
            )
        })
}

fn person() -> impl Strategy<Value = String> {
    (
        id(),
        any_of(&["true", "false", "null", "1"]),
        any_of(&["true", "false", "\"true\""]),
        any_of(&["\"Лев\"", "\"Ада\"", "null"]),
        any_of(&["\"a@example.com\"", "\"b@example.com\"", "\"-\""]),
    )
        .prop_map(|(id, owner, tenant, name, email)| {
            format!(
                r#"{{"Id":{id},"IsOwner":{owner},"IsEmployer":{tenant},"Name":{name},"Surname":"К","Email":{email},"Phone":"9000000001"}}"#
            )
        })
}

fn account() -> impl Strategy<Value = String> {
    (
        id(),
        any_of(&["\"100\"", "200", "null"]),
        any_of(&["\"2023-01-15T00:00:00\"", "\"2024-01-15T00:00:00Z\"", "\"-\""]),
        any_of(&["null", "\"2023-06-01T00:00:00\""]),
        vec(person(), 0..4),
    )
        .prop_map(|(object, number, opened, closed, persons)| {
            let persons = persons.join(",");
            format!(
                r#"{{"ApartmentID":{object},"AccountNumber":{number},"DateTimeOpen":{opened},"DateTimeClose":{closed},"Persons":[{persons}]}}"#
            )
        })
}

/// A record and its body; `None`: it is deleted.
type Change = (&'static str, &'static str, Option<String>);

fn change() -> impl Strategy<Value = Change> {
    let body = prop_oneof![
        5 => object().prop_map(|body| (OBJECT, Some(body))),
        5 => account().prop_map(|body| (ACCOUNT, Some(body))),
        3 => person().prop_map(|body| (RESIDENT, Some(body))),
        1 => any_of(&KINDS).prop_map(|kind| (kind, Some("[]".to_owned()))),
        3 => any_of(&KINDS).prop_map(|kind| (kind, None)),
    ];
    (body, any_of(&IDS)).prop_map(|((kind, body), id)| (kind, id, body))
}

/// An object of one of two houses, which are called the same more often than not.
fn change_of_a_house() -> impl Strategy<Value = Change> {
    let body = (
        any_of(&["1", "2"]),
        any_of(&["\"А\"", "\"Б\""]),
        any_of(&["\"У\"", "null"]),
    )
        .prop_map(|(house, street, locality)| {
            format!(
                r#"{{"TypeObject":"Квартира","HouseId":{house},"Street":{street},"HouseNumber":1,"Locality":{locality}}}"#
            )
        });
    let body = prop_oneof![4 => body.prop_map(Some), 1 => Just(None)];
    (any_of(&IDS), body).prop_map(|(id, body)| (OBJECT, id, body))
}

/// Records, and some changes of them.
fn history() -> impl Strategy<Value = (Vec<Change>, Vec<Change>)> {
    prop_oneof![
        2 => (vec(change(), 0..14), vec(change(), 1..5)),
        1 => (vec(change_of_a_house(), 0..8), vec(change_of_a_house(), 1..4)),
    ]
}

/// Records of all sorts, or of houses only.
fn records() -> impl Strategy<Value = Vec<Change>> {
    history().prop_map(|(records, _)| records)
}

/// Every object of Alma that records with these ids can decide about.
fn keys() -> Vec<AlmaKey> {
    let mut keys = Vec::new();
    for id in IDS {
        for kind in [AlmaKind::Building, AlmaKind::Unit, AlmaKind::Client] {
            keys.push(AlmaKey::new(kind, id));
        }
        for other in IDS {
            for kind in [AlmaKind::OwnerContract, AlmaKind::TenantContract] {
                keys.push(AlmaKey::new(kind, format!("{id}:{other}")));
            }
        }
    }
    keys
}

fn ledger(records: &[Change]) -> Ledger {
    let mut ledger = Ledger::default();
    for (kind, id, body) in records {
        ledger.put(kind, id, body.as_deref());
    }
    ledger
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_change_touches_whatever_it_changes((records, changes) in history()) {
        let before = ledger(&records);
        let mut after = before.clone();
        let (kind, id, body) = &changes[0];
        let links = after.put(kind, id, body.as_deref());
        let touched = after.touched(kind, id, &links).into_iter().collect();
        prop_assert_eq!(before.missed(&after, keys(), &touched), []);
    }

    /// Records change while the links of earlier changes are still being brought up to
    /// date: `at_once` has all links first, else each is followed by what it touches.
    #[test]
    fn several_changes_touch_whatever_they_change_together(
        (records, changes) in history(),
        at_once in any::<bool>(),
    ) {
        let before = ledger(&records);
        let mut after = before.clone();
        for (kind, id, body) in &changes {
            after.put_body(kind, id, body.as_deref());
        }
        let mut touched = BTreeSet::new();
        let mut linked = Vec::new();
        for (kind, id, _) in &changes {
            let links = after.put_links(kind, id);
            if at_once {
                linked.push((kind, id, links));
            } else {
                touched.extend(after.touched(kind, id, &links));
            }
        }
        for (kind, id, links) in linked {
            touched.extend(after.touched(kind, id, &links));
        }
        prop_assert_eq!(before.missed(&after, keys(), &touched), []);
    }

    #[test]
    fn the_same_records_project_the_same(records in records()) {
        let first = ledger(&records);
        // Other records came and went in between, and the order was another.
        let mut second = Ledger::default();
        for (kind, id, body) in first.bodies.iter().rev().map(|((kind, id), body)| (kind, id, body)) {
            second.put(kind, id, Some(FLAT));
            second.put(kind, id, None);
            second.put(kind, id, Some(body));
        }
        prop_assert_eq!(first.projected(&keys()), second.projected(&keys()));
    }

    #[test]
    fn no_two_houses_have_one_name(records in records()) {
        let ledger = ledger(&records);
        let mut names = BTreeSet::new();
        for id in IDS {
            if let Wanted::Yes(fields) = ledger.project(AlmaKind::Building, id) {
                prop_assert!(names.insert(fields.string("name")), "{}", id);
            }
        }
    }
}

/// Any JSON.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        any_of(&["null", "true", "false", "0", "-1", "1e999", "-0.0", "123456789012345678901"]),
        any_of(&["\"1\"", "\"Квартира\"", "\"\"", "\"/Date(1)/\"", "\"\\ud800\"", "\"\\u001f\""]),
        any_of(&["\"/Date(-+)/\"", "\"2023-01-15T00:00:00+99:99\"", "\"99.99.9999\"", "\"ё@я\""]),
    ]
    .prop_map(str::to_owned);
    let text = "\\PC{0,12}".prop_map(|text| serde_json::Value::from(text).to_string());
    prop_oneof![4 => leaf, 2 => text].prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            members(inner),
        ]
    })
}

/// An object with members that are read, and one that is not.
fn members(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let name = any_of(&[
        "Id",
        "TypeObject",
        "HouseId",
        "Street",
        "HouseNumber",
        "Locality",
        "Address",
        "FlatNumber",
        "SquareAll",
        "CountRooms",
        "EtazhNumber",
        "ApartmentID",
        "AccountNumber",
        "DateTimeOpen",
        "DateTimeClose",
        "Persons",
        "IsOwner",
        "IsEmployer",
        "Name",
        "Surname",
        "Patronymic",
        "UrCompanyName",
        "Email",
        "Phone",
        "Unknown",
    ]);
    vec((name, value), 0..12).prop_map(|members| {
        let members = members.iter().map(|(name, value)| format!("\"{name}\":{value}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    })
}

fn body() -> impl Strategy<Value = String> {
    let near = (any_of(&[FLAT, BILL, PERSON]), members(json()));
    prop_oneof![
        json(),
        members(json()),
        near.prop_map(|(body, other)| match other.strip_prefix('{') {
            Some("}") | None => body.to_owned(),
            Some(members) => format!("{},{members}", body.trim_end_matches('}')),
        }),
        "\\PC{0,30}",
    ]
}

proptest! {
    #[test]
    fn no_body_is_too_odd(bodies in vec((any_of(&KINDS), any_of(&IDS), body()), 1..8)) {
        let mut ledger = Ledger::default();
        for (kind, id, body) in &bodies {
            let links = ledger.put(kind, id, Some(body));
            for key in ledger.touched(kind, id, &links) {
                drop(<Subject as memory::Subject>::projection().project(&key, &ledger).unwrap());
            }
        }
        drop(ledger.projected(&keys()));
    }
}
