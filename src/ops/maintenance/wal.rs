//! The write-ahead log beside the ledger: moved into the file often, emptied when it has
//! grown, and a word where somebody who reads keeps that from happening.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use super::Maintenance;
use crate::ledger::wal_bytes;

/// How often the log is looked at.
pub(super) const EVERY: Duration = Duration::from_secs(2);
/// How many looks go by between two times that it is moved into the file.
const LOOKS_A_MOVE: u32 = 15;
/// Beyond this it is emptied: the writer moves 16 MiB by itself and begins it anew.
const EMPTIED_FROM: u64 = 64 << 20;
/// Beyond this somebody is told why it is not.
const TOLD_FROM: u64 = 128 << 20;
/// How many looks go by between two times that the planner's numbers are looked after.
const LOOKS_A_DAY: u32 = 24 * 60 * 60 / 2;

/// What is remembered between two looks.
#[derive(Default)]
pub(super) struct Watch {
    looks: AtomicU32,
    /// It was told that the log grows.
    is_told: AtomicBool,
}

impl Maintenance {
    /// Looks after the log. What fails here fails for those who write too, and is told there.
    pub(super) async fn look_at_wal(&self) {
        let looks = (self.wal.looks.load(Ordering::Relaxed) + 1) % LOOKS_A_DAY;
        self.wal.looks.store(looks, Ordering::Relaxed);
        if looks == 0
            && let Err(error) = self.ledger.optimize().await
        {
            tracing::debug!(%error, "the planner's numbers stay as they are");
        }
        let bytes = wal_bytes(&self.path);
        let is_long = bytes >= EMPTIED_FROM;
        if (is_long || (bytes > 0 && looks.is_multiple_of(LOOKS_A_MOVE)))
            && let Err(error) = self.ledger.checkpoint(is_long).await
        {
            tracing::debug!(%error, "the log was not moved into the ledger");
        }
        let is_told = self.wal.is_told.load(Ordering::Relaxed);
        let is_told = self.tell(wal_bytes(&self.path), is_told);
        self.wal.is_told.store(is_told, Ordering::Relaxed);
    }

    /// Tells once that the log grows, and once that it does no more.
    fn tell(&self, bytes: u64, is_told: bool) -> bool {
        let mebibytes = bytes >> 20;
        if bytes < EMPTIED_FROM {
            if is_told {
                tracing::info!(mebibytes, "the ledger's log is short again");
            }
            return false;
        }
        let is_ours = self.is_copying.load(Ordering::Relaxed);
        if bytes >= TOLD_FROM && !is_told && !is_ours {
            tracing::warn!(
                mebibytes,
                "the ledger's log grows: somebody reads the ledger without an end; look for an open sqlite3 \
                 shell, with `fuser` on the ledger's -wal file"
            );
            return true;
        }
        is_told
    }
}
