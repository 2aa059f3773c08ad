//! Bitrix24's webhook: lists, pages, names, changes.

use serde_json::{Value, json};
use simulator::BitrixKind::{Apartment, Contact, OwnerContract, TenantContract, Unit};
use simulator::BitrixOptions;

use crate::simulator::Bench;
use crate::simulator::bitrix24_bench::{NUMBER, apartments, encoded};

#[tokio::test]
async fn pages_come_with_a_count_or_quickly() {
    let bench = apartments(120).await;
    let mut start = json!(0);
    let mut seen = Vec::new();
    loop {
        let params = json!({"entityTypeId": 144, "start": start, "select": ["id"]});
        let answer = bench.bitrix_ok("crm.item.list", params).await;
        assert_eq!(answer["total"], 120);
        let items = answer["result"]["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["id"].as_u64().unwrap()));
        assert_eq!(items[0], json!({"id": start.as_u64().unwrap() + 1}));
        match answer.get("next") {
            Some(next) => start = next.clone(),
            None => break,
        }
    }
    assert_eq!(seen, (1..=120).collect::<Vec<u64>>());
    let all = bench.all(Apartment).await;
    assert_eq!(all.len(), 120);
    assert_eq!(all[119][NUMBER], "120");
    assert_eq!(all[119]["updatedTime"], "2026-11-20T02:00:00+03:00");
    assert_eq!(bench.report().violations, [""; 0]);
    assert_eq!(bench.report().requests["BitrixList"], 6);
    assert_eq!(bench.simulator.bitrix24().calls(), 6);
}

#[tokio::test]
async fn filters_and_orders_are_the_documented_ones() {
    let bench = apartments(120).await;
    let list = |filter: Value, order: Value| {
        let filter = filter.clone();
        let params = json!({"entityTypeId": 144, "filter": filter, "order": order, "start": -1});
        bench.listed(params)
    };
    let since = "2026-11-20T01:58:00+03:00";
    assert_eq!(list(json!({">=updatedTime": since}), json!({})).await, [118, 119, 120]);
    let sql = json!({">=updatedTime": "2026-11-20 01:58:00", ">id": 118});
    assert_eq!(list(sql, json!({"id": "DESC"})).await, [120, 119]);
    let utc = json!({">updatedTime": "2026-11-19T22:58:00Z"});
    assert_eq!(list(utc, json!({"updatedTime": "DESC"})).await, [120, 119]);
    let several = json!({"@id": [3, "5", 500], "!=title": "A-5"});
    assert_eq!(list(several, json!({})).await, [3]);
    let text = json!({"title": "A-7", NUMBER: "7"});
    assert_eq!(list(text, json!({"title": "ASC"})).await, [7]);
    assert_eq!(list(json!({"%title": "A-11", "<=id": 111}), json!({})).await, [11, 110, 111]);
    assert_eq!(bench.report().violations, [""; 0]);
    let unknown = json!({">DATE_MODIFY": since, ">=createdtime": since});
    assert_eq!(list(unknown, json!({})).await.len(), 50);
    assert_eq!(bench.report().violations.len(), 2);
}

#[tokio::test]
async fn a_portal_may_filter_nothing_by_an_iso_moment() {
    let bench = apartments(60).await;
    let bitrix24 = bench.simulator.bitrix24();
    bitrix24.set_options(BitrixOptions { ignores_iso: true, ..BitrixOptions::default() });
    for (since, count) in [("2026-11-20T00:59:00+03:00", 60), ("2026-11-20 00:59:00", 2)] {
        let params = json!({"entityTypeId": 144, "filter": {">=updatedTime": since}});
        let answer = bench.bitrix_ok("crm.item.list", params).await;
        assert_eq!(answer["total"], count);
    }
}

#[tokio::test]
async fn fields_have_two_names() {
    let bench = Bench::empty().await;
    let bitrix24 = bench.simulator.bitrix24();
    bitrix24.put(
        TenantContract,
        5,
        r#"{"UF_CRM_20_CONTRACT_START_DATE":"2026-01-01",
        "opportunity":12500.10,"ufCrm20_1693919019":"Ta7_9","contactId":3}"#,
    );
    let plain = json!({"entityTypeId": 183, "id": "5"});
    let text = bench.bitrix_ok("crm.item.get", plain).await;
    let item = &text["result"]["item"];
    assert_eq!(item["ufCrm20ContractStartDate"], "2026-01-01");
    assert_eq!(item["ufCrm20_1693919019"], "Ta7_9");
    assert!(item["ufCrm20Contract"].as_array().unwrap().is_empty());
    let original = json!({"entityTypeId": 183, "id": 5, "useOriginalUfNames": "Y"});
    let original = bench.bitrix_ok("crm.item.get", original).await;
    let item = &original["result"]["item"];
    assert_eq!(item["UF_CRM_20_CONTRACT_START_DATE"], "2026-01-01");
    assert_eq!(item["contactId"], 3);
    bitrix24.change(TenantContract, 5, "ufCrm20_1693561495", "[886]");
    let changed = bitrix24.field(TenantContract, 5, "UF_CRM_20_1693561495");
    assert_eq!(changed.as_deref(), Some("[886]"));
    assert_eq!(bitrix24.item(TenantContract, 5).unwrap()["OPPORTUNITY"], "12500.10");

    let fields = bench.bitrix_ok("crm.item.fields", json!({"entityTypeId": 183})).await;
    let fields = &fields["result"]["fields"];
    let start = &fields["ufCrm20ContractStartDate"];
    assert_eq!(start["upperName"], "UF_CRM_20_CONTRACT_START_DATE");
    assert_eq!(fields["ufCrm20_1693561495"]["items"][0], json!({"ID": "882", "VALUE": "Airbnb"}));
    let types = bench.bitrix_get("crm.type.list.json", &[]).await;
    let ids = |value: &Value| (value["id"].as_u64(), value["entityTypeId"].as_u64());
    let types: Vec<_> = types["result"]["types"].as_array().unwrap().iter().map(ids).collect();
    let known = [(6, 144), (8, 167), (10, 148), (20, 183)];
    assert_eq!(types, known.map(|(id, entity)| (Some(id), Some(entity))));
}

#[tokio::test]
async fn contacts_have_a_manner_of_their_own() {
    let bench = Bench::empty().await;
    let bitrix24 = bench.simulator.bitrix24();
    let phone = r#"[{"ID":"11","VALUE_TYPE":"WORK","VALUE":"+7 900 000-12-34","TYPE_ID":"PHONE"}]"#;
    let fields = format!(
        r#"{{"NAME":"Кира","UF_CRM_1727788747":"kira@example.com","PHONE":{phone},
        "DATE_MODIFY":"2026-11-20T10:00:00+03:00"}}"#
    );
    bitrix24.put(Contact, 3, &fields);
    bitrix24.put(Contact, 4, r#"{"name":"Лада","updatedTime":"2026-11-20T11:00:00+03:00"}"#);
    let plain = bench.bitrix_get("crm.contact.list", &[("order[ID]", "ASC")]).await;
    let rows = plain["result"].as_array().unwrap();
    assert_eq!((&rows[0]["ID"], &rows[0]["NAME"]), (&json!("3"), &json!("Кира")));
    assert_eq!(rows[0]["HAS_PHONE"], "Y");
    assert!(rows[0].get("PHONE").is_none());
    assert_eq!(rows[0]["DATE_MODIFY"], "2026-11-20T10:00:00+03:00");
    let form = encoded(&[
        ("select[]", "ID"),
        ("select[]", "PHONE"),
        ("filter[>=DATE_MODIFY]", "2026-11-20 09:00:00"),
        ("start", "-1"),
    ]);
    let url = format!("{}crm.contact.list.json", bitrix24.webhook_url());
    let request = bench.client.post(url).body(form);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let text = request.send().await.unwrap().text().await.unwrap();
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["result"][0]["PHONE"][0]["VALUE"], "+7 900 000-12-34");
    assert_eq!(answer["result"][1], json!({"ID": "4"}));
    let one = bench.bitrix_get("crm.contact.get", &[("id", "3")]).await;
    assert_eq!(one["result"]["PHONE"][0]["VALUE_TYPE"], "WORK");
    let params = json!({"entityTypeId": 3, "select": ["*"]});
    let items = bench.bitrix_ok("crm.item.list", params).await;
    let first = &items["result"]["items"][0];
    assert_eq!((&first["id"], &first["fm"][0]["typeId"]), (&json!(3), &json!("PHONE")));
    assert_eq!(first["ufCrm_1727788747"], "kira@example.com");
    let missing = bench.bitrix("crm.contact.get", json!({"id": 9})).await;
    assert_eq!(missing, (400, json!({"error": "", "error_description": "Not found"})));
    assert_eq!(bench.report().violations, [""; 0]);
}

#[tokio::test]
async fn items_change_and_go() {
    let bench = Bench::empty().await;
    let bitrix24 = bench.simulator.bitrix24();
    bitrix24.set_now(Some("2026-11-22T10:00:00".parse().unwrap()));
    for kind in [Apartment, Unit, OwnerContract] {
        bitrix24.put(kind, 1, r#"{"title":"one"}"#);
        bitrix24.put(kind, 2, r#"{"title":"two"}"#);
    }
    bitrix24.set_now(Some("2026-11-22T11:00:00".parse().unwrap()));
    bitrix24.touch(Unit, 2);
    bitrix24.change(Apartment, 1, "title", r#""uno""#);
    assert!(bitrix24.remove(OwnerContract, 1) && !bitrix24.remove(OwnerContract, 1));
    let changed = |entity: u32| {
        let filter = json!({">=updatedTime": "2026-11-22T10:30:00+03:00"});
        bench.listed(json!({"entityTypeId": entity, "filter": filter}))
    };
    assert_eq!(changed(144).await, [1]);
    assert_eq!(changed(167).await, [2]);
    assert_eq!(changed(148).await, [0; 0]);
    assert_eq!(bitrix24.ids(OwnerContract), [2]);
    assert_eq!(bitrix24.field(Apartment, 1, "title").as_deref(), Some(r#""uno""#));
}
