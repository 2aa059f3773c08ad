//! A rehearsal of what would be written for Alma: temporary copies of its tables stand before
//! those of the ledger, on a connection that can only read.

use std::path::Path;

use crate::clock::SharedClock;
use crate::ledger::{Error, Reader, Tx};

impl Reader {
    /// Runs `work` on the ledger at `path` as it is at one moment. It alone sees what it writes
    /// into the tables of Alma, and nothing of it stays.
    ///
    /// # Errors
    /// As of [`Reader::open`], and what `work` returned; [`Error::NotWritable`] where it writes
    /// into another table.
    pub fn rehearse_alma<T>(
        path: &Path,
        clock: &SharedClock,
        work: impl FnOnce(&Tx<'_>, &Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let reader = Self::open_for_much(path)?;
        // It would hold for temporary tables too; the file is opened for reading only.
        reader.connection.pragma_update(None, "query_only", false)?;
        reader.connection.set_prepared_statement_cache_capacity(64);
        // Never committed.
        let _moment = reader.connection.unchecked_transaction()?;
        for table in reader.tables_of_alma()? {
            reader.copy_for_a_while(&table)?;
        }
        let tx = Tx::new(&reader.connection, clock.now());
        work(&tx, &reader)
    }

    fn tables_of_alma(&self) -> Result<Vec<String>, Error> {
        let mut statement = self.connection.prepare(
            "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name GLOB 'alma_*'",
        )?;
        let tables = statement.query_map([], |row| row.get(0))?;
        Ok(tables.collect::<Result<_, _>>()?)
    }

    /// Puts a temporary copy before a table, with its indexes. Nothing counts what is in it.
    fn copy_for_a_while(&self, table: &str) -> Result<(), Error> {
        let mut statement = self.connection.prepare(
            "SELECT sql FROM main.sqlite_schema WHERE tbl_name = ?1 AND type IN ('table', 'index') \
             AND sql IS NOT NULL ORDER BY type = 'index'",
        )?;
        let made = statement.query_map([table], |row| row.get(0))?;
        let made = made.collect::<Result<Vec<String>, _>>()?;
        for sql in made {
            if sql.starts_with("CREATE TABLE ") {
                let sql = sql.replacen("CREATE TABLE ", "CREATE TEMP TABLE ", 1);
                self.connection.execute_batch(&sql)?;
                let copy = format!("INSERT INTO temp.{table} SELECT * FROM main.{table}");
                self.connection.execute_batch(&copy)?;
            } else {
                self.connection.execute_batch(&sql.replacen(" INDEX ", " INDEX temp.", 1))?;
            }
        }
        Ok(())
    }
}
