//! How the tests speak with Alma, and objects to begin with.

use serde_json::{Value, json};

use crate::simulator::Bench;

impl Bench {
    pub(crate) async fn alma(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let text = body.map(Value::to_string);
        let (status, answer) = self.alma_text(method, path, text).await;
        (status, serde_json::from_str(&answer).unwrap_or(Value::String(answer)))
    }

    /// The same with a body that need not be JSON, and the answer as it came.
    pub(crate) async fn alma_text(
        &self,
        method: &str,
        path: &str,
        body: Option<String>,
    ) -> (u16, String) {
        let response = self.alma_request(method, path, body).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    pub(crate) fn alma_request(
        &self,
        method: &str,
        path: &str,
        body: Option<String>,
    ) -> reqwest::RequestBuilder {
        let url = format!("{}external_api/{path}", self.simulator.alma().base_url());
        let request = self.client.request(method.parse().unwrap(), url);
        let request = request.header("api-key", "simulator-key");
        match body {
            Some(body) => request.header("content-type", "application/json").body(body),
            None => request,
        }
    }

    pub(crate) async fn read(&self, path: &str) -> Value {
        let (status, answer) = self.alma("GET", path, None).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Makes an object; answers its id.
    pub(crate) async fn made(&self, path: &str, body: Value) -> i64 {
        let (status, answer) = self.alma("POST", path, Some(&body)).await;
        assert_eq!(status, 201, "{path}: {answer}");
        answer["id"].as_i64().unwrap()
    }

    pub(crate) async fn patched(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.alma("PATCH", path, Some(&body)).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// What a write is refused with.
    pub(crate) async fn refused(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.alma(method, path, Some(&body)).await;
        assert_eq!(status, 400, "{path}: {answer}");
        answer
    }

    pub(crate) async fn building(&self, name: &str) -> i64 {
        let body = json!({"name": name, "project": 207});
        self.made("realty/buildings/", body).await
    }

    pub(crate) async fn unit(&self, building: i64, name: &str) -> i64 {
        self.made("realty/units/", unit(building, name)).await
    }

    pub(crate) async fn room(&self, unit: i64, name: &str) -> i64 {
        self.made("realty/rooms/", room(unit, name)).await
    }

    pub(crate) async fn client(&self, external_id: &str) -> i64 {
        self.made("users/clients/", client(external_id)).await
    }

    /// A building, a unit in it and a client.
    pub(crate) async fn home(&self) -> (i64, i64, i64) {
        let building = self.building("Дом 1").await;
        let unit = self.unit(building, "1").await;
        (building, unit, self.client("c1").await)
    }
}

/// A unit as one is made, with everything that is required; its external id is `u-NAME`.
pub(crate) fn unit(building: i64, name: &str) -> Value {
    json!({
        "external_id": format!("u-{name}"), "name": name, "building": building,
        "property_type": "apartment", "number": "123", "internal_area": 0, "photos": [],
        "number_of_bedrooms": 1, "number_of_baths": 0, "is_roof_garden": false,
        "parking": "not_applicable", "is_swimming_pool": false, "total_buildable_area": 55.5,
    })
}

pub(crate) fn room(unit: i64, name: &str) -> Value {
    json!({
        "external_id": format!("r-{name}"), "name": name, "parent_unit": unit,
        "property_type": "bunk", "internal_area": 0, "photos": [],
    })
}

pub(crate) fn client(external_id: &str) -> Value {
    json!({
        "external_id": external_id, "first_name": "Иван", "last_name": "Петров",
        "email": format!("{external_id}@example.com"), "phone": "+79000000000", "country": 4,
    })
}

/// With these members instead of, or beside, its own.
pub(crate) fn with(mut body: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}
