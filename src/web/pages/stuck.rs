//! `/stuck`: calls that failed, or whose outcome is not known, and what a person says of them.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;

use super::form::new_act_id;
use super::frame::page as rendered;
use super::list::{Asked, Pager};
use super::many::{self, Bulk};
use super::show::{FieldLine, FieldList, Moment, Shown, State as CallShown, fields, moment};
use super::{Console, Fault, Frame};
use crate::ledger::{CallDetail, CallState, RecordKey};
use crate::web::words;

/// A choice of a filter.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) text: String,
    pub(super) is_chosen: bool,
}

/// A call, as it is shown.
struct Card {
    act_id: String,
    seq: i64,
    title: String,
    state: CallShown,
    since: Moment,
    attempts: u32,
    params: Vec<FieldLine>,
    error: String,
    said: String,
    can_be_done: bool,
    can_be_undone: bool,
}

impl Card {
    fn list<'l>(&'l self, f: &'l Frame) -> FieldList<'l> {
        FieldList::plain(f, RecordKey::new("", "", ""), &self.params)
    }
}

#[derive(Template)]
#[template(path = "stuck.html")]
struct Page<'p> {
    f: &'p Frame,
    states: Vec<Choice>,
    targets: Vec<Choice>,
    ops: Vec<Choice>,
    bulk: Vec<Bulk>,
    cards: Vec<Card>,
    quiet_since: Option<Moment>,
    pager: Pager,
}

/// The calls that match.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    frame: Frame,
    uri: Uri,
) -> Result<Response, Fault> {
    let asked = Asked::of(&uri);
    let lines = asked.lines();
    let filter = many::call_filter(|name| asked.text(name));
    let asking = filter.clone();
    let reading = console.read(move |reader| {
        Ok((reader.stuck_calls(&asking, lines)?, reader.stuck_words()?, reader.quiet_since()?))
    });
    let (calls, known, quiet_since) = reading.await?;
    let pager = asked.pager(frame.w, "/stuck", &calls);
    let bulk = many::of_calls(&frame, &filter, calls.total);
    let cards = calls.lines.into_iter().map(|call| card(&frame, &console, call)).collect();
    let w = frame.w;
    let mut states = vec![choice("", w.waiting_states, filter.state.is_none())];
    let words_of = [
        (CallState::Unknown, w.unknown),
        (CallState::Failed, w.failed),
        (CallState::Pending, w.sending),
        (CallState::Done, w.state_done),
    ];
    states.extend(
        words_of.map(|(state, text)| choice(state.into(), text, filter.state == Some(state))),
    );
    let targets =
        choices(w.all, known.iter().map(|(target, _)| target), filter.target.as_deref(), |word| {
            words::system(frame.lang, word).to_owned()
        });
    let ops = choices(w.all, known.iter().map(|(_, op)| op), filter.op.as_deref(), |word| {
        words::op(frame.lang, word).to_owned()
    });
    let quiet_since = quiet_since.map(|at| moment(frame.lang, &console.zone, &at));
    rendered(&Page { f: &frame, states, targets, ops, bulk, cards, quiet_since, pager })
}

pub(super) fn choice(value: &str, text: &str, is_chosen: bool) -> Choice {
    Choice { value: value.to_owned(), text: text.to_owned(), is_chosen }
}

/// All, and each word once; the chosen one too where it is not among them.
pub(super) fn choices<'c>(
    all: &str,
    known: impl Iterator<Item = &'c String>,
    chosen: Option<&'c str>,
    text: impl Fn(&str) -> String,
) -> Vec<Choice> {
    let mut values: Vec<&str> = known.map(String::as_str).chain(chosen).collect();
    values.sort_unstable();
    values.dedup();
    let mut choices = vec![choice("", all, chosen.is_none())];
    choices
        .extend(values.into_iter().map(|value| choice(value, &text(value), chosen == Some(value))));
    choices
}

fn card(frame: &Frame, console: &Console, call: CallDetail) -> Card {
    let sees = frame.sees_people();
    let said = |text: Option<String>| text.filter(|_| sees).unwrap_or_default();
    // What is sent may name people in any of its members.
    let shown = Shown { frame, console, source: "", kind: "" };
    let params = if sees { fields(&shown, call.params.get()) } else { Vec::new() };
    let since = call.finished_at.as_deref().unwrap_or(&call.created_at);
    Card {
        act_id: new_act_id(),
        seq: call.seq,
        title: format!(
            "{} · {}",
            words::op(frame.lang, &call.op),
            words::system(frame.lang, &call.target)
        ),
        state: CallShown::of(frame.w, call.seq, call.state),
        since: moment(frame.lang, &console.zone, since),
        attempts: call.attempts,
        params,
        error: said(call.last_error.map(|text| words::reason(frame.lang, &text).into_owned())),
        said: said(call.said),
        can_be_done: matches!(call.state, CallState::Unknown | CallState::Failed),
        can_be_undone: call.state == CallState::Unknown,
    }
}
