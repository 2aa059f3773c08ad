//! `/`: one list of what waits for a person, by the time since which it waits; and the systems
//! that are down, the relay among them.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;

use super::frame::page as rendered;
use super::list::{Asked, ON_A_PAGE, Pager};
use super::show::{Moment, moment};
use super::{Console, Fault, Frame, alma};
use crate::ledger::{Waiting, WaitingKind};
use crate::registry;
use crate::web::words;

/// A system that does not answer.
struct Down {
    name: String,
    error: String,
    since: Option<Moment>,
}

/// Something that waits.
struct Line {
    since: Moment,
    what: String,
    href: String,
}

#[derive(Template)]
#[template(path = "today.html")]
struct Page<'p> {
    f: &'p Frame,
    down: Vec<Down>,
    lines: Vec<Line>,
    total: String,
    quiet_since: Option<Moment>,
    pager: Pager,
}

/// What waits for a person.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    frame: Frame,
    uri: Uri,
) -> Result<Response, Fault> {
    let asked = Asked::of(&uri);
    let (lines, now) = (asked.lines(), console.web.clock.now());
    let relay = console.config().relay.as_ref().map(|relay| relay.ledger.clone());
    let reading = console.read(move |reader| {
        let relay = relay.map(|ledger| reader.relay_standing(&ledger, now)).transpose()?;
        let polls = reader.last_polls(now)?;
        Ok((reader.waiting_list(lines)?, polls, relay, reader.quiet_since()?))
    });
    let (waiting, polls, relay, quiet_since) = reading.await?;
    let time = |stamp: &str| moment(frame.lang, &console.zone, stamp);
    // It may quote what a system said of people.
    let said = |error: &str| match frame.sees_people() {
        true => words::reason(frame.lang, error).into_owned(),
        false => frame.w.failed.to_owned(),
    };
    let down = polls.into_iter().filter_map(|poll| {
        let error = poll.error?;
        if !registry::has_feed(console.config(), &poll.source, &poll.feed) {
            return None;
        }
        Some(Down {
            name: format!("{} · {}", words::system(frame.lang, &poll.source), poll.feed),
            error: said(&error),
            since: poll.last_ok_at.as_deref().map(time),
        })
    });
    let unrelayed = relay.and_then(|relay| {
        Some(Down {
            name: format!("PostgreSQL · {}", relay.ledger),
            error: said(&relay.error?),
            since: relay.last_success_at.as_deref().map(time),
        })
    });
    let down = down.chain(unrelayed).collect();
    let total =
        words::count(frame.lang, waiting.total, ["дело", "дела", "дел"], ["thing", "things"]);
    let pager = asked.pager(frame.w, "/", &waiting);
    let lines = waiting.lines.iter().map(|one| line(&frame, one, time(&one.since))).collect();
    let quiet_since = quiet_since.as_deref().map(time);
    rendered(&Page { f: &frame, down, lines, total, quiet_since, pager })
}

fn line(frame: &Frame, one: &Waiting, since: Moment) -> Line {
    let w = frame.w;
    let [about, more] = &one.about;
    let page = one.before / ON_A_PAGE + 1;
    let (what, href) = match one.kind {
        WaitingKind::Register => (
            format!("{} · {}", w.register_title, one.id),
            format!("/requests?page={page}#r-{}", one.id),
        ),
        WaitingKind::Object => (
            format!("{} · {}", w.object_title, one.id),
            format!("/requests?page={page}#o-{}", one.id),
        ),
        WaitingKind::Unknown | WaitingKind::Failed => {
            let (state, word) = match one.kind {
                WaitingKind::Unknown => (w.unknown, "unknown"),
                _ => (w.failed, "failed"),
            };
            let (op, system) = (words::op(frame.lang, more), words::system(frame.lang, about));
            (
                format!("{op} · {system} · {} · {state}", one.id),
                format!("/stuck?state={word}&page={page}#c-{}", one.id),
            )
        }
        WaitingKind::Quarantined => {
            let system = words::system(frame.lang, about);
            (
                format!("{} · {system} · {more} · {}", w.quarantine, one.id),
                format!("/quarantine?page={page}#q-{}", one.id),
            )
        }
        WaitingKind::Alma => {
            let kind = words::kind(frame.lang, about);
            (
                format!("Alma · {kind} {} · {}", one.id, words::alma_state(frame.lang, more)),
                format!(
                    "/alma?state={more}&kind={about}&page={page}#{}",
                    alma::anchor(about, &one.id)
                ),
            )
        }
    };
    Line { since, what, href }
}
