//! The command `fetch`: one read of a feed, with filters of its own.
//!
//! It records what it reads, beside a daemon or without one. It deletes nothing and does
//! not move the increment, so the daemon's next poll asks for the same as without it.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::query::Query;
use super::{Domoplaner, System};
use crate::clock::SharedClock;
use crate::config::{Config, Filters};
use crate::http::{BuildError, Deadline};
use crate::ledger::{self, Ledger};
use crate::mirror::{Coverage, Error, Poll};
use crate::runtime::system::{Context, System as _};

/// The result of a fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Fetched {
    /// Items received.
    pub fetched: u64,
    /// Records that are new.
    pub new: u64,
    /// Records that were modified, the new ones among them.
    pub changed: u64,
    /// Items quarantined that were not before.
    pub quarantined: u64,
}

/// The reason why a fetch failed.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The HTTP client could not be built: the config is wrong.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The config has no feed of this name.
    #[error("there is no feed {0} in the config")]
    NoSuchFeed(String),
    /// The feed could not be read, in words.
    #[error("{0}; nothing was stored")]
    Failed(String),
    /// Stopped before everything was recorded.
    #[error("interrupted; fetch again")]
    Interrupted,
    /// The ledger's own.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
}

/// Reads the feed `name` once. `filters` take the place of those in the config.
///
/// # Errors
/// See [`FetchError`].
pub async fn fetch(
    config: &Config,
    name: &str,
    filters: Option<Filters>,
    clock: &SharedClock,
    stop: &CancellationToken,
) -> Result<Fetched, FetchError> {
    Ledger::make(&config.ledger.path, clock)?;
    let ledger = Arc::new(Ledger::beside(&config.ledger.path, Arc::clone(clock))?);
    let context = Context {
        config,
        ledger: &ledger,
        clock,
        stop,
        deadline: &Deadline::none(),
        full_resync: false,
        feeds: &System.feeds(config),
        files: None,
    };
    let domoplaner = Domoplaner::new(&context)?;
    let mut feeds = domoplaner.iter().flat_map(|domoplaner| &domoplaner.feeds);
    let feed = feeds
        .find(|feed| feed.config.name == name)
        .ok_or_else(|| FetchError::NoSuchFeed(name.to_owned()))?;
    let query = Query {
        filters: filters.unwrap_or_else(|| feed.config.filters.clone()),
        coverage: Coverage::Partial,
    };
    let read = match Poll::asking(&**feed, query, clock.now()).await {
        Ok(poll) => poll.read().await,
        Err(error) => Err(error.into()),
    };
    let closing = Arc::clone(&ledger);
    let closed = tokio::task::spawn_blocking(move || closing.close()).await;
    let outcome = match read {
        Ok((outcome, _)) => outcome,
        Err(Error::Ledger(error)) => return Err(error.into()),
        Err(Error::Stopped) => return Err(FetchError::Interrupted),
        Err(error) => return Err(FetchError::Failed(feed.mirror.failure(error).to_string())),
    };
    closed.map_err(|_| ledger::Error::Closed)??;
    Ok(Fetched {
        fetched: outcome.fetched,
        new: outcome.new,
        changed: outcome.changed,
        quarantined: outcome.quarantined,
    })
}
