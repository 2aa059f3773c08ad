//! Pages of `call`, by their numbers, and of what is quarantined.

use rusqlite::params;

use super::{Filling, Rows};
use crate::ledger::{CallDetail, CallState, Error, Quarantined, Reader, calls, quarantine};

/// A query for calls.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallsWanted {
    /// Only those in this state.
    pub(crate) state: Option<CallState>,
    /// Only those to this system.
    pub(crate) target: Option<String>,
    /// Only those of this operation.
    pub(crate) op: Option<String>,
    /// The number of the last call of the page before; 0 stands before all.
    pub(crate) after: i64,
    /// The most calls of a page.
    pub(crate) limit: usize,
}

impl Reader {
    /// The next page of calls, oldest first.
    ///
    /// # Errors
    /// SQLite's own.
    pub(crate) fn call_page(&self, wanted: &CallsWanted) -> Result<Rows<CallDetail, i64>, Error> {
        // Those that are not done are few among those that are: they have indexes.
        let (index, state) = match wanted.state {
            None => ("", ""),
            Some(CallState::Pending) => ("INDEXED BY call_pending", "state = 'pending' AND"),
            Some(CallState::Failed) => {
                ("INDEXED BY call_stuck", "state IN ('failed', 'unknown') AND state = 'failed' AND")
            }
            Some(CallState::Unknown) => (
                "INDEXED BY call_stuck",
                "state IN ('failed', 'unknown') AND state = 'unknown' AND",
            ),
            Some(CallState::Done) => ("", "state = 'done' AND"),
        };
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {} FROM call {index} WHERE {state} seq > ?1 ORDER BY seq",
            calls::COLUMNS
        ))?;
        let mut rows = statement.query([wanted.after])?;
        let mut filling = Filling::new(wanted.limit);
        while let Some(row) = rows.next()? {
            if !filling.has_room() {
                break;
            }
            let call = calls::from_row(row)?;
            let is = |wanted: &Option<String>, word: &String| {
                wanted.as_ref().is_none_or(|wanted| wanted == word)
            };
            if is(&wanted.target, &call.target) && is(&wanted.op, &call.op) {
                let bytes = 256 + call.params.get().len();
                filling.add(call.seq, call, bytes);
            } else {
                filling.pass(call.seq);
            }
        }
        Ok(filling.page)
    }

    /// The next page of what is quarantined, oldest first: envelopes before items.
    ///
    /// # Errors
    /// SQLite's own.
    pub(crate) fn quarantine_page(
        &self,
        after: i64,
        limit: usize,
    ) -> Result<Rows<Quarantined, i64>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {} FROM quarantine WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            quarantine::COLUMNS
        ))?;
        let mut rows = statement.query(params![after, limit.saturating_add(1)])?;
        let mut filling = Filling::new(limit);
        while let Some(row) = rows.next()? {
            if !filling.has_room() {
                break;
            }
            let held = quarantine::from_row(row)?;
            filling.add(held.seq, held, 256);
        }
        Ok(filling.page)
    }
}
