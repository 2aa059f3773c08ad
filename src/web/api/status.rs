//! `/api/v1/status`: how everything stands.

use axum::extract::State;
use axum::response::Response;

use super::answer::json;
use crate::ops::status::Status;
use crate::web::Shared;
use crate::web::places::Place;
use crate::web::problem::Problem;
use crate::web::query::Query;

/// How everything stands
///
/// What each part last did, what waits, what is stuck: as `status --json` prints it.
#[utoipa::path(
    get, path = "/api/v1/status", tag = "status", operation_id = "status",
    responses((status = 200, description = "How everything stands", body = Status)),
)]
pub(super) async fn status(State(web): State<Shared>, query: Query) -> Result<Response, Problem> {
    query.only(&[])?;
    let _place = web.place(Place::Walks)?;
    let (asked, now) = (Shared::clone(&web), web.clock.now());
    json(&web.read(move |reader| Status::read(&asked.config, reader, now)).await?)
}
