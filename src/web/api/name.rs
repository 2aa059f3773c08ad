//! `POST /identities`: temporary ids get the names that the accounting system has for them.

use axum::extract::State;
use axum::response::Response;
use hyper::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::effect::{Effect, KEY_TOLD as KEY};
use crate::acts::{self, Act, Names, NamesTally};
use crate::ledger::Tx;
use crate::web::Shared;
use crate::web::body::Object;
use crate::web::problem::Problem;

/// The most names of one request.
const MOST: usize = 1000;

/// Names for temporary ids.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewNames {
    /// At most 1,000.
    #[schema(value_type = Vec<NewName>)]
    identities: Vec<Object<NewName>>,
}

/// A name for a temporary id.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewName {
    /// The kind of the object.
    #[serde(default)]
    #[schema(value_type = String, example = "counter")]
    kind: Value,
    /// UZhKH's id of it, which begins with `--`.
    #[serde(default)]
    #[schema(value_type = String, example = "--5")]
    temporary_id: Value,
    /// The id that it has from now on.
    #[serde(default)]
    #[schema(value_type = String, example = "ПУ-00017")]
    permanent_id: Value,
}

/// What came of each name, in the order in which they were given.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NamingResults {
    results: Vec<NamingResult>,
}

/// What came of a name.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NamingResult {
    /// As it was given.
    #[schema(value_type = Value)]
    kind: Value,
    /// As it was given.
    #[schema(value_type = Value)]
    temporary_id: Value,
    /// As it was given.
    #[schema(value_type = Value)]
    permanent_id: Value,
    /// `named`; `merged`: two records were joined; `already`: it has that name; `conflict`,
    /// `invalid`: nothing was done, `detail` says why.
    result: &'static str,
    /// Why nothing was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl NewName {
    fn names(&self) -> Names {
        let text = |member: &str, value: &Value| match value {
            Value::String(text) => Ok(text.clone()),
            Value::Null => Err(format!("{member} is missing")),
            _ => Err(format!("{member} is not text")),
        };
        Ok([
            text("kind", &self.kind)?,
            text("temporary_id", &self.temporary_id)?,
            text("permanent_id", &self.permanent_id)?,
        ])
    }
}

/// Name temporary ids, each by itself
///
/// What is refused changes nothing and holds back no other.
#[utoipa::path(
    post, path = "/api/v1/identities", tag = "identities", operation_id = "name",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = KEY),
    ),
    request_body(content = NewNames, example = json!({"identities": [
        {"kind": "counter", "temporary_id": "--5", "permanent_id": "ПУ-00017"},
    ]})),
    responses((status = 200, description = "What came of each", body = NamingResults)),
)]
pub(super) async fn name(State(web): State<Shared>, effect: Effect) -> Result<Response, Problem> {
    let NewNames { identities } = effect.body()?;
    let identities: Vec<NewName> = identities.into_iter().map(|Object(name)| name).collect();
    if identities.len() > MOST {
        let problem =
            format!("identities has {} items; {MOST} go into one request", identities.len());
        return Err(Problem::bad_request(problem));
    }
    let assign = web.config.identity.assign;
    let names: Vec<Names> = identities.iter().map(NewName::names).collect();
    let work = move |tx: &Tx<'_>, act: &Act| {
        let (namings, _) = acts::name(tx, act, assign, &names, &NamesTally::default())?;
        let results = identities.iter().zip(&namings).map(|(given, naming)| {
            let NewName { kind, temporary_id, permanent_id } = given.clone();
            let (result, detail) = (naming.word(), naming.detail().map(str::to_owned));
            NamingResult { kind, temporary_id, permanent_id, result, detail }
        });
        Ok(NamingResults { results: results.collect() })
    };
    effect.carry_out(StatusCode::OK, work).await
}
