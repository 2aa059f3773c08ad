//! `/search`: one box for everything. What is looked for is sent, never put into an address.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::form::Form;
use super::frame::page as rendered;
use super::list::ON_A_PAGE;
use super::login::to;
use super::show::{described, href};
use super::{Console, Fault, Frame};
use crate::ledger::{
    self, EnvelopeParser, FoundEnvelope, Hit, Part, Reader, RecordKey, Searcher, TemporaryId,
};
use crate::uzhkh;
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

/// What was found.
#[derive(Default)]
struct Found {
    /// Quarantined envelopes of the Guid that was typed.
    quarantined: Vec<FoundEnvelope>,
    /// Records, with their bodies.
    hits: Vec<(Hit, String)>,
    /// Whether the index is whole.
    is_whole: bool,
}

/// Adds what the envelopes of a Guid are about: their records, or the quarantine.
fn by_guid(reader: &Reader, guid: &str, found: &mut Found) -> Result<(), ledger::Error> {
    for envelope in reader.envelopes_of_guid(guid.trim())? {
        if envelope.quarantined_after.is_some() {
            found.quarantined.push(envelope);
            continue;
        }
        for (kind, id) in uzhkh::Parser.entities(&envelope.queue, &envelope.body) {
            let id = match id {
                Part::Text(id) => id,
                Part::Temporary { kind, id } => {
                    reader.permanent_id(&TemporaryId::new(kind, &id))?.unwrap_or(id)
                }
            };
            add(reader, found, Hit { source: uzhkh::SOURCE.to_owned(), kind, id, is_live: true })?;
        }
    }
    Ok(())
}

/// Adds a record once; the index may be a moment behind, and has what is gone.
fn add(reader: &Reader, found: &mut Found, hit: Hit) -> Result<(), ledger::Error> {
    let is_same =
        |one: &Hit| (&one.source, &one.kind, &one.id) == (&hit.source, &hit.kind, &hit.id);
    if found.hits.iter().any(|(one, _)| is_same(one)) {
        return Ok(());
    }
    let key = RecordKey::new(&hit.source, &hit.kind, &hit.id);
    if let Some(record) = reader.record_body(key)? {
        let is_live = record.is_live;
        found.hits.push((Hit { is_live, ..hit }, record.body));
    }
    Ok(())
}

/// Looks for what was sent.
pub(super) async fn find(
    State(console): State<Arc<Console>>,
    frame: Frame,
    form: Form,
) -> Result<Response, Fault> {
    let asked = form.text("q").to_owned();
    let path = console.config().ledger.path.clone();
    let (text, sees) = (asked.clone(), frame.sees_people());
    let reading = console.read(move |reader| {
        let mut found = Found::default();
        by_guid(reader, &text, &mut found)?;
        let Some(searcher) = Searcher::open(&path)? else { return Ok(found) };
        for hit in searcher.find(&text, sees, MOST + 1)? {
            add(reader, &mut found, hit)?;
        }
        found.is_whole = searcher.is_whole()?;
        Ok(found)
    });
    let Found { quarantined, hits, is_whole } = reading.await?;
    match (quarantined.as_slice(), hits.as_slice()) {
        ([only], []) => return Ok(to(&in_quarantine(only))),
        ([], [(only, _)]) => return Ok(to(&href(&only.source, &only.kind, &only.id))),
        _ => {}
    }
    let is_cut = hits.len() > MOST;
    let held = quarantined.iter().map(|envelope| Line {
        kind: frame.w.quarantine.to_owned(),
        system: words::system(frame.lang, uzhkh::SOURCE).to_owned(),
        text: format!("{} {}", frame.w.envelope, envelope.seq),
        href: in_quarantine(envelope),
        is_live: true,
    });
    let records = hits.iter().take(MOST).map(|(hit, body)| line(&frame, hit, body));
    let lines = held.chain(records).collect();
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

/// Where something quarantined stands in its list.
fn in_quarantine(envelope: &FoundEnvelope) -> String {
    let page = envelope.quarantined_after.unwrap_or_default() / ON_A_PAGE + 1;
    format!("/quarantine?page={page}#q-{}", envelope.seq)
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
