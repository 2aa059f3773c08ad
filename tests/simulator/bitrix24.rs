//! Bitrix24's webhook: lists, pages, names, batches, refusals.

use serde_json::{Value, json};
use uzhkh_ledger::simulator::BitrixKind::{
    Apartment, Contact, OwnerContract, TenantContract, Unit,
};
use uzhkh_ledger::simulator::{BitrixOptions, Bucket, Endpoint, Fault, FaultKind, Options};

use crate::Bench;
use crate::bitrix24_bench::encoded;

const NUMBER: &str = "ufCrm6_1682232396330";

/// So many apartments, changed a minute after one another.
async fn apartments(count: u64) -> Bench {
    let bench = Bench::empty().await;
    for id in 1..=count {
        let (hour, minute) = (id / 60 % 24, id % 60);
        let fields = json!({
            "title": format!("A-{id}"),
            NUMBER: id.to_string(),
            "updatedTime": format!("2026-11-20T{hour:02}:{minute:02}:00+03:00"),
        });
        let bitrix24 = bench.simulator.bitrix24();
        bitrix24.put(Apartment, id, &fields.to_string());
    }
    bench
}

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
    assert_eq!(
        list(json!({">=updatedTime": since}), json!({})).await,
        [118, 119, 120]
    );
    let sql = json!({">=updatedTime": "2026-11-20 01:58:00", ">id": 118});
    assert_eq!(list(sql, json!({"id": "DESC"})).await, [120, 119]);
    let utc = json!({">updatedTime": "2026-11-19T22:58:00Z"});
    assert_eq!(list(utc, json!({"updatedTime": "DESC"})).await, [120, 119]);
    let several = json!({"@id": [3, "5", 500], "!=title": "A-5"});
    assert_eq!(list(several, json!({})).await, [3]);
    let text = json!({"title": "A-7", NUMBER: "7"});
    assert_eq!(list(text, json!({"title": "ASC"})).await, [7]);
    assert_eq!(
        list(json!({"%title": "A-11", "<=id": 111}), json!({})).await,
        [11, 110, 111]
    );
    assert_eq!(bench.report().violations, [""; 0]);
    let unknown = json!({">DATE_MODIFY": since, ">=createdtime": since});
    assert_eq!(list(unknown, json!({})).await.len(), 50);
    assert_eq!(bench.report().violations.len(), 2);
}

#[tokio::test]
async fn a_portal_may_filter_nothing_by_an_iso_moment() {
    let bench = apartments(60).await;
    let bitrix24 = bench.simulator.bitrix24();
    bitrix24.set_options(BitrixOptions {
        ignores_iso: true,
        ..BitrixOptions::default()
    });
    for (since, count) in [
        ("2026-11-20T00:59:00+03:00", 60),
        ("2026-11-20 00:59:00", 2),
    ] {
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
    assert_eq!(
        bitrix24.item(TenantContract, 5).unwrap()["OPPORTUNITY"],
        "12500.10"
    );

    let fields = bench
        .bitrix_ok("crm.item.fields", json!({"entityTypeId": 183}))
        .await;
    let fields = &fields["result"]["fields"];
    let start = &fields["ufCrm20ContractStartDate"];
    assert_eq!(start["upperName"], "UF_CRM_20_CONTRACT_START_DATE");
    assert_eq!(
        fields["ufCrm20_1693561495"]["items"][0],
        json!({"ID": "882", "VALUE": "Airbnb"})
    );
    let types = bench.bitrix_get("crm.type.list.json", &[]).await;
    let ids = |value: &Value| (value["id"].as_u64(), value["entityTypeId"].as_u64());
    let types: Vec<_> = types["result"]["types"]
        .as_array()
        .unwrap()
        .iter()
        .map(ids)
        .collect();
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
    bitrix24.put(
        Contact,
        4,
        r#"{"name":"Лада","updatedTime":"2026-11-20T11:00:00+03:00"}"#,
    );
    let plain = bench
        .bitrix_get("crm.contact.list", &[("order[ID]", "ASC")])
        .await;
    let rows = plain["result"].as_array().unwrap();
    assert_eq!(
        (&rows[0]["ID"], &rows[0]["NAME"]),
        (&json!("3"), &json!("Кира"))
    );
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
    assert_eq!(
        (&first["id"], &first["fm"][0]["typeId"]),
        (&json!(3), &json!("PHONE"))
    );
    assert_eq!(first["ufCrm_1727788747"], "kira@example.com");
    let missing = bench.bitrix("crm.contact.get", json!({"id": 9})).await;
    assert_eq!(
        missing,
        (400, json!({"error": "", "error_description": "Not found"}))
    );
    assert_eq!(bench.report().violations, [""; 0]);
}

#[tokio::test]
async fn a_batch_does_fifty_commands() {
    let bench = apartments(60).await;
    let cmd: serde_json::Map<String, Value> = [
        (
            "list",
            "crm.item.list?entityTypeId=144&filter[%3Eid]=3&order[id]=ASC".to_owned(),
        ),
        ("one", "crm.item.get?entityTypeId=144&id=7".to_owned()),
        ("gone", "crm.item.get?entityTypeId=144&id=700".to_owned()),
    ]
    .into_iter()
    .map(|(key, command)| (key.to_owned(), json!(command)))
    .collect();
    let answer = bench
        .bitrix_ok("batch", json!({"halt": 0, "cmd": cmd}))
        .await;
    let result = &answer["result"];
    assert_eq!(result["result"]["list"]["items"][0]["id"], 4);
    assert_eq!(result["result"]["one"]["item"]["title"], "A-7");
    assert_eq!(result["result_error"]["gone"]["error"], "NOT_FOUND");
    assert_eq!(result["result_next"], json!({"list": 50}));
    assert_eq!(result["result_total"], json!({"list": 57}));
    let list = json!({"cmd": ["crm.item.get?entityTypeId=144&id=7"]});
    let answer = bench.bitrix_ok("batch", list).await;
    assert_eq!(answer["result"]["result"][0]["item"]["id"], 7);
    assert_eq!(answer["result"]["result_error"], json!([]));
    assert_eq!(answer["result"]["result_next"], json!([]));
    assert_eq!(bench.report().violations, [""; 0]);

    let nested =
        json!({"cmd": {"a": "batch?cmd[b]=x", "c": "crm.controller.item.getFile?token=1"}});
    let answer = bench.bitrix_ok("batch", nested).await;
    assert_eq!(answer["result"]["result"], json!([]));
    let error = &answer["result"]["result_error"]["c"]["error"];
    assert_eq!(error, "ERROR_BATCH_METHOD_NOT_ALLOWED");
    let many = vec!["crm.type.list"; 51];
    assert_eq!(bench.bitrix("batch", json!({"cmd": many})).await.0, 400);
    assert_eq!(bench.report().violations.len(), 3);
    bench
        .simulator
        .inject(Fault::new(FaultKind::CommandFails).times(1));
    let two = json!({"cmd": ["crm.type.list", "crm.type.list"]});
    let answer = bench.bitrix_ok("batch", two).await;
    assert_eq!(
        answer["result"]["result_error"][0]["error"],
        "OPERATION_TIME_LIMIT"
    );
    assert!(answer["result"]["result"]["1"].is_object());
}

#[tokio::test]
async fn refusals_have_the_documented_codes() {
    let bench = apartments(1).await;
    let get = |entity: u32, id: u32| {
        bench.bitrix("crm.item.get", json!({"entityTypeId": entity, "id": id}))
    };
    let (status, answer) = get(144, 9).await;
    assert_eq!((status, &answer["error"]), (400, &json!("NOT_FOUND")));
    let (status, answer) = get(145, 1).await;
    assert_eq!((status, &answer["error"]), (400, &json!("NOT_FOUND")));
    let (status, answer) = bench.bitrix("crm.item.get", json!({"id": 1})).await;
    assert_eq!((status, &answer["error"]), (400, &json!("100")));
    let (status, answer) = bench.bitrix("crm.item.delete", json!({})).await;
    assert_eq!(
        (status, &answer["error"]),
        (404, &json!("ERROR_METHOD_NOT_FOUND"))
    );
    assert_eq!(bench.report().violations.len(), 2);
    let bitrix24 = bench.simulator.bitrix24();
    for url in [
        bitrix24.webhook_url().replace("/1/", "/2/"),
        format!("http://{}/rest/1/wrong/", bench.simulator.address()),
        format!("http://{}/rest/", bench.simulator.address()),
    ] {
        let response = bench.client.get(format!("{url}crm.type.list")).send().await;
        let response = response.unwrap();
        assert_eq!(response.status(), 401, "{url}");
        let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(answer["error"], "NO_AUTH_FOUND");
    }
    assert_eq!(bench.report().unauthorized, 3);
    for (kind, status, code) in [
        (FaultKind::QueryLimit, 503, "QUERY_LIMIT_EXCEEDED"),
        (FaultKind::OperationLimit, 429, "OPERATION_TIME_LIMIT"),
        (FaultKind::Overload, 503, "OVERLOAD_LIMIT"),
        (FaultKind::Forbidden, 403, "INVALID_CREDENTIALS"),
    ] {
        let fault = Fault::new(kind).at(Endpoint::BitrixGet).times(1);
        bench.simulator.inject(fault);
        let (given, answer) = get(144, 1).await;
        assert_eq!((given, &answer["error"]), (status, &json!(code)));
    }
    assert_eq!(get(144, 1).await.0, 200);
}

#[tokio::test]
async fn a_full_bucket_refuses() {
    let bench = Bench::start(Options {
        bitrix: BitrixOptions {
            bucket: Some(Bucket {
                per_second: 0.0,
                burst: 3.0,
            }),
            has_operating: false,
            ..BitrixOptions::default()
        },
        ..Options::default()
    })
    .await;
    for status in [200, 200, 200, 503, 503] {
        let (given, answer) = bench.bitrix("crm.type.list", json!({})).await;
        assert_eq!(given, status);
        assert!(answer["time"].get("operating").is_none());
    }
    let bitrix24 = bench.simulator.bitrix24();
    bitrix24.set_options(BitrixOptions::default());
    let answer = bench.bitrix_ok("crm.type.list", json!({})).await;
    assert!(answer["time"]["operating_reset_at"].is_u64());
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
    assert_eq!(
        bitrix24.field(Apartment, 1, "title").as_deref(),
        Some(r#""uno""#)
    );
}
