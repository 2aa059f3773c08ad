//! `/api/v1/calls`: what was sent, is to be sent, or is stuck.

use std::time::{Duration, Instant};

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::json;
use crate::ledger::{CallDetail, CallState, CallsWanted, Error};
use crate::registry;
use crate::web::places::Place;
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::{Shared, Web};

/// A page of calls.
#[derive(Serialize, ToSchema)]
pub(super) struct Calls {
    calls: Vec<CallDetail>,
    /// The parameter `after` of the next page; null at the end.
    next: Option<String>,
}

/// Calls, oldest first
#[utoipa::path(
    get, path = "/api/v1/calls", tag = "calls", operation_id = "calls",
    params(
        ("state" = Option<String>, Query, description = "Only those that are pending, done, failed or unknown", example = "done"),
        ("target" = Option<String>, Query, description = "Only those to this system", example = "uzhkh"),
        ("op" = Option<String>, Query, description = "Only those of this operation, in the vendor's word", example = "HandleRequestToRegister"),
        ("after" = Option<String>, Query, description = "The `next` of the page before", example = "0"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 10000, description = "The most of a page, 1000 by default; there may be fewer", example = 100),
    ),
    responses((status = 200, description = "A page", body = Calls)),
)]
pub(super) async fn calls(State(web): State<Shared>, query: Query) -> Result<Response, Problem> {
    let query = query.only(&["state", "target", "op", "after", "limit"])?;
    let wanted = CallsWanted {
        state: query.word("state", &["pending", "done", "failed", "unknown"])?,
        target: query.one_of("target", &registry::names())?,
        op: query.text("op").map(str::to_owned),
        after: query.after()?.unwrap_or_default(),
        limit: query.limit()?,
    };
    let _place = web.place(Place::Pages)?;
    let page = web.read(move |reader| reader.call_page(&wanted)).await?;
    let next = page.next.map(|seq| seq.to_string());
    json(&Calls { calls: page.rows, next })
}

/// A number in a path.
pub(super) type Numbered = Result<Path<String>, PathRejection>;

/// The number of a path; nothing has another.
pub(super) fn number(numbered: Numbered) -> Result<i64, Problem> {
    let Path(text) = numbered.map_err(|_| Problem::not_found("the path is not UTF-8"))?;
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| is_plain);
    number.ok_or_else(|| {
        Problem::not_found(format!("{text:?} is no number, so there is nothing of it"))
    })
}

/// One call
///
/// With `wait` as soon as it is finished, else as it stands.
#[utoipa::path(
    get, path = "/api/v1/calls/{seq}", tag = "calls", operation_id = "call",
    params(
        ("seq" = i64, Path, description = "Its number", example = 1),
        ("wait" = Option<String>, Query, description = "If it is pending, wait this long for its end: `30s` or `30`, 60 s at most", example = "10s"),
    ),
    responses((status = 200, description = "The call, and the other side's last words as `said`", body = CallDetail)),
)]
pub(super) async fn call(
    State(web): State<Shared>,
    query: Query,
    numbered: Numbered,
) -> Result<Response, Problem> {
    let seq = number(numbered)?;
    let wait = query.only(&["wait"])?.wait()?;
    let _place = web.place(Place::Calls)?;
    json(&finished(&web, seq, wait).await?)
}

/// A call, as soon as it is finished.
pub(super) async fn finished(web: &Web, seq: i64, patience: Duration) -> Result<CallDetail, Error> {
    let deadline = Instant::now() + patience;
    // Before the ledger is read: what is committed after that wakes.
    let mut commits = (!patience.is_zero()).then(|| web.wakeups.subscribe());
    loop {
        if let Some(commits) = &mut commits {
            commits.mark_unchanged();
        }
        let call = web.read(move |reader| reader.call(seq)).await?;
        let left = deadline.saturating_duration_since(Instant::now());
        let Some(commits) = &mut commits else { return Ok(call) };
        if call.state != CallState::Pending || left.is_zero() || web.stop.is_cancelled() {
            return Ok(call);
        }
        tokio::select! {
            () = web.stop.cancelled() => {}
            () = tokio::time::sleep(left) => {}
            _ = commits.changed() => {}
        }
    }
}
