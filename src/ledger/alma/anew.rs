//! What is forgotten where another Alma is behind the ledger, or another source before it.

use super::object::{AlmaRow, COLUMNS, from_row};
use super::related::STANDS;
use crate::ledger::{Error, Reader, Tx};

/// Every object that Alma is known to have, parents before what stands in them.
fn known(connection: &rusqlite::Connection) -> Result<Vec<AlmaRow>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM alma_object WHERE alma_id IS NOT NULL \
         ORDER BY kind = 'building' DESC, kind = 'unit' DESC, kind = 'room' DESC, kind = 'client' DESC, alma_id"
    );
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map([], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl Tx<'_> {
    /// Every object that Alma is known to have, parents before what stands in them.
    pub fn known_alma(&self) -> Result<Vec<AlmaRow>, Error> {
        known(self.connection)
    }

    /// Forgets all that was Alma's: its ids, what it was sent but for where that stands, its photos
    /// and uploads. What should be there is looked for, as what is not known to be there. What should
    /// not be there, and waits for a person, is left out, lacks something or was archived, stays as it
    /// is.
    pub fn forget_what_alma_has(&self) -> Result<(), Error> {
        self.connection.execute_batch(
            "DELETE FROM alma_photo; DELETE FROM alma_file WHERE state = 'uploaded'; \
             DELETE FROM alma_object WHERE desired IS NULL AND state = 'ended';",
        )?;
        self.connection.execute(
            &format!(
                "UPDATE alma_object SET alma_id = NULL, sent = {STANDS}, attempts = 0, next_attempt_at = NULL, \
                     released_at = NULL, blocked_at = NULL, waits_for = NULL, updated_at = ?1, \
                     (state, reason) = (SELECT iif(stays, state, 'pending'), iif(stays, reason, NULL) FROM (SELECT \
                         desired IS NULL AND (state IN ('held', 'excluded', 'archived') \
                             OR state = 'blocked' AND waits_for IS NULL) AS stays)) \
                 WHERE true"
            ),
            [&self.now],
        )?;
        Ok(())
    }

    /// Forgets the objects that Alma is not known to have.
    pub fn forget_what_alma_lacks(&self) -> Result<(), Error> {
        self.connection.execute_batch(
            "DELETE FROM alma_object WHERE alma_id IS NULL; \
             DELETE FROM alma_photo WHERE NOT EXISTS (SELECT 1 FROM alma_object AS known \
                 WHERE (known.kind, known.external_id) = (alma_photo.kind, alma_photo.external_id));",
        )?;
        Ok(())
    }
}

impl Reader {
    /// Every object that Alma is known to have, parents before what stands in them.
    pub fn known_alma(&self) -> Result<Vec<AlmaRow>, Error> {
        known(&self.connection)
    }
}
