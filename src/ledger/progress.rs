//! How far everything has come: what the demo shows each second.

use super::{Error, Reader};

/// How far everything has come: what the demo shows each second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// UZhKH: entries committed.
    pub envelopes: u64,
    /// UZhKH: ids announced.
    pub ids: u64,
    /// Domoplaner: premises live.
    pub premises: u64,
    /// Domoplaner: deals live.
    pub deals: u64,
    /// Domoplaner: rows of `change`.
    pub domoplaner_changes: u64,
    /// MACRO: ready flats live.
    pub ready_flats: u64,
    /// MACRO: rows of `change`.
    pub macrocrm_changes: u64,
    /// Alma: objects synced.
    pub alma_synced: u64,
}

impl Reader {
    /// Reads how far everything has come.
    pub fn progress(&self) -> Result<Progress, Error> {
        let row = self
            .connection
            .prepare_cached(
                "SELECT (SELECT count(*) FROM envelope), \
                 (SELECT count(*) FROM identity WHERE state = 'announced'), \
                 (SELECT count(*) FROM record WHERE source = 'domoplaner' AND kind = 'premises' AND deleted_at IS NULL), \
                 (SELECT count(*) FROM record WHERE source = 'domoplaner' AND kind = 'deal' AND deleted_at IS NULL), \
                 (SELECT count(*) FROM change WHERE kind IN ('premises', 'deal')), \
                 (SELECT count(*) FROM record WHERE source = 'macrocrm' AND kind = 'ready_flat' AND deleted_at IS NULL), \
                 (SELECT count(*) FROM change WHERE kind = 'ready_flat'), \
                 (SELECT count(*) FROM alma_object WHERE state = 'synced')",
            )?
            .query_row([], |row| {
                Ok(Progress {
                    envelopes: row.get(0)?,
                    ids: row.get(1)?,
                    premises: row.get(2)?,
                    deals: row.get(3)?,
                    domoplaner_changes: row.get(4)?,
                    ready_flats: row.get(5)?,
                    macrocrm_changes: row.get(6)?,
                    alma_synced: row.get(7)?,
                })
            })?;
        Ok(row)
    }
}
