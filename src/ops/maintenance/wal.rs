//! The write-ahead log beside the ledger: moved into the file often, emptied when it has
//! grown, and a word where somebody who reads keeps that from happening.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Keeping;
use crate::ledger::{self, log_bytes};

/// How often the log is looked at.
const EVERY: Duration = Duration::from_secs(2);
/// How many looks go by between two times that it is moved into the file.
const LOOKS_A_MOVE: u32 = 15;
/// Beyond this it is emptied: the writer moves 16 MiB by itself and begins it anew.
const EMPTIED_FROM: u64 = 64 << 20;
/// Beyond this somebody is told why it is not.
const TOLD_FROM: u64 = 128 << 20;
/// How many looks go by between two times that the planner's numbers are looked after.
const LOOKS_A_DAY: u32 = 24 * 60 * 60 / 2;

impl Keeping {
    /// Looks after the log until stopped.
    ///
    /// # Errors
    /// None: what fails here fails for whoever writes too.
    pub(super) async fn keep_the_log_short(&self) -> Result<(), ledger::Error> {
        let mut is_told = false;
        let mut looks: u32 = 0;
        while self.until(tokio::time::sleep(EVERY)).await {
            looks = (looks + 1) % LOOKS_A_DAY;
            if looks == 0
                && let Err(error) = self.ledger.optimize().await
            {
                tracing::debug!(%error, "the planner's numbers stay as they are");
            }
            let bytes = log_bytes(&self.path);
            let is_long = bytes >= EMPTIED_FROM;
            if (is_long || (bytes > 0 && looks.is_multiple_of(LOOKS_A_MOVE)))
                && let Err(error) = self.ledger.checkpoint(is_long).await
            {
                tracing::debug!(%error, "the log was not moved into the ledger");
            }
            is_told = self.tell(log_bytes(&self.path), is_told);
        }
        Ok(())
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
