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

const WHERE: &str = "WHERE (state = :state OR :state IS NULL AND state IN ('failed', 'unknown')) \
     AND (:target IS NULL OR target = :target) AND (:op IS NULL OR op = :op)";

impl Reader {
    /// The calls that match, those that wait longest first.
    pub(crate) fn stuck_calls(
        &self,
        filter: &CallFilter,
        lines: Lines,
    ) -> Result<Listed<CallDetail>, Error> {
        let state = filter.state.map(<&str>::from);
        let total = self.connection.query_row(
            &format!("SELECT count(*) FROM call {WHERE}"),
            named_params! { ":state": state, ":target": filter.target, ":op": filter.op },
            |row| row.get(0),
        )?;
        let sql = format!("SELECT seq FROM call {WHERE} ORDER BY seq LIMIT :most OFFSET :first");
        let seqs: Vec<i64> = self.list(
            &sql,
            named_params! {
                ":state": state, ":target": filter.target, ":op": filter.op,
                ":most": lines.most, ":first": lines.first,
            },
            |row| row.get(0),
        )?;
        let lines = seqs.into_iter().map(|seq| self.call(seq)).collect::<Result<_, _>>()?;
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
