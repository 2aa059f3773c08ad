//! Alma in the registry, and its tasks.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::{Alma, OBJECTS, SOURCE, calls, check_access, check_config};
use crate::clock::SharedClock;
use crate::config::Config;
use crate::http::BuildError;
use crate::ledger::{self, Reader};
use crate::runtime::driver::{Next, Task};
use crate::runtime::pace::TICK;
use crate::runtime::system::{self, Connected, Context, Feed};

/// How often it is looked whether the time of something has come.
const TIMES_LOOKED_AT: Duration = Duration::from_secs(5);

/// Alma in the registry.
pub(crate) struct System;

impl system::System for System {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn awaited_calls(&self) -> &'static [&'static str] {
        &[calls::BLOCK]
    }

    fn feeds(&self, config: &Config) -> Vec<Feed> {
        let objects = config.alma.iter().map(|alma| Feed {
            source: SOURCE,
            name: OBJECTS.to_owned(),
            schedule: alma.schedule.clone(),
            is_mirrored: false,
        });
        objects.collect()
    }

    fn follows_others(&self) -> bool {
        true
    }

    fn check_config(&self, config: &Config, _: &SharedClock) -> Result<(), BuildError> {
        check_config(config)
    }

    fn check<'a>(
        &'a self,
        config: &'a Config,
        _: &'a SharedClock,
    ) -> BoxFuture<'a, Vec<Result<(), String>>> {
        Box::pin(async {
            let access = check_access(config).await;
            vec![access.map_err(|error| error.to_string())]
        })
    }

    fn connect(&self, context: &Context<'_>) -> Result<Option<Arc<dyn Connected>>, BuildError> {
        let alma = Alma::new(context)?;
        Ok(alma.map(|alma| Arc::new(alma) as Arc<dyn Connected>))
    }
}

impl Connected for Alma {
    /// Files go beside the reconciler: they take their time, and nothing else has to wait.
    fn tasks(self: Arc<Self>) -> Vec<Task> {
        let objects = Task::new("alma objects", &self, |alma: Arc<Self>| async move {
            alma.reconcile().await?;
            alma.has_looked.store(true, Ordering::Relaxed);
            Ok(Next::WhenDue)
        });
        let changes = Task::new("alma changes", &self, |alma: Arc<Self>| async move {
            // Where nothing answers at another address, the schedule asks again.
            if !alma.has_looked.load(Ordering::Relaxed) || !alma.is_elsewhere().await? {
                alma.wake_for_changes().await?;
            }
            Ok(Next::Within(TIMES_LOOKED_AT))
        });
        let files = Task::new("alma files", &self, |alma: Arc<Self>| async move {
            if alma.is_elsewhere().await? {
                return Ok(Next::Within(TIMES_LOOKED_AT));
            }
            alma.upload().await?;
            let waits = alma.ledger.read(Reader::has_pending_alma_file).await?;
            Ok(if waits { Next::Within(TICK) } else { Next::WhenDue })
        });
        let calls = Task::new("alma calls", &self, |alma: Arc<Self>| async move {
            // At another address ids are forgotten first, or what answers there is no Alma.
            if !alma.has_looked.load(Ordering::Relaxed) && alma.is_elsewhere().await? {
                return Ok(Next::Within(TIMES_LOOKED_AT));
            }
            alma.outbox.pass().await?;
            alma.outbox.next().await
        });
        let tasks = [
            objects.on(&self.schedule).woken_by(&self.objects_due).polling(SOURCE, [OBJECTS]),
            changes.after_commits(),
            files.after_commits().unless(&self, Self::paused_until),
            calls.after_commits().unless(&self, Self::paused_until),
        ];
        tasks.map(|task| task.watched(self.longest_wait)).into()
    }

    fn once(&self) -> BoxFuture<'_, Result<bool, ledger::Error>> {
        Box::pin(self.pass())
    }
}
