//! The relay in the registry, and its task.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::session::Dial;
use super::{NAME, Relay, check};
use crate::clock::SharedClock;
use crate::config::Config;
use crate::http::BuildError;
use crate::ledger;
use crate::runtime::driver::Task;
use crate::runtime::system::{self, Connected, Context, Feed};

/// Reading a page takes no longer than this; what PostgreSQL takes is bounded by itself.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The relay in the registry.
pub(crate) struct System;

impl system::System for System {
    fn name(&self) -> &'static str {
        NAME
    }

    /// Nothing: it only follows.
    fn feeds(&self, _: &Config) -> Vec<Feed> {
        Vec::new()
    }

    fn follows_others(&self) -> bool {
        true
    }

    fn check_config(&self, config: &Config, _: &SharedClock) -> Result<(), BuildError> {
        config.relay.as_ref().map_or(Ok(()), |relay| Dial::new(relay).map(drop))
    }

    fn checked(&self, config: &Config) -> Vec<String> {
        config.relay.iter().map(|_| NAME.to_owned()).collect()
    }

    fn check<'a>(
        &'a self,
        config: &'a Config,
        _: &'a SharedClock,
    ) -> BoxFuture<'a, Vec<Result<(), String>>> {
        Box::pin(async { vec![check::check(config).await] })
    }

    fn connect(&self, context: &Context<'_>) -> Result<Option<Arc<dyn Connected>>, BuildError> {
        let relay = Relay::new(context)?;
        Ok(relay.map(|relay| Arc::new(relay) as Arc<dyn Connected>))
    }
}

impl Connected for Relay {
    fn tasks(self: Arc<Self>) -> Vec<Task> {
        let task = Task::new(NAME, &self, |relay: Arc<Self>| async move { relay.step().await });
        vec![task.at_once().watched(LONGEST_WAIT)]
    }

    fn once(&self) -> BoxFuture<'_, Result<bool, ledger::Error>> {
        Box::pin(self.pass())
    }
}
