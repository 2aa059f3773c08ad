//! `/api/v1/decisions`: the requests to register and to add an object, and what was decided.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::json;
use crate::ledger::{DecidedRequest, DecisionsWanted};
use crate::web::places::Place;
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::{Shared, cursor};

/// The word of this list in its cursors.
const LIST: &str = "decisions";

/// A page of requests.
#[derive(Serialize, ToSchema)]
pub(super) struct Decisions {
    decisions: Vec<DecidedRequest>,
    /// The parameter `after` of the next page; null at the end.
    next: Option<String>,
}

/// Requests to register and to add an object, and what was decided on them
#[utoipa::path(
    get, path = "/api/v1/decisions", tag = "decisions", operation_id = "decisions",
    params(
        ("state" = Option<String>, Query, description = "`open`: only those that wait for a decision; `closed`: only the others", example = "open"),
        ("after" = Option<String>, Query, description = "The `next` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 10000, description = "The most of a page, 1000 by default; there may be fewer", example = 100),
    ),
    responses((status = 200, description = "A page", body = Decisions)),
)]
pub(super) async fn decisions(
    State(web): State<Shared>,
    query: Query,
) -> Result<Response, Problem> {
    let query = query.only(&["state", "after", "limit"])?;
    let open = query.one_of("state", &["open", "closed"])?.map(|state| state == "open");
    let after = query.text("after").map(|text| cursor::read(LIST, text)).transpose()?;
    let wanted = DecisionsWanted { open, after, limit: query.limit()? };
    let _place = web.place(Place::Pages)?;
    let page = web.read(move |reader| reader.decision_page(&wanted)).await?;
    let next = page.next.map(|[request, id]| cursor::written(LIST, &[&request, &id]));
    json(&Decisions { decisions: page.rows, next })
}
