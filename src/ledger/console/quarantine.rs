//! What is quarantined, by its system and its queue or list.

use rusqlite::{OptionalExtension, named_params, params};

use super::{Lines, Listed};
use crate::ledger::quarantine::{COLUMNS, from_row};
use crate::ledger::{Error, QuarantinedItem, Reader};

/// The most of a text that a page shows, in bytes: one may have megabytes, and a page shows many.
const MOST: u64 = 16 << 10;

/// What of the quarantine is listed; `None` is any.
#[derive(Debug, Clone, Default)]
pub(crate) struct QuarantineFilter {
    /// The system it came from.
    pub(crate) source: Option<String>,
    /// The queue or list it came from.
    pub(crate) queue: Option<String>,
}

const WHERE: &str =
    "WHERE (:source IS NULL OR source = :source) AND (:queue IS NULL OR queue = :queue)";

impl Reader {
    /// What is quarantined and matches, oldest first, each with the beginning of its text.
    pub(crate) fn quarantine_lines(
        &self,
        filter: &QuarantineFilter,
        lines: Lines,
    ) -> Result<Listed<QuarantinedItem>, Error> {
        let Listed { lines, total } = self.quarantine_numbers(filter, lines)?;
        // What has been decided on since its number was read is listed no more.
        let lines = lines.into_iter().filter_map(|seq| self.quarantined_beginning(seq).transpose());
        Ok(Listed { lines: lines.collect::<Result<_, _>>()?, total })
    }

    fn quarantined_beginning(&self, seq: i64) -> Result<Option<QuarantinedItem>, Error> {
        let sql = format!(
            "SELECT {COLUMNS}, substr(CAST(body AS BLOB), 1, ?2) FROM quarantine WHERE seq = ?1"
        );
        let found = self.connection.prepare_cached(&sql)?.query_row(params![seq, MOST], |row| {
            // The beginning of nothing is NULL.
            let body = row.get::<_, Option<Vec<u8>>>(7)?.unwrap_or_default();
            Ok(QuarantinedItem { about: from_row(row)?, body })
        });
        Ok(found.optional()?)
    }

    /// The numbers of what is quarantined and matches.
    pub(crate) fn quarantine_numbers(
        &self,
        filter: &QuarantineFilter,
        lines: Lines,
    ) -> Result<Listed<i64>, Error> {
        let total = self.connection.query_row(
            &format!("SELECT count(*) FROM quarantine {WHERE}"),
            named_params! { ":source": filter.source, ":queue": filter.queue },
            |row| row.get(0),
        )?;
        let lines = self.list(
            &format!("SELECT seq FROM quarantine {WHERE} ORDER BY seq LIMIT :most OFFSET :first"),
            named_params! {
                ":source": filter.source, ":queue": filter.queue,
                ":most": lines.most, ":first": lines.first,
            },
            |row| row.get(0),
        )?;
        Ok(Listed { lines, total })
    }

    /// The systems, and the queues and lists, of what is quarantined.
    pub(crate) fn quarantine_words(&self) -> Result<Vec<(String, String)>, Error> {
        self.list("SELECT source, queue FROM quarantine GROUP BY 1, 2 ORDER BY 1, 2", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    }
}
