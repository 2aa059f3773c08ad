//! What is quarantined, by its system and its queue or list.

use rusqlite::named_params;

use super::{Lines, Listed};
use crate::ledger::{Error, QuarantinedItem, Reader};

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
    /// What is quarantined and matches, oldest first.
    pub(crate) fn quarantine_lines(
        &self,
        filter: &QuarantineFilter,
        lines: Lines,
    ) -> Result<Listed<QuarantinedItem>, Error> {
        let Listed { lines, total } = self.quarantine_numbers(filter, lines)?;
        let lines = lines.into_iter().map(|seq| self.quarantined_item(seq));
        Ok(Listed { lines: lines.collect::<Result<_, _>>()?, total })
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
