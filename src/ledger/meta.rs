//! `meta`: what a ledger knows about itself.

use rusqlite::Connection;
use uuid::Uuid;

use super::{Error, Reader};

/// Gives a new file the id by which its cursors are told from those of another ledger.
pub(super) fn give_ledger_id(connection: &Connection) -> Result<(), Error> {
    connection.execute(
        "INSERT INTO meta (key, value) VALUES ('ledger_id', ?1)",
        [Uuid::now_v7().to_string()],
    )?;
    Ok(())
}

impl Reader {
    /// The ledger's own id, a UUIDv7: made with the file, kept by backup and restore.
    pub fn ledger_id(&self) -> Result<String, Error> {
        let id = self
            .connection
            .prepare_cached("SELECT value FROM meta WHERE key = 'ledger_id'")?
            .query_row([], |row| row.get(0))?;
        Ok(id)
    }
}
