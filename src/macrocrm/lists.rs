//! The lists of ready flats, one for each category, kept in the ledger by the shared
//! [`crate::mirror`].

use std::sync::Arc;

use jiff::Timestamp;

use super::api::Api;
use super::error::Error;
use super::ready_flats::{ANY, ReadyFlats};
use super::{KIND, SOURCE};
use crate::clock::SharedClock;
use crate::config::{self, Category};
use crate::http::Class;
use crate::ledger::{self, Feed, FeedRead, NewItem};
use crate::mirror::{self, Batch, Composed, Extent, Failure, Form, Mirror, Outcome, Reading};
use crate::runtime::poll_log::PollLog;
use crate::runtime::system::Context;

/// The list of one category, or of all.
pub(super) struct List {
    category: Option<Category>,
    mirror: Arc<Mirror>,
}

/// Why a list could not be read.
enum Stopped {
    Failed(Failure),
    /// By our own end.
    Ended,
    Ledger(ledger::Error),
}

impl From<mirror::Error> for Stopped {
    fn from(error: mirror::Error) -> Self {
        match error {
            mirror::Error::Stopped => Stopped::Ended,
            mirror::Error::Ledger(error) => Stopped::Ledger(error),
            error => Stopped::Failed(Failure::new(format!("macrocrm: {error}"))),
        }
    }
}

impl From<ledger::Error> for Stopped {
    fn from(error: ledger::Error) -> Self {
        Stopped::Ledger(error)
    }
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        let outcome = match error.class() {
            Class::Unauthorized => ledger::Outcome::Unauthorized,
            Class::Retry { .. } | Class::Reject => ledger::Outcome::Failed,
        };
        Stopped::Failed(Failure {
            outcome,
            said: error.said().map(str::to_owned),
            ..Failure::new(error)
        })
    }
}

/// A flat is recorded as [`super::ready_flats`] wrote it, id and all.
struct AsListed;

impl Form for AsListed {
    fn settings(&self) -> &[u8] {
        b""
    }

    fn identify(&self, _: &[u8], _: usize) -> Result<String, String> {
        Err("no id".to_owned())
    }

    fn salvage(&self, _: &[u8]) -> Option<String> {
        None
    }

    fn compose(&self, text: &str, _: &str) -> Composed {
        Composed { body: text.to_owned(), findings: Vec::new() }
    }
}

impl List {
    /// The lists that the config names; one without a category where it names none.
    pub(super) fn all(context: &Context<'_>, macrocrm: &config::Macrocrm) -> Vec<Self> {
        let list = |category: Option<Category>| Self {
            category,
            mirror: Arc::new(Mirror {
                ledger: Arc::clone(context.ledger),
                called: context.feed_name(SOURCE, category.map_or(ANY, Category::word)),
                feed: Feed {
                    source: SOURCE,
                    name: category.map_or(ANY, Category::word).to_owned(),
                    kind: KIND,
                },
                // The category is part of the id: no list shows what is another's.
                others: Vec::new(),
                max_shrink: macrocrm.max_shrink,
                path: context.config.ledger.path.clone(),
                decimals: &[],
                form: Arc::new(AsListed),
                stop: context.stop.clone(),
            }),
        };
        if macrocrm.categories.is_empty() {
            return vec![list(None)];
        }
        let categories = macrocrm.categories.iter();
        categories.map(|category| list(Some(*category))).collect()
    }

    /// Reads it whole. True when that succeeded.
    ///
    /// # Errors
    /// The ledger's.
    pub(super) async fn poll(
        &self,
        api: &Api,
        clock: &SharedClock,
        polls: &PollLog,
    ) -> Result<bool, ledger::Error> {
        let began_at = clock.now();
        let ended = match self.read(api, began_at).await {
            Ok((outcome, extent)) => Ok((
                outcome,
                FeedRead { asked_sha256: String::new(), began_at, is_full: extent == Extent::Full },
            )),
            Err(Stopped::Failed(failure)) => Err(failure),
            Err(Stopped::Ended) => return Ok(false),
            Err(Stopped::Ledger(error)) if error.is_fatal() => return Err(error),
            Err(Stopped::Ledger(error)) => Err(Failure::new(error)),
        };
        self.mirror.report(polls, began_at, ended).await
    }

    async fn read(&self, api: &Api, began_at: Timestamp) -> Result<(Outcome, Extent), Stopped> {
        let mut reading = Reading::begin(&self.mirror, began_at).await?;
        let ReadyFlats { flats, unclear } = tokio::select! {
            biased;
            () = self.mirror.stop.cancelled() => return Err(Stopped::Ended),
            list = api.ready_flats(self.category) => list?,
        };
        // What is not understood may hide flats: nothing is gone for certain then.
        let extent = match unclear.is_empty() {
            true => Extent::Full,
            false => Extent::Part,
        };
        for piece in unclear {
            let name = self.mirror.feed.name.clone();
            let item = NewItem::whole(SOURCE, name, piece.text.as_bytes(), piece.reason);
            reading.take_bad(item, None)?;
        }
        let mut flats = flats.into_iter().peekable();
        while flats.peek().is_some() {
            let mut batch = Batch::default();
            while !batch.is_full()
                && let Some(flat) = flats.next()
            {
                batch.push_known(flat.id, &flat.body);
            }
            reading.take(batch).await?;
        }
        Ok((reading.end(extent).await?, extent))
    }
}
