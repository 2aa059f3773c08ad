//! The style, the scripts and the icon: files in the program.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::Fault;
use crate::ledger::hex;

const STYLE: &str = include_str!("../assets/console.css");
/// htmx 2.0.11, <https://htmx.org>, as it was published; its licence stands beside it.
const SCRIPT: &str = include_str!("../assets/htmx.min.js");
/// What htmx does not: it says that the service is away.
const AWAY: &str = include_str!("../assets/console.js");
const ICON: &str = include_str!("../assets/icon.svg");

/// A file. A browser keeps it, and asks whether it is still the same.
pub(super) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Fault> {
    let (text, kind) = match name.as_str() {
        "console.css" => (STYLE, "text/css; charset=utf-8"),
        "console.js" => (AWAY, "text/javascript; charset=utf-8"),
        "htmx.js" => (SCRIPT, "text/javascript; charset=utf-8"),
        "icon.svg" => (ICON, "image/svg+xml"),
        _ => return Err(Fault::NotFound),
    };
    let tag = format!("\"{}\"", hex(&Sha256::digest(text)));
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag.as_str());
    let mut response = match is_known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => text.into_response(),
    };
    let tag = HeaderValue::from_str(&tag).map_err(|_| Fault::Failed)?;
    response.headers_mut().insert(header::ETAG, tag);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}
