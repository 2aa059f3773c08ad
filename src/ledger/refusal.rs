//! What the ledger declines to do, and why: an answer to the operator, not a failure.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::ChangeSeq;

/// A request that cannot be carried out. Nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// No call has this number.
    #[error("there is no call {seq}; see `uzhkh-ledger calls list`")]
    NoSuchCall {
        /// The number asked for.
        seq: i64,
    },
    /// The call has no outcome yet that an operator could settle.
    #[error(
        "call {seq} is pending: the service sends it; `uzhkh-ledger calls show {seq}` tells how it stands"
    )]
    CallPending {
        /// `call.seq`
        seq: i64,
    },
    /// The call cannot fail a second time.
    #[error("call {seq} has failed already; `uzhkh-ledger calls settle {seq} --done` puts it away")]
    CallFailed {
        /// `call.seq`
        seq: i64,
    },
    /// The call had its effect.
    #[error(
        "call {seq} is done: there is nothing to settle; `uzhkh-ledger calls show {seq}` has it"
    )]
    CallDone {
        /// `call.seq`
        seq: i64,
    },
    /// No quarantined envelope or item has this number.
    #[error("nothing with the number {seq} is quarantined; see `uzhkh-ledger quarantine list`")]
    NotQuarantined {
        /// The number asked for.
        seq: i64,
    },
    /// A quarantined envelope or item still cannot be applied.
    #[error(
        "quarantined {seq} still cannot be applied: {reason}; `uzhkh-ledger quarantine show {seq}` has its text, \
         `uzhkh-ledger quarantine acknowledge {seq}` {}", if *.is_envelope { "gives it up" } else { "puts it away" }
    )]
    StillQuarantined {
        /// `envelope.seq` or `item.seq`
        seq: i64,
        /// What is wrong with it.
        reason: String,
        /// Whether it is one of UZhKH's, which an acknowledgement gives up.
        is_envelope: bool,
    },
    /// A quarantined envelope still cannot be applied, and cannot be given up either.
    #[error(
        "quarantined {seq} still cannot be applied: {reason}; without a Guid UZhKH must remove it: \
         `uzhkh-ledger quarantine show {seq}` has the text to send to its support"
    )]
    StillWithoutGuid {
        /// `envelope.seq`
        seq: i64,
        /// What is wrong with it.
        reason: String,
    },
    /// A quarantined item is of a list that is read whole each time.
    #[error(
        "quarantined {seq} is of a list that is read whole each time: what is understood by now comes with the next \
         read; `uzhkh-ledger quarantine acknowledge {seq}` puts this one away"
    )]
    ReadAnew {
        /// `item.seq`
        seq: i64,
    },
    /// A quarantined envelope without a Guid cannot be acknowledged.
    #[error(
        "quarantined {seq} has no Guid, so there is nothing to acknowledge it by; UZhKH must remove \
         it: `uzhkh-ledger quarantine show {seq}` has the text to send to its support"
    )]
    NoGuid {
        /// `envelope.seq`
        seq: i64,
    },
    /// A change or its record holds what is not JSON.
    #[error("change {seq} and its record hold what is not JSON; `uzhkh-ledger verify` tells more")]
    NotJson {
        /// `change.seq`
        seq: ChangeSeq,
    },
    /// The file system has no shared memory for a WAL.
    #[error(
        "the file system of {path} does not support SQLite's write-ahead log; move ledger.path to a local disk"
    )]
    NoWal {
        /// The ledger file.
        path: PathBuf,
    },
    /// The system gave no thread.
    #[error("no thread: {0}")]
    NoThread(Arc<io::Error>),
    /// The folder that a backup is to be written to is not there.
    #[error("the folder of the backup does not exist: {folder}; create it first")]
    NoBackupFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// A backup is to be written to a folder.
    #[error("{target} is a folder; name a file in it")]
    BackupIsFolder {
        /// The target.
        target: PathBuf,
    },
    /// A backup is to be written over a device, a pipe or the like.
    #[error("{target} is no file that a backup may take the place of; name another")]
    BackupIsNoFile {
        /// The target.
        target: PathBuf,
    },
    /// A backup is to be written over the ledger, or a file that belongs beside it.
    #[error("{target} is the ledger itself, or a file that belongs to it; name another file")]
    BackupIsLedger {
        /// The target.
        target: PathBuf,
    },
    /// There is a file of the backup's name.
    #[error("{target} exists already and was left as it is; name another file, or add --overwrite")]
    BackupExists {
        /// The target.
        target: PathBuf,
    },
    /// The backup would fill the disk that the ledger is on.
    #[error(
        "there is no room for the backup in {folder}: it needs up to {needed} MiB, {free} MiB are free, and the ledger is \
         on the same disk"
    )]
    BackupWouldFillDisk {
        /// The folder of the backup.
        folder: PathBuf,
        /// MiB that it needs at the most.
        needed: u64,
        /// MiB that are free.
        free: u64,
    },
    /// The disk of the backup is full.
    #[error("there is no room for the backup in {folder}: it needs up to {needed} MiB")]
    NoRoomForBackup {
        /// The folder of the backup.
        folder: PathBuf,
        /// MiB that it needs at the most.
        needed: u64,
    },
    /// Another process writes a backup to the same file.
    #[error("{target} is being written by another process; wait for it")]
    BackupUnderWay {
        /// The target.
        target: PathBuf,
    },
    /// Writing the backup or reading the ledger failed.
    #[error(
        "the backup cannot be written to {folder}, or the ledger not be read ({error}); is a quota used up?"
    )]
    BackupFailed {
        /// The folder of the backup.
        folder: PathBuf,
        /// What failed.
        error: Arc<rusqlite::Error>,
    },
    /// A backup that was written did not pass its check, and was removed.
    #[error("the backup was not kept: {0}; `uzhkh-ledger verify` tells more of the ledger")]
    BackupNotKept(Box<Refusal>),
    /// A backup breaks a promise.
    #[error("it breaks a promise, {promise:?} ({example})")]
    BreaksPromise {
        /// The promise.
        promise: &'static str,
        /// The first breach.
        example: String,
    },
    /// The operator or the end of the service cancelled it.
    #[error("it was stopped before its end")]
    Cancelled,
    /// The disk of a file is full.
    #[error("there is no room for {path}: {error}")]
    NoRoom {
        /// The file.
        path: PathBuf,
        /// What failed.
        error: Arc<io::Error>,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written: {error}")]
    CannotWrite {
        /// The file.
        path: PathBuf,
        /// What failed.
        error: Arc<io::Error>,
    },
    /// A file is not restored.
    #[error("{backup} {why}; nothing was replaced")]
    NotRestored {
        /// The file.
        backup: PathBuf,
        /// What is wrong with it.
        why: NotRestored,
    },
    /// The directory of the ledger is not there.
    #[error(
        "the directory of the ledger does not exist: {folder}; create it, owned by the service's user"
    )]
    NoLedgerFolder {
        /// The directory.
        folder: PathBuf,
    },
    /// The restored ledger does not fit beside the present one.
    #[error(
        "there is no room in {folder} for the restored ledger beside the present one; nothing was replaced"
    )]
    NoRoomToRestore {
        /// The directory of the ledger.
        folder: PathBuf,
    },
    /// The WAL of the ledger cannot be moved into it before it is replaced.
    #[error(
        "another program reads the ledger, or the disk is full, so its WAL cannot be moved into it; end the reader \
         (`fuser` on the -wal file names it) and try again; nothing was replaced"
    )]
    LedgerInUse,
    /// A rule of the system whose business it is; [`Error::of_system`] has it.
    ///
    /// [`Error::of_system`]: super::Error::of_system
    #[error("{0}")]
    System(Arc<dyn std::error::Error + Send + Sync>),
}

/// What is wrong with a file that was to be restored.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotRestored {
    /// It is not a file.
    #[error("is not there, or is no file")]
    NoFile,
    /// It is the ledger.
    #[error("is the ledger itself")]
    IsLedger,
    /// It did not pass its check.
    #[error("is not restored: {0}")]
    Refused(Box<Refusal>),
    /// It is not a ledger.
    #[error("is not a backup of a ledger")]
    NotALedger,
    /// It is damaged.
    #[error("is damaged ({0})")]
    Damaged(Arc<rusqlite::Error>),
    /// It was written before the first release.
    #[error(
        "has version {found}, which was never released; only the uzhkh-ledger that wrote it can restore it"
    )]
    Older {
        /// Its version.
        found: i64,
    },
}
