//! The tables and views in PostgreSQL: looked at, and made where none of them is there yet.
//!
//! Their text is that of `deploy/postgresql/fleet.sql`, without its partitions. Where the
//! tables stand nothing is made or changed any more, whichever way they were made.

use std::collections::BTreeSet;

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Transaction};

use super::There;
use super::failure::Failure;
use super::session::Session;

/// The version of the tables that this relay knows, as `relay_version` has it.
const VERSION: i32 = 1;
/// The lock of the database that is held while tables are made, by fleet.sql too.
const LOCK: i64 = 8_242_516;

const FLEET: &str = include_str!("../../deploy/postgresql/fleet.sql");
/// The headings in that file, each up to the next one.
const TABLES: &str =
    "-- ----------------------------------------------------------------- tables\n";
const PARTITIONS: &str =
    "-- ------------------------------------------------------------- partitions\n";
const VIEWS: &str = "-- ------------------------------------------------------------------ views\n";
const RIGHTS: &str =
    "-- -------------------------------------------------------- rights of views\n";
/// What divides a table there, and does not where a relay makes one by itself.
const DIVIDED: &str = " PARTITION BY HASH (ledger)";

/// The tables, and the columns that this relay writes.
pub(super) const COLUMNS: [(&str, &[&str]); 4] = [
    ("relay_version", &["version"]),
    ("ledger", &["name", "ledger_id", "epoch", "seq", "at", "writer", "backfill", "kinds"]),
    (
        "record",
        &[
            "ledger",
            "source",
            "kind",
            "id",
            "seq",
            "epoch",
            "body",
            "data",
            "updated_at",
            "deleted_at",
            "missing_since",
        ],
    ),
    ("change", &["ledger", "epoch", "seq", "at", "source", "kind", "id", "op", "fields"]),
];

/// What stands in the schema under our names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// The tables of this version.
    Ours,
}

/// Finds the tables, or makes them.
pub(super) async fn prepare(session: &mut Session, there: &There) -> Result<(), Failure> {
    if look(session.client(), there).await? == Found::Ours {
        return Ok(());
    }
    let transaction = session.begin().await?;
    let lock = "SELECT 1 FROM pg_advisory_xact_lock($1)";
    transaction.query_typed(lock, &[(&LOCK, Type::INT8)]).await?;
    // Another relay may have made them while this one waited for the lock.
    if look(transaction.client(), there).await? == Found::Nothing {
        make(&transaction, there).await?;
    }
    Ok(transaction.commit().await?)
}

async fn make(transaction: &Transaction<'_>, there: &There) -> Result<(), Failure> {
    // Its right is looked at even where it is there already.
    if !has_schema(transaction.client(), there).await? {
        transaction.batch_execute(&format!("CREATE SCHEMA {}", there.schema)).await?;
    }
    let sql = format!(
        "SET LOCAL client_min_messages TO warning;\nSET LOCAL search_path TO {};\n{}\n{}",
        there.schema,
        between(TABLES, PARTITIONS).replace(DIVIDED, ""),
        between(VIEWS, RIGHTS)
    );
    transaction.batch_execute(&sql).await?;
    tracing::info!(schema = there.schema_name, "made the tables of the relay");
    Ok(())
}

/// Whether the schema is there.
pub(super) async fn has_schema(client: &Client, there: &There) -> Result<bool, Failure> {
    let sql = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1";
    let found = client.query_typed(sql, &[(&there.schema_name, Type::TEXT)]).await?;
    Ok(!found.is_empty())
}

/// A part of the fleet's file.
fn between(from: &str, to: &str) -> &'static str {
    let part = FLEET.split_once(from).and_then(|(_, rest)| rest.split_once(to));
    part.map_or("", |(part, _)| part)
}

/// The names of the views.
fn views() -> impl Iterator<Item = &'static str> {
    let made = between(VIEWS, RIGHTS).split("CREATE OR REPLACE VIEW ").skip(1);
    made.filter_map(|sql| sql.split(' ').next())
}

/// Looks at what stands under our names. Nothing that is not ours is touched.
pub(super) async fn look(client: &Client, there: &There) -> Result<Found, Failure> {
    let tables = COLUMNS.map(|(table, _)| table);
    let names: Vec<&str> = tables.into_iter().chain(views()).collect();
    let sql = "SELECT c.relname::text, a.attname::text FROM pg_catalog.pg_class AS c \
               JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
               LEFT JOIN pg_catalog.pg_attribute AS a \
                   ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
               WHERE n.nspname = $1 AND c.relname::text = ANY ($2)";
    let parameters: &[(&(dyn tokio_postgres::types::ToSql + Sync), Type)] =
        &[(&there.schema_name, Type::TEXT), (&names, Type::TEXT_ARRAY)];
    let rows = client.query_typed(sql, parameters).await?;
    let mut found = BTreeSet::new();
    for row in rows {
        found.insert((row.try_get::<_, String>(0)?, row.try_get::<_, Option<String>>(1)?));
    }
    if found.is_empty() {
        return Ok(Found::Nothing);
    }
    let has =
        |table: &str, column: &str| found.contains(&(table.to_owned(), Some(column.to_owned())));
    if has("relay_version", "version") {
        refuse_newer(client, there).await?;
    }
    let lacks_none = |(table, columns): &(&str, &[&str])| columns.iter().all(|one| has(table, one));
    if COLUMNS.iter().all(lacks_none) {
        return Ok(Found::Ours);
    }
    let mut names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    names.dedup();
    Err(Failure::Paused(format!(
        "the schema {} holds {} that the relay did not make, or not whole; nothing was touched: \
         name another one by relay.schema",
        there.schema_name,
        names.join(", ")
    )))
}

async fn refuse_newer(client: &Client, there: &There) -> Result<(), Failure> {
    let sql = format!("SELECT max(version::bigint) FROM {}.relay_version", there.schema);
    let rows = client.query_typed(&sql, &[]).await?;
    let found: Option<i64> = match rows.first() {
        Some(row) => row.try_get(0)?,
        None => None,
    };
    match found {
        Some(found) if found > i64::from(VERSION) => Err(Failure::Paused(format!(
            "the schema {} was made by a newer relay (version {found}, this one knows {VERSION}): \
             install the newer uzhkh-ledger",
            there.schema_name
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fleets_file_has_what_a_relay_makes() {
        let tables = between(TABLES, PARTITIONS);
        for (table, columns) in COLUMNS {
            let start = tables.find(&format!("CREATE TABLE IF NOT EXISTS {table} (")).unwrap();
            let table = tables[start..].split(";\n").next().unwrap();
            for column in columns {
                assert!(table.contains(&format!("\n    {column} ")), "{column}");
            }
        }
        assert_eq!(tables.matches(DIVIDED).count(), 2);
        assert!(!tables.contains(":\"") && !tables.contains("\\g"));
        assert_eq!(views().count(), 14);
    }
}
