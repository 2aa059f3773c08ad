//! The write-ahead log (WAL) beside the ledger: checkpointed when there is something to move,
//! truncated when it has grown, with a warning where a reader keeps that from happening. What
//! little an idle service writes is moved once an hour: each move writes the same few pages
//! again.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use super::Maintenance;
use crate::ledger::{self, wal_bytes};

/// How often the WAL is looked at.
pub(super) const EVERY: Duration = Duration::from_secs(2);
/// How many looks go by before it is looked how much there is to move.
const LOOKS_A_CHECKPOINT: u32 = 15;
/// How many looks go by before it is moved however little it is.
const LOOKS_AN_HOUR: u32 = 60 * 60 / 2;
/// Pages that are worth a checkpoint: 4 MiB.
const MOVED_FROM: u64 = 1024;
/// Beyond this it is truncated: the writer checkpoints 64 MiB by itself and begins it anew.
const TRUNCATED_FROM: u64 = 96 << 20;
/// Beyond this a warning says why it is not.
const WARNED_FROM: u64 = 128 << 20;
/// How many looks go by between two refreshes of the query planner's statistics.
const LOOKS_A_DAY: u32 = 24 * 60 * 60 / 2;

/// What is remembered between two looks.
#[derive(Default)]
pub(super) struct Watch {
    looks: AtomicU32,
    /// It was warned that the WAL grows.
    has_warned: AtomicBool,
}

impl Maintenance {
    /// Keeps the WAL short. What fails here fails for the writer too, and is handled there;
    /// but files that were removed or replaced are noticed though nothing is written.
    ///
    /// # Errors
    /// [`ledger::Error::Displaced`].
    pub(super) async fn look_at_wal(&self) -> Result<(), ledger::Error> {
        self.ledger.check_in_place()?;
        let looks = (self.wal.looks.load(Ordering::Relaxed) + 1) % LOOKS_A_DAY;
        self.wal.looks.store(looks, Ordering::Relaxed);
        if looks == 0
            && let Err(error) = self.ledger.optimize().await
        {
            tracing::debug!(%error, "query planner statistics not refreshed");
        }
        let bytes = wal_bytes(&self.path);
        let is_long = bytes >= TRUNCATED_FROM;
        if (is_long || (bytes > 0 && self.is_worth_moving(looks).await))
            && let Err(error) = self.ledger.checkpoint(is_long).await
        {
            tracing::debug!(%error, "WAL not checkpointed");
        }
        let has_warned = self.wal.has_warned.load(Ordering::Relaxed);
        let has_warned = self.warn(wal_bytes(&self.path), has_warned);
        self.wal.has_warned.store(has_warned, Ordering::Relaxed);
        Ok(())
    }

    /// Whether it is time to move what the WAL holds.
    async fn is_worth_moving(&self, looks: u32) -> bool {
        looks.is_multiple_of(LOOKS_AN_HOUR)
            || (looks.is_multiple_of(LOOKS_A_CHECKPOINT)
                && self.ledger.pages_to_move().await.is_ok_and(|pages| pages >= MOVED_FROM))
    }

    /// Warns once that the WAL grows, and says once that it is short again.
    fn warn(&self, bytes: u64, has_warned: bool) -> bool {
        let mebibytes = bytes >> 20;
        if bytes < TRUNCATED_FROM {
            if has_warned {
                tracing::info!(mebibytes, "the ledger's log is short again");
            }
            return false;
        }
        let is_ours = self.is_copying.load(Ordering::Relaxed);
        if bytes >= WARNED_FROM && !has_warned && !is_ours {
            tracing::warn!(
                mebibytes,
                "the ledger's WAL grows: a reader keeps the ledger open without an end; look for an open \
                 sqlite3 shell, with `fuser` on the ledger's -wal file"
            );
            return true;
        }
        has_warned
    }
}
