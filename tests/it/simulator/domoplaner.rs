//! Feeds of Domoplaner: links, layouts, what they hold and how it moves.

use std::collections::BTreeSet;

use jiff::civil::date;
use serde_json::Value;
use simulator::{Endpoint, Fault, FaultKind, FeedKind, Layout, Options};

use crate::simulator::Bench;

pub(crate) async fn with_catalogue(premises: usize) -> Bench {
    Bench::start(Options { catalogue: premises, ..Options::default() }).await
}

pub(crate) async fn read(url: &str) -> (u16, String) {
    let response = reqwest::get(url).await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

pub(crate) async fn json(url: &str) -> Value {
    let (status, body) = read(url).await;
    assert_eq!(status, 200, "{url}: {body}");
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

#[tokio::test]
async fn a_link_is_good_to_the_letter() {
    let bench = with_catalogue(3).await;
    let url = bench.simulator.domoplaner().add_feed(FeedKind::Premises, Layout::array());
    let secret = url.trim_end_matches('/').rsplit_once('-').unwrap().1;
    assert_eq!(secret.len(), 64);
    assert_eq!(json(&url).await.as_array().unwrap().len(), 3);
    for wrong in [url.trim_end_matches('/').to_owned(), url.replace(secret, "x")] {
        let (status, body) = read(&wrong).await;
        assert_eq!((status, body.starts_with('<')), (404, true), "{wrong}");
    }
    bench.simulator.domoplaner().remove_feed(&url);
    assert_eq!(read(&url).await.0, 404);
    let report = bench.report();
    assert_eq!((report.unknown_links, report.requests["Feed"]), (3, 4));
    assert_eq!(report.violations, [""; 0]);
}

#[tokio::test]
async fn lists_stand_where_the_layout_has_them() {
    let bench = with_catalogue(10).await;
    let domoplaner = bench.simulator.domoplaner();
    for (layout, pointer, id) in [
        (Layout::array(), "", "id"),
        (Layout::wrapped("data"), "/data", "id"),
        (Layout::wrapped("result").id_member("deal_id"), "/result", "deal_id"),
        (Layout::at("/answer/list").id_member("uid"), "/answer/list", "uid"),
    ] {
        let url = domoplaner.add_feed(FeedKind::Deals, layout);
        let feed = json(&url).await;
        let items = feed.pointer(pointer).unwrap().as_array().unwrap();
        let ids: Vec<u64> = items.iter().map(|item| item[id].as_u64().unwrap()).collect();
        assert_eq!(ids, domoplaner.ids(FeedKind::Deals), "{pointer}");
    }
}

/// The ids of the flats below, and whatever stands around them.
fn flats(node: &Value, ids: &mut Vec<u64>, titles: &mut BTreeSet<String>) {
    for list in ["projects", "stages", "houses", "houses_without_stage", "sections", "floors"] {
        for child in node[list].as_array().into_iter().flatten() {
            if list == "floors" {
                assert!(child["number"].is_u64());
            } else if list != "projects" {
                titles.insert(format!("{list} {}", child["title"].as_str().unwrap()));
                assert!(child["id"].is_u64());
            }
            flats(child, ids, titles);
        }
    }
    let flats = node["flats"].as_array().into_iter().flatten();
    ids.extend(flats.map(|flat| flat["id"].as_u64().unwrap()));
}

#[tokio::test]
async fn projects_hold_stages_and_houses_down_to_the_flats() {
    let bench = with_catalogue(700).await;
    let domoplaner = bench.simulator.domoplaner();
    let nested = domoplaner.add_feed(FeedKind::Premises, Layout::nested());
    let feed = json(&nested).await;
    let (mut ids, mut titles) = (Vec::new(), BTreeSet::new());
    flats(&feed, &mut ids, &mut titles);
    ids.sort_unstable();
    assert_eq!(ids, domoplaner.ids(FeedKind::Premises));
    for title in [
        "stages 1 очередь",
        "stages 2 очередь",
        "houses Дом 1",
        "houses_without_stage Дом 3",
        "sections Секция 2",
    ] {
        assert!(titles.contains(title), "{title} of {titles:?}");
    }
    assert_eq!(feed["projects"].as_array().unwrap().len(), 4);

    // One flat of a house without a stage, and nothing around it but its place.
    let one = json(&format!("{nested}?ids={}", 10_001 + 2 * 72)).await;
    let project = &one["projects"][0];
    assert_eq!(project["stages"], Value::Array(Vec::new()));
    let floor = &project["houses_without_stage"][0]["sections"][0]["floors"][0];
    assert_eq!(floor["flats"].as_array().unwrap().len(), 1);
    assert_eq!(floor["flats"][0].get("house"), None);

    let none = json(&format!("{nested}?ids=1")).await;
    assert_eq!(none["projects"], Value::Array(Vec::new()));
    let plain = domoplaner.add_feed(FeedKind::Premises, Layout::nested().titles_only());
    let plain = json(&plain).await;
    assert_eq!(plain["projects"][0].get("id"), None);
    assert_eq!(bench.report().violations, [""; 0]);
}

#[tokio::test]
async fn a_flat_list_says_of_each_flat_where_it_stands() {
    let bench = with_catalogue(200).await;
    let domoplaner = bench.simulator.domoplaner();
    let url = domoplaner.add_feed(FeedKind::Premises, Layout::wrapped("data"));
    let feed = json(&url).await;
    let items = feed["data"].as_array().unwrap();
    for name in [
        "id",
        "number",
        "type",
        "status",
        "price",
        "area",
        "is_studio",
        "rooms",
        "rooms_sign",
        "decoration_name",
        "images",
        "house_id",
        "section",
        "floor",
        "seller",
        "custom_fields",
        "deal",
    ] {
        assert!(items.iter().all(|item| item.get(name).is_some()), "{name}");
    }
    let all = |name: &str| -> BTreeSet<String> {
        items.iter().map(|item| item[name].to_string()).collect()
    };
    assert_eq!(all("type"), ["0", "1", "3"].map(str::to_owned).into());
    assert_eq!(all("status"), ["0", "1", "2", "3"].map(str::to_owned).into());
    assert!(all("rooms").contains("null"));
}

#[tokio::test]
async fn deals_have_people_payments_and_days_in_the_asked_format() {
    let bench = with_catalogue(300).await;
    let domoplaner = bench.simulator.domoplaner();
    let url = domoplaner.add_feed(FeedKind::Deals, Layout::wrapped("data"));
    let stubborn = Layout::wrapped("data").ignores_date_format();
    let stubborn = domoplaner.add_feed(FeedKind::Deals, stubborn);
    let (_, russian) = read(&url).await;
    assert_eq!(read(&url).await.1, russian, "the same at each read");
    assert_eq!(read(&format!("{stubborn}?date_format=YYYY-MM-DD")).await.1, russian);
    let iso = json(&format!("{url}?date_format=YYYY-MM-DD")).await;
    let russian: Value = serde_json::from_str(&russian).unwrap();
    let mut nothings = BTreeSet::new();
    let pairs = russian["data"].as_array().unwrap().iter();
    for (deal, other) in pairs.zip(iso["data"].as_array().unwrap()) {
        assert_eq!(deal["dt_updated"], other["dt_updated"]);
        assert_eq!(deal["dt_updated"].as_str().unwrap().len(), 19);
        match (&deal["dogovor_day"], &other["dogovor_day"]) {
            (Value::String(day), Value::String(iso)) if day != iso => {
                let parts: Vec<&str> = day.split('.').rev().collect();
                assert_eq!(&parts.join("-"), iso);
            }
            (nothing, same) => {
                assert_eq!(nothing, same);
                nothings.insert(nothing.to_string());
            }
        }
        let payments = deal["payments"].as_array().unwrap();
        let sum: u64 =
            payments.iter().map(|one| (one["sum"].as_f64().unwrap() * 100.0).round() as u64).sum();
        assert_eq!(sum, (deal["price"].as_f64().unwrap() * 100.0).round() as u64);
        assert!(!deal["participants"].as_array().unwrap().is_empty());
    }
    assert_eq!(nothings, ["null", "\"0000-00-00\""].map(str::to_owned).into());
    let average = russian.to_string().len() / domoplaner.ids(FeedKind::Deals).len();
    assert!((2000..4500).contains(&average), "{average} bytes");
}

#[tokio::test]
async fn the_catalogue_moves() {
    let bench = with_catalogue(120).await;
    let domoplaner = bench.simulator.domoplaner();
    let deals = domoplaner.add_feed(FeedKind::Deals, Layout::array());
    let premises = domoplaner.add_feed(FeedKind::Premises, Layout::array());
    let tomorrow = domoplaner.today().tomorrow().unwrap();
    domoplaner.set_today(tomorrow);
    let since = format!("{deals}?dt_updated_from={tomorrow}");
    assert_eq!(json(&since).await.as_array().unwrap().len(), 0);
    let (flats_before, deals_before) =
        (domoplaner.ids(FeedKind::Premises), domoplaner.ids(FeedKind::Deals));
    domoplaner.step(400);
    assert!(!json(&since).await.as_array().unwrap().is_empty());
    let flats = domoplaner.ids(FeedKind::Premises);
    assert!(flats_before.iter().any(|id| !flats.contains(id)), "one went");
    assert!(flats.iter().any(|id| !flats_before.contains(id)), "one came");
    assert!(domoplaner.ids(FeedKind::Deals).len() > deals_before.len());
    assert!(domoplaner.remove_premises(flats[0]) && !domoplaner.remove_premises(flats[0]));
    let left = json(&premises).await.as_array().unwrap().len();
    assert_eq!(left, flats.len() - 1);

    let moving =
        Bench::start(Options { catalogue: 50, catalogue_rate: 2000.0, ..Options::default() }).await;
    let domoplaner = moving.simulator.domoplaner();
    let before = domoplaner.ids(FeedKind::Deals).len();
    while domoplaner.ids(FeedKind::Deals).len() == before {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn it_is_today_in_the_zone_of_the_account() {
    let bench = with_catalogue(20).await;
    let domoplaner = bench.simulator.domoplaner();
    let today_at = |hours: i8| {
        domoplaner.set_timezone(jiff::tz::TimeZone::fixed(jiff::tz::offset(hours)));
        domoplaner.today()
    };
    assert!(today_at(14) > today_at(-12), "26 hours apart it is never the same day");
    domoplaner.set_now(Some(date(2030, 1, 1).at(0, 0, 1, 0)));
    domoplaner.step(50);
    let url = domoplaner.add_feed(FeedKind::Deals, Layout::array());
    let updated = json(&format!("{url}?dt_updated_last_days=1")).await;
    assert_eq!(updated[0]["dt_updated"], "2030-01-01 00:00:01");
    domoplaner.set_today(date(2030, 1, 2));
    let none = json(&format!("{url}?dt_updated_last_days=1")).await;
    assert_eq!(none, Value::Array(Vec::new()));
}

#[tokio::test]
async fn an_answer_shows_the_catalogue_of_its_beginning() {
    let bench = with_catalogue(3000).await;
    let domoplaner = bench.simulator.domoplaner();
    domoplaner.set_today(date(2026, 3, 10));
    let url = domoplaner.add_feed(FeedKind::Deals, Layout::array());
    let (_, before) = read(&url).await;
    let mut response = reqwest::get(&url).await.unwrap();
    let mut body = response.chunk().await.unwrap().unwrap().to_vec();
    domoplaner.step(2000);
    while let Some(bytes) = response.chunk().await.unwrap() {
        body.extend_from_slice(&bytes);
    }
    assert!(body == before.as_bytes(), "it moved while it was sent");
    assert!(read(&url).await.1 != before);
}

#[tokio::test]
async fn faults_strike_feeds_and_do_no_harm() {
    let bench = with_catalogue(600).await;
    let domoplaner = bench.simulator.domoplaner();
    let url = domoplaner.add_feed(FeedKind::Premises, Layout::nested());
    let (_, whole) = read(&url).await;
    for (kind, status, beginning) in [
        (FaultKind::Xml, 200, "<?xml"),
        (FaultKind::Html, 200, "<!DOCTYPE html"),
        (FaultKind::Forbidden, 403, "<h1>"),
        (FaultKind::Error500, 500, "<h1>"),
        (FaultKind::Bom, 200, "\u{feff}{\"projects\""),
    ] {
        let fault = Fault::new(kind.clone()).at(Endpoint::Feed).times(1);
        bench.simulator.inject(fault);
        let response = reqwest::get(&url).await.unwrap();
        assert_eq!(response.status(), status, "{kind}");
        let body = response.bytes().await.unwrap();
        assert!(body.starts_with(beginning.as_bytes()), "{kind}");
        assert_eq!(read(&url).await.1, whole, "{kind} struck once");
    }
    let duplicate = Fault::new(FaultKind::Duplicate).times(1);
    bench.simulator.inject(duplicate);
    let twice = json(&format!("{url}?ids=10001-10002")).await;
    let (mut ids, mut titles) = (Vec::new(), BTreeSet::new());
    flats(&twice, &mut ids, &mut titles);
    assert_eq!(ids, [10_001, 10_001, 10_002]);
    for kind in [FaultKind::CutBody, FaultKind::CutAnnounced, FaultKind::LostAnswer] {
        bench.simulator.inject(Fault::new(kind.clone()).times(1));
        let broken = match reqwest::get(&url).await {
            Ok(response) => response.bytes().await.is_err(),
            Err(_) => true,
        };
        assert!(broken, "{kind}");
    }
    bench.simulator.inject(Fault::new(FaultKind::Drip).times(1));
    let few = format!("{url}?ids=10001-10300");
    let dripped = read(&few).await.1;
    assert_eq!(read(&few).await.1, dripped);
    let fault: Fault = "xml@Feed=1x2".parse().unwrap();
    assert_eq!(fault, Fault::new(FaultKind::Xml).at(Endpoint::Feed).times(2));
    assert!("xml@Delete=1".parse::<Fault>().is_err());
}
