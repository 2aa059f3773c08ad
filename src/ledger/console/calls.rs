//! Calls by their state, system and operation.

use rusqlite::named_params;

use super::{Lines, Listed};
use crate::ledger::{CallDetail, CallState, Error, Reader};

/// Which calls are listed; `None` is any.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallFilter {
    /// Their state; `None`: failed or of unknown outcome.
    pub(crate) state: Option<CallState>,
    /// Their system.
    pub(crate) target: Option<String>,
    /// Their operation.
    pub(crate) op: Option<String>,
}

impl CallFilter {
    /// What is read, by an index that holds no more than what may match, but for what is done.
    fn from(&self) -> String {
        let (index, state) = match self.state {
            None | Some(CallState::Failed | CallState::Unknown) => (
                "INDEXED BY call_stuck",
                "state IN ('failed', 'unknown') AND (:state IS NULL OR state = :state)",
            ),
            Some(CallState::Pending) => {
                ("INDEXED BY call_pending", "state = 'pending' AND state = :state")
            }
            Some(CallState::Done) => ("", "state = :state"),
        };
        format!(
            "FROM call {index} WHERE {state} AND (:target IS NULL OR target = :target) \
             AND (:op IS NULL OR op = :op)"
        )
    }
}

impl Reader {
    /// The calls that match, those that wait longest first.
    pub(crate) fn stuck_calls(
        &self,
        filter: &CallFilter,
        lines: Lines,
    ) -> Result<Listed<CallDetail>, Error> {
        let Listed { lines, total } = self.stuck_numbers(filter, lines)?;
        let lines = lines.into_iter().map(|seq| self.call(seq)).collect::<Result<_, _>>()?;
        Ok(Listed { lines, total })
    }

    /// The numbers of the calls that match.
    pub(crate) fn stuck_numbers(
        &self,
        filter: &CallFilter,
        lines: Lines,
    ) -> Result<Listed<i64>, Error> {
        let state = filter.state.map(<&str>::from);
        let from = filter.from();
        let total = self.connection.query_row(
            &format!("SELECT count(*) {from}"),
            named_params! { ":state": state, ":target": filter.target, ":op": filter.op },
            |row| row.get(0),
        )?;
        let lines = self.list(
            &format!("SELECT seq {from} ORDER BY seq LIMIT :most OFFSET :first"),
            named_params! {
                ":state": state, ":target": filter.target, ":op": filter.op,
                ":most": lines.most, ":first": lines.first,
            },
            |row| row.get(0),
        )?;
        Ok(Listed { lines, total })
    }

    /// The systems and operations of the calls that are not done.
    pub(crate) fn stuck_words(&self) -> Result<Vec<(String, String)>, Error> {
        self.list(
            "SELECT target, op FROM call INDEXED BY call_stuck WHERE state IN ('failed', 'unknown') \
             GROUP BY 1, 2 ORDER BY 1, 2",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }
}
