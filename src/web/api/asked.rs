//! `POST /resync` and `/feeds/NAME/accept-shrink`: what the running service is asked to do.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use hyper::StatusCode;

use super::answer::Nothing;
use super::effect::{Effect, KEY_TOLD as KEY};
use crate::acts::{self, Act, NoFeed};
use crate::ledger::Tx;
use crate::web::Shared;
use crate::web::problem::Problem;

/// Have UZhKH's full lists read again
#[utoipa::path(
    post, path = "/api/v1/resync", tag = "service", operation_id = "resync",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = KEY),
    ),
    responses((status = 202, description = "The service has been asked", body = Nothing)),
)]
pub(super) async fn resync(effect: Effect) -> Result<Response, Problem> {
    effect.no_body()?;
    let work = |tx: &Tx<'_>, act: &Act| {
        acts::resync(tx, act)?;
        Ok(Nothing {})
    };
    effect.carry_out(StatusCode::ACCEPTED, work).await
}

/// Let the next full read of a feed delete all records that it lacks
#[utoipa::path(
    post, path = "/api/v1/feeds/{name}/accept-shrink", tag = "service", operation_id = "accept_shrink",
    params(
        ("name" = String, Path, description = "A feed of Domoplaner, a category of MACRO or a kind of Bitrix24; SYSTEM%2FNAME where two systems have one of that name", example = "flat"),
        ("Idempotency-Key" = Option<String>, Header, description = KEY),
    ),
    responses((status = 202, description = "The service has been told", body = Nothing)),
)]
pub(super) async fn accept_shrink(
    State(web): State<Shared>,
    name: Result<Path<String>, PathRejection>,
    effect: Effect,
) -> Result<Response, Problem> {
    let Path(name) = name.map_err(|_| Problem::not_found("the path is not UTF-8"))?;
    let (source, feed) =
        acts::mirrored_feed(&web.config, &name).map_err(|problem| match problem {
            NoFeed::Unknown { .. } => Problem::not_found(problem.to_string()),
            NoFeed::Several { .. } => Problem::conflict(problem.to_string()),
        })?;
    effect.no_body()?;
    let work = move |tx: &Tx<'_>, act: &Act| {
        acts::accept_shrink(tx, act, (source, &feed))?;
        Ok(Nothing {})
    };
    effect.carry_out(StatusCode::ACCEPTED, work).await
}
