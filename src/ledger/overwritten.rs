//! Whether the database was written over in place (`cp`, `rsync --inplace`): the inode is the
//! same then, and what it held is gone.
//!
//! Whatever writes into the database as it should leaves the page of `meta` with a generation
//! that the lock file knows; a backup has none. That page is looked at where the file has been
//! written to since. It is read by a handle that is open anyway: one that is closed takes SQLite's
//! locks with it.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, SystemTime};

use rusqlite::Connection;

use super::Error;

/// How often a page is read that may be just being written.
const LOOKS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(20);

/// The page by which the database is known.
#[derive(Debug)]
pub(super) struct Mark {
    at: u64,
    length: usize,
    /// The generations that the ledger may have: before the WAL is moved, the earlier one.
    generations: Vec<String>,
    /// When the file was last written to as it was looked at.
    written_at: Option<SystemTime>,
}

impl Mark {
    /// The page of `meta`; `None` where it does not have one of these generations to itself.
    pub(super) fn of(
        connection: &Connection,
        database: &File,
        generations: Vec<String>,
    ) -> Result<Option<Self>, Error> {
        let sql = "SELECT rootpage - 1, (SELECT page_size FROM pragma_page_size) \
                   FROM sqlite_schema WHERE name = 'meta'";
        let (page, length): (u64, usize) =
            connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mark = Self { at: page * length as u64, length, generations, written_at: None };
        let is_known = mark.generations.iter().all(|one| one != "none") && mark.is_in(database);
        Ok(is_known.then_some(mark))
    }

    /// Whether the file has been written to since it was last found to be the ledger.
    pub(super) fn is_to_be_looked_at(&self, database: &File) -> bool {
        written_at(database) != self.written_at
    }

    /// Whether the database still has one of its generations.
    pub(super) fn is_there(&mut self, database: &File) -> bool {
        let written_at = written_at(database);
        for look in 0..LOOKS {
            if self.is_in(database) {
                self.written_at = written_at;
                return true;
            }
            if look + 1 < LOOKS {
                std::thread::sleep(PAUSE);
            }
        }
        false
    }

    fn is_in(&self, database: &File) -> bool {
        let mut page = vec![0; self.length];
        database.read_exact_at(&mut page, self.at).is_ok()
            && self.generations.iter().any(|generation| {
                page.windows(generation.len()).any(|window| window == generation.as_bytes())
            })
    }
}

fn written_at(database: &File) -> Option<SystemTime> {
    database.metadata().and_then(|file| file.modified()).ok()
}
