//! Making a new file, and bringing an older one forward.
//!
//! A new file gets the whole schema in one transaction, so a crash leaves either an
//! empty file or a complete one. An older file goes forward step by step, each step in
//! a transaction of its own with the new `user_version`. Views hold no data: the first
//! thing that a step does is to drop them, and the last step makes them anew from their
//! part of the schema. So a step only says what happens to tables, and a crash between
//! two steps leaves a file that the next start goes on with.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{Error, meta};

/// `application_id` of every ledger: `uzlg`.
const APPLICATION_ID: i64 = 0x757A_6C67;
/// The line of `schema.sql` after which there is nothing but views.
const VIEWS: &str = "-- ================================================================ views\n";

/// The schema of this program.
pub(super) const SCHEMA: Schema<'static> =
    Schema { sql: include_str!("../../schema.sql"), oldest: 5, steps: &[] };

/// A schema and the way to it from older versions.
pub(super) struct Schema<'s> {
    /// What a new file gets: `application_id`, `user_version`, the tables and, after the
    /// line [`VIEWS`], the views.
    sql: &'s str,
    /// The oldest version that can be brought forward.
    oldest: i64,
    /// What brings version `oldest` to the next one, that to the next, and so on. A step
    /// changes tables, indexes and triggers, never a view.
    steps: &'s [&'s str],
}

impl Schema<'_> {
    /// `user_version` of a new file.
    fn version(&self) -> i64 {
        self.oldest + self.steps.len() as i64
    }

    /// The statements that make the views.
    pub(super) fn views(&self) -> &str {
        self.sql.split_once(VIEWS).map_or("", |(_, views)| views)
    }

    /// Makes a new file, or brings an older one to this version.
    ///
    /// # Errors
    /// As [`Schema::check`]. A step that fails is taken back whole; those before it stay.
    pub(super) fn migrate(&self, connection: &mut Connection, path: &Path) -> Result<(), Error> {
        if is_new(connection)? {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Another process may have made it while this one waited for the lock.
            if is_new(&transaction)? {
                transaction.execute_batch(self.sql)?;
                meta::give_ledger_id(&transaction)?;
            }
            transaction.commit()?;
        }
        let found = self.check(connection, path)?;
        for (from, step) in (self.oldest..).zip(self.steps).filter(|(from, _)| *from >= found) {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Another process may have taken this step meanwhile.
            if version(&transaction)? == from {
                self.take(&transaction, from, step)?;
            }
            transaction.commit()?;
        }
        Ok(())
    }

    fn take(&self, transaction: &Transaction<'_>, from: i64, step: &str) -> Result<(), Error> {
        drop_views(transaction)?;
        transaction.execute_batch(step)?;
        if from + 1 == self.version() {
            transaction.execute_batch(self.views())?;
        }
        transaction.pragma_update(None, "user_version", from + 1)?;
        Ok(())
    }

    /// The version of a file that this program can read.
    ///
    /// # Errors
    /// [`Error::NotFinished`], [`Error::NotALedger`], [`Error::Newer`], or [`Error::Older`] where no step begins
    /// at its version.
    pub(super) fn check(&self, connection: &Connection, path: &Path) -> Result<i64, Error> {
        if is_new(connection)? && has_pages(connection)? {
            return Err(Error::NotFinished { path: path.to_owned() });
        }
        if application(connection)? != APPLICATION_ID {
            return Err(Error::NotALedger { path: path.to_owned() });
        }
        let found = version(connection)?;
        if found > self.version() {
            return Err(Error::Newer { path: path.to_owned(), found, known: self.version() });
        }
        if found < self.oldest {
            return Err(Error::Older { path: path.to_owned(), found, oldest: self.oldest });
        }
        Ok(found)
    }
}

/// Whether nothing has ever been written to the file.
pub(super) fn is_new(connection: &Connection) -> Result<bool, Error> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(tables == 0 && version(connection)? == 0 && application(connection)? == 0)
}

/// Whether the file has been begun: it is not just empty.
fn has_pages(connection: &Connection) -> Result<bool, Error> {
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    Ok(pages > 0)
}

fn drop_views(connection: &Connection) -> Result<(), Error> {
    let mut statement = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'view'")?;
    let names = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    for name in names {
        connection.execute_batch(&format!("DROP VIEW \"{}\"", name.replace('"', "\"\"")))?;
    }
    Ok(())
}

fn application(connection: &Connection) -> Result<i64, Error> {
    Ok(connection.pragma_query_value(None, "application_id", |row| row.get(0))?)
}

fn version(connection: &Connection) -> Result<i64, Error> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

#[cfg(test)]
#[path = "migrate_tests.rs"]
mod tests;
