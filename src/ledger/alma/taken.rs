//! `alma_taken`: what the bare number in a tenant's contract of Bitrix24 was taken for.
//!
//! Units and apartments are numbered separately, and the same number may be one of each. Once
//! decided, the number means the same until the contract's own field changes: a unit that is
//! made later does not take the contract over.

use rusqlite::OptionalExtension;

use super::kind::{AlmaKey, AlmaKind};
use super::records::AlmaRecords;
use crate::ledger::word::in_column;
use crate::ledger::{Error, Tx};

/// The kind of record that a number stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum TakenFor {
    /// The unit of this number.
    Unit,
    /// The apartment of this number.
    Apartment,
}

in_column!(pub TakenFor);

/// The decision about the number in a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlmaTaken {
    /// The number.
    pub number: String,
    /// `None`: not decided before the list of units has been read.
    pub taken: Option<TakenFor>,
}

/// The waiting contracts whose units have been read since the contract last changed.
const DECIDABLE: &str = "SELECT waiting.external_id FROM alma_taken AS waiting INDEXED BY alma_taken_waiting \
     CROSS JOIN record ON record.source = 'bitrix24' AND record.kind = 'tenant_contract' \
         AND record.id = waiting.external_id \
     JOIN feed ON feed.source = 'bitrix24' AND feed.feed = 'unit' AND feed.read_at >= record.updated_at \
     WHERE waiting.taken IS NULL AND NOT EXISTS \
         (SELECT 1 FROM item WHERE source = 'bitrix24' AND feed = 'unit' AND state = 'quarantined')";

impl Tx<'_> {
    /// Records what the number in a contract was taken for.
    pub fn put_alma_taken(&self, contract: &str, taken: &AlmaTaken) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO alma_taken (external_id, number, taken) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (external_id) DO UPDATE SET number = excluded.number, taken = excluded.taken",
            )?
            .execute(rusqlite::params![contract, taken.number, taken.taken.map(TakenFor::word)])?;
        Ok(())
    }

    /// Marks the contracts that waited for a read of the units, now that it came.
    pub fn mark_decidable_alma(&self) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached(DECIDABLE)?;
        let contracts = statement.query_map([], |row| row.get(0))?;
        for contract in contracts.collect::<Result<Vec<String>, _>>()? {
            self.connection
                .prepare_cached("DELETE FROM alma_taken WHERE external_id = ?1")?
                .execute([&contract])?;
            self.mark_alma(&AlmaKey::new(AlmaKind::TenantContract, contract))?;
        }
        Ok(())
    }
}

/// Whether any contract waited for a read of the units that has come.
pub(super) fn has_decidable(connection: &rusqlite::Connection) -> Result<bool, Error> {
    Ok(connection.prepare_cached(DECIDABLE)?.exists([])?)
}

impl AlmaRecords<'_> {
    /// What the number in a contract was taken for.
    pub fn taken(&self, contract: &str) -> Result<Option<AlmaTaken>, Error> {
        let found = self
            .connection
            .prepare_cached("SELECT number, taken FROM alma_taken WHERE external_id = ?1")?
            .query_row([contract], |row| Ok(AlmaTaken { number: row.get(0)?, taken: row.get(1)? }));
        Ok(found.optional()?)
    }

    /// Whether there was such a record, and it was deleted.
    pub fn is_deleted(&self, kind: &str, id: &str) -> Result<bool, Error> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT 1 FROM record WHERE source = ?1 AND kind = ?2 AND id = ?3 AND deleted_at IS NOT NULL",
            )?
            .exists([self.source, kind, id])?;
        Ok(found)
    }

    /// Whether a list was read, with nothing in it unreadable, since a record last changed.
    pub fn is_read_since(&self, list: &str, kind: &str, id: &str) -> Result<bool, Error> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT 1 FROM record JOIN feed ON feed.source = record.source AND feed.feed = ?2 \
                     AND feed.read_at >= record.updated_at \
                 WHERE record.source = ?1 AND record.kind = ?3 AND record.id = ?4 AND NOT EXISTS \
                     (SELECT 1 FROM item WHERE source = ?1 AND feed = ?2 AND state = 'quarantined')",
            )?
            .exists([self.source, list, kind, id])?;
        Ok(found)
    }
}
