//! What the file needs now and then: its log moved into it, and the planner's numbers
//! brought up to date. Both are done by the writer, between two transactions.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use super::backup::companion;
use super::{Error, Ledger};

/// How long a command of another process is waited for, as when the file is opened.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A log that is longer is moved into the file before anything else.
const LONG: u64 = 64 << 20;

/// The length of the log beside a ledger; 0 where there is none.
pub(crate) fn log_bytes(ledger: &Path) -> u64 {
    let real = std::fs::canonicalize(ledger).unwrap_or_else(|_| ledger.to_owned());
    std::fs::metadata(companion(&real, "-wal")).map_or(0, |log| log.len())
}

impl Ledger {
    /// Moves into the file what no reader needs any more of the log, and answers whether
    /// that was all of it. With `empty` the log is emptied if it was.
    ///
    /// # Errors
    /// No room, or SQLite's own. The log stays as it is and nothing is lost.
    pub(crate) async fn checkpoint(&self, empty: bool) -> Result<bool, Error> {
        let how = if empty { "TRUNCATE" } else { "PASSIVE" };
        let moved = self.lock().maintain(move |connection| checkpoint(connection, how));
        moved.await.unwrap_or(Err(Error::Closed))
    }

    /// Has SQLite look at how its indexes are used, where that is worth it.
    ///
    /// # Errors
    /// As [`Ledger::checkpoint`].
    pub(crate) async fn optimize(&self) -> Result<(), Error> {
        let done =
            self.lock().maintain(|connection| Ok(connection.execute_batch("PRAGMA optimize")?));
        done.await.unwrap_or(Err(Error::Closed))
    }
}

/// Moves a log into the file that has grown long, beside a backup say. It may take minutes
/// on a slow disk. At the start nobody waits for it; the writer would be taken for stuck,
/// and killed again at each attempt.
pub(super) fn move_a_long_log(connection: &Connection, ledger: &Path) -> Result<(), Error> {
    if log_bytes(ledger) < LONG {
        return Ok(());
    }
    match checkpoint(connection, "TRUNCATE") {
        Err(error) if error.is_fatal() => Err(error),
        // A full disk is waited out by whoever writes.
        _ => Ok(()),
    }
}

fn checkpoint(connection: &Connection, how: &str) -> Result<bool, Error> {
    // Nobody who wants to write waits for somebody who reads.
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
