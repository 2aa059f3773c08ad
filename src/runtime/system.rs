//! What a system is to the service: a row of the registry ([`System`]), and once the config
//! has switched it on, something that polls and is written to ([`Connected`]).

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::driver::Task;
use super::files::FileSource;
use crate::clock::SharedClock;
use crate::config::Config;
use crate::http::{BuildError, Deadline};
use crate::ledger::{self, Ledger};

/// A system that the service knows how to deal with, whether the config has it or not.
pub(crate) trait System: Sync {
    /// Its word: the section of the config, and `source` or `target` in the ledger's tables.
    fn name(&self) -> &'static str;

    /// The kinds of its records, as `change.kind` names them; none where the system is only
    /// written to.
    fn record_kinds(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// The calls that a person waits for, as `call.op` names them.
    fn awaited_calls(&self) -> &'static [&'static str] {
        &[]
    }

    /// What is polled by this config; nothing where the system is switched off.
    fn feeds(&self, config: &Config) -> Vec<Feed>;

    /// Whether it follows what the other systems record: then its pass comes after theirs.
    fn follows_others(&self) -> bool {
        false
    }

    /// Whether the HTTP client can be built as the config says. Sends nothing.
    fn check_config(&self, config: &Config, clock: &SharedClock) -> Result<(), BuildError>;

    /// What [`System::check`] tries, by name; nothing where the system is switched off.
    fn checked(&self, config: &Config) -> Vec<String> {
        let is_on = !self.feeds(config).is_empty();
        is_on.then(|| self.name().to_owned()).into_iter().collect()
    }

    /// Tries the credentials, without changing anything there: a verdict for each name of
    /// [`System::checked`]. Not for the log: it may hold what the system says of people.
    fn check<'a>(
        &'a self,
        config: &'a Config,
        clock: &'a SharedClock,
    ) -> BoxFuture<'a, Vec<Result<(), String>>>;

    /// Sets it up; `None` where the config switches it off. Sends nothing.
    fn connect(&self, context: &Context<'_>) -> Result<Option<Arc<dyn Connected>>, BuildError>;
}

/// A system that the config has switched on.
pub(crate) trait Connected: Send + Sync {
    /// At a start: marks what was sent before the last end and whose outcome was not recorded.
    /// True when there is nothing among it that a person must look at.
    fn recover(&self) -> BoxFuture<'_, Result<bool, ledger::Error>> {
        Box::pin(std::future::ready(Ok(true)))
    }

    /// What the service does for it, and when.
    fn tasks(self: Arc<Self>) -> Vec<Task>;

    /// One pass of everything. True when nothing failed.
    fn once(&self) -> BoxFuture<'_, Result<bool, ledger::Error>>;

    /// The files that it has for others.
    fn files(&self) -> Option<Arc<dyn FileSource>> {
        None
    }
}

/// What is polled, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Feed {
    /// As in `poll.source`.
    pub(crate) source: &'static str,
    /// As in `poll.feed`.
    pub(crate) name: String,
    /// Cron with seconds, UTC.
    pub(crate) schedule: String,
    /// Whether it is a list that is read whole again and again.
    pub(crate) is_mirrored: bool,
}

/// What a system is set up with.
pub(crate) struct Context<'a> {
    pub(crate) config: &'a Config,
    pub(crate) ledger: &'a Arc<Ledger>,
    pub(crate) clock: &'a SharedClock,
    pub(crate) stop: &'a CancellationToken,
    pub(crate) deadline: &'a Deadline,
    /// Whether to begin by reading the full lists.
    pub(crate) full_resync: bool,
    /// What all systems poll by this config.
    pub(crate) feeds: &'a [Feed],
    /// The files of a system that was set up before.
    pub(crate) files: Option<Arc<dyn FileSource>>,
}

impl Context<'_> {
    /// How an operator names a feed: with its system where its name alone is that of another
    /// system's feed too.
    pub(crate) fn feed_name(&self, source: &str, name: &str) -> String {
        let mut mirrored = self.feeds.iter().filter(|feed| feed.is_mirrored);
        if mirrored.any(|feed| feed.source != source && feed.name == name) {
            format!("{source}/{name}")
        } else {
            name.to_owned()
        }
    }
}
