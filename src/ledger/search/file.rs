//! The file of the index: made, opened, thrown away.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use crate::ledger::Error;
use crate::ledger::backup::companion;
use crate::ledger::guard::FileId;

/// `application_id`: `uzls`.
const APPLICATION_ID: i64 = 0x757A_6C73;
/// Changes with what is indexed: a file of another version is made anew.
const VERSION: i64 = 4;
/// The mode of the ledger.
const MODE: u32 = 0o640;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

const SCHEMA: &str = "
CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    ledger_id TEXT NOT NULL,   -- of the ledger that it was made of
    views TEXT NOT NULL,       -- SHA-256 of the views that said where the fields of a portal are
    change_seq INTEGER NOT NULL, -- the changes up to this one are in it
    walked_to TEXT             -- JSON: the records up to this key are in it; NULL: all are
) STRICT;
CREATE TABLE hit (
    seq INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    house TEXT NOT NULL,       -- words of the house's number
    flat TEXT NOT NULL,        -- words of the flat's number
    is_live INTEGER NOT NULL,
    UNIQUE (source, kind, id)
) STRICT;
CREATE TABLE exact (
    class INTEGER NOT NULL,
    value TEXT NOT NULL,
    hit INTEGER NOT NULL REFERENCES hit (seq),
    PRIMARY KEY (class, value, hit)
) STRICT, WITHOUT ROWID;
CREATE INDEX exact_of_hit ON exact (hit);
CREATE TABLE link (
    kind TEXT NOT NULL,        -- of what is named, in the same system
    id TEXT NOT NULL,
    hit INTEGER NOT NULL REFERENCES hit (seq),
    PRIMARY KEY (kind, id, hit)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_of_hit ON link (hit);
CREATE VIRTUAL TABLE words USING fts5 (
    place, people, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0'
);
";

/// How far an index is.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) ledger_id: String,
    /// What tells the views that it was made by from others.
    pub(super) views: String,
    pub(super) change_seq: i64,
    /// The last key that was walked, JSON; `None`: all records are there.
    pub(super) walked_to: Option<String>,
}

/// The index of a ledger: `ledger-search.db` for `ledger.db`.
pub(in crate::ledger) fn path(ledger: &Path) -> PathBuf {
    let stem = ledger.file_stem().unwrap_or_default().to_string_lossy();
    ledger.with_file_name(format!("{stem}-search.db"))
}

/// What stands at the path of an index by now: the file, and its log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct There([Option<FileId>; 2]);

impl There {
    pub(super) fn at(path: &Path) -> Self {
        Self(["", "-wal"].map(|suffix| FileId::of(&companion(path, suffix)).ok()))
    }
}

/// Opens the file for writing; `None` where there is none that can be gone on with.
pub(super) fn open(path: &Path) -> Result<Option<Connection>, Error> {
    if !path.exists() {
        return Ok(None);
    }
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let is_ours = prepare(&connection).and_then(|()| is_ours(&connection));
    Ok(is_ours.unwrap_or(false).then_some(connection))
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A commit that a power cut takes back is indexed again.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "cache_size", -8192)
}

fn is_ours(connection: &Connection) -> rusqlite::Result<bool> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok(pragma("application_id")? == APPLICATION_ID && pragma("user_version")? == VERSION)
}

/// Throws away what is there, and makes an index that is no further than this.
pub(super) fn make(path: &Path, state: &State) -> Result<Connection, Error> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        match fs::remove_file(companion(path, suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(unwritable(path, error));
            }
            _ => {}
        }
    }
    let made = OpenOptions::new().write(true).create_new(true).mode(MODE).open(path);
    made.map_err(|error| unwritable(path, error))?;
    let mut connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    prepare(&connection)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(SCHEMA)?;
    transaction.execute(
        "INSERT INTO state (one, ledger_id, views, change_seq, walked_to) VALUES (1, ?1, ?2, ?3, ?4)",
        params![state.ledger_id, state.views, state.change_seq, state.walked_to],
    )?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(connection)
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    Error::Open { path: path.to_owned(), source: std::sync::Arc::new(error) }
}

/// Opens the file for a search; `None` where there is none yet.
pub(super) fn open_for_reading(path: &Path) -> Result<Option<Connection>, Error> {
    if !path.exists() {
        return Ok(None);
    }
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(is_ours(&connection).unwrap_or(false).then_some(connection))
}

/// How far the index is.
pub(super) fn state(connection: &Connection) -> Result<Option<State>, Error> {
    let sql = "SELECT ledger_id, views, change_seq, walked_to FROM state";
    let found = connection.prepare_cached(sql)?.query_row([], |row| {
        Ok(State {
            ledger_id: row.get(0)?,
            views: row.get(1)?,
            change_seq: row.get(2)?,
            walked_to: row.get(3)?,
        })
    });
    Ok(found.optional()?)
}
