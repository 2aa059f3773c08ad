//! The WAL beside the ledger: its length, and checkpoints, which the writer makes between
//! two transactions. So it does `PRAGMA optimize`, which keeps the planner's numbers fresh.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use super::backup::companion;
use super::{Error, Ledger};

/// How long a command of another process is waited for, as when the file is opened.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The length in bytes of the WAL beside a ledger; 0 where there is none.
pub(crate) fn wal_bytes(ledger: &Path) -> u64 {
    let real = std::fs::canonicalize(ledger).unwrap_or_else(|_| ledger.to_owned());
    std::fs::metadata(companion(&real, "-wal")).map_or(0, |wal| wal.len())
}

impl Ledger {
    /// Moves into the file what no reader needs any more of the WAL, and answers whether
    /// that was all of it. With `empty` the WAL is emptied if it was.
    ///
    /// # Errors
    /// [`Error::DiskFull`]: the WAL stays as it is and nothing is lost.
    pub(crate) async fn checkpoint(&self, empty: bool) -> Result<bool, Error> {
        let how = if empty { "TRUNCATE" } else { "PASSIVE" };
        let moved = self.lock().maintain(move |connection| checkpoint(connection, how));
        moved.await.unwrap_or(Err(Error::Closed))
    }

    /// Runs `PRAGMA optimize`, which refreshes the planner's numbers where that is worth it.
    ///
    /// # Errors
    /// As [`Ledger::checkpoint`].
    pub(crate) async fn optimize(&self) -> Result<(), Error> {
        let done =
            self.lock().maintain(|connection| Ok(connection.execute_batch("PRAGMA optimize")?));
        done.await.unwrap_or(Err(Error::Closed))
    }
}

/// Moves the WAL into the file at the start. One that has grown long, during a backup say,
/// may take minutes on a slow disk; the writer would be taken for stalled, and killed again
/// at each attempt, but at the start no task waits for it. False where some of it stays.
pub(super) fn truncate_wal(connection: &Connection) -> Result<bool, Error> {
    match checkpoint(connection, "TRUNCATE") {
        Err(error) if !error.is_fatal() => Ok(false),
        moved => moved,
    }
}

fn checkpoint(connection: &Connection, how: &str) -> Result<bool, Error> {
    // Writers do not wait for readers.
    connection.busy_timeout(Duration::ZERO)?;
    let moved = connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |row| {
        let (busy, pages, moved): (bool, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(!busy && pages == moved)
    });
    connection.busy_timeout(BUSY_TIMEOUT)?;
    match moved.map_err(Error::from) {
        Err(Error::Busy) => Ok(false),
        moved => moved,
    }
}
