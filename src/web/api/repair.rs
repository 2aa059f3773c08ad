//! `POST /quarantine/SEQ/retry` and `…/acknowledge`: what could not be understood is applied
//! after all, or given up.

use axum::extract::State;
use axum::response::Response;
use hyper::StatusCode;

use super::answer::Nothing;
use super::calls::{Numbered, number};
use super::effect::{Effect, KEY_TOLD as KEY};
use crate::acts::{self, Act};
use crate::ledger::Tx;
use crate::web::Shared;
use crate::web::problem::Problem;

/// Apply something quarantined after all, for instance after an upgrade
///
/// 409: it still cannot be applied; the detail says why.
#[utoipa::path(
    post, path = "/api/v1/quarantine/{seq}/retry", tag = "quarantine", operation_id = "quarantine_retry",
    params(
        ("seq" = i64, Path, description = "Its number", example = 17),
        ("Idempotency-Key" = Option<String>, Header, description = KEY),
    ),
    responses((status = 202, description = "It is applied; the service acknowledges it", body = Nothing)),
)]
pub(super) async fn retry(
    State(web): State<Shared>,
    numbered: Numbered,
    effect: Effect,
) -> Result<Response, Problem> {
    let seq = number(numbered)?;
    effect.no_body()?;
    let config = web.config.clone();
    let work = move |tx: &Tx<'_>, act: &Act| {
        acts::quarantine_retry(tx, act, &config, seq)?;
        Ok(Nothing {})
    };
    effect.carry_out(StatusCode::ACCEPTED, work).await
}

/// Give something quarantined up: it is not applied, and UZhKH is told to forget it
#[utoipa::path(
    post, path = "/api/v1/quarantine/{seq}/acknowledge", tag = "quarantine", operation_id = "quarantine_acknowledge",
    params(
        ("seq" = i64, Path, description = "Its number", example = 1),
        ("Idempotency-Key" = Option<String>, Header, description = KEY),
    ),
    responses((status = 202, description = "It is given up", body = Nothing)),
)]
pub(super) async fn acknowledge(numbered: Numbered, effect: Effect) -> Result<Response, Problem> {
    let seq = number(numbered)?;
    effect.no_body()?;
    let work = move |tx: &Tx<'_>, act: &Act| {
        acts::quarantine_acknowledge(tx, act, seq)?;
        Ok(Nothing {})
    };
    effect.carry_out(StatusCode::ACCEPTED, work).await
}
