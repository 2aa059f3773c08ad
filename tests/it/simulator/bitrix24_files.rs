//! Bitrix24's files: links, tokens, what a download needs.

use serde_json::{Value, json};
use simulator::BitrixKind::{Apartment, OwnerContract, TenantContract};
use simulator::BitrixOptions;

use crate::simulator::Bench;

const PHOTOS: &str = "ufCrm6_1682238498225";
const DEED: &str = "ufCrm10_1694000636731";

async fn shown(bench: &Bench, entity: u32, field: &str) -> Value {
    let params = json!({"entityTypeId": entity, "id": 1});
    let answer = bench.bitrix_ok("crm.item.get", params).await;
    answer["result"]["item"][field].clone()
}

fn link(file: &Value) -> String {
    file["urlMachine"].as_str().unwrap().to_owned()
}

async fn download(bench: &Bench, link: &str) -> reqwest::Response {
    let request = bench.client.get(link).header("user-agent", "test/1");
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_file_is_fetched_by_its_newest_link() {
    let bench = Bench::empty().await;
    let bitrix24 = bench.simulator.bitrix24();
    bitrix24.put(Apartment, 1, "{}");
    let first = bitrix24.add_file(Apartment, 1, PHOTOS, "вид.jpg", "first");
    let second = bitrix24.add_file(Apartment, 1, PHOTOS, "b.jpg", "second");
    let photos = shown(&bench, 144, PHOTOS).await;
    assert_eq!((&photos[0]["id"], &photos[1]["id"]), (&json!(first), &json!(second)));
    let response = download(&bench, &link(&photos[1])).await;
    assert_eq!(response.headers()["content-type"], "image/jpeg");
    let name = response.headers()["content-disposition"].to_str().unwrap();
    assert_eq!(name, "attachment; filename*=utf-8''b%2Ejpg");
    assert_eq!(response.text().await.unwrap(), "second");
    let again = shown(&bench, 144, PHOTOS).await;
    assert_ne!(link(&photos[0]), link(&again[0]));
    let stale = download(&bench, &link(&photos[0])).await;
    assert_eq!(stale.status(), 404);
    assert!(stale.text().await.unwrap().contains("nginx"));
    assert_eq!(download(&bench, &link(&again[0])).await.status(), 200);
    assert!(bitrix24.remove_file(Apartment, 1, PHOTOS, first));
    assert_eq!(download(&bench, &link(&again[0])).await.status(), 404);
    assert_eq!(bitrix24.downloads(), 2);
    assert_eq!(bench.report().bitrix_downloads[&second], 1);
    assert_eq!(bench.report().requests["BitrixFile"], 4);
    let text = serde_json::to_string(&bench.report()).unwrap();
    assert!(!text.contains("crm|") && bench.report().violations.is_empty());
}

#[tokio::test]
async fn a_field_shows_one_file_or_a_list() {
    let bench = Bench::empty().await;
    let bitrix24 = bench.simulator.bitrix24();
    bitrix24.put(OwnerContract, 1, "{}");
    assert_eq!(shown(&bench, 148, DEED).await, Value::Null);
    let id = bitrix24.add_file(OwnerContract, 1, DEED, "deed.pdf", "deed");
    assert_eq!(shown(&bench, 148, DEED).await["id"], id);
    bitrix24.add_file(OwnerContract, 1, DEED, "more.pdf", "more");
    assert_eq!(shown(&bench, 148, DEED).await.as_array().unwrap().len(), 2);
    bitrix24.change(OwnerContract, 1, DEED, "null");
    assert_eq!(bitrix24.file(id), None);
    bitrix24.put(TenantContract, 1, "{}");
    assert_eq!(shown(&bench, 183, "ufCrm20Contract").await, json!([]));
}

#[tokio::test]
async fn a_download_needs_what_a_browser_sends() {
    let bench = Bench::empty().await;
    let bitrix24 = bench.simulator.bitrix24();
    bitrix24.set_options(BitrixOptions {
        strict_downloads: true,
        relative_links: true,
        token_life: 5,
        ..BitrixOptions::default()
    });
    bitrix24.put(OwnerContract, 1, "{}");
    bitrix24.add_file(OwnerContract, 1, DEED, "deed.pdf", "deed");
    let file = shown(&bench, 148, DEED).await;
    let base = format!("http://{}", bench.simulator.address());
    let url = format!("{base}{}", link(&file));
    assert_eq!(bench.client.get(&url).send().await.unwrap().status(), 404);
    assert_eq!(download(&bench, &url).await.status(), 404);
    shown(&bench, 148, DEED).await;
    let full = bench.client.get(&url);
    let full =
        full.header("user-agent", "test/1").header("accept", "*/*").header("accept-language", "ru");
    assert_eq!(full.send().await.unwrap().text().await.unwrap(), "deed");
    assert_eq!(bench.report().violations, [""; 0]);
    let page = format!("{base}{}", file["url"].as_str().unwrap());
    assert_eq!(bench.client.get(page).send().await.unwrap().status(), 401);
    let telling = bench.client.get(&url).header("referer", bitrix24.webhook_url());
    telling.send().await.unwrap();
    assert_eq!(bench.report().violations.len(), 2);
}
