//! `/log`: who had what done, for auditors.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;

use super::done::{outcome, target_href};
use super::frame::page as rendered;
use super::list::{Asked, ON_A_PAGE};
use super::show::{Moment, State as CallShown, moment};
use super::{Console, Fault, Frame};
use crate::ledger::{ActRow, CallState};
use crate::web::guard::Visitor;
use crate::web::words;

/// An act, as it is shown.
struct Line {
    at: Moment,
    actor: String,
    via: &'static str,
    what: String,
    target: String,
    href: Option<String>,
    outcome: String,
    state: Option<CallShown>,
}

#[derive(Template)]
#[template(path = "log.html")]
struct Page<'p> {
    f: &'p Frame,
    lines: Vec<Line>,
    /// The acts before these.
    next: Option<String>,
}

/// The acts, the latest first.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    frame: Frame,
    uri: Uri,
) -> Result<Response, Fault> {
    if !visitor.sees_log() {
        return Err(Fault::Forbidden);
    }
    let before = Asked::of(&uri).text("before").and_then(|before| before.parse().ok());
    let most = usize::try_from(ON_A_PAGE).unwrap_or(usize::MAX);
    let reading = console.read(move |reader| {
        let acts = reader.acts(before, most)?;
        let states = acts.iter().map(|act| match act.call_seq {
            Some(seq) => Ok(reader.call_state(seq)?.map(|(state, _)| (seq, state))),
            None => Ok(None),
        });
        let states = states.collect::<Result<Vec<_>, crate::ledger::Error>>()?;
        Ok((acts, states))
    });
    let (acts, states) = reading.await?;
    let is_full = acts.len() == most;
    let next = acts.last().filter(|_| is_full).map(|last| format!("/log?before={}", last.seq));
    let lines = acts.into_iter().zip(states);
    let lines = lines.map(|(act, state)| line(&frame, &console, act, state)).collect();
    rendered(&Page { f: &frame, lines, next })
}

fn line(frame: &Frame, console: &Console, act: ActRow, state: Option<(i64, CallState)>) -> Line {
    Line {
        at: moment(frame.lang, &console.zone, &act.at),
        via: act.via.into(),
        what: words::op(frame.lang, act.verb.into()).to_owned(),
        href: target_href(&act),
        outcome: outcome(console, frame, &act),
        state: state.map(|(seq, state)| CallShown::of(frame.w, seq, state)),
        actor: act.actor,
        target: act.target,
    }
}
