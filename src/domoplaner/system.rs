//! Domoplaner in the registry, and its tasks.

use std::sync::Arc;

use futures_util::future::{BoxFuture, join_all};

use super::{Domoplaner, Feed as Polled, SOURCE, check_access, check_config, kind};
use crate::clock::SharedClock;
use crate::config::{Config, FeedKind};
use crate::http::BuildError;
use crate::ledger;
use crate::runtime::driver::{Next, Task};
use crate::runtime::system::{self, Connected, Context, Feed};

/// Domoplaner in the registry.
pub(crate) struct System;

impl system::System for System {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn record_kinds(&self) -> Vec<&'static str> {
        [FeedKind::Premises, FeedKind::Deals].map(kind).to_vec()
    }

    fn feeds(&self, config: &Config) -> Vec<Feed> {
        let feeds = config.domoplaner.iter().flat_map(|domoplaner| &domoplaner.feeds);
        let feeds = feeds.map(|feed| Feed {
            source: SOURCE,
            name: feed.name.clone(),
            schedule: feed.schedule.clone(),
            is_mirrored: true,
        });
        feeds.collect()
    }

    fn check_config(&self, config: &Config, _: &SharedClock) -> Result<(), BuildError> {
        check_config(config)
    }

    fn checked(&self, config: &Config) -> Vec<String> {
        let feeds = self.feeds(config).into_iter();
        feeds.map(|feed| format!("{SOURCE} {}", feed.name)).collect()
    }

    fn check<'a>(
        &'a self,
        config: &'a Config,
        _: &'a SharedClock,
    ) -> BoxFuture<'a, Vec<Result<(), String>>> {
        Box::pin(check_access(config))
    }

    fn connect(&self, context: &Context<'_>) -> Result<Option<Arc<dyn Connected>>, BuildError> {
        let domoplaner = Domoplaner::new(context)?;
        Ok(domoplaner.map(|domoplaner| Arc::new(domoplaner) as Arc<dyn Connected>))
    }
}

impl Connected for Domoplaner {
    fn tasks(self: Arc<Self>) -> Vec<Task> {
        let tasks = self.feeds.iter().map(|feed| {
            let name = format!("{SOURCE} {}", feed.config.name);
            let task = Task::new(name, feed, |feed: Arc<Polled>| async move {
                feed.poll().await?;
                Ok(Next::WhenDue)
            });
            let task = task.on(&feed.config.schedule).polling(SOURCE, [&feed.config.name]);
            let task = task.watched(feed.longest_wait);
            task.unless(feed, |feed| feed.api.upstream().paused_until())
        });
        tasks.collect()
    }

    /// Every feed, side by side.
    fn once(&self) -> BoxFuture<'_, Result<bool, ledger::Error>> {
        Box::pin(async {
            let polls = join_all(self.feeds.iter().map(|feed| feed.poll())).await;
            polls.into_iter().try_fold(true, |well, poll| Ok(well & poll?))
        })
    }
}
