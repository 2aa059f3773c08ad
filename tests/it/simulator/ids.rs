//! Ids: how they are assigned, where they show, and what is wrong to ask.

use serde_json::{Value, json};
use simulator::{Options, WordStyle};

use crate::simulator::{Bench, counter};

#[tokio::test]
async fn object_id_replaces_the_temporary_id() {
    let bench = Bench::empty().await;
    let uzhkh = bench.simulator.uzhkh();
    uzhkh.push_request(counter("a", "--5"));
    uzhkh.push_request(counter("b", "--5"));
    assert_eq!(bench.get("To1c/Delete?guid=a&ObjectId=33%20d%D0%AB").await.0, 200);
    assert_eq!(uzhkh.current_id("counter", "--5"), "33 dЫ");
    // What is queued keeps its text, what comes later has the new id.
    assert_eq!(bench.json("To1c/Requests").await[0]["Counter"]["Id"], "--5");
    let guid = uzhkh.push_deletion("counter", "--5");
    let deleted = bench.json("To1c/DeletedItems").await;
    assert_eq!(deleted[0], json!({"Guid": guid, "Id": "33 dЫ", "Type": "counter"}));
    assert_eq!(
        bench.word("SetId?uzhkId=--5&externalId=33%20d%D0%AB&type=counter").await.1,
        "notFound"
    );
    assert_eq!(bench.get("To1c/Delete?guid=b&objectId=33%20d%D0%AB").await.0, 200);
    assert_eq!(bench.get(&format!("To1c/Delete?guid={guid}")).await.0, 200);
    let report = bench.report();
    assert_eq!(report.violations, [""; 0]);
    assert_eq!(report.identities["counter/--5"].len(), 1);
    assert_eq!((report.waiting_requests, report.waiting_deleted), (0, 0));
}

#[tokio::test]
async fn set_id_answers_each_documented_word() {
    for words in [WordStyle::Plain, WordStyle::Json] {
        let bench = Bench::start(Options { words, ..Options::default() }).await;
        bench.simulator.uzhkh().push_request(
            r#"{"Guid":"a","Account":{"Id":"--1","Persons":[{"Id":"--1"},{"Id":"--2"}]}}"#,
        );
        for (query, status, word) in [
            ("uzhkId=--1&externalId=A", 404, "noData"),
            ("uzhkId=&externalId=A&type=account", 404, "noData"),
            ("uzhkId=--1&externalId=A&type=car", 404, "unknownType"),
            ("uzhkId=--9&externalId=A&type=resident", 404, "notFound"),
            ("uzhkId=--2&externalId=R2&type=resident", 200, "success"),
            ("UZHKID=--1&EXTERNALID=R1&TYPE=resident", 200, "success"),
            ("uzhkId=--1&externalId=A&type=account", 200, "success"),
            ("uzhkId=--1&externalId=A&type=account", 404, "notFound"),
        ] {
            let (given, body) = bench.get(&format!("SetId?{query}")).await;
            let expected = match words {
                WordStyle::Json => format!("\"{word}\""),
                _ => word.to_owned(),
            };
            assert_eq!((given, body), (status, expected), "{query}");
        }
        let report = bench.report();
        assert_eq!(report.violations, [""; 0]);
        assert_eq!(report.set_ids.len(), 8);
        assert!(report.identities["resident/--1"].contains("R1"));
        assert!(report.identities["account/--1"].contains("A"));
    }
}

#[tokio::test]
async fn what_is_only_referred_to_can_be_given_an_id() {
    let bench = Bench::empty().await;
    let uzhkh = bench.simulator.uzhkh();
    uzhkh.push_request(counter("a", "1"));
    uzhkh
        .push_request(r#"{"Guid":"b","Doc":{"Id":"1","TypeName":"news","ResidentsIds":"7, --8"}}"#);
    assert_eq!(uzhkh.temporary_ids(), ["object/--7", "resident/--8"]);
    let set = "SetId?uzhkId=--7&externalId=F&type=object";
    assert_eq!(bench.word(set).await, (200, "success".to_owned()));
    uzhkh.push_deletion("resident", "--8");
    assert_eq!(uzhkh.temporary_ids(), [""; 0]);
    let set = "SetId?uzhkId=--8&externalId=R&type=resident";
    assert_eq!(bench.word(set).await, (404, "notFound".to_owned()));
    assert_eq!(bench.report().violations, [""; 0]);
}

#[tokio::test]
async fn what_the_document_makes_wrong_is_a_violation() {
    let bench = Bench::empty().await;
    let uzhkh = bench.simulator.uzhkh();
    for (guid, id) in [("a", "--1"), ("b", "--1"), ("c", "--2"), ("d", "own"), ("e", "--3")] {
        uzhkh.push_request(counter(guid, id));
    }
    uzhkh.push_request(r#"{"Guid":"r","Request":{"Id":17}}"#);
    uzhkh.push_request(r#"{"Guid":"two","Car":{"Id":"--1"},"Obj":{"Id":"--1"}}"#);
    for (path, word) in [
        ("To1c/Delete?guid=a&objectId=P", None),
        ("To1c/Delete?guid=b&objectId=Q", Some("second permanent id")),
        ("To1c/Delete?guid=c&objectId=P", Some("has already")),
        ("To1c/Delete?guid=d&objectId=P2", Some("not temporary")),
        ("To1c/Delete?guid=e&objectId=--3", Some("not a permanent id")),
        ("To1c/Delete?guid=r&objectId=P3", Some("requests keep their own")),
        ("To1c/Delete?guid=two&objectId=P4", Some("2 objects")),
        ("SetId?uzhkId=17&externalId=P5&type=request", Some("requests keep their own")),
        ("SetId?uzhkId=1&externalId=P5&type=requesttoregister", Some("requests keep")),
        ("SetId?uzhkId=--1&externalId=P6&type=counter", Some("second permanent id")),
        ("To1c/Delete?guid=%zz", Some("malformed percent-encoding")),
        ("To1c/Delete?guid=%FF", Some("not UTF-8")),
        ("to1c/requests", Some("no such path")),
    ] {
        let before = bench.report().violations.len();
        bench.get(path).await;
        let violations = bench.report().violations;
        match word {
            None => assert_eq!(violations.len(), before, "{path}: {violations:?}"),
            Some(word) => assert!(
                violations[before..].iter().any(|text| text.contains(word)),
                "{path}: {violations:?}"
            ),
        }
    }
    let post = bench.client.post(format!("{}To1c/Requests", bench.simulator.base_url()));
    let status = post.bearer_auth("simulator-token").send().await.unwrap().status();
    assert_eq!(status, 405);
    assert!(bench.report().violations.last().unwrap().contains("POST"));
    assert_eq!(bench.report().identities["counter/--1"].len(), 3);
}

#[tokio::test]
async fn an_assigned_id_shows_in_lists_and_references() {
    let bench = Bench::start(Options { accounts: 60, ..Options::default() }).await;
    let uzhkh = bench.simulator.uzhkh();
    let flats = bench.json("Synchronization/DownloadFlats").await;
    let flat = flats["Items"].as_array().unwrap().iter();
    let temporary = flat
        .filter_map(|flat| flat["Id"].as_str())
        .find(|id| id.starts_with("--"))
        .expect("some of 60 flats have a temporary id");
    let refers = |accounts: &Value, id: &str| {
        let accounts = accounts["Items"].as_array().unwrap().iter();
        accounts.filter(|account| account["ApartmentID"] == id).count()
    };
    let before = bench.json("Synchronization/DownloadAccounts").await;
    assert_eq!(refers(&before, temporary), 1);
    let set = format!("SetId?uzhkId={temporary}&externalId=P-1&type=object");
    assert_eq!(bench.word(&set).await, (200, "success".to_owned()));
    let after = bench.json("Synchronization/DownloadAccounts").await;
    assert_eq!((refers(&after, temporary), refers(&after, "P-1")), (0, 1));
    let flats = bench.json("Synchronization/DownloadFlats").await;
    let count = flats["Items"].as_array().unwrap().len();
    assert!(flats["Items"].as_array().unwrap().iter().any(|flat| flat["Id"] == "P-1"));
    uzhkh.push_deletion("object", "P-1");
    let flats = bench.json("Synchronization/DownloadFlats").await;
    assert_eq!(flats["Items"].as_array().unwrap().len(), count - 1);
    uzhkh.generate(300);
    for text in uzhkh.waiting() {
        let envelope: Value = serde_json::from_slice(&text).unwrap();
        assert_ne!(envelope["Account"]["ApartmentID"], *temporary);
        assert_ne!(envelope["Counter"]["FlatId"], *temporary);
    }
}

#[tokio::test]
async fn an_object_may_get_the_id_of_one_that_was_known_all_along() {
    let bench = Bench::empty().await;
    let uzhkh = bench.simulator.uzhkh();
    for (guid, id) in [("a", "33d"), ("b", "--5"), ("c", "--6"), ("d", "44e"), ("e", "--7")] {
        uzhkh.push_request(counter(guid, id));
    }
    let set = |id: &str| format!("SetId?uzhkId={id}&externalId=33d&type=counter");
    assert_eq!(bench.word(&set("--5")).await, (200, "success".to_owned()));
    assert_eq!(uzhkh.current_id("counter", "--5"), "33d");
    assert_eq!(bench.get("To1c/Delete?guid=e&objectId=44e").await.0, 200);
    assert_eq!(uzhkh.current_id("counter", "--7"), "44e");
    assert_eq!(bench.report().violations, [""; 0]);
    // One name belongs to one temporary id all the same.
    bench.word(&set("--6")).await;
    assert!(bench.report().violations[0].contains("has already"));
}
