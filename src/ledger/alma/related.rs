//! Objects of Alma that depend on each other: who is tried again when one has moved on.

use rusqlite::OptionalExtension;

use super::kind::AlmaKey;
use super::object::{AlmaRow, COLUMNS, from_row};
use crate::ledger::{Error, Reader, Tx};

impl Tx<'_> {
    /// Objects that were blocked by this one are tried again.
    ///
    /// # Errors
    /// SQLite's own.
    pub fn wake_alma(&self, key: &AlmaKey) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE alma_object SET state = 'pending', reason = NULL, waits_for = NULL, attempts = 0, \
                     next_attempt_at = NULL, updated_at = ?2 \
                 WHERE waits_for = ?1",
            )?
            .execute([&key.to_string(), &self.now])?;
        Ok(())
    }

    /// Contracts of a unit that leave and are held are looked at again: the unit was
    /// archived, and they with it.
    ///
    /// # Errors
    /// SQLite's own.
    pub fn wake_leaving_contracts(&self, unit: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE alma_object SET state = 'pending', updated_at = ?2 \
                 WHERE desired IS NULL AND kind IN ('owner_contract', 'tenant_contract') AND state = 'held' \
                     AND sent ->> '$.unit_id' = ?1",
            )?
            .execute([unit, &self.now])?;
        Ok(())
    }

    /// Contracts of a unit that are taken for what was sent, or are held since they leave,
    /// are looked at again: the unit comes back, and may have been archived with them.
    ///
    /// # Errors
    /// SQLite's own.
    pub fn doubt_alma_contracts(&self, unit: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE alma_object SET state = 'pending', sent = CASE WHEN desired IS NULL THEN sent END, \
                     updated_at = ?2 \
                 WHERE kind IN ('owner_contract', 'tenant_contract') AND sent ->> '$.unit_id' = ?1 \
                     AND (state = 'synced' OR state = 'held' AND desired IS NULL)",
            )?
            .execute([unit, &self.now])?;
        Ok(())
    }

    /// The units that Alma was last sent with this name in this building.
    ///
    /// # Errors
    /// SQLite's own.
    pub fn alma_units_called(&self, building: &str, name: &str) -> Result<Vec<AlmaRow>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM alma_object \
             WHERE kind = 'unit' AND sent ->> '$.building' = ?1 AND sent ->> '$.name' = ?2"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([building, name], from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Reader {
    /// A contract that Alma was last sent for a unit or room, by its external id, and that
    /// is to be somewhere else; `None` where there is none.
    ///
    /// # Errors
    /// SQLite's own.
    pub fn alma_contract_to_move(&self, from: &str) -> Result<Option<AlmaKey>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM alma_object \
             WHERE kind IN ('owner_contract', 'tenant_contract') \
                 AND (desired IS NOT NULL AND state <> 'synced' OR state = 'blocked') \
                 AND sent ->> '$.unit_id' = ?1 \
             ORDER BY kind, external_id LIMIT 1"
        ))?;
        let row = statement.query_row([from], from_row).optional()?;
        Ok(row.map(|row| row.key))
    }
}
