//! How answers are written.

use axum::response::{IntoResponse, Response};
use hyper::header::{self, HeaderValue};
use serde::Serialize;
use utoipa::ToSchema;

use crate::web::problem::Problem;

/// The call that carries out what was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Called {
    /// `call.seq`
    #[schema(example = 546)]
    pub(super) call: i64,
}

/// There is nothing more to say.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Nothing {}

/// JSON.
///
/// # Errors
/// 500: it cannot be written, which is a bug.
pub(crate) fn json(answer: &impl Serialize) -> Result<Response, Problem> {
    Ok(text(written(answer)?, "application/json"))
}

/// JSON as bytes.
///
/// # Errors
/// As of [`json`].
pub(crate) fn written(answer: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(answer).map_err(|error| {
        let status = hyper::StatusCode::INTERNAL_SERVER_ERROR;
        Problem::new(status, format!("the answer cannot be written: {error}"))
    })
}

/// Bytes of this media type.
pub(crate) fn text(text: Vec<u8>, media_type: &'static str) -> Response {
    let kind = HeaderValue::from_static(media_type);
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
