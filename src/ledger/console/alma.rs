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

impl AlmaFilter {
    /// What is read, by an index that holds no more than what may match, but for what is well.
    fn from(&self) -> String {
        let (index, state) = match self.state.as_deref() {
            None | Some("held" | "rejected" | "blocked") => (
                "INDEXED BY alma_object_stuck",
                "state IN ('held', 'rejected', 'blocked') AND (:state IS NULL OR state = :state)",
            ),
            Some("pending") => {
                ("INDEXED BY alma_object_pending", "state = 'pending' AND state = :state")
            }
            Some(_) => ("", "state = :state"),
        };
        format!("FROM alma_object {index} WHERE {state} AND (:kind IS NULL OR kind = :kind)")
    }
}

impl Reader {
    /// The objects that match, those that wait longest first.
    pub(crate) fn alma_lines(
        &self,
        filter: &AlmaFilter,
        lines: Lines,
    ) -> Result<Listed<AlmaLine>, Error> {
        let from = filter.from();
        let total = self.connection.query_row(
            &format!("SELECT count(*) {from}"),
            named_params! { ":state": filter.state, ":kind": filter.kind },
            |row| row.get(0),
        )?;
        let sql = format!(
            "SELECT kind, external_id, alma_id, state, reason, updated_at {from} \
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
