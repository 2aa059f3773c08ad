//! Ownership of the ledger: one process at a time.
//!
//! The lock lives in a file beside the ledger, since SQLite's own locks are lost when
//! a second handle to the database file is closed. The file also holds a line about
//! the owner, always of the same length: it can be rewritten on a full disk, and so
//! tell of it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Error, schema::open_error};

const LOCK_TRIES: u32 = 5;
const LOCK_PAUSE: Duration = Duration::from_millis(20);
/// The length of the line, its end included.
const LINE: usize = 64;

/// Stands after the line once the ledger has been made.
const MADE: &[u8] = b"the ledger has been made\n";

/// The proof that this process owns the ledger; the lock ends with it.
#[derive(Debug)]
pub(super) struct Ownership {
    lock: File,
}

impl Ownership {
    /// Takes the ledger for this process.
    pub(super) fn take(path: &Path) -> Result<Self, Error> {
        let lock_path = beside(path);
        make(&lock_path)?;
        let opened = OpenOptions::new().read(true).write(true).open(&lock_path);
        let lock = opened.map_err(|source| open_error(&lock_path, source))?;
        match patiently_locked(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Owned { path: path.to_owned(), owner: line(lock) });
            }
            Err(TryLockError::Error(source)) => return Err(open_error(&lock_path, source)),
        }
        let ownership = Self { lock };
        ownership.tell("");
        Ok(ownership)
    }

    /// Gives the lock to whom the ledger belongs: it may have been taken first by root.
    pub(super) fn belong_like(&self, ledger: &Path) -> Result<(), Error> {
        super::backup::belong_like(&beside(ledger), ledger)
    }

    /// Remembers that there is a ledger: one that is found empty later was emptied.
    pub(super) fn remember(&self) {
        // As with the line: without it only a warning is lost.
        drop(self.lock.write_all_at(MADE, LINE as u64));
    }

    /// Whether there was a ledger before.
    pub(super) fn remembers(&self) -> bool {
        let mut read = vec![0; MADE.len()];
        let is_whole = self.lock.read_exact_at(&mut read, LINE as u64).is_ok();
        is_whole && read == MADE
    }

    /// Writes how the owner fares, for [`owner`] to show.
    pub(super) fn tell(&self, how: &str) {
        let text = format!("process {}{how}", std::process::id());
        // Only a courtesy: where it cannot be written, the lock still holds.
        drop(self.lock.write_all_at(format!("{text:<63.63}\n").as_bytes(), 0));
    }
}

/// Makes a file where there is none. It belongs to whom its directory belongs to: what a
/// command makes that root runs before the first start, the service's user must open later.
pub(super) fn make(path: &Path) -> Result<(), Error> {
    // A symbolic link at this path is not followed.
    let made = OpenOptions::new().write(true).create_new(true).mode(0o640).open(path);
    let file = match made {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        Err(source) => return Err(open_error(path, source)),
    };
    let parent = path.parent().filter(|one| !one.as_os_str().is_empty());
    if let (Ok(of), Ok(own)) = (parent.unwrap_or(Path::new(".")).metadata(), file.metadata())
        && of.uid() != own.uid()
    {
        // Only root may do this, and only root need.
        drop(fchown(&file, Some(of.uid()), Some(of.gid())));
    }
    Ok(())
}

/// The process that owns the ledger now, and how it fares, in words; `None` when there is
/// none.
pub fn owner(path: &Path) -> Option<String> {
    let lock = File::open(beside(path)).ok()?;
    match lock.try_lock_shared() {
        Ok(()) => None,
        Err(_) => Some(line(lock)),
    }
}

/// Takes the lock; a process that only looks ([`owner`]) has it for a moment.
fn patiently_locked(lock: &File) -> Result<(), TryLockError> {
    for _ in 0..LOCK_TRIES {
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            outcome => return outcome,
        }
    }
    lock.try_lock()
}

fn line(lock: File) -> String {
    let mut text = String::new();
    match lock.take(LINE as u64).read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => "its process id is not known".to_owned(),
    }
}

/// The lock file, beside the ledger itself: a link to it leads to the same.
fn beside(path: &Path) -> PathBuf {
    let real = std::fs::canonicalize(path).or_else(|_| {
        let parent = path.parent().unwrap_or(Path::new(""));
        let parent = std::fs::canonicalize(parent)?;
        Ok::<_, std::io::Error>(parent.join(path.file_name().unwrap_or_default()))
    });
    let mut name = real.unwrap_or_else(|_| path.to_owned()).into_os_string();
    name.push(".lock");
    name.into()
}
