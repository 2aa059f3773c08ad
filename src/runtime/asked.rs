//! «Poll now»: wakes the pollers that the ledger has been asked to run, by another process or
//! over HTTP.
//!
//! The row goes before the poller is woken: a crash between the two loses nothing, since all
//! pollers are due at a start.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Notify;

use super::driver::{Next, Task};
use super::pace::TICK;
use crate::ledger::{self, Ledger, Reader};

/// The pollers of the service, by what they poll.
pub(crate) struct Asked {
    ledger: Arc<Ledger>,
    pollers: HashMap<(&'static str, String), Arc<Notify>>,
}

impl Asked {
    /// Those among these tasks that poll something.
    pub(crate) fn new(ledger: &Arc<Ledger>, tasks: &[Task]) -> Self {
        let pollers = tasks.iter().flat_map(Task::polled).collect();
        Self { ledger: Arc::clone(ledger), pollers }
    }

    /// Looks for what is asked, every second.
    pub(crate) fn task(self) -> Task {
        let step = |asked: Arc<Self>| async move {
            asked.wake().await?;
            Ok(Next::WhenDue)
        };
        Task::new("polls asked for", &Arc::new(self), step).every(TICK)
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
