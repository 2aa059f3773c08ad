//! A client of Alma, and what it talks to.

use std::path::Path;

use simulator::{Alma, Fault, Options, Simulator};
use uzhkh_ledger::alma::Fields;
use uzhkh_ledger::alma::api::{Api, At, Error, Object};
use uzhkh_ledger::config::{Config, Environment};
use uzhkh_ledger::http::Deadline;
use uzhkh_ledger::ledger::AlmaKind;

use crate::http::server::{Reply, Server, answer};

pub(crate) const KEY: &str = "k3y-0f-the-tests";

/// A client of what is at this address, with these lines in `[alma]`.
pub(crate) fn api_at(base_url: &str, lines: &str) -> Api {
    let text = format!("[alma]\nbase_url = {base_url:?}\napi_key = {KEY:?}\n{lines}\n");
    let config = Config::parse(&text, Path::new("config.toml"), &Environment::new()).unwrap();
    Api::new(&config.alma.unwrap(), &config.http, &Deadline::of_pass()).unwrap()
}

/// A client of the simulator's Alma, on the first of August 2025.
pub(crate) struct Wire {
    pub(crate) simulator: Simulator,
    pub(crate) api: Api,
}

pub(crate) async fn wire() -> Wire {
    wired(Options::default(), "").await
}

pub(crate) async fn wired(options: Options, lines: &str) -> Wire {
    let options = Options { api_key: KEY.to_owned(), ..options };
    let simulator = Simulator::start(options).await.unwrap();
    let alma = simulator.alma();
    alma.set_today(Some(jiff::civil::date(2025, 8, 1)));
    let api = api_at(&alma.base_url(), lines);
    Wire { simulator, api }
}

impl Wire {
    pub(crate) fn alma(&self) -> &Alma {
        self.simulator.alma()
    }

    pub(crate) fn fault(&self, fault: Fault) {
        self.simulator.inject(fault);
    }

    /// Makes an object, which must succeed.
    pub(crate) async fn create(&self, kind: AlmaKind, fields: &str) -> i64 {
        self.api.create(kind, &of(fields)).await.unwrap()
    }

    /// An object that must be there.
    pub(crate) async fn read(&self, kind: AlmaKind, id: i64) -> Object {
        let object = self.api.read(kind, &At::Id(id)).await.unwrap();
        object.unwrap()
    }

    pub(crate) async fn change(&self, kind: AlmaKind, id: i64, fields: &str) -> Result<(), Error> {
        self.api.change(kind, &At::Id(id), &of(fields)).await
    }

    pub(crate) async fn building(&self) -> i64 {
        let fields = r#"{"name":"Садовая, 1","project":207}"#;
        self.create(AlmaKind::Building, fields).await
    }

    pub(crate) async fn unit(&self, building: i64, external_id: &str) -> i64 {
        self.create(AlmaKind::Unit, &unit(building, external_id)).await
    }

    pub(crate) async fn client(&self, external_id: &str) -> i64 {
        self.create(AlmaKind::Client, &client(external_id)).await
    }

    /// Nothing that was sent is against the document.
    #[track_caller]
    pub(crate) fn clean(&self) {
        let violations = self.simulator.report().violations;
        assert!(violations.is_empty(), "{violations:?}");
    }
}

/// A client of a server that gives these replies.
pub(crate) async fn staged(replies: Vec<Reply>) -> (Server, Api) {
    let server = Server::start(replies).await;
    let api = api_at(&format!("http://{}/", server.address), "");
    (server, api)
}

/// A whole answer in JSON.
pub(crate) fn json(status: &str, body: &str) -> Reply {
    answer(status, "Content-Type: application/json\r\n", body)
}

pub(crate) fn of(fields: &str) -> Fields {
    Fields::parse(fields).unwrap()
}

pub(crate) fn external(id: &str) -> At {
    At::ExternalId(id.to_owned())
}

pub(crate) fn unit(building: i64, external_id: &str) -> String {
    format!(
        r#"{{"external_id":{external_id:?},"additional_external_id":"","is_used_additional_external_id":false,"name":{external_id:?},"header":"Садовая ул., 1","building":{building},"property_type":"apartment","number":"12","internal_area":45.30,"photos":[],"goal_rent_cost":12.22,"address":"Садовая ул., 1","number_of_bedrooms":1,"number_of_baths":0,"is_roof_garden":false,"parking":"not_applicable","is_swimming_pool":false,"total_buildable_area":45.30,"floor":null,"internet_login":"net","subway_station":"","keybox_code":null}}"#
    )
}

pub(crate) fn room(parent_unit: i64, external_id: &str) -> String {
    format!(
        r#"{{"external_id":{external_id:?},"goal_rent_cost":12.2,"name":"1","header":"1","number":"1","internal_area":0,"photos":[],"parent_unit":{parent_unit},"property_type":"bunk"}}"#
    )
}

pub(crate) fn client(external_id: &str) -> String {
    format!(
        r#"{{"external_id":{external_id:?},"first_name":"Анна","last_name":"","email":"anna-{}@example.com","phone":"+79000000001","country":4,"birthday":"2000-02-29T00:00:00"}}"#,
        external_id.len()
    )
}

pub(crate) fn owner_contract(unit: i64, client: i64) -> String {
    format!(
        r#"{{"external_id":"ЛС:1","unit_id":{unit},"client_id":{client},"name":"ЛС 1","start_date":"2024-10-21T00:10:10Z","end_date":"2099-12-31T00:00:00","contract_with_client_scan":null,"pml_start_date":null,"work_model":"Long term"}}"#
    )
}

pub(crate) fn tenant_contract(unit: i64, client: i64, start: &str, end: &str) -> String {
    format!(
        r#"{{"external_id":"ЛС:2","unit_id":{unit},"client_id":{client},"name":"ЛС 2","start_date":"{start}T00:00:00","end_date":"{end}T00:00:00","price":"0.00","co_tenant":"","history":"","type_contract":"Airbnb","co_tenant_id":""}}"#
    )
}
