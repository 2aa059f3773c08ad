//! A record as it stands, and the texts of the envelopes that brought it.

use rusqlite::OptionalExtension;

use crate::ledger::{EnvelopeSeq, Error, Reader, RecordKey};

/// The most of an envelope that a page shows, in bytes.
const MOST: u64 = 16 << 10;

/// A record as it stands.
#[derive(Debug, Clone)]
pub(crate) struct RecordBody {
    /// `record.body`
    pub(crate) body: String,
    /// False: it is deleted.
    pub(crate) is_live: bool,
}

/// The text of an envelope.
#[derive(Debug, Clone)]
pub(crate) struct EnvelopeText {
    /// Its beginning, at most 16 KiB.
    pub(crate) text: String,
    /// Whether that is all.
    pub(crate) is_whole: bool,
}

impl Reader {
    /// The present body of a record, deleted ones too.
    pub(crate) fn record_body(&self, key: RecordKey<'_>) -> Result<Option<RecordBody>, Error> {
        let sql = "SELECT body, deleted_at IS NULL FROM record WHERE source = ?1 AND kind = ?2 AND id = ?3";
        let found =
            self.connection.prepare_cached(sql)?.query_row([key.source, key.kind, key.id], |row| {
                Ok(RecordBody { body: row.get(0)?, is_live: row.get(1)? })
            });
        Ok(found.optional()?)
    }

    /// The beginning of an envelope's text.
    pub(crate) fn envelope_text(&self, seq: EnvelopeSeq) -> Result<Option<EnvelopeText>, Error> {
        let sql = "SELECT substr(CAST(body AS BLOB), 1, ?2), bytes FROM envelope WHERE seq = ?1";
        let found =
            self.connection.prepare_cached(sql)?.query_row(rusqlite::params![seq, MOST], |row| {
                Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, u64>(1)?))
            });
        Ok(found.optional()?.map(|(text, bytes)| EnvelopeText {
            is_whole: text.len() as u64 == bytes,
            text: String::from_utf8_lossy(&text).into_owned(),
        }))
    }
}
