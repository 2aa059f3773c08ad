//! `/systems`: the last runs of each poller; poll now, accept a shrink.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::form::new_act_id;
use super::frame::page as rendered;
use super::show::{MASK, Moment, moment};
use super::{Console, Fault, Frame};
use crate::ledger::LastPoll;
use crate::registry;
use crate::web::words::{self, Words};

/// What the error of a read that would delete too much tells to do.
const SHRUNK: &str = "--accept-shrink";

/// A poller, as it is shown.
struct Line {
    poll_id: String,
    accept_id: String,
    /// SYSTEM/NAME
    name: String,
    system: String,
    feed: String,
    outcome: &'static str,
    class: String,
    last: Option<Moment>,
    last_ok: Option<Moment>,
    counts: String,
    error: String,
    /// Whether it is in the config, so that it can be polled.
    is_polled: bool,
    /// Whether it waits for a person to accept what it lacks.
    has_shrunk: bool,
}

#[derive(Template)]
#[template(path = "systems.html")]
struct Page<'p> {
    f: &'p Frame,
    lines: Vec<Line>,
}

/// The pollers.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    frame: Frame,
) -> Result<Response, Fault> {
    let now = console.web.clock.now();
    let mut polls = console.read(move |reader| reader.last_polls(now)).await?;
    polls.retain(|poll| registry::has_feed(console.config(), &poll.source, &poll.feed));
    let scheduled = registry::scheduled(console.config());
    let is_scheduled = |source: &str, feed: &str| {
        scheduled.iter().any(|known| known.source == source && known.name == feed)
    };
    let mut lines: Vec<Line> = polls
        .iter()
        .map(|poll| line(&frame, &console, poll, is_scheduled(&poll.source, &poll.feed)))
        .collect();
    for feed in &scheduled {
        if !polls.iter().any(|poll| poll.source == feed.source && poll.feed == feed.name) {
            lines.push(unpolled(&frame, feed.source, &feed.name));
        }
    }
    rendered(&Page { f: &frame, lines })
}

fn outcome(w: &Words, word: &str) -> &'static str {
    match word {
        "ok" => w.ok,
        "unauthorized" => w.unauthorized,
        _ => w.failed,
    }
}

fn line(frame: &Frame, console: &Console, poll: &LastPoll, is_polled: bool) -> Line {
    let time = |stamp: &String| moment(frame.lang, &console.zone, stamp);
    let error = poll.error.clone().unwrap_or_default();
    let has_shrunk = error.contains(SHRUNK);
    Line {
        last: Some(time(&poll.finished_at)),
        last_ok: poll.last_ok_at.as_ref().map(time),
        outcome: outcome(frame.w, &poll.outcome),
        class: poll.outcome.clone(),
        counts: format!(
            "{} {}, {} {}",
            poll.fetched, frame.w.fetched, poll.changed, frame.w.changed
        ),
        // It may quote what a system said of people.
        error: match error.is_empty() || frame.sees_people() {
            true => words::reason(frame.lang, &error).into_owned(),
            false => MASK.to_owned(),
        },
        is_polled,
        has_shrunk,
        ..unpolled(frame, &poll.source, &poll.feed)
    }
}

fn unpolled(frame: &Frame, source: &str, feed: &str) -> Line {
    Line {
        poll_id: new_act_id(),
        accept_id: new_act_id(),
        name: format!("{source}/{feed}"),
        system: words::system(frame.lang, source).to_owned(),
        feed: feed.to_owned(),
        outcome: frame.w.never,
        class: String::new(),
        last: None,
        last_ok: None,
        counts: String::new(),
        error: String::new(),
        is_polled: true,
        has_shrunk: false,
    }
}
