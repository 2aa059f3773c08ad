//! `/api/v1/quarantine`: what could not be understood.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::json;
use super::calls::{Numbered, number};
use crate::ledger::Quarantined;
use crate::web::Shared;
use crate::web::places::Place;
use crate::web::problem::Problem;
use crate::web::query::Query;

/// A page of what is quarantined.
#[derive(Serialize, ToSchema)]
pub(super) struct Quarantine {
    quarantine: Vec<Quarantined>,
    /// The parameter `after` of the next page; null at the end.
    next: Option<String>,
}

/// What is quarantined, oldest first
#[utoipa::path(
    get, path = "/api/v1/quarantine", tag = "quarantine", operation_id = "quarantine",
    params(
        ("after" = Option<String>, Query, description = "The `next` of the page before", example = "0"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 10000, description = "The most of a page, 1000 by default; there may be fewer", example = 100),
    ),
    responses((status = 200, description = "A page", body = Quarantine)),
)]
pub(super) async fn quarantine(
    State(web): State<Shared>,
    query: Query,
) -> Result<Response, Problem> {
    let query = query.only(&["after", "limit"])?;
    let (after, limit) = (query.after()?.unwrap_or_default(), query.limit()?);
    let _place = web.place(Place::Pages)?;
    let page = web.read(move |reader| reader.quarantine_page(after, limit)).await?;
    let next = page.next.map(|seq| seq.to_string());
    json(&Quarantine { quarantine: page.rows, next })
}

/// A quarantined item with its text.
#[derive(Serialize, ToSchema)]
pub(super) struct QuarantinedText {
    #[serde(flatten)]
    about: Quarantined,
    /// Its text; bytes that are not UTF-8 are replaced.
    body: String,
    /// Whether the text was kept whole.
    is_whole: bool,
}

/// One quarantined item with its text
#[utoipa::path(
    get, path = "/api/v1/quarantine/{seq}", tag = "quarantine", operation_id = "quarantined",
    params(("seq" = i64, Path, description = "Its number", example = 1)),
    responses((status = 200, description = "As `quarantine show --json` prints it", body = QuarantinedText)),
)]
pub(super) async fn quarantined(
    State(web): State<Shared>,
    query: Query,
    numbered: Numbered,
) -> Result<Response, Problem> {
    let seq = number(numbered)?;
    query.only(&[])?;
    let _place = web.place(Place::Pages)?;
    let held = web.read(move |reader| reader.quarantined_item(seq)).await?;
    json(&QuarantinedText {
        is_whole: held.is_whole(),
        body: String::from_utf8_lossy(&held.body).into_owned(),
        about: held.about,
    })
}
