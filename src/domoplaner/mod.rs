//! Domoplaner: its feeds of premises and deals, mirrored.
//!
//! Each feed is read by a task of its own, whole or by increments ([`query`]), and kept
//! by the shared [`crate::mirror`]. Domoplaner is only read, never written to.
//!
//! Source: «Фиды данных для 1С».

mod access;
mod api;
mod dates;
mod fetch;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod items;
mod nested;
mod parse;
mod query;
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
use crate::http::BuildError;
use crate::json::stream::Layout;
use crate::ledger::{self, FRACTIONS};
use crate::mirror::{self, Mirror};
use crate::runtime::poll_log::PollLog;
use crate::runtime::system::Context;
use api::Api;
use items::Form;

/// `record.source` of this system.
pub const SOURCE: &str = "domoplaner";

/// The members whose values a change shows as text: known sums of money and measures, and,
/// since the documents list no fields, every other decimal.
const DECIMALS: [&str; 6] =
    ["price", "price_with_discount", "metr_price", "area", "sum", FRACTIONS];

/// The feeds of Domoplaner.
pub struct Domoplaner {
    feeds: Vec<Arc<Feed>>,
}

/// A feed and what it is read with.
pub struct Feed {
    config: config::Feed,
    timezone: TimeZone,
    api: Api,
    layout: Layout,
    mirror: Arc<Mirror>,
    clock: SharedClock,
    longest_wait: Duration,
}

impl Domoplaner {
    /// Sets the system up; `None` where the config switches it off.
    ///
    /// # Errors
    /// The HTTP client could not be built.
    pub(crate) fn new(context: &Context<'_>) -> Result<Option<Self>, BuildError> {
        let Context { config, clock, deadline, .. } = *context;
        let Some(domoplaner) = &config.domoplaner else {
            return Ok(None);
        };
        let polls = Arc::new(PollLog::new(SOURCE));
        let feed = |feed: &config::Feed| {
            // A filtered feed never shows that a record is gone.
            let others = domoplaner.feeds.iter().filter(|other| {
                other.kind == feed.kind && other.name != feed.name && other.filters.is_empty()
            });
            let list = mirror::List {
                feed: ledger::Feed {
                    source: SOURCE,
                    name: feed.name.clone(),
                    kind: kind(feed.kind),
                },
                others: others.map(|other| other.name.clone()).collect(),
                max_shrink: feed.max_shrink,
                comparison: ledger::Comparison::of(&DECIMALS),
                form: Arc::new(Form::new(feed)),
            };
            Ok(Arc::new(Feed {
                config: feed.clone(),
                timezone: domoplaner.timezone.clone(),
                api: Api::new(feed, &config.http, deadline)?,
                layout: layout(feed),
                mirror: Mirror::new(list, context, &polls),
                clock: Arc::clone(clock),
                longest_wait: config.http.longest_wait(),
            }))
        };
        let feeds = domoplaner.feeds.iter().map(feed);
        Ok(Some(Self { feeds: feeds.collect::<Result<_, _>>()? }))
    }
}

impl Feed {
    /// Reads what is due of it. True when that succeeded.
    async fn poll(&self) -> Result<bool, ledger::Error> {
        mirror::poll(self, &self.clock).await
    }
}

/// `record.kind` of what a feed holds.
fn kind(kind: FeedKind) -> &'static str {
    match kind {
        FeedKind::Premises => "premises",
        FeedKind::Deals => "deal",
    }
}

/// The layout of a feed's answer.
fn layout(feed: &config::Feed) -> Layout {
    match &feed.items {
        Some(pointer) => Layout::Pointer(pointer.clone()),
        None => Layout::Feed,
    }
}
