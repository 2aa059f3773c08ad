//! What the tests of Bitrix24 share.

use serde_json::{Value, json};
use simulator::BitrixKind::{self, Apartment};

use crate::simulator::Bench;

/// Where an apartment has its number.
pub(crate) const NUMBER: &str = "ufCrm6_1682232396330";

/// So many apartments, changed a minute after one another.
pub(crate) async fn apartments(count: u64) -> Bench {
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

/// A member of a query or a form, encoded.
pub(crate) fn encoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

impl Bench {
    /// A method by POST with JSON, as status and answer.
    pub(crate) async fn bitrix(&self, method: &str, params: Value) -> (u16, Value) {
        let url = format!("{}{method}", self.simulator.bitrix24().webhook_url());
        let request = self.client.post(url);
        let request = request.header("content-type", "application/json");
        let response = request.body(params.to_string()).send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let answer = serde_json::from_str(&text);
        (status, answer.unwrap_or_else(|_| panic!("{method}: {text}")))
    }

    /// A method that answers well.
    pub(crate) async fn bitrix_ok(&self, method: &str, params: Value) -> Value {
        let (status, answer) = self.bitrix(method, params).await;
        assert_eq!(status, 200, "{method}: {answer}");
        answer
    }

    /// A method by GET.
    pub(crate) async fn bitrix_get(&self, method: &str, pairs: &[(&str, &str)]) -> Value {
        let url = self.simulator.bitrix24().webhook_url();
        let url = format!("{url}{method}?{}", encoded(pairs));
        let text = self.client.get(url).send().await.unwrap().text().await;
        serde_json::from_str(&text.unwrap()).unwrap()
    }

    /// The ids that a list of items shows, in its order.
    pub(crate) async fn listed(&self, params: Value) -> Vec<u64> {
        let answer = self.bitrix_ok("crm.item.list", params).await;
        let items = answer["result"]["items"].as_array().unwrap();
        let ids = items.iter().map(|item| item["id"].as_u64().unwrap());
        ids.collect()
    }

    /// All items of a kind, as the quick way of paging brings them.
    pub(crate) async fn all(&self, kind: BitrixKind) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let last = all.last().map_or(0, |item| item["id"].as_u64().unwrap());
            let params = json!({
                "entityTypeId": kind.entity_type_id(),
                "filter": {">id": last},
                "order": {"id": "ASC"},
                "start": -1,
            });
            let answer = self.bitrix_ok("crm.item.list", params).await;
            assert_eq!(answer["total"], 0);
            let items = answer["result"]["items"].as_array().unwrap();
            all.extend(items.iter().cloned());
            if items.len() < 50 {
                return all;
            }
        }
    }
}
