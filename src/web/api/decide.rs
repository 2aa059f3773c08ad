//! `POST /decisions`: a request to register or to add an object is approved or rejected.

use axum::response::Response;
use hyper::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer::Called;
use super::effect::{Effect, KEY_TOLD as KEY};
use crate::acts::{self, Act, Decide, Request};
use crate::ledger::Tx;
use crate::web::problem::Problem;

/// A decision on a request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    /// The kind of the request.
    #[schema(value_type = String, example = "register")]
    request: Request,
    /// UZhKH's id of the request.
    #[schema(example = "4711")]
    id: String,
    /// True approves it, false rejects it.
    #[schema(example = true)]
    approve: bool,
    /// Why a registration is rejected; needed for that.
    #[serde(default)]
    cause: Option<String>,
    /// The account number of the object; needed to approve it.
    #[serde(default)]
    account_number: Option<String>,
    /// Whether UZhKH notifies the people concerned.
    #[serde(default)]
    notify: bool,
}

/// Decide a request: it is sent once, and people may be notified by it
///
/// 409: it was decided, or may have been, by `call`; one that failed opens it again.
#[utoipa::path(
    post, path = "/api/v1/decisions", tag = "decisions", operation_id = "decide",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = KEY),
    ),
    request_body(content = Decision, examples(
        ("approve a registration" = (value = json!({"request": "register", "id": "71", "approve": true, "notify": true}))),
        ("reject a registration" = (value = json!({"request": "register", "id": "72", "approve": false, "cause": "Это не ваш счёт"}))),
        ("approve an object" = (value = json!({"request": "object", "id": "71", "approve": true, "account_number": "700000123"}))),
        ("reject an object" = (value = json!({"request": "object", "id": "72", "approve": false}))),
    )),
    responses((status = 202, description = "The call that carries it out", body = Called)),
)]
pub(super) async fn decide(effect: Effect) -> Result<Response, Problem> {
    let Decision { request, id, approve, cause, account_number, notify } = effect.body()?;
    let decide = Decide::new(request, id, approve, cause, account_number, notify)?;
    let work = move |tx: &Tx<'_>, act: &Act| {
        let decided = acts::decide(tx, act, &decide, true)?;
        Ok(Called { call: decided.call })
    };
    effect.carry_out(StatusCode::ACCEPTED, work).await
}
