//! Whether the ledger's paths still lead to the files that are open.
//!
//! A database that was moved away, removed or replaced goes on working for the process that
//! has it open, and nothing written to it is found again. So before anything is answered
//! that may be acknowledged or sent, the database and the two files beside it are compared
//! with what was opened: four look-ups in the file system for each commit and each read.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use super::Error;
use super::backup::companion;
use super::owner::Ownership;
use super::schema::open_error;

/// How long a look counts for those who send many things one after another.
const LOOK_COUNTS: Duration = Duration::from_millis(20);

/// What was done to a database that is the same file as before.
pub(super) const OVERWRITTEN: &str = "cut short or overwritten";

/// One file of a file system, told from another that has its inode number later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct FileId {
    device: u64,
    /// The inode's number.
    pub(super) inode: u64,
    /// When it was made, in nanoseconds; 0 where the file system does not say.
    pub(super) born: u128,
}

impl FileId {
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        fs::metadata(path).as_ref().map(Self::from).map_err(|error| io::Error::from(error.kind()))
    }

    /// What was noted of a file before.
    pub(super) fn noted(inode: u64, born: u128) -> Self {
        Self { device: 0, inode, born }
    }

    /// The same file, though the device may have another number since the machine started.
    pub(super) fn is_still(&self, other: &FileId) -> bool {
        (self.inode, self.born) == (other.inode, other.born)
    }
}

impl From<&Metadata> for FileId {
    fn from(file: &Metadata) -> Self {
        let born =
            file.created().ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
        let born = born.map_or(0, |born| born.as_nanos());
        Self { device: file.dev(), inode: file.ino(), born }
    }
}

/// The files of an open ledger.
pub(super) struct Guard {
    /// As the config names it.
    path: PathBuf,
    database: FileId,
    /// It never becomes shorter.
    length: AtomicU64,
    beside: [(PathBuf, FileId); 2],
    looked_at: Mutex<Option<Instant>>,
}

impl Guard {
    /// Notes the files of a ledger that has just been opened and read, so that all of them
    /// are there.
    pub(super) fn of(path: &Path) -> Result<Self, Error> {
        let shown = |error| open_error(path, error);
        let real = fs::canonicalize(path).map_err(shown)?;
        let file = fs::metadata(path).map_err(shown)?;
        let beside = |suffix| {
            let beside = companion(&real, suffix);
            let id = FileId::of(&beside).map_err(|error| open_error(&beside, error))?;
            Ok::<_, Error>((beside, id))
        };
        Ok(Self {
            path: path.to_owned(),
            database: FileId::from(&file),
            length: AtomicU64::new(file.len()),
            beside: [beside("-wal")?, beside("-shm")?],
            looked_at: Mutex::new(None),
        })
    }

    /// The ledger, as the config names it.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Fails where a file is not the one that is open.
    pub(super) fn check(&self) -> Result<(), Error> {
        // Known before the look: a length that another thread finds meanwhile may be newer.
        let length = self.length.load(Ordering::Acquire);
        match fs::metadata(&self.path) {
            Ok(file) if FileId::from(&file) != self.database => {
                return Err(self.displaced(&self.path, "replaced"));
            }
            Ok(file) if file.len() < length => {
                return Err(self.displaced(&self.path, OVERWRITTEN));
            }
            Ok(file) => {
                self.length.fetch_max(file.len(), Ordering::AcqRel);
            }
            Err(_) => return Err(self.displaced(&self.path, "removed")),
        }
        for (path, id) in &self.beside {
            match FileId::of(path) {
                Ok(found) if found == *id => {}
                Ok(_) => return Err(self.displaced(path, "replaced")),
                Err(_) => return Err(self.displaced(path, "removed")),
            }
        }
        Ok(())
    }

    /// The same for each of many things that are sent: it looks now and then.
    pub(super) fn check_often(&self) -> Result<(), Error> {
        let mut looked_at =
            self.looked_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if looked_at.is_some_and(|at| at.elapsed() < LOOK_COUNTS) {
            return Ok(());
        }
        self.check()?;
        *looked_at = Some(Instant::now());
        Ok(())
    }

    /// Whether what the WAL holds may still be moved into the database: no other
    /// WAL has been put there.
    pub(super) fn has_no_other_wal(&self) -> bool {
        let (path, id) = &self.beside[0];
        match fs::metadata(path) {
            Ok(found) => FileId::from(&found) == *id || found.len() == 0,
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        }
    }

    /// As [`Guard::check`], and fails where the same file was written over.
    pub(super) fn check_contents(&self, owner: Option<&mut Ownership>) -> Result<(), Error> {
        match owner.is_some_and(Ownership::is_overwritten) {
            true => Err(self.displaced(&self.path, OVERWRITTEN)),
            false => self.check(),
        }
    }

    fn displaced(&self, file: &Path, how: &'static str) -> Error {
        Error::Displaced { path: self.path.clone(), file: file.to_owned(), how }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::sync::atomic::AtomicBool;
    use std::thread;

    use super::*;

    fn guarded(directory: &Path) -> (File, Guard) {
        let path = directory.join("ledger.db");
        let file = File::create(&path).unwrap();
        for suffix in ["-wal", "-shm"] {
            File::create(companion(&path, suffix)).unwrap();
        }
        (file, Guard::of(&path).unwrap())
    }

    #[test]
    fn a_ledger_that_grows_while_others_look_is_in_its_place() {
        let directory = tempfile::tempdir().unwrap();
        let (file, guard) = guarded(directory.path());
        let is_grown = AtomicBool::new(false);
        thread::scope(|threads| {
            let look = || {
                while !is_grown.load(Ordering::Relaxed) {
                    guard.check()?;
                }
                guard.check()
            };
            let looks: Vec<_> = (0..4).map(|_| threads.spawn(look)).collect();
            for length in 1..20_000 {
                file.set_len(length).unwrap();
            }
            is_grown.store(true, Ordering::Relaxed);
            for look in looks {
                look.join().unwrap().unwrap();
            }
        });
        file.set_len(19_998).unwrap();
        assert!(matches!(guard.check(), Err(Error::Displaced { .. })));
    }
}
