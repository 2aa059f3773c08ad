//! `/search`: one box for everything. What is looked for is sent, never put into an address.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::form::Form;
use super::frame::page as rendered;
use super::login::to;
use super::show::{described, href};
use super::{Console, Fault, Frame};
use crate::ledger::{self, Hit, RecordKey, Searcher};
use crate::web::words;

/// So many hits are shown.
const MOST: usize = 50;

/// A hit, as it is shown.
struct Line {
    kind: String,
    system: String,
    text: String,
    href: String,
    is_live: bool,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Page<'p> {
    f: &'p Frame,
    hint: &'static str,
    asked: &'p str,
    has_asked: bool,
    lines: Vec<Line>,
    is_filling: bool,
    is_cut: bool,
}

fn hint(frame: &Frame) -> &'static str {
    if frame.sees_people() { frame.w.search_hint } else { frame.w.search_hint_viewer }
}

/// The box.
pub(super) async fn page(frame: Frame) -> Result<Response, Fault> {
    rendered(&Page {
        hint: hint(&frame),
        f: &frame,
        asked: "",
        has_asked: false,
        lines: Vec::new(),
        is_filling: false,
        is_cut: false,
    })
}

/// What was found: the hits and their bodies, and whether the index is whole.
type Found = (Vec<(Hit, String)>, bool);

/// Looks for what was sent.
pub(super) async fn find(
    State(console): State<Arc<Console>>,
    frame: Frame,
    form: Form,
) -> Result<Response, Fault> {
    let asked = form.text("q").to_owned();
    let path = console.config().ledger.path.clone();
    let (text, sees) = (asked.clone(), frame.sees_people());
    let reading = console.read(move |reader| -> Result<Found, ledger::Error> {
        let Some(searcher) = Searcher::open(&path)? else { return Ok((Vec::new(), false)) };
        let hits = searcher.find(&text, sees, MOST + 1)?;
        let mut found = Vec::with_capacity(hits.len());
        for hit in hits {
            let key = RecordKey::new(&hit.source, &hit.kind, &hit.id);
            // The index may be a moment behind.
            if let Some(record) = reader.record_body(key)? {
                found.push((hit, record.body));
            }
        }
        Ok((found, searcher.is_whole()?))
    });
    let (found, is_whole) = reading.await?;
    if let [(only, _)] = found.as_slice() {
        return Ok(to(&href(&only.source, &only.kind, &only.id)));
    }
    let is_cut = found.len() > MOST;
    let lines = found.into_iter().take(MOST).map(|(hit, body)| line(&frame, &hit, &body)).collect();
    let frame = frame.at("/search");
    let page = Page {
        hint: hint(&frame),
        f: &frame,
        asked: &asked,
        has_asked: true,
        lines,
        is_filling: !is_whole,
        is_cut,
    };
    let mut response = rendered(&page)?;
    *response.status_mut() = StatusCode::OK;
    Ok(response)
}

fn line(frame: &Frame, hit: &Hit, body: &str) -> Line {
    let described = described(&hit.kind, body, frame.sees_people());
    Line {
        kind: words::kind(frame.lang, &hit.kind).to_owned(),
        system: words::system(frame.lang, &hit.source).to_owned(),
        text: if described.is_empty() { hit.id.clone() } else { described },
        href: href(&hit.source, &hit.kind, &hit.id),
        is_live: hit.is_live,
    }
}
