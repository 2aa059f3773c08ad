//! `/api/v1/changes`: the log of changes, for programs that follow the ledger with one cursor.
//!
//! A client that has read to the end may wait there for the next change; it holds no reader
//! meanwhile. An answer is whole before it is sent.

use std::time::{Duration, Instant};

use axum::extract::State;
use axum::response::Response;
use hyper::StatusCode;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{json, text, written};
use crate::ledger::{Change, ChangePage, ChangeSeq, Error, Reader, Wanted};
use crate::registry;
use crate::web::places::Place;
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::{Shared, Web};

/// The cursor, for those who read lines.
const LAST: HeaderName = HeaderName::from_static("x-last-seq");
/// The ledger that a cursor is of.
pub(super) const LEDGER: HeaderName = HeaderName::from_static("x-ledger");

/// The next changes after a cursor
///
/// Keep `last`, not the number of the last change: it covers what was filtered out, too.
#[utoipa::path(
    get, path = "/api/v1/changes", tag = "changes", operation_id = "changes",
    params(
        ("after" = Option<i64>, Query, minimum = 0, description = "The cursor: `last` of the answer before, or `at_change` of the first page of records; 0 by default", example = 0),
        ("ledger" = Option<String>, Query, description = "The `ledger` that came with the cursor: another ledger answers 410"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 10000, description = "The most changes of an answer, 1000 by default; there may be fewer", example = 500),
        ("wait" = Option<String>, Query, description = "If there is none yet, wait this long for one: `30s` or `30`, 60 s at most", example = "1s"),
        ("source" = Option<String>, Query, description = "Only changes of these systems: a list with commas", example = "uzhkh"),
        ("kind" = Option<String>, Query, description = "Only changes of these kinds: a list with commas", example = "counter,payment"),
        ("with_body" = Option<bool>, Query, description = "With the present body of each record", example = true),
    ),
    responses((status = 200, description = "The changes; a change a line with Accept: application/x-ndjson", body = Changes)),
)]
pub(super) async fn changes(
    State(web): State<Shared>,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let known = ["after", "ledger", "limit", "wait", "source", "kind", "with_body"];
    let query = query.only(&known)?;
    let wanted = Wanted {
        after: ChangeSeq(query.after()?.unwrap_or_default()),
        ledger: query.text("ledger").map(str::to_owned),
        limit: query.limit()?,
        sources: query.words("source", &registry::sources())?,
        kinds: query.words("kind", &registry::record_kinds())?,
        with_body: query.flag("with_body")?,
    };
    let wait = query.wait()?;
    let _place = web.place(Place::Changes)?;
    match next(&web, wanted, wait).await {
        Ok(page) if wants_lines(&headers) => lines(page),
        Ok(page) => object(page),
        Err(error) => Err(refused(&web, error).await),
    }
}

/// Whether a client wants a JSON object a line.
pub(super) fn wants_lines(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(header::ACCEPT).iter();
    accepted.any(|value| value.to_str().is_ok_and(|value| value.contains("application/x-ndjson")))
}

/// The next changes, as soon as there are any.
async fn next(web: &Web, mut wanted: Wanted, patience: Duration) -> Result<ChangePage, Error> {
    let deadline = Instant::now() + patience;
    loop {
        // Before the ledger is read: what is committed after that wakes.
        let mut commits = (!patience.is_zero()).then(|| web.wakeups.subscribe());
        let asked = wanted.clone();
        let page = web.read(move |reader| reader.changes(&asked)).await?;
        let is_over = Instant::now() >= deadline || web.stop.is_cancelled();
        if !page.changes.is_empty() || is_over {
            return Ok(page);
        }
        wanted.after = page.last;
        // What was passed over may be long; what comes after it is not waited for.
        if let Some(commits) = commits.as_mut().filter(|_| page.is_end) {
            let left = deadline.saturating_duration_since(Instant::now());
            tokio::select! {
                () = web.stop.cancelled() => return Ok(page),
                () = tokio::time::sleep(left) => {}
                _ = commits.wait_for(|seen| seen.newest > page.last) => {}
            }
        }
    }
}

/// Changes, in order, without a gap.
#[derive(Serialize, ToSchema)]
struct Changes {
    /// The ledger's own id: a cursor is of use only with the ledger that gave it.
    ledger: String,
    changes: Vec<Change>,
    /// The cursor to go on with.
    last: ChangeSeq,
}

fn object(page: ChangePage) -> Result<Response, Problem> {
    let shown = Changes { ledger: page.ledger, changes: page.changes, last: page.last };
    Ok(with_cursor(json(&shown)?, &shown))
}

fn lines(page: ChangePage) -> Result<Response, Problem> {
    let mut lines = Vec::new();
    for change in &page.changes {
        lines.extend(written(change)?);
        lines.push(b'\n');
    }
    let shown = Changes { ledger: page.ledger, changes: Vec::new(), last: page.last };
    Ok(with_cursor(text(lines, "application/x-ndjson"), &shown))
}

fn with_cursor(mut response: Response, shown: &Changes) -> Response {
    let headers = response.headers_mut();
    headers.insert(LAST, HeaderValue::from(shown.last.0));
    if let Ok(ledger) = HeaderValue::from_str(&shown.ledger) {
        headers.insert(LEDGER, ledger);
    }
    response
}

/// A cursor of no use is 410, with what to begin anew with.
pub(super) async fn refused(web: &Web, error: Error) -> Problem {
    let Some(last) = error.newest_change() else {
        return error.into();
    };
    match web.read(Reader::ledger_id).await {
        Ok(ledger) => {
            let gone = Problem::new(StatusCode::GONE, error.to_string());
            gone.with("ledger", ledger).with("last", last)
        }
        Err(error) => error.into(),
    }
}
