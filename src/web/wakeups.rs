//! Waking those who wait for a commit.
//!
//! The ledger is looked at by one task, as long as any client waits, whether the service or a
//! command has written; a client that waits holds no reader and asks nothing.

use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::ledger::{ChangeSeq, Ledger};

/// Interval between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What was last seen of the ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Differs after each commit.
    version: i64,
    /// The newest change.
    pub(crate) newest: ChangeSeq,
}

/// Wakes those who wait.
#[derive(Debug)]
pub(super) struct Wakeups {
    seen: watch::Sender<Seen>,
    wanted: Notify,
}

impl Wakeups {
    pub(super) fn new() -> Self {
        Self { seen: watch::Sender::new(Seen::default()), wanted: Notify::new() }
    }

    /// From now on the receiver is told of commits. Subscribe before the ledger is read: what
    /// is committed after that wakes.
    pub(super) fn subscribe(&self) -> watch::Receiver<Seen> {
        let receiver = self.seen.subscribe();
        self.wanted.notify_one();
        receiver
    }

    /// Looks at the ledger until the stop.
    pub(super) async fn keep_looking(&self, ledger: &Ledger, stop: &CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.wanted.notified() => {}
            }
            while self.seen.receiver_count() > 0 {
                let seen = ledger.read(|reader| {
                    // Asked first: what is committed meanwhile is seen at the next look.
                    let version = reader.data_version()?;
                    Ok(Seen { version, newest: reader.newest_change()? })
                });
                // Those who wait read the ledger themselves, and say what is wrong with it.
                let seen = seen.await.unwrap_or_default();
                self.seen.send_if_modified(|last| std::mem::replace(last, seen) != seen);
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
            }
        }
    }
}
