//! `alma_link`, and the live records of one source.

use rusqlite::{Connection, OptionalExtension};

use crate::ledger::{Error, Reader, Tx};

/// The live records of one source, and what they name.
pub struct AlmaRecords<'c> {
    pub(super) connection: &'c Connection,
    pub(super) source: &'static str,
}

impl Tx<'_> {
    /// The records of a source, as this transaction sees them.
    pub fn alma_records(&self, source: &'static str) -> AlmaRecords<'_> {
        AlmaRecords { connection: self.connection, source }
    }

    /// Replaces the links from a record: kind and id of each thing that it names. `before`: all
    /// that there are.
    pub fn set_alma_links(
        &self,
        (kind, id): (&str, &str),
        before: &[(String, String)],
        links: &[(String, String)],
    ) -> Result<(), Error> {
        for (to_kind, to_id) in before.iter().filter(|link| !links.contains(link)) {
            self.connection
                .prepare_cached(
                    "DELETE FROM alma_link WHERE kind = ?1 AND id = ?2 AND to_kind = ?3 AND to_id = ?4",
                )?
                .execute([kind, id, to_kind, to_id])?;
        }
        for (to_kind, to_id) in links.iter().filter(|link| !before.contains(link)) {
            self.connection
                .prepare_cached(
                    "INSERT INTO alma_link (kind, id, to_kind, to_id) VALUES (?1, ?2, ?3, ?4) \
                     ON CONFLICT (kind, id, to_kind, to_id) DO NOTHING",
                )?
                .execute([kind, id, to_kind, to_id])?;
        }
        Ok(())
    }
}

impl Reader {
    /// The records of a source, as they are committed.
    pub fn alma_records(&self, source: &'static str) -> AlmaRecords<'_> {
        AlmaRecords { connection: &self.connection, source }
    }
}

impl AlmaRecords<'_> {
    /// The body of a live record.
    pub fn record(&self, kind: &str, id: &str) -> Result<Option<String>, Error> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT body FROM record \
                 WHERE source = ?1 AND kind = ?2 AND id = ?3 AND deleted_at IS NULL",
            )?
            .query_row([self.source, kind, id], |row| row.get(0));
        Ok(found.optional()?)
    }

    /// The links from a record: kind and id of each thing that it names.
    pub fn links_from(&self, kind: &str, id: &str) -> Result<Vec<(String, String)>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT to_kind, to_id FROM alma_link WHERE kind = ?1 AND id = ?2 ORDER BY to_kind, to_id",
        )?;
        let rows = statement.query_map([kind, id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The ids of the records of a kind that link to this thing, in order.
    pub fn referrers(&self, kind: &str, to_kind: &str, to_id: &str) -> Result<Vec<String>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM alma_link WHERE to_kind = ?1 AND to_id = ?2 AND kind = ?3 ORDER BY id",
        )?;
        let rows = statement.query_map([to_kind, to_id, kind], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The distinct ids, in order, of link targets of a kind whose ids begin with `prefix`.
    pub fn targets_with_prefix(&self, to_kind: &str, prefix: &str) -> Result<Vec<String>, Error> {
        // One after the other: a house of a thousand flats has its name a thousand times.
        // Nothing that begins with the prefix sorts after the greatest character there is.
        let mut next = self.connection.prepare_cached(
            "SELECT to_id FROM alma_link \
             WHERE to_kind = ?1 AND to_id >= ?2 AND to_id < ?3 || char(0x10FFFF) \
             ORDER BY to_id LIMIT 1",
        )?;
        let (mut targets, mut from) = (Vec::<String>::new(), prefix.to_owned());
        loop {
            let found = next.query_row([to_kind, &from, prefix], |row| row.get(0)).optional()?;
            let Some(found) = found else { return Ok(targets) };
            from = format!("{found}\0");
            targets.push(found);
        }
    }
}
