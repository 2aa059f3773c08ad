//! Domoplaner: its feeds of premises and deals, mirrored.
//!
//! Each feed is read by a task of its own, whole or by increments ([`asked`]), and kept
//! by the shared [`crate::mirror`]. Nothing is sent to Domoplaner but questions.
//!
//! Source: «Фиды данных для 1С».

mod access;
mod api;
mod asked;
mod dates;
mod fetch;
mod items;
mod nested;
mod parse;
mod read;
mod retry;
mod system;

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use access::{check_access, check_config};
pub use fetch::{FetchError, Fetched, fetch};
pub use parse::parse;
pub use retry::retry;
pub(crate) use system::System;

use crate::clock::SharedClock;
use crate::config::{self, FeedKind};
use crate::http::{BuildError, Patience};
use crate::json::stream::Layout;
use crate::ledger::{self, FRACTIONS, FeedRead};
use crate::mirror::Mirror;
use crate::runtime::poll_log::PollLog;
use crate::runtime::system::Context;
use api::Api;
use items::Form;
use read::Error;

/// `record.source` of this system.
pub const SOURCE: &str = "domoplaner";

/// The members whose values a change shows as text: what is known to be money or
/// measure, and since the documents list no fields, every other decimal.
const DECIMALS: [&str; 6] =
    ["price", "price_with_discount", "metr_price", "area", "sum", FRACTIONS];

/// Domoplaner as this process sees it.
pub struct Domoplaner {
    feeds: Vec<Arc<Feed>>,
}

/// A feed as this process sees it.
pub struct Feed {
    config: config::Feed,
    timezone: TimeZone,
    api: Api,
    patience: Patience,
    layout: Layout,
    mirror: Arc<Mirror>,
    polls: Arc<PollLog>,
    clock: SharedClock,
    longest_wait: Duration,
}

impl Domoplaner {
    /// Sets the system up; `None` where the config switches it off.
    ///
    /// # Errors
    /// The HTTP client could not be built.
    pub(crate) fn new(context: &Context<'_>) -> Result<Option<Self>, BuildError> {
        let Context { config, ledger, clock, stop, patience, .. } = *context;
        let Some(domoplaner) = &config.domoplaner else {
            return Ok(None);
        };
        let polls = Arc::new(PollLog::new(SOURCE));
        let feed = |feed: &config::Feed| {
            // A feed of certain premises never tells that one is gone.
            let others = domoplaner.feeds.iter().filter(|other| {
                other.kind == feed.kind && other.name != feed.name && other.filters.is_empty()
            });
            let mirror = Arc::new(Mirror {
                ledger: Arc::clone(ledger),
                feed: ledger::Feed {
                    source: SOURCE,
                    name: feed.name.clone(),
                    kind: kind(feed.kind),
                },
                called: context.feed_name(SOURCE, &feed.name),
                others: others.map(|other| other.name.clone()).collect(),
                max_shrink: feed.max_shrink,
                path: config.ledger.path.clone(),
                decimals: &DECIMALS,
                form: Arc::new(Form::new(feed)),
                stop: stop.clone(),
            });
            Ok(Arc::new(Feed {
                config: feed.clone(),
                timezone: domoplaner.timezone.clone(),
                api: Api::new(feed, &config.http, patience)?,
                patience,
                layout: layout(feed),
                mirror,
                polls: Arc::clone(&polls),
                clock: Arc::clone(clock),
                longest_wait: config.http.longest_wait(),
            }))
        };
        let feeds = domoplaner.feeds.iter().map(feed);
        Ok(Some(Self { feeds: feeds.collect::<Result<_, _>>()? }))
    }
}

impl Feed {
    /// Reads what is to be asked for now. True when that succeeded.
    async fn poll(&self) -> Result<bool, ledger::Error> {
        let began_at = self.clock.now();
        let feed = self.mirror.feed.clone();
        let state = self.mirror.ledger.read(move |reader| reader.feed_state(&feed));
        let asked = asked::asked(&self.config, &state.await?, began_at, &self.timezone);
        let ended = match self.read(&asked, began_at).await {
            Ok(outcome) => Ok((
                outcome,
                FeedRead {
                    asked_sha256: asked::fingerprint(&self.config),
                    began_at,
                    is_full: asked.is_full,
                },
            )),
            Err(Error::Ledger(error)) if error.is_fatal() => return Err(error),
            // It was cut off by our own end: neither a success nor a failure.
            Err(Error::Stopped) => return Ok(false),
            Err(error) => Err(error.failure()),
        };
        self.mirror.report(&self.polls, began_at, ended).await
    }
}

/// `record.kind` of what a feed holds.
fn kind(kind: FeedKind) -> &'static str {
    match kind {
        FeedKind::Premises => "premises",
        FeedKind::Deals => "deal",
    }
}

/// Where a feed's list is.
fn layout(feed: &config::Feed) -> Layout {
    match &feed.items {
        Some(pointer) => Layout::Pointer(pointer.clone()),
        None => Layout::Feed,
    }
}
