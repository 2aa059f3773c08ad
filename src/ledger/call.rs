//! `call`: requests with an effect that must survive a crash.
//!
//! An attempt is counted before it is sent, so that after a crash it is known
//! that the call may have acted.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::due::{in_turn, is_due};
use super::word::in_column;
use super::{EnvelopeSeq, Error, Reader, TemporaryId, Tx};
use crate::clock::stamp;

/// A call to be made.
#[derive(Debug, Clone)]
pub struct NewCall {
    /// The system it goes to: `uzhkh`, `macrocrm`.
    pub target: &'static str,
    /// The operation, in the vendor's word: `SetId`.
    pub op: &'static str,
    /// Its parameters, in the vendor's words and order.
    pub params: Vec<(&'static str, String)>,
    /// The envelope whose acknowledgement waits for it.
    pub envelope_seq: Option<EnvelopeSeq>,
}

/// The state of a call.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    serde::Serialize,
    strum::EnumString,
    strum::IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "snake_case")]
pub enum CallState {
    /// To be sent.
    Pending,
    /// Done: the call had its effect.
    Done,
    /// Without effect, and not to be tried again.
    Failed,
    /// Sent, with an unknown outcome: it must not be repeated.
    Unknown,
}

in_column!(pub CallState);

/// A row of `call`.
#[derive(Debug, Clone)]
pub struct Call {
    /// `call.seq`
    pub seq: i64,
    /// The operation.
    pub op: String,
    /// Its parameters, a JSON object of strings.
    pub params: String,
    /// Its state.
    pub state: CallState,
    /// Times it was sent before.
    pub attempts: u32,
}

impl Call {
    /// The parameter of this name; empty where there is none.
    pub fn param(&self, name: &str) -> String {
        let members = crate::json::Members::parse(&self.params).unwrap_or_default();
        let value = members.get(name).and_then(crate::json::string);
        value.map(Into::into).unwrap_or_default()
    }
}

/// The outcome of an attempt at a call.
#[derive(Debug, Clone, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Verdict {
    /// Done: the call had its effect.
    Done,
    /// To be tried again at this time.
    Again(Timestamp),
    /// Not sent, or refused before it was read: to be tried again at this time as if it had
    /// never been sent.
    NotSent(Timestamp),
    /// Without effect, and another attempt would have none.
    Failed,
    /// Possibly with an effect: it must not be repeated.
    Unknown,
}

impl Verdict {
    /// Its word in the metrics.
    pub(crate) fn word(&self) -> &'static str {
        self.into()
    }
}

const COLUMNS: &str = "seq, op, params, state, attempts";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Call> {
    Ok(Call {
        seq: row.get(0)?,
        op: row.get(1)?,
        params: row.get(2)?,
        state: row.get(3)?,
        attempts: row.get(4)?,
    })
}

impl Tx<'_> {
    /// Adds a call.
    pub fn insert_call(&self, call: &NewCall) -> Result<i64, Error> {
        let params: Vec<String> = call
            .params
            .iter()
            .map(|(name, value)| format!("\"{name}\":{}", crate::json::quote(value)))
            .collect();
        self.connection
            .prepare_cached(
                "INSERT INTO call (target, op, params, envelope_seq, state, created_at) \
                 VALUES (?1, ?2, ?3, ?4, 'pending', ?5)",
            )?
            .execute(params![
                call.target,
                call.op,
                format!("{{{}}}", params.join(",")),
                call.envelope_seq,
                self.now
            ])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// A call as it stands now, while it is pending.
    pub fn pending_call(&self, seq: i64) -> Result<Option<Call>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM call WHERE seq = ?1 AND state = 'pending'");
        let found = self.connection.prepare_cached(&sql)?.query_row([seq], from_row);
        Ok(found.optional()?)
    }

    /// Counts an attempt that is about to be sent.
    pub fn begin_call(&self, seq: i64) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE call SET attempts = attempts + 1 WHERE seq = ?1 AND state = 'pending'",
            )?
            .execute([seq])?;
        Ok(())
    }

    /// Records the outcome of an attempt; `said`: the other side's own words, if it said any.
    pub fn settle_call(
        &self,
        seq: i64,
        verdict: &Verdict,
        status: Option<u16>,
        error: Option<&str>,
        said: Option<&str>,
    ) -> Result<(), Error> {
        let (state, next, given_back) = match verdict {
            Verdict::Done => (CallState::Done, None, 0),
            Verdict::Failed => (CallState::Failed, None, 0),
            Verdict::Unknown => (CallState::Unknown, None, 0),
            Verdict::Again(next) => (CallState::Pending, Some(stamp(*next)), 0),
            Verdict::NotSent(next) => (CallState::Pending, Some(stamp(*next)), 1),
        };
        let finished_at = (state != CallState::Pending).then_some(&self.now);
        // What did not leave has not changed what was answered last.
        self.connection
            .prepare_cached(
                "UPDATE call SET state = ?2, next_attempt_at = ?3, \
                 last_status = coalesce(?4, CASE ?7 WHEN 1 THEN last_status END), last_error = ?5, \
                 finished_at = ?6, attempts = attempts - ?7, said = coalesce(?8, said) \
                 WHERE seq = ?1 AND state = 'pending'",
            )?
            .execute(params![seq, state, next, status, error, finished_at, given_back, said])?;
        Ok(())
    }

    /// Postpones the pending calls with the same parameters until this one is tried again.
    pub fn postpone_twins(&self, call: &Call, next: Timestamp) -> Result<(), Error> {
        if call.op == "SetId" {
            self.connection
                .prepare_cached(
                    "UPDATE call SET next_attempt_at = ?4 WHERE state = 'pending' AND op = 'SetId' \
                     AND params ->> '$.type' = ?1 AND params ->> '$.uzhkId' = ?2 AND params = ?3",
                )?
                .execute(params![
                    call.param("type"),
                    call.param("uzhkId"),
                    call.params,
                    stamp(next)
                ])?;
        }
        Ok(())
    }

    /// The calls of these operations that were sent before this start and whose
    /// outcome was never noted become `unknown`. Answers how many there were.
    pub fn doubt_sent_calls(&self, target: &str, ops: &[&str]) -> Result<usize, Error> {
        let ops = super::envelope::kinds_json(ops);
        let changed = self
            .connection
            .prepare(
                "UPDATE call SET state = 'unknown', finished_at = ?3, next_attempt_at = NULL, \
                 last_error = 'the program ended before an answer came' \
                 WHERE state = 'pending' AND attempts > 0 AND target = ?1 \
                 AND op IN (SELECT value FROM json_each(?2))",
            )?
            .execute(params![target, ops, self.now])?;
        Ok(changed)
    }

    /// Whether a SetId for an identity is pending.
    pub fn is_being_announced(&self, temporary_id: &TemporaryId<'_>) -> Result<bool, Error> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT 1 FROM call WHERE state = 'pending' AND op = 'SetId' \
                 AND params ->> '$.type' = ?1 AND params ->> '$.uzhkId' = ?2",
            )?
            .exists(temporary_id.params())?)
    }

    /// Whether a SetId for an identity is under way, or may have arrived without an answer.
    pub fn is_being_told(&self, temporary_id: &TemporaryId<'_>) -> Result<bool, Error> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT 1 FROM call WHERE state = 'pending' AND op = 'SetId' AND attempts > 0 \
                 AND params ->> '$.type' = ?1 AND params ->> '$.uzhkId' = ?2",
            )?
            .exists(temporary_id.params())?)
    }

    /// Whether an envelope that is still to be acknowledged announces an identity.
    pub fn is_being_acknowledged(&self, temporary_id: &TemporaryId<'_>) -> Result<bool, Error> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT 1 FROM envelope WHERE state = 'committed' \
                 AND announces_kind = ?1 AND announces_id = ?2",
            )?
            .exists(temporary_id.params())?)
    }

    /// The calls of an operation whose parameter has this value, newest first.
    pub fn calls_about(&self, op: &str, param: &str, value: &str) -> Result<Vec<Call>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM call WHERE op = ?1 AND params ->> ?2 = ?3 ORDER BY seq DESC"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map(params![op, param, value], from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Reader {
    /// The state of a call, and why where it failed; `None` when there is no such call.
    pub fn call_state(&self, seq: i64) -> Result<Option<(CallState, Option<String>)>, Error> {
        let found = self
            .connection
            .prepare_cached("SELECT state, last_error FROM call WHERE seq = ?1")?
            .query_row([seq], |row| Ok((row.get(0)?, row.get(1)?)));
        Ok(found.optional()?)
    }

    /// The pending calls to a system after `after` whose time has come (all of them where `now` is
    /// `None`), at most `limit`, those that failed least first: else so many at the front that fail
    /// each time would keep all others from their turn. `after`: the attempts and the number of the
    /// last one.
    pub fn due_calls(
        &self,
        target: &str,
        after: (u32, i64),
        now: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<Call>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM call INDEXED BY call_pending WHERE state = 'pending' AND target = ?1 AND seq > ?2 \
             AND {} AND attempts = ?5 ORDER BY seq LIMIT ?4",
            is_due("next_attempt_at", "?3")
        ))?;
        in_turn(
            false,
            after,
            limit,
            |attempts, seq, limit| {
                let rows = statement
                    .query_map(params![target, seq, now.map(stamp), limit, attempts], from_row)?;
                Ok(rows.collect::<Result<_, _>>()?)
            },
            |attempts| {
                let sql = "SELECT min(attempts) FROM call INDEXED BY call_pending \
                           WHERE state = 'pending' AND target = ?1 AND attempts > ?2";
                let mut next = self.connection.prepare_cached(sql)?;
                Ok(next.query_row(params![target, attempts], |row| row.get(0))?)
            },
        )
    }

    /// Whether any call to a system is pending, due or not.
    pub fn has_pending_call(&self, target: &str) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM call INDEXED BY call_pending WHERE state = 'pending' AND target = ?1 LIMIT 1";
        Ok(self.connection.prepare_cached(sql)?.exists([target])?)
    }
}
