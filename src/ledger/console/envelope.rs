//! Envelopes by their Guid.

use rusqlite::{OptionalExtension, params};

use crate::ledger::{Error, Reader, TemporaryId};

/// So many envelopes of one Guid are looked at: the same one may have come with several bodies.
const MOST: usize = 10;

/// An envelope that was found.
#[derive(Debug, Clone)]
pub(crate) struct FoundEnvelope {
    /// `envelope.seq`
    pub(crate) seq: i64,
    /// `requests` or `deleted`.
    pub(crate) queue: String,
    /// How many things are quarantined before it; `None`: it is not.
    pub(crate) quarantined_after: Option<u64>,
    /// Its text.
    pub(crate) body: String,
}

impl Reader {
    /// The envelopes of a Guid, the latest first.
    pub(crate) fn envelopes_of_guid(&self, guid: &str) -> Result<Vec<FoundEnvelope>, Error> {
        let (lower, upper) = (guid.to_lowercase(), guid.to_uppercase());
        self.list(
            "SELECT seq, queue, CASE state WHEN 'quarantined' THEN \
                 (SELECT count(*) FROM envelope AS e INDEXED BY envelope_quarantined \
                 WHERE e.state = 'quarantined' AND e.seq < envelope.seq) END, CAST(body AS BLOB) \
             FROM envelope WHERE queue IN ('requests', 'deleted') AND guid IN (?1, ?2, ?3) AND guid <> '' \
             ORDER BY seq DESC LIMIT ?4",
            params![guid, lower, upper, MOST],
            |row| {
                let body: Vec<u8> = row.get(3)?;
                Ok(FoundEnvelope {
                    seq: row.get(0)?,
                    queue: row.get(1)?,
                    quarantined_after: row.get(2)?,
                    body: String::from_utf8_lossy(&body).into_owned(),
                })
            },
        )
    }

    /// The permanent id of a temporary one, where it has been named.
    pub(crate) fn permanent_id(&self, id: &TemporaryId<'_>) -> Result<Option<String>, Error> {
        let sql = "SELECT permanent_id FROM identity WHERE kind = ?1 AND temporary_id = ?2";
        let found = self.connection.prepare_cached(sql)?.query_row(id.params(), |row| row.get(0));
        Ok(found.optional()?.flatten())
    }
}
