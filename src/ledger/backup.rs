//! A copy of the ledger in one file, made and verified while others write.
//!
//! SQLite's backup API copies page by page. It would begin anew at each commit of another,
//! but all its steps are within one read transaction: so the copy is the ledger as it was at
//! one moment, however many commits come meanwhile. What it costs is that the WAL grows until
//! the copy is made. It takes as long as copying the file; the free pages of the ledger are
//! copied, too. The copy needs no file beside it.
//!
//! It is written under another name, synced, verified and only then given its own: a file of
//! that name is whole. Verifying takes longer than copying, and delays nothing: it reads the copy
//! alone. A crash leaves no more than a `.partial`, which the next
//! backup to the same file writes anew.

use std::ffi::c_int;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rusqlite::backup::StepResult;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use serde::Serialize;
use tempfile::TempPath;

use super::guard::FileId;
use super::schema::{self, Cache};
use super::verify::EXTENT;
use super::{EnvelopeParser, Error, LedgerSpan, Promise, Reader, Refusal, memory, owner, search};

/// Cancels a backup once it is set to true.
pub type CancelFlag = Arc<AtomicBool>;

/// How many steps of SQLite's machine go by between two looks at a [`CancelFlag`].
const CANCEL_STEPS: i32 = 100;
/// How many pages are copied between two looks at it: 4 MiB.
const CANCEL_PAGES: c_int = 1024;
/// The suffix of a copy until it is whole.
const PARTIAL: &str = ".partial";
/// The suffix of the lock file, held while the copy is written. The copy itself is not
/// locked: on a network's folder that lock and SQLite's own would meet.
const LOCK: &str = "-lock";
/// The files that SQLite may leave beside one of its own.
pub(super) const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A backup that was made and verified.
#[derive(Debug, Clone, Serialize)]
pub struct Backup {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// How long copying took, in seconds, until it was on the disk.
    pub copy_seconds: f64,
    /// How long verifying the copy took, in seconds.
    pub check_seconds: f64,
    /// The span of the ledger that it holds.
    #[serde(flatten)]
    pub span: LedgerSpan,
}

/// Writes a verified copy of the ledger at `ledger` to `target`, whether a daemon runs
/// or not. What stands there is replaced only where `overwrite` says so.
///
/// # Errors
/// [`Error::Refused`] with what is in the way: a file that is there, no such folder, no
/// room, a broken promise. Nothing is left of a backup that failed.
pub fn back_up(
    ledger: &Path,
    target: &Path,
    overwrite: bool,
    parser: &dyn EnvelopeParser,
    cancel: &CancelFlag,
) -> Result<Backup, Error> {
    let target = std::path::absolute(target).map_err(|error| cannot_write(target, error))?;
    refuse_target(ledger, &target, overwrite)?;
    refuse_to_fill_the_disk(ledger, &target)?;
    let partial = Partial::of(&target)?;
    let began = Instant::now();
    copy(ledger, partial.path(), cancel)
        .map_err(|error| why_not_copied(error, ledger, &target, cancel))?;
    partial.sync(&target)?;
    let copied = Instant::now();
    let span = verified(partial.path(), parser, cancel).map_err(|error| match error {
        Error::Refused(why) => Refusal::BackupNotKept(Box::new(why)).into(),
        error => error,
    })?;
    let check_seconds = copied.elapsed().as_secs_f64();
    partial.publish(&target, overwrite)?;
    let bytes = fs::metadata(&target).map_err(|error| cannot_write(&target, error))?.len();
    let copy_seconds = copied.duration_since(began).as_secs_f64();
    Ok(Backup { path: target, bytes, copy_seconds, check_seconds, span })
}

fn refuse_target(ledger: &Path, target: &Path, overwrite: bool) -> Result<(), Error> {
    let folder = folder(target);
    if !folder.is_dir() {
        return Err(Refusal::NoBackupFolder { folder: folder.to_owned() }.into());
    }
    if target.is_dir() || target.file_name().is_none() {
        return Err(Refusal::BackupIsFolder { target: target.to_owned() }.into());
    }
    if is_of_the_ledger(ledger, target) {
        return Err(Refusal::BackupIsLedger { target: target.to_owned() }.into());
    }
    // A rename would take the place of a device for the whole host.
    match fs::metadata(target) {
        Err(_) => Ok(()),
        Ok(there) if !there.is_file() => {
            Err(Refusal::BackupIsNoFile { target: target.to_owned() }.into())
        }
        Ok(_) if overwrite => Ok(()),
        Ok(_) => Err(exists(target)),
    }
}

/// Whether a path is the ledger, by whatever link, or a file that belongs beside it, there
/// or not: SQLite would read a copy called `ledger.db-wal` into the ledger, and a copy in the
/// place of the index would be thrown away.
fn is_of_the_ledger(ledger: &Path, target: &Path) -> bool {
    let real = fs::canonicalize(ledger).unwrap_or_else(|_| ledger.to_owned());
    let index = in_real_folder(&search::path(ledger));
    let (named, id) = (in_real_folder(target), FileId::of(target).ok());
    let files = [&real, &index].into_iter().flat_map(|file| {
        [""].into_iter().chain(COMPANIONS).map(move |suffix| companion(file, suffix))
    });
    let mut own = files.chain([companion(&real, owner::LOCK)]);
    own.any(|own| own == named || (id.is_some() && FileId::of(&own).ok() == id))
}

/// A path whose folder is named without links.
fn in_real_folder(path: &Path) -> PathBuf {
    let place = fs::canonicalize(folder(path)).unwrap_or_else(|_| folder(path).to_owned());
    place.join(path.file_name().unwrap_or_default())
}

/// A copy that fills up the disk of the ledger itself blocks every commit until it is given
/// up. Elsewhere it is just tried.
fn refuse_to_fill_the_disk(ledger: &Path, target: &Path) -> Result<(), Error> {
    let folder = folder(target);
    let device = |path| fs::metadata(path).map(|file| file.dev()).ok();
    if device(ledger) != device(folder) {
        return Ok(());
    }
    let needed = Reader::open(ledger).and_then(|ledger| ledger.bytes());
    // What cannot be told here the copy itself will tell.
    let (Ok(needed), Ok(disk)) = (needed, rustix::fs::statvfs(folder)) else {
        return Ok(());
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free > needed {
        return Ok(());
    }
    Err(Refusal::BackupWouldFillDisk {
        folder: folder.to_owned(),
        needed: (needed >> 20) + 1,
        free: free >> 20,
    }
    .into())
}

fn exists(target: &Path) -> Error {
    Refusal::BackupExists { target: target.to_owned() }.into()
}

/// Copies a ledger as it is at this moment into an empty file.
pub(super) fn copy(ledger: &Path, into: &Path, cancel: &CancelFlag) -> Result<(), Error> {
    copy_from(schema::open_for_reading(ledger, Cache::Large)?, into, cancel)
}

/// Copies what a connection has open into an empty file.
pub(super) fn copy_from(
    connection: Connection,
    into: &Path,
    cancel: &CancelFlag,
) -> Result<(), Error> {
    let mut copy = Connection::open_with_flags(into, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Until it is whole it is nothing, and it is synced as one. Exclusive: the folder may be a
    // network's, where the memory that readers of a WAL share cannot be.
    copy.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF",
    )?;
    let moment = connection.unchecked_transaction()?;
    moment.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let copying = rusqlite::backup::Backup::new(&moment, &mut copy)?;
    while copying.step(CANCEL_PAGES)? != StepResult::Done {
        if cancel.load(Ordering::Relaxed) {
            return Err(Refusal::Cancelled.into());
        }
    }
    drop(copying);
    moment.commit()?;
    // It is the copy of a file with a WAL, and has none.
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    // What is put in the place of the ledger without `restore` is known by that.
    memory::forget_generation(&copy)
}

/// Checks a copy as `verify` does; answers what is in it.
pub(super) fn verified(
    copy: &Path,
    parser: &dyn EnvelopeParser,
    cancel: &CancelFlag,
) -> Result<LedgerSpan, Error> {
    verified_by(Reader::open(copy)?, parser, cancel)
}

/// Checks what a reader has open as `verify` does; answers what is in it.
pub(super) fn verified_by(
    mut reader: Reader,
    parser: &dyn EnvelopeParser,
    cancel: &CancelFlag,
) -> Result<LedgerSpan, Error> {
    let cancelling = Arc::clone(cancel);
    let handler = move || cancelling.load(Ordering::Relaxed);
    reader.connection.progress_handler(CANCEL_STEPS, Some(handler))?;
    let promises = reader.verify(parser).map_err(|error| cancelled(error, cancel));
    // What a file lacks of what came after it is no fault of a backup.
    let is_broken = |promise: &Promise| promise.broken > 0 && promise.promise != EXTENT;
    let broken = promises?.into_iter().find(is_broken);
    if let Some(promise) = broken {
        return Err(Refusal::BreaksPromise {
            promise: promise.promise,
            example: promise.examples.into_iter().next().unwrap_or_default(),
        }
        .into());
    }
    reader.span()
}

/// Tells a cancelled backup from one that failed.
fn cancelled(error: Error, cancel: &CancelFlag) -> Error {
    let is_interrupted = matches!(&error, Error::Sqlite(error)
        if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted));
    if is_interrupted && cancel.load(Ordering::Relaxed) {
        return Refusal::Cancelled.into();
    }
    error
}

/// The error of a copy, told apart: the ledger failed, or the place of the copy.
fn why_not_copied(error: Error, ledger: &Path, target: &Path, cancel: &CancelFlag) -> Error {
    let folder = folder(target);
    match cancelled(error, cancel) {
        Error::DiskFull => Refusal::NoRoomForBackup {
            folder: folder.to_owned(),
            needed: fs::metadata(ledger).map_or(0, |file| file.len() >> 20) + 1,
        }
        .into(),
        // Only writing can meet these: the quota is used up, the disk is failing.
        Error::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) => {
            Refusal::BackupFailed { folder: folder.to_owned(), error }.into()
        }
        error => error,
    }
}

pub(super) fn cannot_write(path: &Path, error: io::Error) -> Error {
    let path = path.to_owned();
    let is_full = matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
    let error = Arc::new(error);
    if is_full {
        return Refusal::NoRoom { path, error }.into();
    }
    Refusal::CannotWrite { path, error }.into()
}

/// The folder of a file.
pub(super) fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The path of a file that SQLite keeps beside another.
pub(super) fn companion(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.to_owned().into_os_string();
    name.push(suffix);
    name.into()
}

/// Makes names in a folder outlast a power cut.
pub(super) fn sync_folder(of: &Path) -> Result<(), Error> {
    let folder = folder(of);
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| cannot_write(folder, error))
}

/// A file under another name until it is whole. Dropped before, it is removed with all
/// that has been put beside it.
pub(super) struct Partial {
    path: Option<TempPath>,
    beside: Vec<PathBuf>,
    file: File,
    /// Two backups to one file do not meet.
    _lock: File,
}

impl Partial {
    /// An empty file beside `target`; what a crash has left of an earlier one is taken over.
    pub(super) fn of(target: &Path) -> Result<Self, Error> {
        let mut name = std::ffi::OsString::from(".");
        name.push(target.file_name().unwrap_or_default());
        name.push(PARTIAL);
        let path = folder(target).join(name);
        let lock_path = companion(&path, LOCK);
        let lock = opened(&lock_path)?;
        // Where the name is another file's by now, so is the lock.
        if lock.try_lock().is_err() || !is_named(&lock, &lock_path) {
            return Err(Refusal::BackupUnderWay { target: target.to_owned() }.into());
        }
        let file = opened(&path)?;
        let mut beside = COMPANIONS.map(|suffix| companion(&path, suffix)).to_vec();
        remove_all(&beside);
        beside.push(lock_path);
        let failed = |error| cannot_write(&path, error);
        file.set_len(0).map_err(failed)?;
        Ok(Self {
            path: Some(TempPath::try_from_path(&path).map_err(failed)?),
            beside,
            file,
            _lock: lock,
        })
    }

    /// Gives it the owner of `like`: root may restore what the service is to write.
    pub(super) fn belong_like(&self, like: &Path) -> Result<(), Error> {
        belong_like(self.path(), like)
    }

    pub(super) fn path(&self) -> &Path {
        self.path.as_deref().unwrap_or(Path::new(""))
    }

    /// Has what was written outlast a power cut.
    fn sync(&self, target: &Path) -> Result<(), Error> {
        self.file.sync_all().map_err(|error| cannot_write(target, error))
    }

    /// Gives the file its own name, for good.
    pub(super) fn publish(mut self, target: &Path, overwrite: bool) -> Result<(), Error> {
        self.sync(target)?;
        let Some(path) = self.path.take() else {
            return Ok(());
        };
        let renamed = if overwrite { path.persist(target) } else { path.persist_noclobber(target) };
        match renamed {
            Ok(()) => sync_folder(target),
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Err(exists(target)),
            Err(error) => Err(cannot_write(target, error.error)),
        }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // The lock's name goes last: without it the next one may begin.
        drop(self.path.take());
        remove_all(&self.beside);
    }
}

fn is_named(file: &File, path: &Path) -> bool {
    let identity = |file: fs::Metadata| (file.dev(), file.ino());
    let (own, named) = (file.metadata(), fs::metadata(path));
    own.is_ok_and(|own| named.is_ok_and(|named| identity(own) == identity(named)))
}

fn opened(path: &Path) -> Result<File, Error> {
    let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o640).open(path);
    opened.map_err(|error| cannot_write(path, error))
}

fn remove_all(files: &[PathBuf]) {
    for file in files {
        // Most are seldom there at all.
        drop(fs::remove_file(file));
    }
}

/// Gives a file to whom another belongs, where that is not so already.
pub(super) fn belong_like(file: &Path, like: &Path) -> Result<(), Error> {
    let owners = |path| fs::metadata(path).map(|file| (file.uid(), file.gid()));
    let given = owners(like).and_then(|(user, group)| match owners(file)? == (user, group) {
        true => Ok(()),
        false => chown(file, Some(user), Some(group)),
    });
    given.map_err(|error| cannot_write(file, error))
}
