//! How much a ledger holds: what is told of a backup, and compared before one replaces
//! the ledger.

use serde::Serialize;

use super::{Error, Reader};

/// How far a ledger goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerSpan {
    /// `PRAGMA user_version`
    pub version: i64,
    /// Entries of UZhKH's queues.
    pub envelopes: u64,
    /// `envelope.seq` of the last; 0 where there is none.
    pub last_envelope: i64,
    /// Rows of `change`.
    pub changes: u64,
    /// `change.seq` of the last; 0 where there is none.
    pub last_change: i64,
    /// When that was.
    pub last_change_at: Option<String>,
    /// Records, deleted ones included.
    pub records: u64,
}

impl Reader {
    /// How far this ledger goes.
    pub fn span(&self) -> Result<LedgerSpan, Error> {
        let span = self.connection.query_row(
            "SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM envelope), \
                 (SELECT coalesce(max(seq), 0) FROM envelope), (SELECT count(*) FROM change), \
                 (SELECT coalesce(max(seq), 0) FROM change), \
                 (SELECT at FROM change ORDER BY seq DESC LIMIT 1), (SELECT count(*) FROM record)",
            [],
            |row| {
                Ok(LedgerSpan {
                    version: row.get(0)?,
                    envelopes: row.get(1)?,
                    last_envelope: row.get(2)?,
                    changes: row.get(3)?,
                    last_change: row.get(4)?,
                    last_change_at: row.get(5)?,
                    records: row.get(6)?,
                })
            },
        )?;
        Ok(span)
    }

    /// How long a copy of this ledger is.
    pub(super) fn bytes(&self) -> Result<u64, Error> {
        let bytes = self.connection.query_row(
            "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
            [],
            |row| row.get(0),
        )?;
        Ok(bytes)
    }
}
