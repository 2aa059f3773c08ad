//! The texts of the envelopes that a record's changes came with.

use rusqlite::OptionalExtension;

use crate::ledger::{Error, History, Reader};

/// Bytes of text after which none is added any more.
const MOST: usize = 32 << 20;

impl Reader {
    /// Adds to each change the text of its envelope, as it was received: of the newest changes
    /// where all would be too long.
    ///
    /// # Errors
    /// SQLite's own.
    pub(crate) fn add_texts(&self, history: &mut History) -> Result<(), Error> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT CAST(body AS BLOB) FROM envelope WHERE seq = ?1")?;
        let mut bytes = 0;
        let newest_first = history.changes.iter_mut().rev();
        for envelope in newest_first.filter_map(|change| change.envelope.as_mut()) {
            if bytes >= MOST {
                break;
            }
            let body: Option<Vec<u8>> =
                statement.query_row([envelope.seq], |row| row.get(0)).optional()?;
            let text = body.map(|body| String::from_utf8_lossy(&body).into_owned());
            bytes += text.as_ref().map_or(0, String::len);
            envelope.text = text;
        }
        Ok(())
    }
}
