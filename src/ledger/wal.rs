//! The WAL beside the ledger: its length, and checkpoints, which the writer makes between
//! two transactions. So it does `PRAGMA optimize`, which keeps the planner's numbers fresh.

use std::fs::{OpenOptions, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
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

    /// How many pages the WAL holds that are not in the file yet. Writes nothing.
    ///
    /// # Errors
    /// As [`Ledger::checkpoint`].
    pub(crate) async fn pages_to_move(&self) -> Result<u64, Error> {
        let counted = self.lock().maintain(|connection| {
            let pages = connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| {
                let (pages, moved): (i64, i64) = (row.get(1)?, row.get(2)?);
                Ok(u64::try_from(pages - moved).unwrap_or_default())
            });
            Ok(pages?)
        });
        counted.await.unwrap_or(Err(Error::Closed))
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

/// Leaves an empty WAL and its index beside a ledger that is closed, as its owner's. SQLite
/// takes them away, and then who may only read the ledger, and can make no file beside it,
/// cannot read it at all (`sqlite3 -readonly`, by a member of the group).
pub(super) fn leave_empty(path: &Path) {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let Ok(ledger) = std::fs::metadata(&real) else { return };
    for suffix in ["-wal", "-shm"] {
        let mode = ledger.permissions().mode() & 0o777;
        let beside = companion(&real, suffix);
        // One that is there is in use, or as good.
        let made = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside);
        let given = made.and_then(|file| {
            file.set_permissions(Permissions::from_mode(mode))?;
            let own = file.metadata()?;
            // The unit forbids the service to give files away, even to whom they belong.
            match (own.uid(), own.gid()) == (ledger.uid(), ledger.gid()) {
                true => Ok(()),
                false => fchown(&file, Some(ledger.uid()), Some(ledger.gid())),
            }
        });
        if given.is_err_and(|error| error.kind() != ErrorKind::AlreadyExists) {
            // The service could not write one that is another's.
            drop(std::fs::remove_file(&beside));
        }
    }
}

/// Takes away what [`leave_empty`] has left beside a ledger that has got another owner since,
/// who could not write it. Nothing where a service runs, or the WAL holds anything.
pub(super) fn clear_unwritable(path: &Path) {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if wal_bytes(&real) > 0 || super::owner(&real).is_some() {
        return;
    }
    for suffix in ["-wal", "-shm"] {
        let beside = companion(&real, suffix);
        let opened = OpenOptions::new().write(true).open(&beside);
        if opened.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied) {
            drop(std::fs::remove_file(&beside));
        }
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
