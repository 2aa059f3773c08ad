//! What a feed is asked, and what it is told to hold.

use jiff::civil::date;
use serde_json::{Value, json};
use simulator::{FeedKind, Layout};

use crate::simulator::Bench;
use crate::simulator::domoplaner::{json as fetch, read, with_catalogue};

/// A deals feed of these items, on 26 August 2023.
async fn of(items: &[Value]) -> (Bench, String) {
    let bench = Bench::empty().await;
    let domoplaner = bench.simulator.domoplaner();
    domoplaner.set_today(date(2023, 8, 26));
    let url = domoplaner.add_feed(FeedKind::Deals, Layout::array());
    domoplaner.set_items(&url, items.iter().map(Value::to_string).collect());
    (bench, url)
}

async fn ids(url: &str, query: &str) -> Vec<u64> {
    let feed = fetch(&format!("{url}?{query}")).await;
    let items = feed.as_array().unwrap().iter();
    items.map(|item| item["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn every_documented_filter_is_honoured() {
    let items = [
        json!({"id": 1, "flat_id": 11, "deal_status": 101, "flat_status": 1, "is_active": 1,
            "dogovor_number": null, "dt_updated": "2023-08-23 00:00:00",
            "dt_status_changed": "2023-08-22 23:59:59", "dogovor_day": null,
            "day_reg_start": "0000-00-00", "day_reg_end": null}),
        json!({"id": 2, "flat_id": 12, "deal_status": 102, "flat_status": 2, "is_active": 1,
            "dogovor_number": "№ 7/К+1", "dt_updated": "2023-08-25 10:00:00",
            "dt_status_changed": "2023-08-23 00:00:00", "dogovor_day": "23.08.2023",
            "day_reg_start": "24.08.2023", "day_reg_end": null}),
        json!({"id": 3, "flat_id": 13, "deal_status": 103, "flat_status": 3, "is_active": 0,
            "dogovor_number": "7", "dt_updated": "2023-08-26 23:59:59",
            "dt_status_changed": "2023-08-26 23:59:59", "dogovor_day": "2023-08-26",
            "day_reg_start": "2023-08-27", "day_reg_end": "2023-08-28"}),
    ];
    let (bench, url) = of(&items).await;
    for (query, expected) in [
        ("date_format=YYYY-MM-DD", vec![1, 2, 3]),
        ("dt_updated_last_days=1", vec![3]),
        ("dt_updated_last_days=2", vec![2, 3]),
        ("dt_updated_last_days=7", vec![1, 2, 3]),
        ("dt_updated_from=2023-08-25", vec![2, 3]),
        ("dt_updated_from=2023-08-23&dt_updated_to=2023-08-25", vec![1, 2]),
        ("deal_status=101-103", vec![1, 3]),
        ("deal_ids=2-3", vec![2, 3]),
        ("deal_dogovor_number=%E2%84%96%207%2F%D0%9A%2B1", vec![2]),
        ("dt_status_changed_from=2023-08-23&dt_status_changed_to=2023-08-26", vec![2, 3]),
        ("dogovor_day_from=2023-08-23&dogovor_day_to=2023-08-25", vec![2]),
        ("day_reg_start_from=2023-08-20&day_reg_start_to=2023-08-27", vec![2, 3]),
        ("day_reg_end_from=2023-08-20&day_reg_end_to=2023-08-28", vec![3]),
        ("flat_status=1-2", vec![1, 2]),
        ("only_active=1", vec![1, 2]),
        ("flat_ids=12", vec![2]),
        ("only_active=1&flat_status=2-3", vec![2]),
    ] {
        assert_eq!(ids(&url, query).await, expected, "{query}");
    }
    assert_eq!(bench.report().violations, [""; 0]);
    let asked = bench.simulator.domoplaner().asked(&url);
    let number = [("deal_dogovor_number".to_owned(), "№ 7/К+1".to_owned())];
    assert_eq!(asked[8], number);
    assert_eq!(asked.len(), 17);
    assert_eq!(bench.report().feeds[&url], asked);
}

#[tokio::test]
async fn what_the_document_does_not_know_is_reported_and_ignored() {
    let (bench, url) = of(&[json!({"id": 1}), json!({"id": 2})]).await;
    let wrong = [
        "ids=1",
        "deal_ids=1,2",
        "deal_ids=",
        "Deal_ids=1",
        "dt_updated_from=23.08.2023",
        "dt_updated_from=2023-02-30",
        "dt_updated_last_days=0",
        "flat_status=0",
        "only_active=true",
        "date_format=d.m.Y",
        "nonsense=1",
    ];
    for query in wrong {
        assert_eq!(ids(&url, query).await, [1, 2], "{query}");
    }
    assert_eq!(bench.report().violations.len(), wrong.len());
    assert_eq!(read(&format!("{url}?deal_dogovor_number=%E2%84")).await.0, 400);
    let client = crate::support::http_client().build().unwrap();
    assert_eq!(client.post(&url).send().await.unwrap().status(), 405);
    client.get(&url).bearer_auth("token").send().await.unwrap();
    assert_eq!(bench.report().violations.len(), wrong.len() + 3);

    let premises = bench.simulator.domoplaner().add_feed(FeedKind::Premises, Layout::array());
    read(&format!("{premises}?deal_ids=1")).await;
    assert_eq!(bench.report().violations.len(), wrong.len() + 4);
}

#[tokio::test]
async fn filters_work_on_the_catalogue_too() {
    let bench = with_catalogue(200).await;
    let domoplaner = bench.simulator.domoplaner();
    let url = domoplaner.add_feed(FeedKind::Deals, Layout::array());
    let all = fetch(&url).await;
    let numbered = |deal: &&Value| deal["dogovor_number"].as_str().is_some_and(|n| n.contains('&'));
    let deal = all.as_array().unwrap().iter().find(numbered).unwrap();
    let number = deal["dogovor_number"].as_str().unwrap();
    let query = url::Url::parse_with_params(&url, [("deal_dogovor_number", number)]).unwrap();
    assert_eq!(fetch(query.as_str()).await, json!([deal]));
    let query = format!("{url}?flat_ids={}&deal_ids={}", deal["flat_id"], deal["id"]);
    assert_eq!(fetch(&query).await, json!([deal]));
    for deal in fetch(&format!("{url}?flat_status=3&only_active=1")).await.as_array().unwrap() {
        assert_eq!(deal["flat_status"], 3);
    }
    let premises = domoplaner.add_feed(FeedKind::Premises, Layout::array());
    let two = fetch(&format!("{premises}?ids=10003-10001-77")).await;
    assert_eq!((&two[0]["id"], &two[1]["id"]), (&json!(10_001), &json!(10_003)));
}

#[tokio::test]
async fn items_and_bodies_are_served_verbatim() {
    let bench = with_catalogue(5).await;
    let domoplaner = bench.simulator.domoplaner();
    let url = domoplaner.add_feed(FeedKind::Premises, Layout::wrapped("flats"));
    domoplaner.set_items(&url, vec!["{ \"id\": 1.0 }".to_owned(), "{\"id\"".to_owned()]);
    assert_eq!(read(&url).await.1, "{\"v\":1,\"flats\":[{ \"id\": 1.0 },{\"id\"]}");
    domoplaner.set_items(&url, Vec::new());
    assert_eq!(read(&url).await.1, "{\"v\":1,\"flats\":[]}");
    domoplaner.set_raw(&url, "no JSON at all");
    assert_eq!(read(&url).await.1, "no JSON at all");
    domoplaner.clear(&url);
    assert_eq!(fetch(&url).await["flats"].as_array().unwrap().len(), 5);

    let nested = domoplaner.add_feed(FeedKind::Premises, Layout::nested());
    domoplaner.set_items(&nested, vec!["{\"id\":1}".to_owned(), "{\"id\":2}".to_owned()]);
    let feed = fetch(&nested).await;
    let house = &feed["projects"][0]["stages"][0]["houses"][0];
    assert_eq!(house["sections"][0]["floors"][0]["flats"], json!([{"id": 1}, {"id": 2}]));
}
