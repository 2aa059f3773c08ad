//! Wakes the tasks that follow commits, and for «poll now» the pollers that the ledger has been
//! asked to run, by another process or over HTTP.
//!
//! One look a second tells whether anything has been committed, by whatever process: while
//! nothing has, nothing else is asked of the ledger.
//!
//! The row goes before the poller is woken: a crash between the two loses nothing, since all
//! pollers are due at a start.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::Notify;

use super::driver::{Next, Task};
use super::pace::TICK;
use crate::ledger::{self, Ledger, Reader};

/// The pollers of the service, by what they poll.
pub(crate) struct Asked {
    ledger: Arc<Ledger>,
    pollers: HashMap<(&'static str, String), Arc<Notify>>,
    followers: Vec<Arc<Notify>>,
    /// Differs after each commit.
    version: AtomicI64,
}

impl Asked {
    /// Those among these tasks that poll something, or follow commits.
    pub(crate) fn new(ledger: &Arc<Ledger>, tasks: &[Task]) -> Self {
        let pollers = tasks.iter().flat_map(Task::polled).collect();
        let followers = tasks.iter().filter_map(Task::following).collect();
        Self { ledger: Arc::clone(ledger), pollers, followers, version: AtomicI64::new(-1) }
    }

    /// Looks every second.
    pub(crate) fn task(self) -> Task {
        let step = |asked: Arc<Self>| async move {
            let version = asked.ledger.read(Reader::data_version).await?;
            if asked.version.swap(version, Ordering::Relaxed) != version {
                asked.followers.iter().for_each(|follower| follower.notify_one());
                asked.wake().await?;
            }
            Ok(Next::WhenDue)
        };
        Task::new("commits", &Arc::new(self), step).every(TICK)
    }

    async fn wake(&self) -> Result<(), ledger::Error> {
        for (source, feed) in self.ledger.read(Reader::polls_wanted).await? {
            let known =
                self.pollers.iter().find(|((system, name), _)| *system == source && *name == feed);
            self.ledger.write(move |tx| tx.poll_begins(&source, &feed)).await?;
            // What the config no longer has is not polled.
            if let Some((_, poller)) = known {
                poller.notify_one();
            }
        }
        Ok(())
    }
}
