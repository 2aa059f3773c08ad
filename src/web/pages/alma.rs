//! `/alma`: objects of Alma that wait for a person, one by one or all that a filter matches.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::form::{Form, new_act_id};
use super::frame::page as rendered;
use super::list::{Asked, Pager};
use super::many::{Bulk, are_many};
use super::show::{Moment, href, moment};
use super::stuck::{Choice, choice};
use super::{Console, Fault, Frame};
use crate::config::AlmaSource;
use crate::ledger::{AlmaFilter, AlmaKind, AlmaStanding, AlmaState};
use crate::web::words::{self, Words};

/// An object, as it is shown.
struct Line {
    act_ids: [String; 4],
    anchor: String,
    kind: String,
    kind_word: String,
    external_id: String,
    alma_id: Option<i64>,
    state: String,
    state_word: String,
    /// The card of what it is made of.
    card: Option<String>,
    reason: String,
    since: Moment,
    can_release: bool,
    can_retry: bool,
    can_block: bool,
}

#[derive(Template)]
#[template(path = "alma.html")]
struct Page<'p> {
    f: &'p Frame,
    is_on: bool,
    states: Vec<Choice>,
    kinds: Vec<Choice>,
    bulk: Vec<Bulk>,
    lines: Vec<Line>,
    quiet_since: Option<Moment>,
    pager: Pager,
}

/// The objects that match.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    frame: Frame,
    uri: Uri,
) -> Result<Response, Fault> {
    let asked = Asked::of(&uri);
    let lines = asked.lines();
    let filter =
        filter(asked.text("state").unwrap_or_default(), asked.text("kind").unwrap_or_default());
    let asking = filter.clone();
    let reading =
        console.read(move |reader| Ok((reader.alma_lines(&asking, lines)?, reader.quiet_since()?)));
    let (objects, quiet_since) = reading.await?;
    let pager = asked.pager(frame.w, "/alma", &objects);
    let bulk = bulk(frame.w, &filter, objects.total);
    let lines = objects.lines.into_iter().map(|one| line(&frame, &console, one)).collect();
    let (state, kind) = (filter.state.unwrap_or_default(), filter.kind.unwrap_or_default());
    let mut states = vec![choice("", frame.w.waiting_states, state.is_empty())];
    let words_of =
        ["held", "rejected", "blocked", "pending", "synced", "archived", "ended", "excluded"];
    states.extend(words_of.map(|word| {
        let text = match words::alma_state(frame.lang, word) {
            same if same == word => word.to_owned(),
            text => format!("{text} ({word})"),
        };
        choice(word, &text, word == state)
    }));
    let mut kinds = vec![choice("", frame.w.all, kind.is_empty())];
    kinds
        .extend(AlmaKind::ALL.map(|one| {
            choice(one.word(), words::kind(frame.lang, one.word()), one.word() == kind)
        }));
    let quiet_since = quiet_since.map(|at| moment(frame.lang, &console.zone, &at));
    let is_on = console.config().alma.is_some();
    rendered(&Page { f: &frame, is_on, states, kinds, bulk, lines, quiet_since, pager })
}

/// What a state and a kind of an address or a form choose.
pub(super) fn filter(state: &str, kind: &str) -> AlmaFilter {
    let word = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    AlmaFilter { state: word(state), kind: word(kind) }
}

/// The act for all that a filter matches.
fn bulk(w: &Words, filter: &AlmaFilter, count: u64) -> Vec<Bulk> {
    let state = filter.state.as_deref().unwrap_or_default();
    let (act, verb) = match state {
        "held" => ("alma-release", w.release),
        "rejected" | "blocked" => ("alma-retry", w.retry),
        _ => return Vec::new(),
    };
    if !are_many(count) {
        return Vec::new();
    }
    let hidden = vec![
        ("state", state.to_owned()),
        ("in_kind", filter.kind.clone().unwrap_or_default()),
        ("count", count.to_string()),
    ];
    vec![Bulk::new(act, all_label(w, verb, count, filter), hidden)]
}

/// «Отпустить все 13: held»
pub(super) fn all_label(w: &Words, verb: &str, count: u64, filter: &AlmaFilter) -> String {
    let state = filter.state.as_deref().unwrap_or_default();
    let kind = filter.kind.as_deref().map(|kind| format!(" {kind}")).unwrap_or_default();
    format!("{verb} {} {count}: {state}{kind}", w.all)
}

/// The state, and the kind where there is one, that an act on all is on.
pub(super) fn all_in(form: &Form) -> Result<(AlmaState, Option<AlmaKind>), Fault> {
    let state = form.needed("state")?.parse().map_err(|_| Fault::BadForm)?;
    let kind = form.chosen("in_kind").map(|word| AlmaKind::from_word(word).ok_or(Fault::BadForm));
    Ok((state, kind.transpose()?))
}

/// What a link to an object in the list ends in.
pub(super) fn anchor(kind: &str, id: &str) -> String {
    format!("{kind}-{}", utf8_percent_encode(id, NON_ALPHANUMERIC))
}

/// The card of the record that an object is made of.
fn card(console: &Console, kind: &str, id: &str) -> Option<String> {
    let source = console.config().alma.as_ref()?.source;
    let (source, kind, id) = match (source, kind) {
        (AlmaSource::Uzhkh, "unit") => ("uzhkh", "object", id),
        (AlmaSource::Uzhkh, "client") => ("uzhkh", "resident", id),
        (AlmaSource::Uzhkh, "owner_contract" | "tenant_contract") => {
            ("uzhkh", "account", id.split_once(':')?.0)
        }
        (AlmaSource::Bitrix24, "unit") => ("bitrix24", "apartment", id),
        (AlmaSource::Bitrix24, "room") => ("bitrix24", "unit", id),
        (AlmaSource::Bitrix24, "client") => ("bitrix24", "contact", id),
        (AlmaSource::Bitrix24, "owner_contract" | "tenant_contract") => ("bitrix24", kind, id),
        _ => return None,
    };
    Some(href(source, kind, id))
}

fn line(frame: &Frame, console: &Console, one: AlmaStanding) -> Line {
    Line {
        act_ids: std::array::from_fn(|_| new_act_id()),
        anchor: anchor(&one.kind, &one.external_id),
        kind_word: words::kind(frame.lang, &one.kind).to_owned(),
        since: moment(frame.lang, &console.zone, &one.updated_at),
        can_release: one.state == "held",
        can_retry: matches!(one.state.as_str(), "rejected" | "blocked" | "pending"),
        can_block: one.alma_id.is_some() && matches!(one.kind.as_str(), "unit" | "room"),
        // Alma's own words may name people.
        reason: match one.reason.filter(|_| frame.sees_people()) {
            Some(reason) => words::reason(frame.lang, &reason).into_owned(),
            None => String::new(),
        },
        card: card(console, &one.kind, &one.external_id),
        state_word: words::alma_state(frame.lang, &one.state).to_owned(),
        kind: one.kind,
        external_id: one.external_id,
        alma_id: one.alma_id,
        state: one.state,
    }
}
