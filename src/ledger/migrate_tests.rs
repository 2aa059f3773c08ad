//! The way from a version to the next, tried with versions that do not exist yet, on real
//! files.

use std::path::PathBuf;

use rusqlite::Connection;
use tempfile::TempDir;

use super::{Error, SCHEMA, Schema, VIEWS, version};

/// The next version adds a column, and shows it in a view.
const COLUMN: &str = "ALTER TABLE record ADD COLUMN colour TEXT";
/// The one after it adds a table.
const TABLE: &str = "CREATE TABLE palette (colour TEXT PRIMARY KEY) STRICT";
const VIEW: &str =
    "CREATE VIEW coloured AS SELECT id, colour FROM record WHERE colour IS NOT NULL;";
/// A view of today, that the next version shows otherwise.
const CAR_BRAND: &str = "body ->> '$.Brand' AS brand";

struct File {
    path: PathBuf,
    _folder: TempDir,
}

impl File {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { path: folder.path().join("ledger.db"), _folder: folder }
    }

    fn open(&self) -> Connection {
        Connection::open(&self.path).unwrap()
    }

    fn migrate(&self, schema: &Schema<'_>) -> Result<(), Error> {
        schema.migrate(&mut self.open(), &self.path)
    }

    /// Type, name and columns of all that is in the file, in order.
    fn parser(&self) -> Vec<String> {
        self.lines(
            "SELECT type || ' ' || s.name || ' ' || coalesce((SELECT group_concat(c.name, ',') \
                 FROM (SELECT name FROM pragma_table_info(s.name) ORDER BY name) AS c), '') \
             FROM sqlite_schema AS s ORDER BY type, s.name",
        )
    }

    fn lines(&self, sql: &str) -> Vec<String> {
        let connection = self.open();
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }
}

/// The schema two versions from now.
fn later_sql() -> String {
    let sql = SCHEMA.sql.replace(
        &format!("user_version = {};", SCHEMA.version()),
        &format!("user_version = {};", SCHEMA.version() + 2),
    );
    let (tables, views) = sql.split_once(VIEWS).unwrap();
    let tables = tables.replace("missing_since TEXT,  ", "missing_since TEXT, colour TEXT,  ");
    let views = views.replace(CAR_BRAND, "upper(body ->> '$.Brand') AS brand");
    format!("{tables}{TABLE};\n{VIEWS}{views}\n{VIEW}")
}

fn filled() -> File {
    let file = File::new();
    file.migrate(&SCHEMA).unwrap();
    file.open()
        .execute_batch(
            "INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at) VALUES \
             ('uzhkh', 'car', 'c1', '{\"Id\":\"c1\",\"Brand\":\"Lada\"}', 'x', \
              '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'); \
             CREATE VIEW \"an operator's own\" AS SELECT 1 AS one",
        )
        .unwrap();
    file
}

#[test]
fn the_schema_tells_its_version_and_keeps_views_apart() {
    let file = File::new();
    file.migrate(&SCHEMA).unwrap();
    assert_eq!(version(&file.open()).unwrap(), SCHEMA.version());
    let (tables, views) = SCHEMA.sql.split_once(VIEWS).unwrap();
    assert!(!tables.contains("CREATE VIEW"));
    let created = views.matches("CREATE ").count();
    assert!(created > 20 && created == views.matches("CREATE VIEW ").count());
    assert_eq!(file.lines("SELECT name FROM sqlite_schema WHERE type = 'view'").len(), created);
}

#[test]
fn no_line_of_the_schema_is_too_long_to_read() {
    let long: Vec<&str> = SCHEMA.sql.lines().filter(|line| line.chars().count() > 120).collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn an_older_file_gets_all_that_a_new_one_has_and_keeps_what_it_had() {
    let sql = later_sql();
    let later = Schema { sql: &sql, oldest: SCHEMA.oldest, steps: &[COLUMN, TABLE] };
    let older = filled();
    assert_eq!(older.lines("SELECT brand FROM car"), ["Lada"]);
    older.migrate(&later).unwrap();
    let newer = File::new();
    newer.migrate(&later).unwrap();
    assert_eq!(older.parser(), newer.parser());
    assert_eq!(version(&older.open()).unwrap(), SCHEMA.version() + 2);
    assert_eq!(older.lines("SELECT brand FROM car"), ["LADA"]);
    older.open().execute_batch("UPDATE record SET colour = 'red'").unwrap();
    assert_eq!(older.lines("SELECT id FROM coloured"), ["c1"]);
    // Once it is there, nothing happens any more.
    older.migrate(&later).unwrap();
    assert_eq!(older.parser(), newer.parser());
}

#[test]
fn a_step_that_fails_is_taken_back_and_those_before_it_stay() {
    let sql = later_sql();
    let broken = "CREATE TABLE palette (colour TEXT); INSERT INTO nowhere VALUES (1)";
    let file = filled();
    let failing = Schema { sql: &sql, oldest: SCHEMA.oldest, steps: &[COLUMN, broken] };
    file.migrate(&failing).unwrap_err();
    assert_eq!(version(&file.open()).unwrap(), SCHEMA.version() + 1);
    let tables = "SELECT name FROM sqlite_schema WHERE name = 'palette'";
    assert!(file.lines(tables).is_empty());
    assert_eq!(file.lines("SELECT id FROM record WHERE colour IS NULL"), ["c1"]);
    // The next start goes on where this one stopped.
    let later = Schema { sql: &sql, oldest: SCHEMA.oldest, steps: &[COLUMN, TABLE] };
    file.migrate(&later).unwrap();
    let newer = File::new();
    newer.migrate(&later).unwrap();
    assert_eq!(file.parser(), newer.parser());
}

#[test]
fn a_process_that_ends_in_a_step_leaves_the_version_before_it() {
    let sql = later_sql();
    let later = Schema { sql: &sql, oldest: SCHEMA.oldest, steps: &[COLUMN, TABLE] };
    let file = filled();
    let before = file.parser();
    let mut connection = file.open();
    let transaction = connection.transaction().unwrap();
    later.take(&transaction, SCHEMA.version(), COLUMN).unwrap();
    // What is not committed when the process ends is rolled back by the next one that opens.
    drop(transaction);
    drop(connection);
    assert_eq!(file.parser(), before);
    assert_eq!(version(&file.open()).unwrap(), SCHEMA.version());
    file.migrate(&later).unwrap();
    assert_eq!(version(&file.open()).unwrap(), SCHEMA.version() + 2);
}

#[test]
fn versions_that_no_step_begins_or_ends_at_are_refused_and_left_alone() {
    let sql = later_sql();
    let file = filled();
    let before = file.parser();
    let later = Schema { sql: &sql, oldest: SCHEMA.version() + 1, steps: &[TABLE] };
    let refused = file.migrate(&later).unwrap_err();
    assert!(matches!(refused, Error::Older { found, .. } if found == SCHEMA.version()));
    file.open().pragma_update(None, "user_version", SCHEMA.version() + 1).unwrap();
    let refused = file.migrate(&SCHEMA).unwrap_err();
    assert!(matches!(refused, Error::Newer { found, .. } if found == SCHEMA.version() + 1));
    assert_eq!(file.parser(), before);
}
