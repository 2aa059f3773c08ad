//! What a script refreshes: the state of a call.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};

use super::show::State as CallShown;
use super::{Console, Fault, Frame};

/// The state of a call.
pub(super) async fn call(
    State(console): State<Arc<Console>>,
    Path(seq): Path<String>,
    frame: Frame,
) -> Result<Response, Fault> {
    let seq: i64 = seq.parse().map_err(|_| Fault::NotFound)?;
    let found = console.read(move |reader| reader.call_state(seq)).await?;
    let (state, _) = found.ok_or(Fault::NotFound)?;
    let shown = CallShown::of(frame.w, seq, state);
    let html = shown.render().map_err(|_| Fault::Failed)?;
    Ok(Html(html).into_response())
}
