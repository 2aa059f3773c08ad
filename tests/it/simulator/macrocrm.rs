//! MACRO's transfer of keys: who may ask, and PHP's shapes.

use std::collections::BTreeMap;

use md5::{Digest, Md5};
use serde_json::{Value, json};
use simulator::{Category, Endpoint, Options, PhpShape, RefusalShape};

use crate::simulator::Bench;

pub(crate) type Parameters = BTreeMap<String, String>;

async fn with(php: PhpShape, refusals: RefusalShape) -> Bench {
    Bench::start(Options { ready_flats: 60, php, refusals, ..Options::default() }).await
}

pub(crate) async fn documented() -> Bench {
    with(PhpShape::Lists, RefusalShape::StatusCode).await
}

fn now() -> u64 {
    let now = std::time::UNIX_EPOCH.elapsed();
    now.unwrap().as_secs()
}

/// The parameters, signed as the document says.
fn signed_at(bench: &Bench, time: u64, more: &[(&str, &str)]) -> Parameters {
    let macrocrm = bench.simulator.macrocrm();
    let (domain, time) = (macrocrm.domain(), time.to_string());
    let hash = Md5::digest(format!("{domain}{time}{}", macrocrm.app_secret()));
    let token: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let own = [("domain", &*domain), ("time", &*time), ("token", &*token)];
    let all = own.into_iter().chain(more.iter().copied());
    all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

pub(crate) fn signed(bench: &Bench, more: &[(&str, &str)]) -> Parameters {
    signed_at(bench, now(), more)
}

pub(crate) async fn post(bench: &Bench, name: &str, parameters: &Parameters) -> Value {
    let response = send(bench, name, parameters).await.unwrap();
    assert_eq!(response.status(), 200);
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

pub(crate) async fn send(
    bench: &Bench,
    name: &str,
    parameters: &Parameters,
) -> reqwest::Result<reqwest::Response> {
    let base = bench.simulator.macrocrm().base_url();
    let form =
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    bench
        .client
        .post(format!("{base}estate/transfer/{name}/"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
}

pub(crate) async fn get(bench: &Bench, name: &str, parameters: &Parameters) -> Value {
    let base = bench.simulator.macrocrm().base_url();
    let url = format!("{base}estate/transfer/{name}/");
    let url = url::Url::parse_with_params(&url, parameters).unwrap();
    let body = bench.client.get(url).send().await.unwrap().text().await;
    serde_json::from_str(&body.unwrap()).unwrap()
}

/// The values of PHP's array, however it is written.
pub(crate) fn values(list: &Value) -> Vec<&Value> {
    match list {
        Value::Array(list) => list.iter().collect(),
        Value::Object(map) => map.values().collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn the_list_comes_by_get_and_by_form() {
    let bench = documented().await;
    let ready = bench.simulator.macrocrm().ready_flats();
    let parameters = signed(&bench, &[]);
    let all = post(&bench, "getReadyFlats", &parameters).await;
    assert_eq!(get(&bench, "getReadyFlats", &parameters).await, all);
    assert_eq!((&all["status_code"], &all["message"]), (&json!(200), &json!("Выполнено")));
    let mut listed = Vec::new();
    for house in all["data"]["houses"].as_array().unwrap() {
        assert!(house["id"].is_string() && house["title"].is_string());
        listed.extend(house["flats"].as_array().unwrap().clone());
    }
    assert_eq!(listed.len(), 60);
    assert!(listed.contains(&json!("К-1.1-7-3")));

    let garages = post(&bench, "getReadyFlats", &signed(&bench, &[("category", "garage")])).await;
    let houses = garages["data"]["houses"].as_array().unwrap();
    let count: usize = houses.iter().map(|house| house["flats"].as_array().unwrap().len()).sum();
    let expected = ready.iter().filter(|flat| flat.category == Category::Garage);
    assert_eq!(count, expected.count());
    assert_eq!(bench.report().violations, [""; 0]);
    let calls = bench.report().macrocrm;
    assert_eq!((&*calls[0].method, &*calls[1].method), ("POST", "GET"));
    assert_eq!(calls[2].parameters["category"], "garage");
    assert!(!calls[2].parameters.contains_key("token"));
}

#[tokio::test]
async fn php_writes_lists_in_its_own_ways() {
    let bench = with(PhpShape::Holes, RefusalShape::Mixed).await;
    let macrocrm = bench.simulator.macrocrm();
    macrocrm.set_ready("900", "Пустой дом", Category::Flat, &[]);
    let parameters = signed(&bench, &[("category", "flat")]);
    let answer = post(&bench, "getReadyFlats", &parameters).await;
    let houses = answer["data"]["houses"].as_object().unwrap();
    assert!(houses.keys().all(|key| key.parse::<u64>().is_ok_and(|key| key > 0)));
    for house in houses.values() {
        let empty = house["id"] == json!(900);
        assert!(house["flats"].is_null() == empty && (empty || house["flats"].is_object()));
    }
    macrocrm.set_php(PhpShape::Mixed);
    let mut shapes = [0, 0];
    for _ in 0..50 {
        let answer = post(&bench, "getReadyFlats", &parameters).await;
        shapes[usize::from(answer["data"]["houses"].is_array())] += 1;
        let flats: usize = values(&answer["data"]["houses"])
            .iter()
            .map(|house| values(&house["flats"]).len())
            .sum();
        assert_eq!(flats, 15);
    }
    assert!(shapes[0] > 0 && shapes[1] > 0);
}

#[tokio::test]
async fn a_stranger_is_refused_inside_http_200() {
    let bench = documented().await;
    let refusal = json!({"status_code": 403, "data": null, "message": "Request not authenticated"});
    let mut forged = signed(&bench, &[]);
    forged.insert("token".to_owned(), "0".repeat(32));
    let mut punycode = signed(&bench, &[]);
    punycode.insert("domain".to_owned(), "xn--80aaf9a.xn--p1ai".to_owned());
    let stale = signed_at(&bench, now() - 600, &[]);
    for parameters in [forged, punycode, stale] {
        assert_eq!(post(&bench, "getReadyFlats", &parameters).await, refusal);
    }
    assert_eq!((bench.report().unauthorized, bench.report().violations.len()), (3, 0));
    bench.simulator.macrocrm().set_refusals(RefusalShape::Success);
    let refusal = json!({"success": false, "error": true, "message": "Request not authenticated"});
    let milliseconds = signed_at(&bench, now() * 1000, &[]);
    let mut upper = signed(&bench, &[]);
    upper.entry("token".to_owned()).and_modify(|token| token.make_ascii_uppercase());
    let mut timeless = signed(&bench, &[]);
    timeless.remove("time");
    for parameters in [milliseconds, upper, timeless] {
        assert_eq!(post(&bench, "getFreeTimes", &parameters).await, refusal);
    }
    assert_eq!((bench.report().unauthorized, bench.report().violations.len()), (3, 3));
}

#[tokio::test]
async fn the_wrong_way_to_ask_is_a_violation() {
    let bench = documented().await;
    let url = format!("{}estate/transfer/add/", bench.simulator.macrocrm().base_url());
    let parameters = signed(&bench, &[("colour", "red")]);
    assert_eq!(bench.client.get(&url).send().await.unwrap().status(), 405);
    let json = bench.client.post(&url).header("content-type", "application/json");
    assert_eq!(json.body("{}").send().await.unwrap().status(), 400);
    post(&bench, "getReadyFlats", &parameters).await;
    let problems = bench.report().violations.join("\n");
    for problem in ["GET /estate", "instead of a form", "no parameter colour"] {
        assert!(problems.contains(problem), "{problems}");
    }
}

#[tokio::test]
async fn the_list_moves_and_can_be_set() {
    let bench = documented().await;
    let macrocrm = bench.simulator.macrocrm();
    let before = macrocrm.ready_flats();
    macrocrm.step(60);
    let after = macrocrm.ready_flats();
    assert!(before.iter().any(|flat| !after.contains(flat)), "one was handed over");
    assert!(after.iter().any(|flat| !before.contains(flat)), "one became ready");
    macrocrm.set_ready("123", "Дом", Category::Flat, &["1", "2"]);
    let phone_of = |number: &str| {
        let ready = macrocrm.ready_flats();
        let own = |flat: &&simulator::ReadyFlat| {
            flat.house_id == "123" && flat.category == Category::Flat && flat.flat_num == number
        };
        ready.iter().find(own).map(|flat| flat.phone.clone())
    };
    let phone = phone_of("2");
    macrocrm.set_ready("123", "Дом", Category::Flat, &["2", "3"]);
    assert_eq!((phone_of("1"), phone_of("2") == phone), (None, true));
    macrocrm.clear_ready();
    let empty = post(&bench, "getReadyFlats", &signed(&bench, &[])).await;
    assert_eq!(empty["data"], json!({"houses": []}));
    macrocrm.set_raw(Endpoint::GetReadyFlats, Some("<html>".into()));
    let response = send(&bench, "getReadyFlats", &signed(&bench, &[])).await;
    assert_eq!(response.unwrap().text().await.unwrap(), "<html>");
    macrocrm.set_raw(Endpoint::GetReadyFlats, None);
    post(&bench, "getReadyFlats", &signed(&bench, &[])).await;
}
