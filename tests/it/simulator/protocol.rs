//! Queues, lists, decisions, the token and the witness.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use simulator::{DownloadMode, Options};

use crate::simulator::{Bench, counter};

#[tokio::test]
async fn entries_stay_in_order_until_deleted() {
    let bench = Bench::empty().await;
    let uzhkh = bench.simulator.uzhkh();
    uzhkh.push_request(counter("a", "1"));
    uzhkh.push_request("{ \"Guid\" :\t\"b\", \"Odd\": 1234.10 }");
    uzhkh.push_request(counter("c", "3"));
    let (_, body) = bench.get("To1c/Requests").await;
    assert!(body.contains("{ \"Guid\" :\t\"b\", \"Odd\": 1234.10 }"), "verbatim: {body}");
    assert_eq!(bench.get("To1c/Delete?guid=b").await, (200, String::new()));
    assert_eq!(bench.get("To1c/Delete?GUID=b").await.0, 404);
    assert_eq!(bench.get("To1c/Delete?guid=never").await.0, 404);
    let left = bench.json("To1c/Requests").await;
    assert_eq!(left[0]["Guid"], "a");
    assert_eq!(left[1]["Guid"], "c");
    assert_eq!((uzhkh.queue_len(), left.as_array().unwrap().len()), (2, 2));
    let report = bench.report();
    assert_eq!(report.deletes["b"], [None, None]);
    assert_eq!(report.repeated_deletes, 1);
    assert_eq!(report.unknown_deletes["never"], 1);
    assert_eq!(report.violations, [""; 0]);
}

#[tokio::test]
async fn a_newer_entry_of_the_same_guid_survives_the_delete_of_the_older() {
    let bench = Bench::empty().await;
    let uzhkh = bench.simulator.uzhkh();
    uzhkh.push_request(counter("a", "1"));
    bench.get("To1c/Requests").await;
    uzhkh.push_request(counter("a", "2"));
    assert_eq!(bench.get("To1c/Delete?guid=a").await.0, 200);
    assert_eq!(bench.json("To1c/Requests").await[0]["Counter"]["Id"], "2");
}

#[tokio::test]
async fn rubbish_is_offered_and_cannot_be_deleted() {
    let bench = Bench::empty().await;
    bench.simulator.uzhkh().push_request("{\"Guid\":\"x\",");
    let (_, body) = bench.get("To1c/Requests").await;
    assert_eq!(body, "[{\"Guid\":\"x\",]");
    assert_eq!(bench.get("To1c/Delete?guid=x").await.0, 404);
}

#[tokio::test]
async fn batch_limit_and_wrapping() {
    let bench =
        Bench::start(Options { batch_limit: Some(2), wrap_items: true, ..Options::default() })
            .await;
    for guid in ["a", "b", "c"] {
        bench.simulator.uzhkh().push_request(counter(guid, guid));
    }
    let answer = bench.json("To1c/Requests").await;
    assert_eq!(answer["Items"].as_array().unwrap().len(), 2);
    bench.simulator.uzhkh().set_batch_limit(None);
    let answer = bench.json("To1c/Requests").await;
    assert_eq!(answer["Items"].as_array().unwrap().len(), 3);
    let none = bench.json("To1c/DeletedItems").await;
    assert_eq!(none, json!({"Items": []}));
}

#[tokio::test]
async fn everything_demands_the_token() {
    let bench = Bench::empty().await;
    let base = bench.simulator.base_url();
    for path in ["To1c/Requests", "To1c/Delete?guid=a", "SetId", "Synchronization/DownloadDocs"] {
        let plain = bench.client.get(format!("{base}{path}")).send().await.unwrap();
        assert_eq!(plain.status(), 403);
        assert_eq!(plain.text().await.unwrap().trim_matches('"'), "notAuthorized");
    }
    bench.simulator.uzhkh().set_token("another");
    assert_eq!(bench.word("To1c/Requests").await, (403, "notAuthorized".to_owned()));
    let report = bench.report();
    assert_eq!((report.unauthorized, report.violations.len()), (5, 0));
}

#[tokio::test]
async fn lists_come_in_pages() {
    let bench = Bench::start(Options { page_size: 2, ..Options::default() }).await;
    let uzhkh = bench.simulator.uzhkh();
    let items = ["1", "2", "3"].map(|id| format!(r#"{{"Id":"{id}","Balance":5.10}}"#));
    uzhkh.set_download("Accounts", items.to_vec());
    let page =
        async |query: &str| bench.json(&format!("Synchronization/DownloadAccounts{query}")).await;
    let ids = |page: &Value| -> Vec<String> {
        let items = page["Items"].as_array().unwrap().iter();
        items.map(|item| item["Id"].as_str().unwrap().to_owned()).collect()
    };
    for first in ["", "?page=", "?page=0", "?page=-3", "?page=1", "?Page=1"] {
        let first = page(first).await;
        assert_eq!(ids(&first), ["1", "2"]);
        assert_eq!((&first["Page"], &first["NoResults"]), (&json!(1), &json!(false)));
    }
    let second = page("?page=2").await;
    assert_eq!((ids(&second), &second["NoResults"]), (vec!["3".to_owned()], &json!(false)));
    for beyond in ["?page=3", "?page=4", "?page=9223372036854775807"] {
        let beyond = page(beyond).await;
        assert_eq!((ids(&beyond).len(), &beyond["NoResults"]), (0, &json!(true)));
    }
    uzhkh.set_download_mode("Accounts", DownloadMode::IgnoresPage);
    assert_eq!(ids(&page("?page=9").await), ["1", "2"]);
    uzhkh.set_download_mode("Accounts", DownloadMode::NeverEnds);
    assert_eq!(
        (ids(&page("?page=9").await), &page("?page=9").await["NoResults"]),
        (vec!["3".to_owned()], &json!(false))
    );
    uzhkh.set_download_mode("Accounts", DownloadMode::EndlessEmpty);
    let empty = page("?page=9").await;
    assert_eq!((ids(&empty).len(), &empty["NoResults"]), (0, &json!(false)));
    uzhkh.set_download_mode("Accounts", DownloadMode::EndlessNew);
    assert_eq!(ids(&page("?page=9").await).len(), 2);
    assert_ne!(ids(&page("?page=9").await), ids(&page("?page=10").await));
    assert_eq!(bench.report().violations, [""; 0]);
}

#[tokio::test]
async fn decisions_are_kept_and_a_second_one_is_wrong() {
    let bench = Bench::empty().await;
    let register = "Synchronization/HandleRequestToRegister?id=7&isApprove=false&isReject=true\
        &cause=%D0%BD%D0%B5%D1%82&isSendNotification=True";
    assert_eq!(bench.get(register).await.0, 200);
    let adding = "Synchronization/HandleRequestToObjectAdding?id=7&isApprove=true&isReject=false\
        &accountNumber=12&isSendNotification=false";
    assert_eq!(bench.get(adding).await.0, 200);
    let report = bench.report();
    assert_eq!(report.violations, [""; 0]);
    assert_eq!(report.register_decisions["7"][0].parameters["cause"], "нет");
    assert_eq!(report.object_decisions["7"][0].parameters["accountnumber"], "12");
    bench.get(register).await;
    let report = bench.report();
    assert_eq!(report.register_decisions["7"][0].times, 2);
    assert_eq!(report.violations.len(), 1);
}

#[tokio::test]
async fn the_witness_sees_the_entry_before_it_goes() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let bench = Bench::start(Options {
        witness: Some(Arc::new(move |item| {
            told.lock().unwrap().push(item.clone());
            match item.queue {
                "deleted" => Err("not there".to_owned()),
                _ => Ok(()),
            }
        })),
        ..Options::default()
    })
    .await;
    bench.simulator.uzhkh().push_request(counter("a", "--1"));
    let deleted = bench.simulator.uzhkh().push_deletion("payment", "9");
    bench.get("To1c/Delete?guid=a&objectId=P").await;
    bench.get(&format!("To1c/Delete?guid={deleted}")).await;
    bench.get("To1c/Delete?guid=unknown").await;
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    assert_eq!((seen[0].queue, seen[0].object_id.as_deref()), ("requests", Some("P")));
    assert_eq!(&*seen[0].body, counter("a", "--1").as_bytes());
    let violations = bench.report().violations;
    assert_eq!(violations.len(), 1);
    assert!(violations[0].contains("acknowledged before commit: not there"));
}

#[tokio::test]
async fn the_report_and_readiness_need_no_token() {
    let bench = Bench::empty().await;
    let address = bench.simulator.address();
    let get = async |path: &str| {
        let response = bench.client.get(format!("http://{address}{path}")).send().await.unwrap();
        response.text().await.unwrap()
    };
    assert_eq!(get("/simulator/ready").await, "ready\n");
    let report: Value = serde_json::from_str(&get("/simulator/report").await).unwrap();
    assert_eq!(report["violations"], json!([]));
    bench.simulator.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn envelopes_arrive_at_a_rate() {
    let bench = Bench::start(Options { rate: 500.0, ..Options::default() }).await;
    bench.report_when(|report| report.waiting_requests >= 20).await;
}
