//! `/done/ID`: what an act came to, who did it and when, and where to follow it. Also where a
//! form leads that was sent twice.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;

use super::frame::page as rendered;
use super::list::Asked;
use super::show::{Moment, State as CallShown, href, moment, written};
use super::{Console, Fault, Frame};
use crate::ledger::{ActRow, Verb};
use crate::web::words;

/// So many numbers of an act on several are named.
const NUMBERS: usize = 50;

/// An act, as it is shown.
pub(super) struct Told {
    pub(super) what: String,
    pub(super) outcome: String,
    pub(super) actor: String,
    pub(super) at: Moment,
    pub(super) state: Option<CallShown>,
    pub(super) target: String,
    pub(super) href: Option<String>,
    pub(super) list: &'static str,
}

#[derive(Template)]
#[template(path = "done.html")]
struct Page<'p> {
    f: &'p Frame,
    told: Told,
    is_pending: bool,
}

/// The address of what an act was on, where it has a page.
pub(super) fn target_href(act: &ActRow) -> Option<String> {
    match act.verb {
        Verb::Decide | Verb::Book | Verb::Reveal => {
            let mut parts = act.target.splitn(3, '/');
            let (source, kind, id) = (parts.next()?, parts.next()?, parts.next()?);
            Some(href(source, kind, id))
        }
        _ => None,
    }
}

/// The list that an act belongs to.
pub(super) fn list(verb: Verb) -> &'static str {
    match verb {
        Verb::Decide => "/requests",
        Verb::Book => "/keys",
        Verb::Settle => "/stuck",
        Verb::QuarantineRetry | Verb::QuarantineAcknowledge => "/quarantine",
        Verb::AlmaRetry | Verb::AlmaRelease | Verb::AlmaBlock | Verb::AlmaUnblock => "/alma",
        Verb::Poll | Verb::AcceptShrink | Verb::Resync => "/systems",
        Verb::Name | Verb::Reveal => "/search",
    }
}

/// What an act came to, in words: a booking, to its time.
pub(super) fn outcome(console: &Console, frame: &Frame, act: &ActRow) -> String {
    match written(frame.lang, &console.zone, &act.outcome) {
        Some(at) => at.shown,
        None => words::outcome(frame.lang, &act.outcome),
    }
}

/// What is told of an act.
pub(super) fn told(
    console: &Console,
    frame: &Frame,
    act: &ActRow,
    state: Option<crate::ledger::CallState>,
) -> Told {
    Told {
        what: words::op(frame.lang, act.verb.into()).to_owned(),
        outcome: outcome(console, frame, act),
        actor: act.actor.clone(),
        at: moment(frame.lang, &console.zone, &act.at),
        state: act.call_seq.zip(state).map(|(seq, state)| CallShown::of(frame.w, seq, state)),
        target: words::target(frame.lang, &act.target),
        href: target_href(act),
        list: list(act.verb),
    }
}

/// What is told of an act on several, by its parts; `wanted`: on how many it was to be.
fn told_together(
    console: &Console,
    frame: &Frame,
    parts: &[ActRow],
    wanted: usize,
) -> Option<Told> {
    let mut told = told(console, frame, parts.first()?, None);
    let done = parts.len();
    if done < wanted {
        let w = frame.w;
        told.outcome = format!("{}: {done} {} {wanted}. {}", told.outcome, w.of, w.rest_stays);
    } else {
        told.outcome = format!("{}: {done}", told.outcome);
    }
    let number = |act: &ActRow| act.target.rsplit('/').next().unwrap_or_default().to_owned();
    told.target = parts.iter().take(NUMBERS).map(number).collect::<Vec<_>>().join(", ");
    if done > NUMBERS {
        told.target += ", …";
    }
    told.href = None;
    Some(told)
}

/// An act.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    frame: Frame,
    uri: Uri,
) -> Result<Response, Fault> {
    let wanted = Asked::of(&uri).text("of").and_then(|text| text.parse().ok()).unwrap_or(0);
    let reading = console.read(move |reader| {
        let Some(act) = reader.act(&id)? else { return Ok((None, reader.parts_of_act(&id)?)) };
        let state = act.call_seq.map(|seq| reader.call_state(seq)).transpose()?.flatten();
        Ok((Some((act, state.map(|(state, _)| state))), Vec::new()))
    });
    let told = match reading.await? {
        (Some((act, state)), _) => Some(told(&console, &frame, &act, state)),
        (None, parts) => told_together(&console, &frame, &parts, wanted),
    };
    let told = told.ok_or(Fault::NotFound)?;
    let is_pending = told.state.as_ref().is_some_and(|state| state.is_pending);
    rendered(&Page { f: &frame, told, is_pending })
}
