//! `POST /alma/retry`, `release`, `block`, `unblock`: on objects that are named, or on all that
//! stand in a state.

use axum::response::Response;
use hyper::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::effect::{Effect, KEY_TOLD as KEY};
use crate::acts::{self, Act, Acted, Objects};
use crate::alma::Refused;
use crate::ledger::{AlmaKey, AlmaKind, AlmaState, Error, Tx};
use crate::web::body::Object;
use crate::web::problem::Problem;

/// The most objects that are named in one request.
const MOST: usize = 1000;

/// What is acted on: `objects`, or `state` with or without `kind`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// These objects, at most 1,000.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Named>>)]
    objects: Option<Vec<Object<Named>>>,
    /// All objects in this state.
    #[serde(default)]
    state: Option<String>,
    /// Of these only those of this kind.
    #[serde(default)]
    kind: Option<String>,
}

/// An object of Alma.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    /// `alma_object.kind`
    kind: String,
    /// `alma_object.external_id`
    id: String,
}

/// What came of each object.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AlmaResults {
    /// How many objects there are of those that were asked for.
    matched: usize,
    results: Vec<AlmaResult>,
}

/// What came of an object.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AlmaResult {
    /// `alma_object.kind`
    kind: &'static str,
    /// `alma_object.external_id`
    id: String,
    /// `retried`, `released`, `blocked` or `unblocked`; `refused`: nothing was done, `detail` says
    /// why.
    result: &'static str,
    /// Why nothing was done, or what it was held for.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The call that carries it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<i64>,
}

impl AlmaResult {
    fn of(acted: Acted, word: &'static str) -> Self {
        let Acted { key, done } = acted;
        let (result, detail, call) = match done {
            Ok(done) => (word, done.reason, done.call),
            Err(refused) => ("refused", Some(refused.to_string()), None),
        };
        Self { kind: key.kind.word(), id: key.external_id, result, detail, call }
    }
}

type ActOn = fn(&Tx<'_>, &Act, &Objects) -> Result<Vec<Acted>, Error>;

/// Try objects again at once that were rejected, are blocked, or wait
#[utoipa::path(
    post, path = "/api/v1/alma/retry", tag = "alma", operation_id = "alma_retry",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = KEY),
    ),
    request_body(content = Wanted, example = json!({"state": "rejected"})),
    responses((status = 200, description = "What came of each", body = AlmaResults)),
)]
pub(super) async fn retry(effect: Effect) -> Result<Response, Problem> {
    post(effect, acts::alma_retry, "retried").await
}

/// Let happen what held objects wait for: archiving, unarchiving, making anew
#[utoipa::path(
    post, path = "/api/v1/alma/release", tag = "alma", operation_id = "alma_release",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = KEY),
    ),
    request_body(content = Wanted, example = json!({"state": "held", "kind": "unit"})),
    responses((status = 200, description = "What came of each", body = AlmaResults)),
)]
pub(super) async fn release(effect: Effect) -> Result<Response, Problem> {
    post(effect, acts::alma_release, "released").await
}

/// Have units or rooms blocked in Alma
#[utoipa::path(
    post, path = "/api/v1/alma/block", tag = "alma", operation_id = "alma_block",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = KEY),
    ),
    request_body(content = Wanted, example = json!({"objects": [{"kind": "unit", "id": "o1"}]})),
    responses((status = 200, description = "What came of each", body = AlmaResults)),
)]
pub(super) async fn block(effect: Effect) -> Result<Response, Problem> {
    post(effect, acts::alma_block, "blocked").await
}

/// Have the blocks of units or rooms in Alma removed
#[utoipa::path(
    post, path = "/api/v1/alma/unblock", tag = "alma", operation_id = "alma_unblock",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = KEY),
    ),
    request_body(content = Wanted, example = json!({"objects": [{"kind": "unit", "id": "o1"}]})),
    responses((status = 200, description = "What came of each", body = AlmaResults)),
)]
pub(super) async fn unblock(effect: Effect) -> Result<Response, Problem> {
    post(effect, acts::alma_unblock, "unblocked").await
}

async fn post(effect: Effect, act_on: ActOn, word: &'static str) -> Result<Response, Problem> {
    let objects = objects(effect.body()?)?;
    let work = move |tx: &Tx<'_>, act: &Act| {
        let acted = act_on(tx, act, &objects)?;
        let is_there = |one: &&Acted| !matches!(one.done, Err(Refused::NoSuchObject(_)));
        let matched = acted.iter().filter(is_there).count();
        let results = acted.into_iter().map(|one| AlmaResult::of(one, word)).collect();
        Ok(AlmaResults { matched, results })
    };
    effect.carry_out(StatusCode::OK, work).await
}

fn objects(wanted: Wanted) -> Result<Objects, Problem> {
    match wanted {
        Wanted { objects: Some(_), state: Some(_), .. }
        | Wanted { objects: Some(_), kind: Some(_), .. } => {
            Err(Problem::bad_request("objects goes without state and kind"))
        }
        Wanted { objects: Some(named), .. } if named.len() > MOST => {
            let problem = format!("objects has {} items; {MOST} go into one request", named.len());
            Err(Problem::bad_request(problem))
        }
        Wanted { objects: Some(named), .. } => {
            let keys = named.into_iter().enumerate().map(|(at, Object(named))| {
                let kind = kind(&format!("objects[{at}].kind"), &named.kind)?;
                Ok(AlmaKey::new(kind, named.id))
            });
            Ok(Objects::These(keys.collect::<Result<_, Problem>>()?))
        }
        Wanted { state: Some(state), kind: word, .. } => {
            let known = |_| Problem::bad_request("state: there is no such state of an object");
            let state: AlmaState = state.parse().map_err(known)?;
            let kind = word.map(|word| kind("kind", &word)).transpose()?;
            Ok(Objects::In { states: vec![state], kind })
        }
        Wanted { .. } => {
            Err(Problem::bad_request("objects or state is missing: one says what is meant"))
        }
    }
}

fn kind(member: &str, word: &str) -> Result<AlmaKind, Problem> {
    AlmaKind::from_word(word).ok_or_else(|| {
        let words = AlmaKind::ALL.map(AlmaKind::word).join(", ");
        Problem::bad_request(format!("{member}: it must be one of {words}"))
    })
}
