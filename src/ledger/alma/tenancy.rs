//! Contracts of tenants by what they are about, and those that wait for each other.

use rusqlite::Connection;

use super::kind::AlmaKey;
use super::object::{AlmaRow, COLUMNS, from_row};
use crate::ledger::{Error, Reader, Tx};

impl Tx<'_> {
    /// The tenants' contracts that Alma was last sent for this unit or room.
    pub fn alma_tenancies_on(&self, place: &AlmaKey) -> Result<Vec<AlmaRow>, Error> {
        tenancies_on(self.connection, place)
    }
}

impl Reader {
    /// The tenants' contracts that Alma was last sent for this unit or room.
    pub fn alma_tenancies_on(&self, place: &AlmaKey) -> Result<Vec<AlmaRow>, Error> {
        tenancies_on(&self.connection, place)
    }

    /// The tenants' contracts that wait for another one of them, or for an operator although they
    /// are to stay as they were sent but for some fields; not those of which only the place is known.
    pub fn alma_tenancies_waiting(&self) -> Result<Vec<AlmaRow>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM alma_object INDEXED BY alma_object_stuck \
             WHERE state IN ('held', 'rejected', 'blocked') AND kind = 'tenant_contract' \
                 AND desired IS NOT NULL AND sent IS NOT NULL \
                 AND (state = 'held' AND sent ->> '$.start_date' IS NOT NULL \
                     OR state = 'blocked' AND waits_for LIKE 'tenant_contract %') \
             ORDER BY external_id"
        ))?;
        let rows = statement.query_map([], from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The tenants' contracts that were put aside for others to move, and are pending, or held since
    /// they leave: what is to become of them is asked of a person, and where they stand is not.
    pub fn alma_tenancies_aside(&self) -> Result<Vec<AlmaRow>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM alma_object INDEXED BY alma_object_pending \
             WHERE state = 'pending' AND kind = 'tenant_contract' AND sent ->> '$.aside' IS NOT NULL \
             UNION ALL \
             SELECT {COLUMNS} FROM alma_object INDEXED BY alma_object_stuck \
             WHERE state IN ('held', 'rejected', 'blocked') AND state = 'held' AND kind = 'tenant_contract' \
                 AND desired IS NULL AND sent ->> '$.aside' IS NOT NULL"
        ))?;
        let rows = statement.query_map([], from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn tenancies_on(connection: &Connection, place: &AlmaKey) -> Result<Vec<AlmaRow>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM alma_object \
         WHERE kind IN ('owner_contract', 'tenant_contract') AND kind = 'tenant_contract' \
             AND coalesce(sent ->> '$.rental_object', 'unit ' || (sent ->> '$.unit_id')) = ?1 \
             AND alma_id IS NOT NULL AND state <> 'archived' \
         ORDER BY external_id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([place.to_string()], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}
