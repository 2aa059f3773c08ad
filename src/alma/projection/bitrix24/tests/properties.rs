//! What holds for any records.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const IDS: [&str; 4] = ["1", "2", "3", "4"];
const KINDS: [&str; 5] = [APARTMENT, UNIT, OWNER_CONTRACT, TENANT_CONTRACT, CONTACT];
const BUILDINGS: [&str; 3] = ["A", "a", "B"];

/// One of these texts.
fn any_of(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(texts)
}

/// An id as a body has it: lists, marks, blank and missing ones too.
fn id() -> impl Strategy<Value = &'static str> {
    any_of(&[
        "1",
        "\"1\"",
        "[1]",
        "2",
        "[\"2\",3]",
        "3",
        "\"T90_3\"",
        "4",
        "[]",
        "null",
        "\"\"",
        "0",
    ])
}

fn apartment() -> impl Strategy<Value = String> {
    (
        any_of(&["\"A\"", "\" A \"", "\"a\"", "\"B\"", "null"]),
        any_of(&["4600", "4598", "4598", "\"4598\"", "1", "null"]),
        id(),
        any_of(&["54", "52", "9"]),
    )
        .prop_map(|(building, sharing, unit, kind)| {
            format!(
                r#"{{"title":"t","ufCrm6_1682232363193":{building},"ufCrm6_1736951470242":{sharing},"ufCrm6_1684425402":{unit},"ufCrm6_1682232863625":{kind}}}"#
            )
        })
}

fn unit() -> impl Strategy<Value = String> {
    (id(), any_of(&["1294", "1296", "null"])).prop_map(|(apartment, name)| {
        format!(
            r#"{{"title":"t","ufCrm8_1684429208":{apartment},"ufCrm8_1698838056004":{name},"ufCrm8_1682957076924":242}}"#
        )
    })
}

/// The end of a contract.
fn end() -> impl Strategy<Value = &'static str> {
    any_of(&["\"2030-01-01\"", "\"2031-01-01\"", "null"])
}

fn owns() -> impl Strategy<Value = String> {
    (id(), id(), any_of(&["{\"id\":5}", "{\"id\":6}", "null"]), end()).prop_map(|(apartment, contact, passport, end)| {
        format!(
            r#"{{"title":"t","ufCrm10_1693823301":{apartment},"contactId":{contact},"ufCrm10_1693823247516":"2025-01-01","ufCrm10_1693823282826":{end},"ufCrm10_1708955821":1698,"ufCrm10_1694000435068":{passport}}}"#
        )
    })
}

fn rents() -> impl Strategy<Value = String> {
    (id(), id(), any_of(&["1", "null"]), end()).prop_map(|(unit, contact, price, end)| {
        format!(
            r#"{{"title":"t","ufCrm20_1693919019":{unit},"contactId":{contact},"ufCrm20ContractStartDate":"2025-01-01","ufCrm20ContractEndDate":{end},"ufCrm20_1693561495":882,"opportunity":{price}}}"#
        )
    })
}

fn contact() -> impl Strategy<Value = String> {
    any_of(&["\"Anna\"", "\"Lev\"", "null"]).prop_map(|name| {
        format!(
            r#"{{"NAME":{name},"UF_CRM_1727788747":"a@example.com","PHONE":[{{"VALUE":"+79000000001"}}]}}"#
        )
    })
}

/// A record and its body; `None`: it is deleted.
type Change = (&'static str, &'static str, Option<String>);

fn change() -> impl Strategy<Value = Change> {
    let body = prop_oneof![
        6 => apartment().prop_map(|body| (APARTMENT, Some(body))),
        6 => unit().prop_map(|body| (UNIT, Some(body))),
        2 => owns().prop_map(|body| (OWNER_CONTRACT, Some(body))),
        4 => rents().prop_map(|body| (TENANT_CONTRACT, Some(body))),
        2 => contact().prop_map(|body| (CONTACT, Some(body))),
        1 => any_of(&KINDS).prop_map(|kind| (kind, Some("[]".to_owned()))),
        3 => any_of(&KINDS).prop_map(|kind| (kind, None)),
    ];
    (body, any_of(&IDS)).prop_map(|((kind, body), id)| (kind, id, body))
}

/// Every object of Alma that records with these ids can decide about.
fn keys() -> Vec<AlmaKey> {
    let kinds = AlmaKind::ALL.into_iter();
    kinds
        .flat_map(|kind| {
            let ids = match kind {
                AlmaKind::Building => &BUILDINGS[..],
                _ => &IDS[..],
            };
            ids.iter().map(move |id| AlmaKey::new(kind, *id))
        })
        .collect()
}

fn ledger(records: &[Change]) -> Ledger {
    of(records)
}

/// A projection that leaves items out.
#[derive(Debug, Clone, Copy, Default)]
struct Choosing;

impl memory::Subject for Choosing {
    fn projection() -> &'static dyn Projection {
        static ONE: LazyLock<Bitrix24> = LazyLock::new(|| {
            let only = Bitrix24Only::default()
                .with("apartment_type", &["54"])
                .with("unit_room", &["1294", ""])
                .with("tenant_contract_price", &["1"]);
            Bitrix24::new(Settings { only, ..settings() })
        });
        &*ONE
    }
}

fn of<S: memory::Subject>(records: &[Change]) -> memory::Ledger<S> {
    let mut ledger = memory::Ledger::default();
    for (kind, id, body) in records {
        ledger.put(kind, id, body.as_deref());
    }
    ledger
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_change_touches_whatever_it_changes(
        records in vec(change(), 0..20),
        (kind, id, body) in change(),
    ) {
        let before = ledger(&records);
        let mut after = before.clone();
        let links = after.put(kind, id, body.as_deref());
        let touched = after.touched(kind, id, &links).into_iter().collect();
        prop_assert_eq!(before.missed(&after, keys(), &touched), []);
    }

    #[test]
    fn a_change_touches_whatever_it_changes_where_items_are_left_out(
        records in vec(change(), 0..20),
        (kind, id, body) in change(),
    ) {
        let before = of::<Choosing>(&records);
        let mut after = before.clone();
        let links = after.put(kind, id, body.as_deref());
        let touched = after.touched(kind, id, &links).into_iter().collect();
        prop_assert_eq!(before.missed(&after, keys(), &touched), []);
    }

    /// Records change while the links of earlier changes are still being brought up to
    /// date: `at_once` has all links first, else each is followed by what it touches.
    #[test]
    fn several_changes_touch_whatever_they_change_together(
        records in vec(change(), 0..20),
        changes in vec(change(), 1..5),
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
    fn the_same_records_project_the_same(records in vec(change(), 0..20)) {
        let first = ledger(&records);
        // Other records came and went in between, and the order was another.
        let mut second = Ledger::default();
        for (kind, id, body) in first.bodies.iter().rev().map(|((kind, id), body)| (kind, id, body)) {
            second.put(kind, id, Some(WHOLE));
            second.put(kind, id, None);
            second.put(kind, id, Some(body));
        }
        prop_assert_eq!(first.projected(&keys()), second.projected(&keys()));
    }

    /// No object of Alma is let under the number of another by mistake.
    #[test]
    fn a_contract_is_about_an_object_that_is_wanted_or_blocked(records in vec(change(), 0..20)) {
        let ledger = ledger(&records);
        let all = ledger.projected(&keys());
        for (key, wanted) in &all {
            if let (AlmaKind::TenantContract, Wanted::Yes(fields)) = (key.kind, wanted) {
                let about = fields.string("rental_object").unwrap();
                let (_, wanted) = all.iter().find(|(key, _)| key.to_string() == about).unwrap();
                prop_assert!(*wanted != Wanted::No, "{} {}", key, about);
            }
        }
    }
}

/// Any JSON.
fn json() -> impl Strategy<Value = String> {
    let leaf = any_of(&[
        "null",
        "true",
        "false",
        "0",
        "-1",
        "1e999",
        "-0.0",
        "123456789012345678901",
        "\"1\"",
        "\"_\"",
        "\"T_\"",
        "\"|\"",
        "\"1.|AED\"",
        "\"\"",
        "\"\\ud800\"",
        "\"\\u001f\"",
        "\"2023-01-15T00:00:00+99:99\"",
        "\"2023-01-1é\"",
        "\"00ё@я\"",
    ])
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
        "id",
        "title",
        "ufCrm6_1682232363193",
        "ufCrm6_1682232396330",
        "ufCrm6_1682232424142",
        "ufCrm6_1682232447205",
        "ufCrm6_1682232863625",
        "ufCrm6_1697622591377",
        "ufCrm6_1682232312628",
        "ufCrm6_1682233481671",
        "ufCrm6_1736951470242",
        "ufCrm6_1684425402",
        "ufCrm6_1682238498225",
        "ufCrm8_1684429208",
        "ufCrm8_1698838056004",
        "ufCrm10_1693823301",
        "ufCrm10_1693823247516",
        "ufCrm10_1694000435068",
        "ufCrm20_1693919019",
        "UF_CRM_20_CONTRACT_START_DATE",
        "ufCrm20ContractHistory",
        "ufCrm20_1693561495",
        "opportunity",
        "contactId",
        "NAME",
        "UF_CRM_1727788747",
        "PHONE",
        "fm",
        "VALUE",
        "BIRTHDATE",
        "Unknown",
    ]);
    vec((name, value), 0..12).prop_map(|members| {
        let members = members.iter().map(|(name, value)| format!("\"{name}\":{value}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    })
}

fn body() -> impl Strategy<Value = String> {
    let near = (any_of(&[WHOLE, SHARED, OF_WHOLE, OF_SHARED, OWNS, RENTS, OWNER]), members(json()));
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
