//! What a pass sends to Alma, as it came over the wire.

use std::fs;

use simulator::{AlmaCall, AlmaKind};

use crate::support::{API_KEY, Bench, nowhere};

/// The document's paths, below `external_api/`.
pub(crate) const BUILDINGS: &str = "realty/buildings/";
pub(crate) const UNITS: &str = "realty/units/";
pub(crate) const CLIENTS: &str = "users/clients/";
pub(crate) const OWNER_CONTRACTS: &str = "realty/contracts/owner_contracts/";
pub(crate) const TENANT_CONTRACTS: &str = "realty/contracts/tenant_contracts/";

impl Bench {
    /// Every write so far, as `METHOD path body`.
    pub(crate) fn writes(&self) -> Vec<String> {
        let calls = self.report().alma.into_iter();
        let writes = calls.filter(|call| call.method != "GET");
        writes.map(|call| written(&call)).collect()
    }

    /// What a pass writes, sorted, since objects of a kind go side by side.
    #[track_caller]
    pub(crate) fn pass_writes(&self) -> Vec<String> {
        let before = self.writes().len();
        self.pass();
        let mut writes = self.writes().split_off(before);
        writes.sort();
        writes
    }

    /// A pass writes this and nothing else, and then all rests.
    #[track_caller]
    pub(crate) fn pass_writes_only(&self, expected: &[String]) {
        let mut expected = expected.to_vec();
        expected.sort();
        assert_eq!(self.pass_writes(), expected);
        self.rests();
    }

    /// Somebody uploads a picture; answers its id.
    pub(crate) fn upload(&self) -> i64 {
        let url = format!("{}external_api/external-image/", self.alma().base_url());
        let asking = crate::support::http_client()
            .build()
            .unwrap()
            .post(url)
            .header("Api-Key", API_KEY)
            .header("Content-Type", "application/json")
            .body(r#"{"url":"https://example.com/picture.jpg"}"#)
            .send();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answer = runtime.block_on(asking).unwrap();
        assert_eq!(answer.status().as_u16(), 201);
        self.alma().files().last().unwrap().id
    }

    /// Alma's id of an object.
    #[track_caller]
    pub(crate) fn alma_id(&self, kind: AlmaKind, external_id: &str) -> i64 {
        self.held(kind, external_id).id
    }

    /// Alma's id of a building, which has no external id there.
    #[track_caller]
    pub(crate) fn building(&self, name: &str) -> i64 {
        let buildings = self.alma().objects(AlmaKind::Building);
        let name = format!("{name:?}");
        let mut named = buildings.iter().filter(|one| one.fields["name"] == name);
        named.next().map(|one| one.id).expect("no such building")
    }

    /// From now on the config says this instead of that.
    #[track_caller]
    pub(crate) fn rewrite_config(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.config()).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(self.config(), text.replace(from, to)).unwrap();
    }

    /// From now on nobody listens where the config says that Alma is; what undoes that.
    pub(crate) fn with_nobody_as_alma(&self) -> impl Fn(&Bench) + use<> {
        let section = |base_url: &str| format!("{base_url:?}\napi_key");
        let right = section(&self.alma().base_url());
        let nobody = section(&format!("http://{}/", nowhere()));
        self.rewrite_config(&right, &nobody);
        move |bench| bench.rewrite_config(&nobody, &right)
    }
}

/// `PATCH path/ID/ body`
pub(crate) fn patch(path: &str, id: i64, body: &str) -> String {
    format!("PATCH {path}{id}/ {body}")
}

/// `POST path body`
pub(crate) fn post(path: &str, body: &str) -> String {
    format!("POST {path} {body}")
}

fn written(call: &AlmaCall) -> String {
    let AlmaCall { method, path, .. } = call;
    let path = path.trim_start_matches("external_api/");
    let body = call.body.as_deref().unwrap_or_default();
    format!("{method} {path} {body}")
}
