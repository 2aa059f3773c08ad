//! Bitrix24's webhook: batches, limits, refusals.

use serde_json::{Value, json};
use simulator::{BitrixOptions, Bucket, Endpoint, Fault, FaultKind, Options};

use crate::simulator::Bench;
use crate::simulator::bitrix24_bench::apartments;

#[tokio::test]
async fn a_batch_does_fifty_commands() {
    let bench = apartments(60).await;
    let cmd: serde_json::Map<String, Value> = [
        ("list", "crm.item.list?entityTypeId=144&filter[%3Eid]=3&order[id]=ASC".to_owned()),
        ("one", "crm.item.get?entityTypeId=144&id=7".to_owned()),
        ("gone", "crm.item.get?entityTypeId=144&id=700".to_owned()),
    ]
    .into_iter()
    .map(|(key, command)| (key.to_owned(), json!(command)))
    .collect();
    let answer = bench.bitrix_ok("batch", json!({"halt": 0, "cmd": cmd})).await;
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
    bench.simulator.inject(Fault::new(FaultKind::CommandFails).times(1));
    let two = json!({"cmd": ["crm.type.list", "crm.type.list"]});
    let answer = bench.bitrix_ok("batch", two).await;
    assert_eq!(answer["result"]["result_error"][0]["error"], "OPERATION_TIME_LIMIT");
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
    assert_eq!((status, &answer["error"]), (404, &json!("ERROR_METHOD_NOT_FOUND")));
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
    assert!("overload@BitrixBatch=0.5x2".parse::<Fault>().is_ok());
    for nowhere in ["query_limit@Feed=1", "command_fails@BitrixList=1"] {
        assert!(nowhere.parse::<Fault>().is_err(), "{nowhere}");
    }
}

#[tokio::test]
async fn a_full_bucket_refuses() {
    let bench = Bench::start(Options {
        bitrix: BitrixOptions {
            bucket: Some(Bucket { per_second: 0.0, burst: 3.0 }),
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
