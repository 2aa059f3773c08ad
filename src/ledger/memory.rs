//! What the lock file remembers of the ledger, so that another file in its place is known.
//!
//! Each start gives the ledger a new `generation`, a token that stands in `meta` and in the
//! lock file; a backup has none. After each commit the lock file says how far the ledger's
//! numbers have come. So at the next start it is known whether the file is the one that the
//! service had, whether it has all that the service committed, and whether the WAL beside
//! it was written for it: SQLite reads any WAL into any database.
//!
//! There are several places, since the file and what is remembered of it change one after
//! the other: what is to come is written before, and each of them is the ledger. A place
//! is not written over while the database, read without its WAL, may still be what it says.
//! The lines have a fixed length. That of a generation is synced before the ledger has it; the
//! numbers are not: after a power cut they may lag, which only makes the check milder, and they
//! are never ahead of the file.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};

use super::backup::companion;
use super::guard::FileId;
use super::{Error, owner, schema};

/// Where the places begin in the lock file, after the line about the owner and the word
/// that the ledger has been made.
const BEGIN: u64 = PLACE as u64;
/// The length of a place, its line end included: a sector of its own, which a power cut leaves
/// as it was or writes whole.
const PLACE: usize = 512;
/// How many there are: two that generations take in turn, and the last for [`RESTORED`].
pub(super) const PLACES: usize = 3;
/// The place of a ledger that is being put in from a backup.
pub(super) const RESTORED: usize = 2;

/// The place that the next generation takes.
pub(super) fn other(place: usize) -> usize {
    usize::from(place == 0)
}

/// What is remembered of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Memory {
    /// `meta.ledger_id`
    pub(super) ledger_id: String,
    /// `meta.generation`
    pub(super) generation: String,
    /// The sum of all numbers that its tables have given.
    pub(super) numbers: i64,
    /// The last `change.seq` that was given.
    pub(super) change: i64,
    /// The database.
    pub(super) file: FileId,
    /// The WAL beside it.
    pub(super) wal: FileId,
}

impl Memory {
    /// What there is to remember of an open ledger. `path`: where it will be from now on.
    pub(super) fn of(connection: &Connection, path: &Path) -> Result<Self, Error> {
        let (numbers, change) = numbers(connection)?;
        let (ledger_id, generation) = marks(connection)?;
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let wal = FileId::of(&companion(&real, "-wal")).unwrap_or_default();
        let file = FileId::of(path).map_err(|error| schema::open_error(path, error))?;
        Ok(Self { ledger_id, generation, numbers, change, file, wal })
    }

    fn line(&self) -> String {
        let Self { ledger_id, generation, numbers, change, file, wal } = self;
        format!(
            "ledger {ledger_id} generation {generation} numbers {numbers} change {change} \
             file {}.{} wal {}.{}",
            file.inode, file.born, wal.inode, wal.born
        )
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let mut after = |name: &str| words.next().filter(|word| *word == name).and(words.next());
        let id = |text: &str| {
            let (inode, born) = text.split_once('.')?;
            Some(FileId::noted(inode.parse().ok()?, born.parse().ok()?))
        };
        Some(Self {
            ledger_id: after("ledger")?.to_owned(),
            generation: after("generation")?.to_owned(),
            numbers: after("numbers")?.parse().ok()?,
            change: after("change")?.parse().ok()?,
            file: id(after("file")?)?,
            wal: id(after("wal")?)?,
        })
    }

    /// The same generation of the same ledger.
    fn is_same(&self, other: &Memory) -> bool {
        (&self.ledger_id, &self.generation) == (&other.ledger_id, &other.generation)
    }

    fn is_of(&self, marks: &(String, String)) -> bool {
        (&self.ledger_id, &self.generation) == (&marks.0, &marks.1)
    }
}

/// The places of a lock file.
#[derive(Debug, Clone, Default)]
pub(super) struct Memories([Option<Memory>; PLACES]);

impl Memories {
    /// What a lock file says; nothing where there is none, or none can be read.
    pub(super) fn beside(ledger: &Path) -> Self {
        File::open(owner::beside(ledger)).map(|lock| Self::read(&lock)).unwrap_or_default()
    }

    pub(super) fn read(lock: &File) -> Self {
        Self(std::array::from_fn(|place| {
            let mut bytes = [0; PLACE];
            lock.read_exact_at(&mut bytes, offset(place)).ok()?;
            Memory::parse(std::str::from_utf8(&bytes).ok()?)
        }))
    }

    /// Whether anything is remembered.
    pub(super) fn are_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// Where the ledger is remembered, or to be.
    pub(super) fn place_of(&self, memory: &Memory) -> usize {
        let is_it = |place: &Option<Memory>| place.as_ref().is_some_and(|one| one.is_same(memory));
        let free = || self.0.iter().position(Option::is_none);
        self.0.iter().position(is_it).or_else(free).unwrap_or_default()
    }

    /// The generations that the ledger may have.
    pub(super) fn generations(&self) -> Vec<String> {
        self.0.iter().flatten().map(|memory| memory.generation.clone()).collect()
    }

    fn of(&self, marks: &(String, String)) -> Option<&Memory> {
        self.0.iter().flatten().find(|memory| memory.is_of(marks))
    }
}

fn offset(place: usize) -> u64 {
    BEGIN + (place * PLACE) as u64
}

/// Writes one of the places, or empties it.
pub(super) fn write(lock: &File, place: usize, memory: Option<&Memory>) {
    let line = memory.map(Memory::line).unwrap_or_default();
    let line = format!("{line:<width$}\n", width = PLACE - 1);
    // Without it only a check is lost.
    drop(lock.write_all_at(line.as_bytes(), offset(place)));
}

/// Writes what the ledger is about to become. A generation that a power cut took from here, and
/// not from the ledger, would make the ledger a stranger to its own lock file.
pub(super) fn write_durably(lock: &File, place: usize, memory: &Memory) {
    write(lock, place, Some(memory));
    // As above.
    drop(lock.sync_data());
}

/// The numbers that the tables have given: their sum, and the last of `change`.
pub(super) fn numbers(connection: &Connection) -> Result<(i64, i64), Error> {
    let given = connection
        .prepare_cached(
            "SELECT coalesce(sum(seq), 0), coalesce(max(CASE name WHEN 'change' THEN seq END), 0) \
             FROM sqlite_sequence",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(given)
}

/// Gives the ledger a generation, by which the lock file knows it.
pub(super) fn set_generation(connection: &Connection, generation: &str) -> Result<(), Error> {
    connection.execute(
        "INSERT INTO meta (key, value) VALUES ('generation', ?1) \
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        params![generation],
    )?;
    Ok(())
}

/// Takes the generation from a copy: it is not the ledger.
pub(super) fn forget_generation(connection: &Connection) -> Result<(), Error> {
    // Nor is anything left of it in the room that becomes free.
    connection.execute_batch(
        "PRAGMA secure_delete = ON; DELETE FROM meta WHERE key = 'generation'; PRAGMA secure_delete = OFF",
    )?;
    Ok(())
}

/// `ledger_id` and `generation` of a file; `none` for a generation that it does not have.
fn marks(connection: &Connection) -> Result<(String, String), Error> {
    let one = |key: &str| {
        let sql = "SELECT value FROM meta WHERE key = ?1";
        let found = connection.query_row(sql, [key], |row| row.get::<_, String>(0)).optional()?;
        Ok::<_, Error>(found.unwrap_or_else(|| "none".to_owned()))
    };
    Ok((one("ledger_id")?, one("generation")?))
}

/// Refuses a file that is not the one which the service had last, or has less than that.
pub(super) fn refuse_another(connection: &Connection, path: &Path) -> Result<(), Error> {
    let mut looks = 0;
    loop {
        // Remembered before it is read: a service that runs meanwhile only adds to it.
        let memories = Memories::beside(path);
        if memories.are_empty() {
            return Ok(());
        }
        let marks = marks(connection)?;
        looks += 1;
        match memories.of(&marks) {
            Some(memory) => return refuse_older(connection, path, memory),
            // A service that starts just now has changed both since.
            None if looks < 3 => {}
            None => return Err(Error::AnotherFile { path: path.to_owned() }),
        }
    }
}

fn refuse_older(connection: &Connection, path: &Path, memory: &Memory) -> Result<(), Error> {
    let (numbers, found) = numbers(connection)?;
    if numbers < memory.numbers {
        return Err(Error::OlderFile { path: path.to_owned(), found, known: memory.change });
    }
    Ok(())
}

/// What the lock file knows and the file does not have, in words, where it is the same file.
pub(super) fn lost(connection: &Connection, path: &Path) -> Result<Option<String>, Error> {
    let memories = Memories::beside(path);
    let marks = match memories.are_empty() {
        true => return Ok(None),
        false => marks(connection)?,
    };
    let Some(memory) = memories.of(&marks) else { return Ok(None) };
    let (numbers, found) = numbers(connection)?;
    Ok((numbers < memory.numbers).then(|| {
        format!("its changes end with {found}, and the service had made {}", memory.change)
    }))
}

/// Refuses a WAL that was written for another database than the one it lies beside. While no process
/// owns the ledger, a database of the same inode is looked into: it may have been
/// overwritten.
pub(super) fn refuse_foreign_wal(path: &Path) -> Result<(), Error> {
    refuse_wal(path, || owner::owner(path).is_none())
}

/// The same for the owner itself, before it opens the database.
pub(super) fn refuse_foreign_wal_to_owner(path: &Path) -> Result<(), Error> {
    refuse_wal(path, || true)
}

fn refuse_wal(path: &Path, looks_inside: impl FnOnce() -> bool) -> Result<(), Error> {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let wal_path = companion(&real, "-wal");
    let Ok(wal) = fs::metadata(&wal_path) else { return Ok(()) };
    let memories = Memories::beside(&real);
    let wal_id = FileId::from(&wal);
    let is_its_wal = |memory: &Memory| memory.wal.is_still(&wal_id);
    if wal.len() == 0 || !memories.0.iter().flatten().any(is_its_wal) {
        return Ok(());
    }
    let foreign = || Error::ForeignWal { path: path.to_owned(), wal: wal_path.clone() };
    let Ok(file) = FileId::of(&real) else { return Err(foreign()) };
    let is_its_file = |memory: &Memory| memory.file.is_still(&file);
    if !memories.0.iter().flatten().any(is_its_file) {
        return Err(foreign());
    }
    if looks_inside() {
        // What cannot be read alone is told by opening it.
        let alone = schema::open_alone(&real).and_then(|connection| marks(&connection));
        if alone.is_ok_and(|marks| memories.of(&marks).is_none()) {
            return Err(foreign());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_remembered_is_read_again() {
        let memory = Memory {
            ledger_id: "01890a5d-ac96-774b-bcce-b302099a8057".to_owned(),
            generation: "none".to_owned(),
            numbers: i64::MAX,
            change: i64::MAX,
            file: FileId::noted(u64::MAX, u128::from(u64::MAX)),
            wal: FileId::default(),
        };
        let lock = tempfile::tempfile().unwrap();
        assert!(Memories::read(&lock).are_empty());
        write(&lock, 1, Some(&memory));
        let read = Memories::read(&lock);
        assert_eq!(read.0, [None, Some(memory), None]);
        write(&lock, 1, None);
        assert!(Memories::read(&lock).are_empty());
    }
}
