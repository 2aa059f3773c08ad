//! What can go wrong with the ledger, told apart by what to do about it.

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::ErrorCode;

use super::Refusal;
use super::guard::OVERWRITTEN;

/// A failure of the ledger. Carries no value that was read or written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Another process owns the file.
    #[error(
        "the ledger {path} belongs to another running uzhkh-ledger ({owner}); stop that one first"
    )]
    Owned {
        /// The ledger file.
        path: PathBuf,
        /// What the owner wrote about itself.
        owner: String,
    },
    /// The file was written by a newer program.
    #[error(
        "the ledger {path} has version {found}, this program knows only up to {known}; install the newer uzhkh-ledger"
    )]
    Newer {
        /// The ledger file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// The file was written before the oldest version that can be brought forward.
    #[error(
        "the ledger {path} has version {found}, which was never released, and this program reads versions from {oldest} on: \
         go on with the uzhkh-ledger that wrote it, or move {path} and the files beside it away to start a new ledger \
         (permanent ids would then be given a second time)"
    )]
    Older {
        /// The ledger file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The oldest version that can be read here.
        oldest: i64,
    },
    /// The file is a database, but not one of ours.
    #[error(
        "{path} is not a ledger of uzhkh-ledger, or no longer: look at ledger.path; `uzhkh-ledger restore FILE` puts a backup \
         in the place of one that is damaged"
    )]
    NotALedger {
        /// The file.
        path: PathBuf,
    },
    /// The file was being made when the process or the machine ended.
    #[error(
        "the ledger {path} was not finished when it was made: the next run makes it (`uzhkh-ledger run`); nothing is lost, \
         since nothing had come yet"
    )]
    NotFinished {
        /// The ledger file.
        path: PathBuf,
    },
    /// The file is empty, and was not before.
    #[error(
        "the ledger {path} has been emptied; `uzhkh-ledger restore FILE` puts a backup in its place, or remove {path} \
         and {path}.lock to begin anew: permanent ids would then be given a second time"
    )]
    Emptied {
        /// The ledger file.
        path: PathBuf,
    },
    /// There was a ledger, and there is none any more.
    #[error(
        "the ledger {path} has been removed: put the file back, or `uzhkh-ledger restore FILE` puts a backup in its \
         place, or remove {path}.lock to begin anew: permanent ids would then be given a second time"
    )]
    Missing {
        /// The ledger file.
        path: PathBuf,
    },
    /// A file of the ledger is no longer the one that this process has open.
    #[error(
        "the ledger {path} is not what this process has open any more: {file} was {how} while it ran; nothing more is \
         acknowledged or sent, and what was not acknowledged UZhKH still has: put the right file back, or \
         `uzhkh-ledger restore FILE` puts a backup in its place, or `uzhkh-ledger restore --in-place` takes the \
         file that is there for one"
    )]
    Displaced {
        /// The ledger file.
        path: PathBuf,
        /// The file that is another.
        file: PathBuf,
        /// `removed`, `replaced` or what else became of it.
        how: &'static str,
    },
    /// The WAL beside the file was written for another one.
    #[error(
        "{wal} was written for another file than {path}, and read into this one it would ruin it; put the right file \
         back, or `uzhkh-ledger restore FILE` puts a backup in its place, or `uzhkh-ledger restore --in-place` takes \
         the file that is there for one, and keeps that log aside"
    )]
    ForeignWal {
        /// The ledger file.
        path: PathBuf,
        /// The WAL beside it.
        wal: PathBuf,
    },
    /// The file is not the one that the service had last.
    #[error(
        "the ledger {path} is another file than the service had last; put that one back, or `uzhkh-ledger restore \
         --in-place` takes this one for a backup that was put back: what was sent since is then not sent again"
    )]
    AnotherFile {
        /// The ledger file.
        path: PathBuf,
    },
    /// The file has less than the service had committed.
    #[error(
        "the ledger {path} is older than the service had it: its changes end with {found}, and the service had made \
         {known}, or its log was removed; put the right file back, or `uzhkh-ledger restore --in-place` takes this \
         one for a backup that was put back: what was sent since is then not sent again"
    )]
    OlderFile {
        /// The ledger file.
        path: PathBuf,
        /// The last change that it has.
        found: i64,
        /// The last change that the service had made.
        known: i64,
    },
    /// There is no ledger to read.
    #[error("there is no ledger at {path}; has `uzhkh-ledger run` been started with this config?")]
    Absent {
        /// The file.
        path: PathBuf,
    },
    /// The file or its lock cannot be opened.
    #[error("cannot open the ledger {path}: {source}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: Arc<std::io::Error>,
    },
    /// There is no room for a commit.
    #[error("the disk that holds the ledger is full")]
    DiskFull,
    /// Another process holds the write lock.
    #[error("the ledger is being written by another process; try again")]
    Busy,
    /// The file is not what it was written as.
    #[error(
        "the ledger is damaged ({0}); it is left as it is: `uzhkh-ledger verify` tells more, \
         `uzhkh-ledger restore FILE` puts a backup in its place, and what UZhKH was not told about UZhKH still has"
    )]
    Damaged(Arc<rusqlite::Error>),
    /// The file or its directory cannot be written by this user.
    #[error("the ledger cannot be written by this user: {0}; run this as the service's user")]
    NotWritable(Arc<rusqlite::Error>),
    /// SQLite failed otherwise.
    #[error("the ledger failed: {0}")]
    Sqlite(Arc<rusqlite::Error>),
    /// The writer has ended.
    #[error("the ledger is closed")]
    Closed,
    /// Changes that come after a cursor have been removed.
    #[error(
        "the changes after {after} are no longer kept, the oldest is {oldest}: read the present state from the views, \
         then go on with the changes after {newest}"
    )]
    CursorTooOld {
        /// The cursor.
        after: i64,
        /// The oldest change that is kept.
        oldest: i64,
        /// The newest one that has been made.
        newest: i64,
    },
    /// A cursor that comes with the id of another ledger.
    #[error(
        "the cursor is of another ledger: this one is {ledger}; read the present state from the views, then go on \
         with the changes after {newest}"
    )]
    CursorOfAnother {
        /// `ledger_id` of this ledger.
        ledger: String,
        /// The newest change that has been made.
        newest: i64,
    },
    /// A cursor that this ledger has not given out.
    #[error(
        "there is no change {after} yet, the newest is {newest}: the cursor is of another ledger, or this one came \
         from a backup; read the present state from the views, then go on with the changes after {newest}"
    )]
    CursorBeyond {
        /// The cursor.
        after: i64,
        /// The newest change that has been made.
        newest: i64,
    },
    /// A cursor of changes that a restore has taken back.
    #[error(
        "change {after} was undone when the ledger was restored from a backup: read the present state from the views, \
         then go on with the changes after {newest}"
    )]
    CursorUndone {
        /// The cursor.
        after: i64,
        /// The number to go on with.
        newest: i64,
    },
    /// Something was asked for that cannot be done.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Error {
    /// A refusal by a rule of a system, which says what to do next.
    pub fn system(refusal: impl std::error::Error + Send + Sync + 'static) -> Self {
        Error::Refused(Refusal::System(Arc::new(refusal)))
    }

    /// The refusal by a rule of a system, where it is one of this type.
    pub fn of_system<E: std::error::Error + 'static>(&self) -> Option<&E> {
        match self {
            Error::Refused(Refusal::System(refusal)) => refusal.downcast_ref(),
            _ => None,
        }
    }

    /// The change to go on after, where a cursor was refused.
    pub(crate) fn newest_change(&self) -> Option<i64> {
        match self {
            Error::CursorOfAnother { newest, .. }
            | Error::CursorTooOld { newest, .. }
            | Error::CursorBeyond { newest, .. }
            | Error::CursorUndone { newest, .. } => Some(*newest),
            _ => None,
        }
    }

    /// Whether nothing more can be written: the process must end and a person look.
    pub fn is_fatal(&self) -> bool {
        match self {
            Error::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::OutOfMemory)
            ),
            Error::DiskFull
            | Error::Busy
            | Error::CursorOfAnother { .. }
            | Error::CursorTooOld { .. }
            | Error::CursorBeyond { .. }
            | Error::CursorUndone { .. }
            | Error::Refused(_) => false,
            _ => true,
        }
    }

    /// Whether the database is the same file, and was written over.
    pub(super) fn is_overwritten(&self) -> bool {
        matches!(self, Error::Displaced { how: OVERWRITTEN, .. })
    }
}

/// SQLite could not grow its shared-memory file: the disk is full.
const IOERR_SHMSIZE: i32 = 4874;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        if let rusqlite::Error::SqliteFailure(failure, _) = &error {
            match failure.code {
                ErrorCode::DiskFull => return Error::DiskFull,
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => return Error::Busy,
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                    return Error::Damaged(Arc::new(error));
                }
                ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
                    return Error::NotWritable(Arc::new(error));
                }
                _ if failure.extended_code == IOERR_SHMSIZE => return Error::DiskFull,
                _ => {}
            }
        }
        Error::Sqlite(Arc::new(error))
    }
}
