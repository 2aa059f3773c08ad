//! UZhKH in the registry, and its tasks.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{
    HANDLE_OBJECT_ADDING, HANDLE_REGISTER, Kind, SOURCE, Uzhkh, check_access, check_config,
};
use crate::clock::SharedClock;
use crate::config::Config;
use crate::http::BuildError;
use crate::ledger::{self, Queue};
use crate::runtime::driver::{Next, Task};
use crate::runtime::held_back::HeldBack;
use crate::runtime::system::{self, Connected, Context, Feed};

/// When reserved ids are looked at.
const IDENTITIES_SCHEDULE: &str = "*/10 * * * * *";

/// UZhKH in the registry.
pub(crate) struct System;

impl system::System for System {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn record_kinds(&self) -> Vec<&'static str> {
        Kind::ALL.map(Kind::word).to_vec()
    }

    fn awaited_calls(&self) -> &'static [&'static str] {
        &[HANDLE_REGISTER, HANDLE_OBJECT_ADDING]
    }

    fn feeds(&self, config: &Config) -> Vec<Feed> {
        let feed = |name: &str, schedule: &String| Feed {
            source: SOURCE,
            name: name.to_owned(),
            schedule: schedule.clone(),
            is_mirrored: false,
        };
        let queues = config.uzhkh.iter().flat_map(|uzhkh| {
            [
                feed("Requests", &uzhkh.requests_schedule),
                feed("DeletedItems", &uzhkh.deleted_schedule),
            ]
        });
        queues.collect()
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
        let uzhkh = Uzhkh::new(context)?;
        Ok(uzhkh.map(|uzhkh| Arc::new(uzhkh) as Arc<dyn Connected>))
    }
}

impl Connected for Uzhkh {
    fn recover(&self) -> BoxFuture<'_, Result<bool, ledger::Error>> {
        Box::pin(self.doubt_unrecorded())
    }

    fn tasks(self: Arc<Self>) -> Vec<Task> {
        let held_back = HeldBack::default();
        let poll = |name, feed: &str, queue, schedule: &str| {
            let step = move |uzhkh: Arc<Self>| async move {
                uzhkh.poll(queue).await?;
                Ok(Next::WhenDue)
            };
            let task = Task::new(name, &self, step).on(schedule).polling(SOURCE, [feed]);
            task.polls_first(&held_back)
        };
        let requests = poll("uzhkh Requests", "Requests", Queue::Requests, &self.requests_schedule);
        let deleted =
            poll("uzhkh DeletedItems", "DeletedItems", Queue::Deleted, &self.deleted_schedule);
        let resync = Task::new("uzhkh resync", &self, |uzhkh: Arc<Self>| async move {
            uzhkh.carry_on_resync().await
        });
        let identities = Task::new("uzhkh identities", &self, |uzhkh: Arc<Self>| async move {
            uzhkh.look_at_identities().await?;
            Ok(Next::WhenDue)
        });
        let calls = Task::new("uzhkh calls", &self, |uzhkh: Arc<Self>| async move {
            // What they have unblocked is acknowledged by the next drain, which is due at once.
            if uzhkh.outbox.pass().await?.settled > 0 {
                uzhkh.requests_due.notify_one();
            }
            uzhkh.outbox.next().await
        });
        let tasks = [
            requests.woken_by(&self.requests_due),
            deleted,
            // Another process may ask for one.
            resync.at_once().after_commits(),
            calls.after_commits().woken_by(&self.calls).polls_first(&held_back),
        ];
        let tasks = tasks.map(|task| task.unless(&self, Self::paused_until));
        // It asks UZhKH for nothing.
        let tasks = tasks.into_iter().chain([identities.on(IDENTITIES_SCHEDULE)]);
        tasks.map(|task| task.watched(self.longest_wait)).collect()
    }

    fn once(&self) -> BoxFuture<'_, Result<bool, ledger::Error>> {
        Box::pin(self.pass())
    }
}
