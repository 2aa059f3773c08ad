//! `POST /calls/SEQ/settle`: a person has seen what came of a call.

use axum::response::Response;
use hyper::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::calls::{Numbered, number};
use super::effect::{Effect, KEY_TOLD as KEY};
use crate::acts::{self, Act};
use crate::ledger::{CallDetail, Tx};
use crate::web::problem::Problem;

/// What came of a call.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Settlement {
    /// `done`: it was carried out, or no longer matters; `failed`: it was not carried out.
    outcome: Outcome,
}

/// The two words for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Outcome {
    Done,
    Failed,
}

/// Settle a call: state what came of one of unknown outcome, or put away one that failed
///
/// 409: it is pending, or was done; one that failed can only be put away, as `done`.
#[utoipa::path(
    post, path = "/api/v1/calls/{seq}/settle", tag = "calls", operation_id = "settle",
    params(
        ("seq" = i64, Path, description = "Its number", example = 546),
        ("Idempotency-Key" = Option<String>, Header, description = KEY),
    ),
    request_body(content = Settlement, example = json!({"outcome": "failed"})),
    responses((status = 200, description = "The call", body = CallDetail)),
)]
pub(super) async fn settle(numbered: Numbered, effect: Effect) -> Result<Response, Problem> {
    let seq = number(numbered)?;
    let Settlement { outcome } = effect.body()?;
    let work = move |tx: &Tx<'_>, act: &Act| {
        acts::settle(tx, act, seq, outcome == Outcome::Done)?;
        tx.call(seq)
    };
    effect.carry_out(StatusCode::OK, work).await
}
