//! `/api/v1/alma`: the objects of Alma and how they stand.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use strum::VariantNames;
use utoipa::ToSchema;

use super::answer::json;
use crate::ledger::{AlmaKind, AlmaObject, AlmaState, AlmaWanted};
use crate::web::places::Place;
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::{Shared, cursor};

/// The word of this list in its cursors.
const LIST: &str = "alma";

/// A page of objects.
#[derive(Serialize, ToSchema)]
pub(super) struct Objects {
    objects: Vec<AlmaObject>,
    /// The parameter `after` of the next page; null at the end.
    next: Option<String>,
}

/// Objects of Alma, and how they stand
#[utoipa::path(
    get, path = "/api/v1/alma", tag = "alma", operation_id = "alma",
    params(
        ("state" = Option<String>, Query, description = "Only those in this state", example = "synced"),
        ("kind" = Option<String>, Query, description = "Only those of this kind", example = "unit"),
        ("after" = Option<String>, Query, description = "The `next` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 10000, description = "The most of a page, 1000 by default; there may be fewer", example = 100),
    ),
    responses((status = 200, description = "A page", body = Objects)),
)]
pub(super) async fn alma(State(web): State<Shared>, query: Query) -> Result<Response, Problem> {
    let query = query.only(&["state", "kind", "after", "limit"])?;
    let kinds = AlmaKind::ALL.map(AlmaKind::word);
    let wanted = AlmaWanted {
        state: query.word("state", AlmaState::VARIANTS)?,
        kind: query.word("kind", &kinds)?,
        after: query.text("after").map(|text| cursor::read(LIST, text)).transpose()?,
        limit: query.limit()?,
    };
    let _place = web.place(Place::Pages)?;
    let page = web.read(move |reader| reader.alma_page(&wanted)).await?;
    let next = page.next.map(|[kind, id]| cursor::written(LIST, &[&kind, &id]));
    json(&Objects { objects: page.rows, next })
}
