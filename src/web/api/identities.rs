//! `/api/v1/identities`: the temporary ids and the names that stand for them.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::json;
use crate::ledger::{IdentitiesWanted, IdentityState, NamedRecord};
use crate::registry;
use crate::web::places::Place;
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::{Shared, cursor};

/// The word of this list in its cursors.
const LIST: &str = "identities";

/// A page of identities.
#[derive(Serialize, ToSchema)]
pub(super) struct Identities {
    identities: Vec<NamedRecord>,
    /// The parameter `after` of the next page; null at the end.
    next: Option<String>,
}

/// Temporary ids, and the records that wait for their names
#[utoipa::path(
    get, path = "/api/v1/identities", tag = "identities", operation_id = "identities",
    params(
        ("state" = Option<String>, Query, description = "Only those that are waiting, reserved, announced or rejected", example = "waiting"),
        ("kind" = Option<String>, Query, description = "Only those of this kind", example = "counter"),
        ("after" = Option<String>, Query, description = "The `next` of the page before"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 10000, description = "The most of a page, 1000 by default; there may be fewer", example = 100),
    ),
    responses((status = 200, description = "A page", body = Identities)),
)]
pub(super) async fn identities(
    State(web): State<Shared>,
    query: Query,
) -> Result<Response, Problem> {
    let query = query.only(&["state", "kind", "after", "limit"])?;
    let states = IdentityState::ALL.map(IdentityState::word);
    let kinds: Vec<&str> = registry::recorded()
        .into_iter()
        .filter(|(source, _)| *source == "uzhkh")
        .map(|(_, kind)| kind)
        .collect();
    let wanted = IdentitiesWanted {
        state: query.word("state", &states)?,
        kind: query.one_of("kind", &kinds)?,
        after: query.text("after").map(|text| cursor::read(LIST, text)).transpose()?,
        limit: query.limit()?,
    };
    let _place = web.place(Place::Pages)?;
    let page = web.read(move |reader| reader.identity_page(&wanted)).await?;
    let next = page.next.map(|[kind, id]| cursor::written(LIST, &[&kind, &id]));
    json(&Identities { identities: page.rows, next })
}
