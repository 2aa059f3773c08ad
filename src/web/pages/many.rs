//! «All N»: an act on everything that a filter matches. The question shows what matches, and its
//! form carries the very numbers: what comes meanwhile is not acted on.

use askama::Template;
use askama::filters::HtmlSafe;
use axum::response::Response;

use super::confirm::{Page, answer, carried};
use super::form::{AT_ONCE, Form, new_act_id};
use super::{Console, Fault, Frame};
use crate::ledger::{CallFilter, CallState, Lines, Listed, QuarantineFilter};
use crate::web::words::{self, Words};

/// Whether so many are offered to be acted on at once: one has its own button.
pub(super) fn are_many(count: u64) -> bool {
    count > 1
}

/// So many of those that match are named in the question.
const NAMED: u64 = 10;

/// A button for everything that matches.
#[derive(Template)]
#[template(path = "bulk.html")]
pub(super) struct Bulk {
    act_id: String,
    /// `alma-release`
    act: &'static str,
    label: String,
    class: &'static str,
    hidden: Vec<(&'static str, String)>,
}

impl HtmlSafe for Bulk {}

impl Bulk {
    pub(super) fn new(
        act: &'static str,
        label: String,
        hidden: Vec<(&'static str, String)>,
    ) -> Self {
        Self { act_id: new_act_id(), act, label, class: "main", hidden }
    }

    /// As something that is not to be done by the way.
    #[must_use]
    fn with_care(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }
}

/// «Повторить все 13: Умное ЖКХ»
fn label(w: &Words, all: &str, count: u64, filter: &str) -> String {
    let colon = if filter.is_empty() { "" } else { ": " };
    let label = format!("{all} {count}{colon}{filter}");
    if count > AT_ONCE as u64 { format!("{label} ({} {AT_ONCE})", w.first) } else { label }
}

fn at_once() -> Lines {
    Lines { first: 0, most: AT_ONCE as u64 }
}

/// What a form or an address chooses of the calls.
pub(super) fn call_filter<'t>(text: impl Fn(&str) -> Option<&'t str>) -> CallFilter {
    CallFilter {
        state: text("state").and_then(|word| word.parse().ok()),
        target: text("target").map(str::to_owned),
        op: text("op").map(str::to_owned),
    }
}

fn calls_chosen(frame: &Frame, filter: &CallFilter) -> String {
    let state = match filter.state {
        Some(CallState::Unknown) => frame.w.unknown,
        Some(CallState::Failed) => frame.w.failed,
        _ => "",
    };
    let target = filter.target.as_deref().map(|word| words::system(frame.lang, word));
    let op = filter.op.as_deref().map(|word| words::op(frame.lang, word));
    let parts: Vec<&str> = [Some(state), target, op].into_iter().flatten().collect();
    parts.join(", ")
}

/// What can be said at once of all calls that match: of those that failed only that they may be
/// put away.
pub(super) fn of_calls(frame: &Frame, filter: &CallFilter, count: u64) -> Vec<Bulk> {
    let w = frame.w;
    let verbs: &[(&str, &str)] = match filter.state {
        Some(CallState::Unknown) => &[("done", w.all_done), ("failed", w.none_done)],
        Some(CallState::Failed) => &[("done", w.all_done)],
        _ => &[],
    };
    let chosen = calls_chosen(frame, filter);
    let state = filter.state.map(<&str>::from).unwrap_or_default();
    let bulk = verbs.iter().filter(|_| are_many(count)).map(|(outcome, verb)| {
        let hidden = vec![
            ("state", state.to_owned()),
            ("target", filter.target.clone().unwrap_or_default()),
            ("op", filter.op.clone().unwrap_or_default()),
            ("outcome", (*outcome).to_owned()),
        ];
        let bulk = Bulk::new("settle", label(w, verb, count, &chosen), hidden);
        bulk.with_care(if *outcome == "done" { "main" } else { "" })
    });
    bulk.collect()
}

/// What a form or an address chooses of the quarantine.
pub(super) fn quarantine_filter<'t>(text: impl Fn(&str) -> Option<&'t str>) -> QuarantineFilter {
    QuarantineFilter {
        source: text("source").map(str::to_owned),
        queue: text("queue").map(str::to_owned),
    }
}

fn quarantine_chosen(frame: &Frame, filter: &QuarantineFilter) -> String {
    let source = filter.source.as_deref().map(|word| words::system(frame.lang, word));
    let parts: Vec<&str> = [source, filter.queue.as_deref()].into_iter().flatten().collect();
    parts.join(", ")
}

/// What can be done at once with all that is quarantined and matches.
pub(super) fn of_quarantine(frame: &Frame, filter: &QuarantineFilter, count: u64) -> Vec<Bulk> {
    let w = frame.w;
    let chosen = quarantine_chosen(frame, filter);
    let can_retry = filter.source.as_deref().is_none_or(is_retried);
    let verbs = [
        ("quarantine-retry", w.retry_all, "main", can_retry),
        ("quarantine-acknowledge", w.give_up_all, "danger", true),
    ];
    let bulk = verbs.into_iter().filter(|(.., is_there)| are_many(count) && *is_there);
    let bulk = bulk.map(|(act, verb, class, _)| {
        let hidden = vec![
            ("source", filter.source.clone().unwrap_or_default()),
            ("queue", filter.queue.clone().unwrap_or_default()),
        ];
        Bulk::new(act, label(w, verb, count, &chosen), hidden).with_care(class)
    });
    bulk.collect()
}

/// Whether what is quarantined of a system can be tried again: a list that is read whole each
/// time is read anew.
pub(super) fn is_retried(source: &str) -> bool {
    matches!(source, "uzhkh" | "domoplaner")
}

/// What all questions about many have in common.
struct Question {
    title: String,
    note: &'static str,
    action: String,
    /// Of what matches: its number, and what it is.
    named: Vec<(String, String)>,
    numbers: Listed<i64>,
    carried: Vec<&'static str>,
    back: &'static str,
}

fn ask(frame: Frame, form: &Form, question: Question) -> Result<Response, Fault> {
    let w = frame.w;
    let (numbers, total) = (question.numbers.lines, question.numbers.total);
    let mut lines = vec![(w.count.to_owned(), numbers.len().to_string())];
    if total > numbers.len() as u64 {
        lines.push((w.all.to_owned(), total.to_string()));
    }
    lines.extend(question.named);
    let mut hidden = carried(form, &question.carried);
    let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
    hidden.push(("numbers", numbers.join(",")));
    let problem = numbers.is_empty().then(|| w.none_left.to_owned());
    let frame = frame.at(question.back);
    answer(&Page {
        title: question.title,
        lines,
        note: question.note,
        action: question.action,
        hidden,
        ask: None,
        problem,
        back: question.back,
        f: &frame,
    })
}

/// The question before all calls that match are settled.
pub(super) async fn settle(
    console: &Console,
    frame: Frame,
    form: &Form,
) -> Result<Response, Fault> {
    let w = frame.w;
    let verb = if form.is_done()? { w.all_done } else { w.none_done };
    let filter = call_filter(|name| form.chosen(name));
    // Of which state they are has to be said: what is said of them depends on it.
    if !matches!(filter.state, Some(CallState::Unknown | CallState::Failed)) {
        return Err(Fault::BadForm);
    }
    let asking = filter.clone();
    let reading = console.read(move |reader| {
        let first = Lines { first: 0, most: NAMED };
        reader.at_one_moment(|reader| {
            Ok((reader.stuck_numbers(&asking, at_once())?, reader.stuck_calls(&asking, first)?))
        })
    });
    let (numbers, first) = reading.await?;
    let named = first.lines.iter().map(|call| {
        let system = words::system(frame.lang, &call.target);
        (call.seq.to_string(), format!("{} · {system}", words::op(frame.lang, &call.op)))
    });
    let question = Question {
        title: label(w, verb, numbers.total, &calls_chosen(&frame, &filter)),
        note: w.taken_as_said,
        action: "/acts/settle".to_owned(),
        named: named.collect(),
        numbers,
        carried: vec!["act_id", "state", "outcome"],
        back: "/stuck",
    };
    ask(frame, form, question)
}

/// The question before all that is quarantined and matches is tried again or given up.
pub(super) async fn quarantined(
    console: &Console,
    frame: Frame,
    form: &Form,
    act: &str,
) -> Result<Response, Fault> {
    let w = frame.w;
    let filter = quarantine_filter(|name| form.chosen(name));
    let asking = filter.clone();
    let reading = console.read(move |reader| {
        let first = Lines { first: 0, most: NAMED };
        reader.at_one_moment(|reader| {
            let numbers = reader.quarantine_numbers(&asking, at_once())?;
            Ok((numbers, reader.quarantine_lines(&asking, first)?))
        })
    });
    let (numbers, first) = reading.await?;
    let (verb, note) = match act {
        "quarantine-retry" => (w.retry_all, w.what_fails_stays),
        _ => (w.give_up_all, w.all_forgotten),
    };
    let named = first.lines.iter().map(|item| {
        let about = &item.about;
        let system = words::system(frame.lang, &about.source);
        let reason = words::reason(frame.lang, &about.reason);
        (about.seq.to_string(), format!("{system} · {}: {reason}", about.queue))
    });
    let question = Question {
        title: label(w, verb, numbers.total, &quarantine_chosen(&frame, &filter)),
        note,
        action: format!("/acts/{act}"),
        named: named.collect(),
        numbers,
        carried: vec!["act_id"],
        back: "/quarantine",
    };
    ask(frame, form, question)
}
