//! MACRO in the registry, and its tasks.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::lists::List;
use super::{ADD, KIND, Macrocrm, SOURCE, check_access, check_config};
use crate::clock::SharedClock;
use crate::config::{Config, Macrocrm as Settings};
use crate::http::BuildError;
use crate::ledger;
use crate::runtime::driver::{Next, Task};
use crate::runtime::held_back::HeldBack;
use crate::runtime::system::{self, Connected, Context, Feed};

/// MACRO in the registry.
pub(crate) struct System;

impl system::System for System {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn record_kinds(&self) -> Vec<&'static str> {
        vec![KIND]
    }

    fn awaited_calls(&self) -> &'static [&'static str] {
        &[ADD]
    }

    fn feeds(&self, config: &Config) -> Vec<Feed> {
        let lists = |macrocrm: &Settings| {
            let lists = macrocrm.lists().map(|list| Feed {
                source: SOURCE,
                name: list.to_owned(),
                schedule: macrocrm.schedule.clone(),
                is_mirrored: true,
            });
            lists.collect::<Vec<_>>()
        };
        config.macrocrm.iter().flat_map(lists).collect()
    }

    fn check_config(&self, config: &Config, clock: &SharedClock) -> Result<(), BuildError> {
        check_config(config, clock)
    }

    fn check<'a>(
        &'a self,
        config: &'a Config,
        clock: &'a SharedClock,
    ) -> BoxFuture<'a, Vec<Result<(), String>>> {
        Box::pin(async {
            let access = check_access(config, clock).await;
            vec![access.map_err(|error| error.to_string())]
        })
    }

    fn connect(&self, context: &Context<'_>) -> Result<Option<Arc<dyn Connected>>, BuildError> {
        let macrocrm = Macrocrm::new(context)?;
        Ok(macrocrm.map(|macrocrm| Arc::new(macrocrm) as Arc<dyn Connected>))
    }
}

impl Connected for Macrocrm {
    fn recover(&self) -> BoxFuture<'_, Result<bool, ledger::Error>> {
        Box::pin(self.doubt_unrecorded())
    }

    fn tasks(self: Arc<Self>) -> Vec<Task> {
        let lists = Task::new("macrocrm ready flats", &self, |macrocrm: Arc<Self>| async move {
            macrocrm.poll().await?;
            Ok(Next::WhenDue)
        });
        let calls = Task::new("macrocrm calls", &self, |macrocrm: Arc<Self>| async move {
            macrocrm.outbox.pass().await?;
            macrocrm.outbox.next().await
        });
        let names = self.lists.iter().map(List::name);
        let lists = lists.on(&self.schedule).polling(SOURCE, names);
        let tasks = [lists, calls.after_commits()];
        let held_back = HeldBack::default();
        let tasks =
            tasks.map(|task| task.unless(&self, Self::paused_until).polls_first(&held_back));
        tasks.map(|task| task.watched(self.longest_wait)).into()
    }

    /// Every list, then the bookings that wait.
    fn once(&self) -> BoxFuture<'_, Result<bool, ledger::Error>> {
        Box::pin(async {
            let is_well = self.poll().await?;
            Ok(is_well & self.outbox.passes().await?)
        })
    }
}
