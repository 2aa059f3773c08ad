//! Bitrix24 in the registry, and its task.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{Bitrix24, KINDS, SOURCE, check_access, check_config, views};
use crate::clock::SharedClock;
use crate::config::{Bitrix24 as Settings, Config};
use crate::http::BuildError;
use crate::ledger;
use crate::runtime::driver::{Next, Task};
use crate::runtime::files::FileSource;
use crate::runtime::system::{self, Connected, Context, Feed};

/// Bitrix24 in the registry.
pub(crate) struct System;

impl system::System for System {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn record_kinds(&self) -> Vec<&'static str> {
        KINDS.to_vec()
    }

    fn feeds(&self, config: &Config) -> Vec<Feed> {
        let lists = |portal: &Settings| {
            KINDS.map(|kind| Feed {
                source: SOURCE,
                name: kind.to_owned(),
                schedule: portal.schedule.clone(),
                is_mirrored: true,
            })
        };
        config.bitrix24.iter().flat_map(lists).collect()
    }

    fn check_config(&self, config: &Config, clock: &SharedClock) -> Result<(), BuildError> {
        check_config(config, clock)
    }

    fn check<'a>(
        &'a self,
        config: &'a Config,
        clock: &'a SharedClock,
    ) -> BoxFuture<'a, Vec<Result<(), String>>> {
        Box::pin(async { vec![check_access(config, clock).await] })
    }

    fn connect(&self, context: &Context<'_>) -> Result<Option<Arc<dyn Connected>>, BuildError> {
        let bitrix24 = Bitrix24::new(context)?;
        Ok(bitrix24.map(|bitrix24| Arc::new(bitrix24) as Arc<dyn Connected>))
    }
}

impl Connected for Bitrix24 {
    fn recover(&self) -> BoxFuture<'_, Result<bool, ledger::Error>> {
        Box::pin(async {
            views::remake(&self.ledger, &self.fields, self.entity_types).await?;
            Ok(true)
        })
    }

    fn tasks(self: Arc<Self>) -> Vec<Task> {
        let lists = Task::new("bitrix24 lists", &self, |bitrix24: Arc<Self>| async move {
            bitrix24.poll().await?;
            Ok(Next::WhenDue)
        });
        let lists = lists
            .on(&self.schedule)
            .polling(SOURCE, KINDS)
            .unless(&self, |bitrix24| bitrix24.api.paused_until());
        vec![lists.watched(self.longest_wait)]
    }

    fn once(&self) -> BoxFuture<'_, Result<bool, ledger::Error>> {
        Box::pin(self.poll())
    }

    fn files(&self) -> Option<Arc<dyn FileSource>> {
        Some(self.files())
    }
}
