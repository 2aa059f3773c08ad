//! Bitrix24: the generated world, its shapes, and what happens in it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::{Value, json};
use simulator::BitrixKind::{self, Apartment, Contact, OwnerContract, TenantContract, Unit};
use simulator::{BitrixShape, Options};

use crate::simulator::Bench;

async fn world(apartments: usize, shape: BitrixShape) -> Bench {
    Bench::start(Options {
        bitrix_apartments: apartments,
        bitrix_shape: shape,
        ..Options::default()
    })
    .await
}

/// The ids that a value holds, in whatever shape.
fn ids(value: &Value) -> Vec<u64> {
    match value {
        Value::Array(values) => values.iter().flat_map(ids).collect(),
        Value::String(text) => {
            let digits = text.rsplit('_').next().unwrap_or_default();
            digits.parse().into_iter().collect()
        }
        other => other.as_u64().into_iter().collect(),
    }
}

/// All values of a field.
fn seen(items: &[Value], field: &str) -> BTreeSet<u64> {
    items.iter().flat_map(|item| ids(&item[field])).collect()
}

fn day(item: &Value, field: &str) -> Date {
    item[field].as_str().unwrap()[..10].parse().unwrap()
}

#[tokio::test]
async fn every_value_of_every_list_occurs() {
    let bench = world(102, BitrixShape::Mixed).await;
    bench.simulator.bitrix24().step(200);
    for (kind, lists) in [
        (Apartment, &["ufCrm6_1682232863625", "ufCrm6_1682233481671", "ufCrm6_1736951470242"][..]),
        (Unit, &["ufCrm8_1698838056004", "ufCrm8_1682957076924"]),
        (OwnerContract, &["ufCrm10_1708955821"]),
        (TenantContract, &["ufCrm20_1693561495"]),
    ] {
        let params = json!({"entityTypeId": kind.entity_type_id()});
        let fields = bench.bitrix_ok("crm.item.fields", params).await;
        let items = bench.all(kind).await;
        for list in lists {
            let values = &fields["result"]["fields"][list]["items"];
            let values = values.as_array().unwrap().iter().map(|value| &value["ID"]);
            let known: BTreeSet<u64> = values.flat_map(ids).collect();
            assert_eq!(seen(&items, list), known, "{list}");
        }
    }
    assert_eq!(bench.report().violations, [""; 0]);
}

#[tokio::test]
async fn units_stand_in_apartments_that_know_them() {
    let bench = world(40, BitrixShape::Odd).await;
    let apartments = bench.all(Apartment).await;
    let units = bench.all(Unit).await;
    let (mut shared, mut whole) = (0, 0);
    for apartment in &apartments {
        let own = ids(&apartment["ufCrm6_1684425402"]);
        match ids(&apartment["ufCrm6_1736951470242"])[..] {
            [4600] => shared += 1,
            [4598] => {
                whole += 1;
                assert_eq!(own.len(), 1);
            }
            _ => panic!("{apartment}"),
        }
        assert!((1..=4).contains(&own.len()));
        for id in own {
            let unit = units.iter().find(|unit| unit["id"] == id).unwrap();
            assert_eq!(ids(&unit["ufCrm8_1684429208"])[0], apartment["id"].as_u64().unwrap());
        }
    }
    assert!(shared > 10 && whole > 10);
    let there: BTreeSet<u64> = bench.simulator.bitrix24().ids(Apartment).into_iter().collect();
    let owned = seen(&bench.all(OwnerContract).await, "ufCrm10_1693823301");
    assert_eq!(owned.difference(&there).count(), 3, "some come later");
    bench.simulator.bitrix24().step(400);
    let there: BTreeSet<u64> = bench.simulator.bitrix24().ids(Apartment).into_iter().collect();
    assert_eq!(owned.difference(&there).count(), 0, "they came");
}

#[tokio::test]
async fn contracts_are_past_running_and_future_and_never_meet() {
    let bench = world(60, BitrixShape::Mixed).await;
    let bitrix24 = bench.simulator.bitrix24();
    bitrix24.step(300);
    let today = bitrix24.today();
    let contacts: BTreeSet<u64> = bitrix24.ids(Contact).into_iter().collect();
    let (mut past, mut running, mut future) = (0, 0, 0);
    let mut spans: Vec<(u64, Date, Date)> = Vec::new();
    for contract in bench.all(TenantContract).await {
        let start = day(&contract, "ufCrm20ContractStartDate");
        let end = day(&contract, "ufCrm20ContractEndDate");
        match (start <= today, end > today) {
            (true, false) => past += 1,
            (true, true) => running += 1,
            _ => future += 1,
        }
        assert!(start < end && contacts.contains(&contract["contactId"].as_u64().unwrap()));
        spans.push((ids(&contract["ufCrm20_1693919019"])[0], start, end));
    }
    assert!(past > 10 && running > 10 && future > 10);
    spans.sort();
    for pair in spans.windows(2) {
        assert!(pair[0].0 != pair[1].0 || pair[0].2 < pair[1].1, "{pair:?}");
    }
    for contract in bench.all(OwnerContract).await {
        let start = day(&contract, "ufCrm10_1708956056");
        assert!(start < day(&contract, "ufCrm10_1708955996"));
    }
}

#[tokio::test]
async fn shapes_are_odd_only_where_they_may_be() {
    let plain = world(30, BitrixShape::Documented).await;
    for apartment in plain.all(Apartment).await {
        assert!(apartment["ufCrm6_1682232863625"].is_u64());
        assert!(
            apartment["ufCrm6_1682238498225"].is_null()
                || apartment["ufCrm6_1682238498225"].is_array()
        );
        assert!(apartment["ufCrm6_1684425402"][0].is_u64());
    }
    let odd = world(30, BitrixShape::Odd).await;
    let links = odd.all(OwnerContract).await;
    let link = |contract: &Value| contract["ufCrm10_1693823301"].clone();
    assert!(links.iter().any(|one| link(one).is_array()));
    let prefixed = |one: &Value| link(one).as_str().is_some_and(|text| text.starts_with("T90_"));
    assert!(links.iter().any(prefixed));
    let again = odd.all(OwnerContract).await;
    assert!(links.iter().map(link).eq(again.iter().map(link)), "a value keeps its shape");
    let dates = links.iter().map(|one| one["ufCrm10_1693823247516"].as_str().unwrap().len());
    assert!(dates.eq(std::iter::repeat_n(10, links.len())));
}

#[tokio::test]
async fn the_same_seed_makes_the_same_files() {
    let (one, other) = (world(12, BitrixShape::Mixed).await, world(12, BitrixShape::Mixed).await);
    let kinds = [Apartment, Unit, OwnerContract, TenantContract, Contact];
    let written = |bench: &Bench, kind: BitrixKind| {
        let bitrix24 = bench.simulator.bitrix24().clone();
        let items = bitrix24.ids(kind).into_iter();
        let items = items.map(|id| bitrix24.item(kind, id).unwrap());
        items.collect::<Vec<_>>()
    };
    for kind in kinds {
        assert_eq!(written(&one, kind), written(&other, kind));
    }
    let (mut count, mut photos) = (0, 0);
    for id in 7001.. {
        let bytes = one.simulator.bitrix24().file(id);
        assert_eq!(bytes, other.simulator.bitrix24().file(id));
        let Some(bytes) = bytes else { break };
        assert!((20_000..200_000).contains(&bytes.len()));
        photos += usize::from(bytes.starts_with(&[0xff, 0xd8]));
        count += 1;
    }
    assert!(photos > 5 && count > photos);
}

#[tokio::test]
async fn what_happens_moves_the_time_of_change() {
    let bench = world(30, BitrixShape::Mixed).await;
    let bitrix24 = bench.simulator.bitrix24();
    let now = bitrix24.today().at(12, 0, 0, 0);
    bitrix24.set_now(Some(now));
    let kinds = [Apartment, Unit, TenantContract, Contact];
    let changed = async || {
        let mut count = 0;
        for kind in kinds {
            let filter = json!({">=updatedTime": now.to_string()});
            let params = json!({"entityTypeId": kind.entity_type_id(), "filter": filter});
            count += bench.listed(params).await.len();
        }
        count
    };
    assert_eq!(changed().await, 0);
    bitrix24.step(60);
    assert!(changed().await > 20);
}

#[tokio::test]
async fn units_may_have_the_ids_of_apartments() {
    let bench =
        Bench::start(Options { bitrix_apartments: 5, bitrix_same_ids: true, ..Options::default() })
            .await;
    let bitrix24 = bench.simulator.bitrix24();
    assert_eq!(bitrix24.ids(Unit)[..5], bitrix24.ids(Apartment)[..]);
}

#[tokio::test]
async fn twenty_thousand_items_are_listed_page_by_page() {
    let bench = Bench::start(Options { record: false, ..Options::default() }).await;
    let bitrix24 = bench.simulator.bitrix24();
    for id in 1..=20_000 {
        bitrix24.put(Unit, id, r#"{"title":"U"}"#);
    }
    assert_eq!(bench.all(Unit).await.len(), 20_000);
    for last in (0..20_000).step_by(1000) {
        let filter = json!({">id": last, ">=updatedTime": "2020-01-01 00:00:00"});
        let params = json!({"entityTypeId": 167, "filter": filter, "start": -1});
        assert_eq!(bench.listed(params).await[0], last + 1);
    }
}
