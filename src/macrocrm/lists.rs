//! The lists of ready flats, one for each category, kept in the ledger by the shared
//! [`crate::mirror`].

use std::sync::Arc;

use jiff::Timestamp;

use super::api::Api;
use super::error::Error;
use super::ready_flats::{ANY, ReadyFlats};
use super::{KIND, SOURCE};
use crate::config::{self, Category};
use crate::ledger::{Comparison, Feed, FeedState};
use crate::mirror::{self, Batch, Composed, Coverage, Failure, Form, Mirror, Reading, Source};
use crate::runtime::poll_log::PollLog;
use crate::runtime::system::Context;

/// The list of one category, or of all.
pub(super) struct List {
    category: Option<Category>,
    api: Arc<Api>,
    mirror: Arc<Mirror>,
}

impl From<Error> for mirror::Error {
    fn from(error: Error) -> Self {
        Failure::of_request(&error, error.class(), error.said()).into()
    }
}

/// Records a flat as [`super::ready_flats`] wrote it, id included.
struct AsListed;

impl Form for AsListed {
    fn compose(&self, text: &str, _: &str) -> Composed {
        Composed { body: text.to_owned(), findings: Vec::new() }
    }
}

impl List {
    /// `poll.feed` of the list.
    pub(super) fn name(&self) -> &'static str {
        self.category.map_or(ANY, Category::word)
    }

    /// The lists that the config names; one without a category where it names none.
    pub(super) fn all(
        context: &Context<'_>,
        macrocrm: &config::Macrocrm,
        api: &Arc<Api>,
    ) -> Vec<Self> {
        let polls = Arc::new(PollLog::new(SOURCE));
        let list = |category: Option<Category>| {
            let name = category.map_or(ANY, Category::word).to_owned();
            let list = mirror::List {
                feed: Feed { source: SOURCE, name, kind: KIND },
                // The category is part of the id: no list shows what is another's.
                others: Vec::new(),
                max_shrink: macrocrm.max_shrink,
                comparison: Comparison::of(&[]),
                form: Arc::new(AsListed),
            };
            let mirror = Mirror::new(list, context, &polls);
            Self { category, api: Arc::clone(api), mirror }
        };
        if macrocrm.categories.is_empty() {
            return vec![list(None)];
        }
        macrocrm.categories.iter().map(|category| list(Some(*category))).collect()
    }
}

impl Source for List {
    type Query = ();

    fn mirror(&self) -> &Arc<Mirror> {
        &self.mirror
    }

    /// The list is always asked for whole.
    fn query(&self, _: &FeedState, _: Timestamp) {}

    async fn read(&self, (): (), reading: &mut Reading) -> Result<Coverage, mirror::Error> {
        let answer = self.mirror.unless_stopped(self.api.ready_flats(self.category)).await?;
        let ReadyFlats { flats, unclear } = answer?;
        // A piece that cannot be understood may hide flats: none is gone for certain then.
        let coverage = if unclear.is_empty() { Coverage::Complete } else { Coverage::Partial };
        for piece in unclear {
            reading.take_bad(piece.text.as_bytes(), piece.reason, None)?;
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
        Ok(coverage)
    }
}
