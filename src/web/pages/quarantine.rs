//! `/quarantine`: what could not be understood, with its text.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;

use super::form::new_act_id;
use super::frame::page as rendered;
use super::list::{Asked, Pager};
use super::many::{self, Bulk};
use super::show::{Moment, moment};
use super::stuck::{Choice, choices};
use super::{Console, Fault, Frame};
use crate::ledger::QuarantinedItem;
use crate::web::words;

/// The most of a text that is shown, in characters.
const MOST: usize = 4000;

/// Something quarantined, as it is shown.
struct Card {
    retry_id: String,
    give_up_id: String,
    seq: i64,
    title: String,
    guid: String,
    since: Moment,
    reason: String,
    /// `None`: the role does not see it.
    text: Option<String>,
    is_cut: bool,
    /// Whether it can be tried again: a list that is read whole is read anew.
    can_retry: bool,
    /// Whether it can be given up: without a Guid UZhKH cannot be told.
    can_give_up: bool,
}

#[derive(Template)]
#[template(path = "quarantine.html")]
struct Page<'p> {
    f: &'p Frame,
    sources: Vec<Choice>,
    queues: Vec<Choice>,
    bulk: Vec<Bulk>,
    cards: Vec<Card>,
    quiet_since: Option<Moment>,
    pager: Pager,
}

/// What is quarantined.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    frame: Frame,
    uri: Uri,
) -> Result<Response, Fault> {
    let asked = Asked::of(&uri);
    let (lines, filter) = (asked.lines(), many::quarantine_filter(|name| asked.text(name)));
    let asking = filter.clone();
    let reading = console.read(move |reader| {
        let listed = reader.quarantine_lines(&asking, lines)?;
        Ok((listed, reader.quarantine_words()?, reader.quiet_since()?))
    });
    let (listed, known, quiet_since) = reading.await?;
    let pager = asked.pager(frame.w, "/quarantine", &listed);
    let bulk = many::of_quarantine(&frame, &filter, listed.total);
    let cards = listed.lines.into_iter().map(|item| card(&frame, &console, &item)).collect();
    let w = frame.w;
    let sources =
        choices(w.all, known.iter().map(|(source, _)| source), filter.source.as_deref(), |word| {
            words::system(frame.lang, word).to_owned()
        });
    let queues =
        choices(w.all, known.iter().map(|(_, queue)| queue), filter.queue.as_deref(), |word| {
            word.to_owned()
        });
    let quiet_since = quiet_since.map(|at| moment(frame.lang, &console.zone, &at));
    rendered(&Page { f: &frame, sources, queues, bulk, cards, quiet_since, pager })
}

fn card(frame: &Frame, console: &Console, item: &QuarantinedItem) -> Card {
    let about = &item.about;
    let sees = frame.sees_people();
    let whole = String::from_utf8_lossy(&item.body);
    let shown: String = console.secrets.dotted(&whole).chars().take(MOST).collect();
    Card {
        retry_id: new_act_id(),
        give_up_id: new_act_id(),
        seq: about.seq,
        title: format!("{} · {}", words::system(frame.lang, &about.source), about.queue),
        guid: about.guid.clone(),
        since: moment(frame.lang, &console.zone, &about.received_at),
        reason: words::reason(frame.lang, &about.reason).into_owned(),
        is_cut: !item.is_whole() || whole.chars().nth(MOST).is_some(),
        text: sees.then_some(shown),
        can_retry: many::is_retried(&about.source),
        can_give_up: about.source != "uzhkh"
            || !about.guid.is_empty()
            || about.seq > 1_000_000_000_000,
    }
}
