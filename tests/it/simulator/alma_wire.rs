//! Alma on the wire: keys, paths, uploads, faults.

use std::time::Duration;

use serde_json::json;
use simulator::{AlmaKind, Endpoint, Fault, FaultKind, Options, Way};

use crate::simulator::Bench;
use crate::simulator::alma_bench::{client, room, with};

#[tokio::test]
async fn only_the_key_opens() {
    let bench = Bench::empty().await;
    let url = format!("{}external_api/realty/units/", bench.simulator.alma().base_url());
    for request in [bench.client.get(&url), bench.client.get(&url).header("Api-Key", "wrong")] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 403);
        let body: serde_json::Value =
            serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert!(body["detail"].is_string(), "{body}");
    }
    assert_eq!((bench.report().unauthorized, bench.report().violations.len()), (2, 0));
    let bearer = bench.alma_request("GET", "realty/units/", None).bearer_auth("x");
    assert_eq!(bearer.send().await.unwrap().status(), 200);
    assert_eq!(bench.report().violations, ["Alma was sent an Authorization header"]);
}

#[tokio::test]
async fn paths_are_as_documented_or_nowhere() {
    let bench = Bench::empty().await;
    let (_, unit, _) = bench.home().await;
    let unslashed = format!("realty/units/{unit}");
    let nowhere = [
        &*unslashed,
        "realty/units",
        "realty/unit/",
        "realty/units/one/",
        "realty/clients/",
        "realty/units/external_id//",
        "realty/buildings/1/archive/",
        "realty/rental_object/",
        "realty/units/1/block/now/",
        "realty/units/external_id/%zz/",
    ];
    for path in nowhere {
        let (status, page) = bench.alma_text("GET", path, None).await;
        assert!(status == 404 && page.contains("<h1>Not Found</h1>"), "{path}: {page}");
    }
    assert_eq!(bench.report().violations.len(), nowhere.len());
    for (method, path) in [
        ("DELETE", format!("realty/units/{unit}/")),
        ("PUT", format!("realty/units/{unit}/")),
        ("GET", format!("realty/units/{unit}/archive/")),
        ("POST", format!("realty/units/{unit}/block/")),
        ("PATCH", "realty/units/".to_owned()),
        ("GET", "external-image/".to_owned()),
    ] {
        let (status, answer) = bench.alma(method, &path, None).await;
        let detail = format!("Method \"{method}\" not allowed.");
        assert_eq!((status, answer), (405, json!({"detail": detail})));
    }
    assert_eq!(bench.report().violations.len(), nowhere.len() + 6);
    bench.read("realty/units/?name=1").await;
    let form = bench.alma_request("POST", "realty/buildings/", None);
    let form = form.header("content-type", "application/x-www-form-urlencoded").body("name=1");
    assert_eq!(form.send().await.unwrap().status(), 415);
    assert_eq!(bench.report().violations.len(), nowhere.len() + 8);
}

/// A form with one part.
fn form(part: &str, content: &str) -> String {
    format!(
        "--B-1\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"a b.jpg\"\r\n\
         Content-Type: image/jpeg\r\n\r\n{content}\r\n--B-1--\r\n"
    )
}

#[tokio::test]
async fn files_come_as_forms_and_as_addresses() {
    let bench = Bench::empty().await;
    let post = |body: String| {
        let request = bench.alma_request("POST", "external-image/", None);
        let kind = "multipart/form-data; boundary=\"B-1\"";
        request.header("content-type", kind).body(body).send()
    };
    for part in ["file", "image"] {
        assert_eq!(post(form(part, "abc")).await.unwrap().status(), 201);
    }
    for broken in [form("file", ""), form("photo", "abc"), String::new()] {
        assert_eq!(post(broken).await.unwrap().status(), 400);
    }
    let id =
        bench.made("external-image/", json!({"url": "https://example.com/x/scan.pdf?t=1"})).await;
    for wrong in [json!({"url": "scan.pdf"}), json!({"url": ""}), json!({})] {
        assert!(bench.refused("POST", "external-image/", wrong).await["url"].is_array());
    }
    let files = bench.simulator.alma().files();
    assert_eq!(files.len(), 3);
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(
        (files[0].sha256.as_deref(), files[0].length, &*files[0].name),
        (Some(abc), 3, "a b.jpg")
    );
    let linked = &files[2];
    assert_eq!(
        (linked.id, linked.url.as_deref()),
        (id, Some("https://example.com/x/scan.pdf?t=1"))
    );

    let made = bench.made("users/clients/", with(client("c"), json!({"passport_scan": id}))).await;
    let path = format!("users/clients/{made}/");
    let scan = "/private-media/127/clients_files/client_851/passport_scan/scan.pdf";
    assert_eq!(bench.read(&path).await["passport_scan"], scan);
    // The document: a picture cannot be taken away from a client.
    let still = bench.patched(&path, json!({"passport_scan": null})).await;
    assert_eq!(still["passport_scan"], scan);
}

#[tokio::test]
async fn photos_are_written_as_a_whole_set() {
    let bench = Bench::empty().await;
    let (_, unit, _) = bench.home().await;
    let mut files = Vec::new();
    for name in ["a", "b", "c"] {
        let url = format!("https://example.com/{name}.jpg");
        files.push(bench.made("external-image/", json!({"url": url})).await);
    }
    let photos = json!([{"external_file_id": files[0]}, {"external_file_id": files[1]}]);
    let made = bench.made("realty/rooms/", with(room(unit, "1"), json!({"photos": photos}))).await;
    let path = format!("realty/rooms/{made}/");
    let before = bench.read(&path).await["photos"].clone();
    assert_eq!(before.as_array().unwrap().len(), 2);
    let kept = before[1]["id"].clone();
    let set = json!([{"id": kept}, {"external_file_id": files[2]}]);
    let after = bench.patched(&path, json!({"photos": set})).await["photos"].clone();
    assert_eq!((after[0]["id"].clone(), after.as_array().unwrap().len()), (kept, 2));
    let object = &bench.simulator.alma().objects(AlmaKind::Room)[0];
    let of = [files[1], files[2]].map(|file| format!("{{\"external_file_id\":{file}}}"));
    assert_eq!(object.fields["photos"], format!("[{}]", of.join(",")));
    let gone = json!({"photos": [{"id": before[0]["id"]}]});
    assert!(bench.refused("PATCH", &path, gone).await["photos"].is_array());
    let other = bench.patched(&path, json!({"header": "x"})).await;
    assert_eq!(other["photos"], after);
    assert_eq!(bench.patched(&path, json!({"photos": []})).await["photos"], json!([]));
}

#[tokio::test]
async fn faults_strike_and_the_report_says_what_was_answered() {
    let body = json!({"name": "Дом", "project": 207});
    for (kind, status, made) in [
        (FaultKind::Error500, Some(500), 0),
        (FaultKind::Unavailable { retry_after_seconds: 1 }, Some(503), 0),
        (FaultKind::TooMany, Some(429), 0),
        (FaultKind::Forbidden, Some(403), 0),
        (FaultKind::Html, Some(200), 0),
        (FaultKind::Redirect, Some(302), 0),
        (FaultKind::ResetBefore, None, 0),
        (FaultKind::LostAnswer, None, 1),
        (FaultKind::CutBody, Some(201), 1),
        (FaultKind::CutAnnounced, Some(201), 1),
        (FaultKind::Stall, None, 0),
        (FaultKind::StallBody, Some(201), 1),
        (FaultKind::Drip, Some(201), 1),
        (FaultKind::Bom, Some(201), 1),
    ] {
        let bench = Bench::empty().await;
        bench.simulator.inject(Fault::new(kind.clone()).at(Endpoint::AlmaBuildings).times(1));
        let patience = Duration::from_millis(300);
        let request = bench.alma_request("POST", "realty/buildings/", Some(body.to_string()));
        let answer = request.timeout(patience).send().await;
        assert_eq!(answer.ok().map(|answer| answer.status().as_u16()), status, "{kind}");
        assert_eq!(bench.simulator.alma().objects(AlmaKind::Building).len(), made, "{kind}");
        let call = bench.report().alma.pop().unwrap();
        let noted = match kind {
            FaultKind::ResetBefore | FaultKind::Stall => 0,
            _ => status.unwrap_or(201),
        };
        assert_eq!((call.status, call.body), (noted, Some(body.to_string())), "{kind}");
        let next = bench.alma("GET", "realty/buildings/", None).await;
        assert_eq!(next.0, 200, "{kind}");
    }
}

#[tokio::test]
async fn a_fault_strikes_one_way_of_asking() {
    let bench = Bench::empty().await;
    let fault: Fault = "error_500@AlmaClients.write=1x2".parse().unwrap();
    let same = Fault::new(FaultKind::Error500).at(Endpoint::AlmaClients).by(Way::Write);
    assert_eq!(fault, same.times(2));
    bench.simulator.inject(fault);
    bench.read("users/clients/").await;
    bench.building("Дом").await;
    let body = client("c");
    for status in [500, 500, 201] {
        assert_eq!(bench.alma("POST", "users/clients/", Some(&body)).await.0, status);
    }
    bench.simulator.inject("too_many@AlmaClients.PATCH=1x1".parse().unwrap());
    bench.simulator.inject("forbidden@AlmaClients.get=1x1".parse().unwrap());
    let path = "users/clients/external_id/c/";
    assert_eq!(bench.alma("GET", path, None).await.0, 403);
    assert_eq!(bench.alma("PATCH", path, Some(&json!({}))).await.0, 429);
    assert_eq!(bench.alma("PATCH", path, Some(&json!({}))).await.0, 200);
    let error = "error_500@AlmaClients.PUT=1".parse::<Fault>().unwrap_err();
    assert!(error.contains("GET, POST, PATCH or WRITE"), "{error}");
}

#[tokio::test]
async fn every_endpoint_counts_and_can_be_struck() {
    let bench = Bench::empty().await;
    let paths = [
        ("GET", "realty/buildings/", "AlmaBuildings"),
        ("GET", "realty/units/1/", "AlmaUnits"),
        ("GET", "realty/rooms/external_id/1/", "AlmaRooms"),
        ("GET", "users/clients/", "AlmaClients"),
        ("GET", "realty/contracts/owner_contracts/1/", "AlmaOwnerContracts"),
        ("GET", "realty/contracts/tenant_contracts/", "AlmaTenantContracts"),
        ("GET", "realty/rental_object/1/", "AlmaRentalObject"),
        ("PATCH", "realty/units/1/archive/", "AlmaArchive"),
        ("PATCH", "realty/rooms/1/block/", "AlmaBlock"),
        ("POST", "external-image/", "AlmaImage"),
    ];
    for (method, path, endpoint) in paths {
        bench.simulator.inject(format!("too_many@{endpoint}=1x1").parse().unwrap());
        assert_eq!(bench.alma(method, path, None).await.0, 429, "{path}");
        assert_eq!(bench.report().requests[endpoint], 1);
    }
    let alma = bench.simulator.alma();
    assert_eq!((alma.reads(), alma.writes()), (7, 3));
    let report = reqwest::get(format!("{}simulator/report", alma.base_url())).await;
    assert!(report.unwrap().text().await.unwrap().contains("realty/rental_object/1/"));
}

#[tokio::test]
async fn calls_are_kept_only_when_they_shall_be() {
    let bench = Bench::start(Options { record: false, ..Options::default() }).await;
    bench.building("Дом").await;
    assert_eq!(bench.report().alma, []);
    assert_eq!(bench.simulator.alma().writes(), 1);
}
