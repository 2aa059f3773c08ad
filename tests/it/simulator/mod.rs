//! The simulator through loopback HTTP, against the vendors' documents.

mod alma;
mod alma_archive;
mod alma_bench;
mod alma_contracts;
mod alma_fields;
mod alma_wire;
mod bitrix24;
mod bitrix24_bench;
mod bitrix24_files;
mod bitrix24_wire;
mod bitrix24_world;
mod booking;
mod domoplaner;
mod fault;
mod feeds;
mod generated;
mod ids;
mod macrocrm;
mod protocol;

use serde_json::Value;
use simulator::{Options, Report, Simulator};

/// A simulator and a client that follows no redirects, as the real one.
struct Bench {
    simulator: Simulator,
    client: reqwest::Client,
}

impl Bench {
    async fn start(options: Options) -> Self {
        let client = crate::support::http_client()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let simulator = Simulator::start(options).await.unwrap();
        Self { simulator, client }
    }

    async fn empty() -> Self {
        Self::start(Options::default()).await
    }

    fn request(&self, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.simulator.base_url());
        self.client.get(url).bearer_auth("simulator-token")
    }

    /// Status and body.
    async fn get(&self, path: &str) -> (u16, String) {
        let response = self.request(path).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    async fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Status and the word, plain or as a JSON string.
    async fn word(&self, path: &str) -> (u16, String) {
        let (status, body) = self.get(path).await;
        (status, body.trim_matches('"').to_owned())
    }

    fn report(&self) -> Report {
        self.simulator.uzhkh().report()
    }

    /// The report, once this holds.
    async fn report_when(&self, holds: impl Fn(&Report) -> bool) -> Report {
        for _ in 0..2000 {
            let report = self.report();
            if holds(&report) {
                return report;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("never came about: {:?}", self.report());
    }
}

fn counter(guid: &str, id: &str) -> String {
    format!(
        r#"{{"Guid":"{guid}","Counter":{{"Id":"{id}","Value1":10.50,"CounterTypeIdentifier":"Gas","IsPublish":true,"FlatId":"--7","TypeObject":"Квартира"}}}}"#
    )
}
