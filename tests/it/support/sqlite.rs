//! What stands in an SQLite file.

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

/// A file, as any reader opens it.
pub(super) fn open(path: &Path) -> Connection {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    connection.busy_timeout(Duration::from_secs(10)).unwrap();
    connection
}

thread_local! {
    /// What [`lines`] has open on this thread; `None` while nothing is waited for.
    static OPEN: RefCell<Option<Vec<Open>>> = const { RefCell::new(None) };
}

/// A file that is looked into again and again.
struct Open {
    path: PathBuf,
    /// Another file may come into its place.
    inode: u64,
    connection: Connection,
}

/// While it lives, [`lines`] opens a file once on this thread: to open one is to read its whole
/// schema, which costs a wait that looks often more than all its looks.
pub(super) struct Kept {
    before: Option<Vec<Open>>,
}

impl Kept {
    pub(super) fn begin() -> Self {
        Self { before: OPEN.replace(Some(Vec::new())) }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        OPEN.set(self.before.take());
    }
}

/// The rows of a query, as the sqlite3 shell prints them: `|` between columns, NULL by name.
pub(crate) fn lines(path: &Path, sql: &str) -> Vec<String> {
    // Taken out meanwhile, so that a panic leaves none behind.
    let Some(mut open_ones) = OPEN.take() else { return rows(&open(path), sql) };
    let inode = fs::metadata(path).map_or(0, |file| file.ino());
    open_ones.retain(|one| one.path != path || one.inode == inode);
    if !open_ones.iter().any(|one| one.path == path) {
        open_ones.push(Open { path: path.to_owned(), inode, connection: open(path) });
    }
    let one = open_ones.iter().find(|one| one.path == path).unwrap();
    let rows = rows(&one.connection, sql);
    OPEN.set(Some(open_ones));
    rows
}

fn rows(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let width = statement.column_count();
    let rows = statement.query_map([], |row| {
        let cells: Vec<String> = (0..width)
            .map(|at| {
                Ok(match row.get_ref(at)? {
                    ValueRef::Null => "NULL".to_owned(),
                    ValueRef::Integer(number) => number.to_string(),
                    ValueRef::Real(number) => number.to_string(),
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                        String::from_utf8_lossy(bytes).into_owned()
                    }
                })
            })
            .collect::<rusqlite::Result<_>>()?;
        Ok(cells.join("|"))
    });
    rows.unwrap().map(Result::unwrap).collect()
}
