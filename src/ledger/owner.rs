//! Ownership of the ledger: one process at a time.
//!
//! The lock lives in a file beside the ledger, since SQLite's own locks are lost when
//! a second handle to the database file is closed. The file also holds a line about
//! the owner, always of the same length: it can be rewritten on a full disk, and so
//! tell of it; and what is remembered of the ledger (see [`memory`](super::memory)).
//!
//! A second lock is on the database itself, for a hard link to it has another file beside
//! it, and a file that was removed locks nothing. It is flock(2)'s, which SQLite's do not
//! meet, on a handle that is closed after SQLite's own.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::guard::FileId;
use super::memory::{self, Memories, Memory};
use super::overwritten::Mark;
use super::{Error, schema::open_error};

/// The suffix of the lock file.
pub(super) const LOCK: &str = ".lock";
const LOCK_TRIES: u32 = 5;
const LOCK_PAUSE: Duration = Duration::from_millis(20);
/// The length of the line, its end included.
const LINE: usize = 64;

/// What is said of an owner that has not written about itself.
const UNKNOWN_OWNER: &str = "its process id is not known";

/// Stands after the line once the ledger has been made.
const MADE: &[u8] = b"the ledger has been made\n";

/// File systems of a network, where flock(2) is made of the locks that SQLite uses itself:
/// NFS, CIFS, SMB2.
const NETWORKS: [i64; 3] = [0x6969, 0xFF53_4D42, 0xFE53_4D42];

/// The proof that this process owns the ledger; the locks end with it.
#[derive(Debug)]
pub(super) struct Ownership {
    lock_path: PathBuf,
    lock: File,
    /// The lock on the database itself; `None` where there is none yet, or none can be.
    database: Option<File>,
    /// What is remembered of it.
    memory: Option<Memory>,
    /// Where in the lock file that stands.
    place: usize,
    /// By what the database is known where it was written over.
    mark: Option<Mark>,
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
        let mut ownership =
            Self { lock_path, lock, database: None, memory: None, place: 0, mark: None };
        ownership.take_database(path)?;
        ownership.tell("");
        Ok(ownership)
    }

    /// Locks the database itself, where it is there and not locked yet.
    pub(super) fn take_database(&mut self, path: &Path) -> Result<(), Error> {
        if self.database.is_some() {
            return Ok(());
        }
        // Where it cannot be opened the next step says why.
        let Ok(database) = File::open(path) else { return Ok(()) };
        let kind = rustix::fs::fstatfs(&database).map(|system| system.f_type);
        if kind.is_ok_and(|kind| NETWORKS.contains(&kind)) {
            return Ok(());
        }
        if let Err(TryLockError::WouldBlock) = patiently_locked(&database) {
            let owner = UNKNOWN_OWNER.to_owned();
            return Err(Error::Owned { path: path.to_owned(), owner });
        }
        self.database = Some(database);
        Ok(())
    }

    /// Refuses what stands in the place of the ledger that the lock file remembers: nothing,
    /// an empty file, or one with the WAL of another beside it.
    pub(super) fn admit(&self, path: &Path) -> Result<(), Error> {
        match std::fs::metadata(path) {
            Ok(file) if file.len() == 0 && self.remembers() => {
                return Err(Error::Emptied { path: path.to_owned() });
            }
            Err(error) if error.kind() == ErrorKind::NotFound && self.remembers() => {
                return Err(Error::Missing { path: path.to_owned() });
            }
            _ => {}
        }
        memory::refuse_foreign_wal_to_owner(path)
    }

    /// The ledger is this one, as the file says: what else is remembered stays, for the
    /// database may still be that without its WAL.
    pub(super) fn remember_beside(&mut self, memory: Memory) {
        self.place = Memories::read(&self.lock).place_of(&memory);
        memory::write(&self.lock, self.place, Some(&memory));
        self.memory = Some(memory);
    }

    /// The ledger is about to become this one: until it has, either is the ledger.
    pub(super) fn expect(&mut self, memory: &Memory) {
        memory::write_durably(&self.lock, memory::other(self.place), memory);
    }

    /// It has become the expected one; the database still is the earlier one without its WAL.
    pub(super) fn remember_expected(&mut self, memory: Memory) {
        self.place = memory::other(self.place);
        memory::write(&self.lock, self.place, Some(&memory));
        self.memory = Some(memory);
    }

    /// A restored ledger is about to take the place.
    pub(super) fn expect_restored(&self, memory: &Memory) {
        memory::write_durably(&self.lock, memory::RESTORED, memory);
    }

    /// Gives the lock to whom the ledger belongs: it may have been taken first by root.
    pub(super) fn belong_like(&self, ledger: &Path) -> Result<(), Error> {
        super::backup::belong_like(&beside(ledger), ledger)
    }

    /// Remembers the ledger, and that there is one: one that is found empty later was
    /// emptied. Nothing else is the ledger from now on.
    pub(super) fn remember(&mut self, memory: Memory) {
        // As with the line: without it only a warning is lost.
        drop(self.lock.write_all_at(MADE, LINE as u64));
        memory::write(&self.lock, self.place, Some(&memory));
        for place in (0..memory::PLACES).filter(|place| *place != self.place) {
            memory::write(&self.lock, place, None);
        }
        self.memory = Some(memory);
    }

    /// Notes by what the database is known from now on.
    pub(super) fn mark(&mut self, connection: &Connection) -> Result<(), Error> {
        if let Some(database) = &self.database {
            let generations = Memories::read(&self.lock).generations();
            self.mark = Mark::of(connection, database, generations)?;
        }
        Ok(())
    }

    /// Whether the database was written over, though it is the same file.
    pub(super) fn is_overwritten(&mut self) -> bool {
        let (Some(mark), Some(database)) = (&mut self.mark, &self.database) else { return false };
        mark.is_to_be_looked_at(database) && !mark.is_there(database)
    }

    /// Remembers how far the numbers have come, after a commit.
    pub(super) fn remember_numbers(&mut self, (numbers, change): (i64, i64)) {
        self.make_again_if_lost();
        if let Some(memory) = &mut self.memory
            && memory.numbers != numbers
        {
            (memory.numbers, memory.change) = (numbers, change);
            memory::write(&self.lock, self.place, Some(memory));
        }
    }

    /// Makes the lock file anew where it was removed.
    fn make_again_if_lost(&mut self) {
        let own = self.lock.metadata().as_ref().map(FileId::from).ok();
        if own.is_none() || own == FileId::of(&self.lock_path).ok() {
            return;
        }
        let made = make(&self.lock_path)
            .ok()
            .and_then(|()| OpenOptions::new().read(true).write(true).open(&self.lock_path).ok());
        // A second daemon may have it for the moment in which it is refused.
        let Some(lock) = made.filter(|lock| lock.try_lock().is_ok()) else { return };
        self.lock = lock;
        self.tell("");
        if let Some(memory) = self.memory.clone() {
            self.remember(memory);
        }
    }

    /// Whether there was a ledger before.
    fn remembers(&self) -> bool {
        let mut read = vec![0; MADE.len()];
        let is_whole = self.lock.read_exact_at(&mut read, LINE as u64).is_ok();
        (is_whole && read == MADE) || !Memories::read(&self.lock).are_empty()
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
        _ => UNKNOWN_OWNER.to_owned(),
    }
}

/// The lock file, beside the ledger itself: a link to it leads to the same.
pub(super) fn beside(path: &Path) -> PathBuf {
    let real = std::fs::canonicalize(path).or_else(|_| {
        let parent = path.parent().unwrap_or(Path::new(""));
        let parent = std::fs::canonicalize(parent)?;
        Ok::<_, std::io::Error>(parent.join(path.file_name().unwrap_or_default()))
    });
    let mut name = real.unwrap_or_else(|_| path.to_owned()).into_os_string();
    name.push(LOCK);
    name.into()
}
