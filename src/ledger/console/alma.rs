//! Objects of Alma by their state and kind.

use rusqlite::named_params;

use super::{Lines, Listed};
use crate::ledger::{Error, Reader};

/// Which objects are listed; `None` is any that waits for a person.
#[derive(Debug, Clone, Default)]
pub(crate) struct AlmaFilter {
    /// The word of their state; `None`: held, rejected or blocked.
    pub(crate) state: Option<String>,
    /// The word of their kind.
    pub(crate) kind: Option<String>,
}

/// An object of Alma.
#[derive(Debug, Clone)]
pub(crate) struct AlmaLine {
    /// The word of its kind.
    pub(crate) kind: String,
    /// Its id in the source.
    pub(crate) external_id: String,
    /// Alma's id of it.
    pub(crate) alma_id: Option<i64>,
    /// The word of its state.
    pub(crate) state: String,
    /// Why it is not synced.
    pub(crate) reason: Option<String>,
    /// Since when.
    pub(crate) updated_at: String,
}

const WHERE: &str = "WHERE (state = :state OR :state IS NULL AND state IN ('held', 'rejected', 'blocked')) \
     AND (:kind IS NULL OR kind = :kind)";

impl Reader {
    /// The objects that match, those that wait longest first.
    pub(crate) fn alma_lines(
        &self,
        filter: &AlmaFilter,
        lines: Lines,
    ) -> Result<Listed<AlmaLine>, Error> {
        let total = self.connection.query_row(
            &format!("SELECT count(*) FROM alma_object {WHERE}"),
            named_params! { ":state": filter.state, ":kind": filter.kind },
            |row| row.get(0),
        )?;
        let sql = format!(
            "SELECT kind, external_id, alma_id, state, reason, updated_at FROM alma_object {WHERE} \
             ORDER BY updated_at, kind, external_id LIMIT :most OFFSET :first"
        );
        let lines = self.list(
            &sql,
            named_params! {
                ":state": filter.state, ":kind": filter.kind,
                ":most": lines.most, ":first": lines.first,
            },
            |row| {
                Ok(AlmaLine {
                    kind: row.get(0)?,
                    external_id: row.get(1)?,
                    alma_id: row.get(2)?,
                    state: row.get(3)?,
                    reason: row.get(4)?,
                    updated_at: row.get(5)?,
                })
            },
        )?;
        Ok(Listed { lines, total })
    }
}
