//! Opening the file, with the settings that the promises rest on.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::backup::companion;
use super::migrate::{SCHEMA, is_new};
use super::{Error, Refusal, memory, owner, statements, wal};

/// How long a writer waits for a command of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// WAL pages after which a commit moves them into the file: 64 MiB.
const CHECKPOINT_PAGES: i64 = 16384;
/// Page cache of the writer, in KiB (negative, as SQLite wants it).
const WRITER_CACHE: i64 = -14336;

/// Has the last connection leave the WAL as it is, and not move it into the file.
pub(super) const KEEPS_WAL: DbConfig = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;

/// Plans a statement by its text alone. Else each new value of a parameter would have it
/// planned anew, and a plan could be another with another value.
const PLANS_ONCE: DbConfig = DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG;

/// What is percent-encoded in the path of a URI for SQLite.
const NOT_IN_URI: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// Page cache of a reader, in KiB (negative, as SQLite wants it).
#[derive(Debug, Clone, Copy)]
pub(super) enum Cache {
    /// For questions now and then.
    Small = -2048,
    /// For a hundred thousand look-ups here and there.
    Large = -16384,
}

/// Opens the ledger for writing, making it when it is not there.
pub(super) fn open_or_create(path: &Path) -> Result<Connection, Error> {
    owner::make(path)?;
    open_existing(path)
}

/// Opens the ledger for writing.
pub(super) fn open_existing(path: &Path) -> Result<Connection, Error> {
    wal::clear_unwritable(path);
    let mut connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Nothing moves into a file that is refused.
    connection.set_db_config(KEEPS_WAL, true)?;
    // Before anything is written: the journal mode is a part of the file.
    if !is_new(&connection)? {
        SCHEMA.check(&connection, path)?;
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "cache_size", WRITER_CACHE)?;
    connection.set_prepared_statement_cache_capacity(256);
    // The promises rest on these two; a file system that refuses WAL would break them silently.
    let journal: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    if journal != "wal" || synchronous != 2 {
        return Err(Refusal::NoWal { path: path.to_owned() }.into());
    }
    SCHEMA.migrate(&mut connection, path)?;
    memory::refuse_another(&connection, path)?;
    connection.set_db_config(KEEPS_WAL, false)?;
    Ok(connection)
}

/// Opens the ledger for reading; the file must have been made already.
pub(super) fn open_for_reading(path: &Path, cache: Cache) -> Result<Connection, Error> {
    let opened = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY).and_then(|connection| {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        SCHEMA.check(&connection, path)?;
        Ok(connection)
    });
    let connection = match opened {
        Err(error) if wants_to_write(&error) && is_at_rest(path) => {
            let connection = open_alone(path)?;
            SCHEMA.check(&connection, path)?;
            connection
        }
        opened => opened?,
    };
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", cache as i64)?;
    Ok(connection)
}

/// Whether a reader failed because SQLite keeps files beside the ledger that this user, or
/// this file system, does not let it make.
fn wants_to_write(error: &Error) -> bool {
    match error {
        Error::NotWritable(_) => true,
        Error::Sqlite(error) => error.sqlite_error_code() == Some(ErrorCode::CannotOpen),
        _ => false,
    }
}

/// Whether all of the ledger is in the file and no service writes it.
fn is_at_rest(path: &Path) -> bool {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let wal = std::fs::metadata(companion(&real, "-wal"));
    wal.map_or(true, |wal| wal.len() == 0) && owner::owner(&real).is_none()
}

/// Opens a file as it is without its WAL, and without locks: nothing may be writing it.
pub(super) fn open_alone(path: &Path) -> Result<Connection, Error> {
    let name = percent_encoding::percent_encode(path.as_os_str().as_bytes(), NOT_IN_URI);
    let uri = format!("file:{name}?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = look_into(Path::new(&uri), path, flags)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

pub(super) fn open(path: &Path, flags: OpenFlags) -> Result<Connection, Error> {
    if !path.exists() {
        return Err(Error::Absent { path: path.to_owned() });
    }
    if path.is_dir() {
        return Err(Error::NotALedger { path: path.to_owned() });
    }
    memory::refuse_foreign_wal(path)?;
    look_into(path, path, flags)
}

fn look_into(name: &Path, path: &Path, flags: OpenFlags) -> Result<Connection, Error> {
    let not_a_ledger = || Error::NotALedger { path: path.to_owned() };
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(name, flags)?;
    connection.set_db_config(PLANS_ONCE, true)?;
    // The first look into the file tells text and pictures from databases.
    let looked = connection.pragma_query_value(None, "application_id", |row| row.get::<_, i64>(0));
    match looked {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Err(not_a_ledger())
        }
        looked => {
            looked?;
            statements::log(&mut connection);
            Ok(connection)
        }
    }
}

pub(super) fn open_error(path: &Path, source: std::io::Error) -> Error {
    Error::Open { path: path.to_owned(), source: Arc::new(source) }
}
