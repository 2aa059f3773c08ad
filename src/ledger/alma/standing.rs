//! What in Alma is made of a record, and how it stands: for a person who asks, so the table may be
//! read through.

use rusqlite::Row;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ledger::{Error, Reader, RecordKey};

/// An object of Alma.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AlmaStanding {
    /// `alma_object.kind`
    pub kind: String,
    /// `alma_object.external_id`
    pub external_id: String,
    /// Alma's own id, once it is known to be there.
    pub alma_id: Option<i64>,
    /// `alma_object.state`
    pub state: String,
    /// Why it is not synced.
    pub reason: Option<String>,
    /// When that last changed.
    pub updated_at: String,
}

impl AlmaStanding {
    pub(in crate::ledger) const COLUMNS: &str =
        "kind, external_id, alma_id, state, reason, updated_at";

    /// Reads a row of [`Self::COLUMNS`].
    pub(in crate::ledger) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            kind: row.get(0)?,
            external_id: row.get(1)?,
            alma_id: row.get(2)?,
            state: row.get(3)?,
            reason: row.get(4)?,
            updated_at: row.get(5)?,
        })
    }
}

/// What in Alma is made of a record: source and kind of the record, the kinds of Alma, and how
/// their external ids are made of the record's.
const IN_ALMA: [(&str, &str, &str, &str); 9] = [
    ("uzhkh", "object", "unit", "%"),
    ("uzhkh", "resident", "client", "%"),
    ("uzhkh", "resident", "contract", "_:%"),
    ("uzhkh", "account", "contract", "%:_"),
    ("bitrix24", "apartment", "unit", "%"),
    ("bitrix24", "unit", "room", "%"),
    ("bitrix24", "contact", "client", "%"),
    ("bitrix24", "owner_contract", "owner_contract", "%"),
    ("bitrix24", "tenant_contract", "tenant_contract", "%"),
];

impl Reader {
    /// What stands for a record in Alma.
    pub(in crate::ledger) fn in_alma(
        &self,
        key: RecordKey<'_>,
    ) -> Result<Vec<AlmaStanding>, Error> {
        let mut statement = self.connection.prepare(&format!(
            "SELECT {} FROM alma_object \
             WHERE (kind = ?1 OR (?1 = 'contract' AND kind IN ('owner_contract', 'tenant_contract'))) \
             AND CASE ?2 WHEN '%' THEN external_id = ?3 \
                 WHEN '%:_' THEN substr(external_id, 1, length(?3) + 1) = ?3 || ':' \
                 ELSE substr(external_id, -length(?3) - 1) = ':' || ?3 END \
             ORDER BY kind, external_id",
            AlmaStanding::COLUMNS
        ))?;
        let mut found = Vec::new();
        for (source, kind, alma, external) in IN_ALMA {
            if (source, kind) == (key.source, key.kind) {
                let rows = statement.query_map([alma, external, key.id], AlmaStanding::from_row)?;
                found.extend(rows.collect::<Result<Vec<_>, _>>()?);
            }
        }
        Ok(found)
    }
}
