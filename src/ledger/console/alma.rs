//! Objects of Alma by their state and kind.

use rusqlite::named_params;

use super::{Lines, Listed};
use crate::ledger::{AlmaStanding, Error, Reader};

/// Which objects are listed; `None` is any that waits for a person.
#[derive(Debug, Clone, Default)]
pub(crate) struct AlmaFilter {
    /// The word of their state; `None`: held, rejected or blocked.
    pub(crate) state: Option<String>,
    /// The word of their kind.
    pub(crate) kind: Option<String>,
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
    ) -> Result<Listed<AlmaStanding>, Error> {
        let from = filter.from();
        let total = self.connection.query_row(
            &format!("SELECT count(*) {from}"),
            named_params! { ":state": filter.state, ":kind": filter.kind },
            |row| row.get(0),
        )?;
        let sql = format!(
            "SELECT {} {from} \
             ORDER BY updated_at, kind, external_id LIMIT :most OFFSET :first",
            AlmaStanding::COLUMNS
        );
        let lines = self.list(
            &sql,
            named_params! {
                ":state": filter.state, ":kind": filter.kind,
                ":most": lines.most, ":first": lines.first,
            },
            AlmaStanding::from_row,
        )?;
        Ok(Listed { lines, total })
    }
}
