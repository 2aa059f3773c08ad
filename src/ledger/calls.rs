//! Calls as an operator sees them, and the operator's verdict on those that wait for one.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{CallState, EnvelopeSeq, Error, Reader, Refusal, Tx};

/// A row of `call`, whole.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = Call)]
pub(crate) struct CallDetail {
    /// `call.seq`
    pub(crate) seq: i64,
    /// The system it goes to.
    pub(crate) target: String,
    /// The operation, in the vendor's word: `SetId`.
    pub(crate) op: String,
    /// Its parameters, a JSON object; they may hold personal data.
    #[schema(value_type = Object)]
    pub(crate) params: Box<RawValue>,
    /// The envelope whose acknowledgement waits for it.
    pub(crate) envelope_seq: Option<EnvelopeSeq>,
    /// Its state.
    pub(crate) state: CallState,
    /// Times it was sent.
    pub(crate) attempts: u32,
    /// Time of the next attempt; `None`: at once, or never.
    pub(crate) next_attempt_at: Option<String>,
    /// The HTTP status of the last answer.
    pub(crate) last_status: Option<u16>,
    /// The last failure, or the reason for the doubt.
    pub(crate) last_error: Option<String>,
    /// The other side's own words in its last answer that had any; they may name people.
    pub(crate) said: Option<String>,
    /// Time of creation.
    pub(crate) created_at: String,
    /// Time when it left `pending`.
    pub(crate) finished_at: Option<String>,
}

pub(super) const COLUMNS: &str = "seq, target, op, params, envelope_seq, state, attempts, next_attempt_at, \
                                  last_status, last_error, said, created_at, finished_at";

/// The most calls of a state that a list shows.
const MOST: u32 = 10_000;

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<CallDetail> {
    let params = RawValue::from_string(row.get(3)?);
    Ok(CallDetail {
        seq: row.get(0)?,
        target: row.get(1)?,
        op: row.get(2)?,
        // We have written it ourselves; `verify` tells of what is no JSON.
        params: params.unwrap_or_default(),
        envelope_seq: row.get(4)?,
        state: row.get(5)?,
        attempts: row.get(6)?,
        next_attempt_at: row.get(7)?,
        last_status: row.get(8)?,
        last_error: row.get(9)?,
        said: row.get(10)?,
        created_at: row.get(11)?,
        finished_at: row.get(12)?,
    })
}

fn absent(seq: i64) -> Error {
    Refusal::NoSuchCall { seq }.into()
}

impl Reader {
    /// The calls in one of these states, oldest first; of too many the newest.
    pub(crate) fn calls_in(&self, states: &[CallState]) -> Result<Vec<CallDetail>, Error> {
        // A state a question: each has an index of its own.
        let sql =
            format!("SELECT {COLUMNS} FROM call WHERE state = ?1 ORDER BY seq DESC LIMIT {MOST}");
        let mut calls = Vec::new();
        for state in states {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let rows = statement.query_map([state], from_row)?;
            calls.extend(rows.collect::<Result<Vec<_>, _>>()?);
        }
        calls.sort_by_key(|call| call.seq);
        Ok(calls)
    }

    /// A call.
    ///
    /// # Errors
    /// [`Refusal::NoSuchCall`].
    pub(crate) fn call(&self, seq: i64) -> Result<CallDetail, Error> {
        call(&self.connection, seq)
    }
}

fn call(connection: &Connection, seq: i64) -> Result<CallDetail, Error> {
    let sql = format!("SELECT {COLUMNS} FROM call WHERE seq = ?1");
    let found = connection.prepare_cached(&sql)?.query_row([seq], from_row).optional()?;
    found.ok_or_else(|| absent(seq))
}

impl Tx<'_> {
    /// A call as it stands in this transaction.
    ///
    /// # Errors
    /// [`Refusal::NoSuchCall`].
    pub(crate) fn call(&self, seq: i64) -> Result<CallDetail, Error> {
        call(self.connection, seq)
    }

    /// Settles a call by an operator's word: it was done, or was not. One that failed can
    /// only be put away as done.
    ///
    /// # Errors
    /// [`Refusal::NoSuchCall`], [`Refusal::CallPending`], [`Refusal::CallFailed`],
    /// [`Refusal::CallDone`].
    pub(crate) fn judge_call(&self, seq: i64, is_done: bool) -> Result<(), Error> {
        let state: Option<CallState> = self
            .connection
            .prepare("SELECT state FROM call WHERE seq = ?1")?
            .query_row([seq], |row| row.get(0))
            .optional()?;
        let state = state.ok_or_else(|| absent(seq))?;
        match (state, is_done) {
            (CallState::Unknown, _) | (CallState::Failed, true) => {}
            (CallState::Pending, _) => return Err(Refusal::CallPending { seq }.into()),
            (CallState::Failed, false) => return Err(Refusal::CallFailed { seq }.into()),
            (CallState::Done, _) => return Err(Refusal::CallDone { seq }.into()),
        }
        let state = if is_done { CallState::Done } else { CallState::Failed };
        self.connection
            .prepare("UPDATE call SET state = ?2, finished_at = ?3 WHERE seq = ?1")?
            .execute(params![seq, state, self.now])?;
        Ok(())
    }
}
