//! `alma_object`: the state of each object of Alma.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

use super::kind::{AlmaKey, AlmaKind, AlmaWait};
use crate::clock::stamp;
use crate::ledger::due::{in_turn, is_due};
use crate::ledger::word::in_column;
use crate::ledger::{Error, Reader, Tx};

/// The state of an object.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "snake_case")]
pub enum AlmaState {
    /// Alma was sent what it should hold.
    Synced,
    /// Something is to be sent, or looked at.
    Pending,
    /// A needed value or a parent is missing.
    Blocked,
    /// Alma said no.
    Rejected,
    /// Waiting for an operator's release.
    Held,
    /// Archived in Alma, or left there for good.
    Archived,
    /// A contract that is over, or a client of whom no other is left: nothing is sent any more.
    Ended,
    /// The config leaves it out: it is neither created, written nor archived.
    Excluded,
}

in_column!(pub AlmaState);

/// A row of `alma_object`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlmaRow {
    /// The object.
    pub key: AlmaKey,
    /// Alma's id of it, where it is known to be there.
    pub alma_id: Option<i64>,
    /// The fields that Alma should hold, JSON.
    pub desired: Option<String>,
    /// The fields that Alma was last sent, JSON.
    pub sent: Option<String>,
    /// Its state.
    pub state: AlmaState,
    /// Why it is not synced.
    pub reason: Option<String>,
    /// Failures since the last success.
    pub attempts: u32,
    /// Time of the next attempt; `None`: at once.
    pub next_attempt_at: Option<String>,
    /// The object or file that blocks it.
    pub waits_for: Option<AlmaWait>,
    /// Whether an operator has released it.
    pub is_released: bool,
}

impl AlmaRow {
    /// An object of which nothing is known yet.
    pub fn new(key: AlmaKey) -> Self {
        Self {
            key,
            alma_id: None,
            desired: None,
            sent: None,
            state: AlmaState::Pending,
            reason: None,
            attempts: 0,
            next_attempt_at: None,
            waits_for: None,
            is_released: false,
        }
    }
}

/// What is to be done about a pending object, in the order of `due_alma`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Alma has it, and something about it changes.
    Update,
    /// It is not known to be in Alma.
    Create,
    /// It is a unit or a room that is to leave Alma.
    Archive,
}

/// The number of objects of a kind in a state.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AlmaCount {
    /// `alma_object.kind`
    pub kind: String,
    /// `alma_object.state`
    pub state: String,
    /// How many.
    pub count: u64,
    /// How many of them Alma is known to have.
    pub in_alma: u64,
}

pub(super) const COLUMNS: &str = "kind, external_id, alma_id, desired, sent, state, reason, attempts, next_attempt_at, \
                       waits_for, released_at IS NOT NULL";

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<AlmaRow> {
    Ok(AlmaRow {
        key: AlmaKey { kind: row.get(0)?, external_id: row.get(1)? },
        alma_id: row.get(2)?,
        desired: row.get(3)?,
        sent: row.get(4)?,
        state: row.get(5)?,
        reason: row.get(6)?,
        attempts: row.get(7)?,
        next_attempt_at: row.get(8)?,
        waits_for: row.get(9)?,
        is_released: row.get(10)?,
    })
}

fn find(connection: &Connection, key: &AlmaKey) -> Result<Option<AlmaRow>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM alma_object WHERE kind = ?1 AND external_id = ?2");
    let found =
        connection.prepare_cached(&sql)?.query_row([key.kind.word(), &key.external_id], from_row);
    Ok(found.optional()?)
}

impl Tx<'_> {
    /// The row of an object.
    pub fn alma_row(&self, key: &AlmaKey) -> Result<Option<AlmaRow>, Error> {
        find(self.connection, key)
    }

    /// Writes the row of an object.
    ///
    /// # Errors
    /// [`Error::Sqlite`] for a state that the row's other columns contradict.
    pub fn put_alma_row(&self, row: &AlmaRow) -> Result<(), Error> {
        // An upsert would check a row that is there twice, and build the lists of each check twice.
        let is_there = self
            .connection
            .prepare_cached("SELECT 1 FROM alma_object WHERE kind = ?1 AND external_id = ?2")?
            .exists(params![row.key.kind, row.key.external_id])?;
        let update = "UPDATE alma_object SET alma_id = ?3, desired = ?4, sent = ?5, state = ?6, reason = ?7, \
                          attempts = ?8, next_attempt_at = ?9, waits_for = ?10, \
                          released_at = CASE WHEN ?11 THEN coalesce(released_at, ?12) END, updated_at = ?12 \
                      WHERE kind = ?1 AND external_id = ?2";
        let insert = "INSERT INTO alma_object (kind, external_id, alma_id, desired, sent, state, reason, attempts, \
                          next_attempt_at, waits_for, released_at, updated_at) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, CASE WHEN ?11 THEN ?12 END, ?12)";
        self.connection.prepare_cached(if is_there { update } else { insert })?.execute(
            params![
                row.key.kind.word(),
                row.key.external_id,
                row.alma_id,
                row.desired,
                row.sent,
                row.state.word(),
                row.reason,
                row.attempts,
                row.next_attempt_at,
                row.waits_for.as_ref().map(ToString::to_string),
                row.is_released,
                self.now,
            ],
        )?;
        Ok(())
    }

    /// Forgets an object.
    pub fn remove_alma_row(&self, key: &AlmaKey) -> Result<(), Error> {
        self.set_alma_photos(key, &[])?;
        self.connection
            .prepare_cached("DELETE FROM alma_object WHERE kind = ?1 AND external_id = ?2")?
            .execute([key.kind.word(), &key.external_id])?;
        Ok(())
    }

    /// Whether an object was written at this time or later. What is dated ahead was not: it was
    /// written by a clock that was.
    pub fn is_alma_newer(&self, key: &AlmaKey, than: &str) -> Result<bool, Error> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT 1 FROM alma_object \
                 WHERE kind = ?1 AND external_id = ?2 AND updated_at >= ?3 AND updated_at <= ?4",
            )?
            .exists(params![key.kind.word(), key.external_id, than, self.now])?;
        Ok(found)
    }

    /// The objects in a state, of a kind where one is given, in the order of their ids.
    pub fn alma_keys_in(
        &self,
        state: AlmaState,
        kind: Option<AlmaKind>,
    ) -> Result<Vec<AlmaKey>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT kind, external_id FROM alma_object WHERE state = ?1 AND (?2 IS NULL OR kind = ?2) \
             ORDER BY kind, external_id",
        )?;
        let rows = statement.query_map(params![state, kind], |row| {
            Ok(AlmaKey { kind: row.get(0)?, external_id: row.get(1)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether Alma is known to have any building, unit or room of ours.
    pub fn has_alma_premises(&self) -> Result<bool, Error> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT 1 FROM alma_object INDEXED BY alma_object_of_alma \
                 WHERE kind IN ('building', 'unit', 'room') AND alma_id IS NOT NULL LIMIT 1",
            )?
            .exists([])?;
        Ok(found)
    }

    /// The external id under which an object of Alma is known already.
    pub fn alma_holder(&self, kind: AlmaKind, alma_id: i64) -> Result<Option<String>, Error> {
        let found = self
            .connection
            .prepare_cached("SELECT external_id FROM alma_object WHERE kind = ?1 AND alma_id = ?2")?
            .query_row(params![kind.word(), alma_id], |row| row.get(0));
        Ok(found.optional()?)
    }
}

impl Reader {
    /// The row of an object.
    pub fn alma_row(&self, key: &AlmaKey) -> Result<Option<AlmaRow>, Error> {
        find(&self.connection, key)
    }

    /// The unit or the room that Alma has under this id, where it is one of ours.
    pub fn alma_rental(&self, alma_id: i64) -> Result<Option<AlmaKey>, Error> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT kind, external_id FROM alma_object \
                 WHERE kind IN ('unit', 'room') AND alma_id = ?1 ORDER BY kind LIMIT 1",
            )?
            .query_row([alma_id], |row| {
                Ok(AlmaKey { kind: row.get(0)?, external_id: row.get(1)? })
            });
        Ok(found.optional()?)
    }

    /// The houses of the buildings that Alma has, by Alma's ids, but for those that were
    /// left there.
    pub fn alma_buildings(&self) -> Result<HashMap<i64, String>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT alma_id, external_id FROM alma_object \
             WHERE kind = 'building' AND alma_id IS NOT NULL AND state <> 'archived'",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The pending objects of a kind and a phase that come after one and are due by `now`; by
    /// whenever, those that failed least first, where that is `None`. `after`: the attempts and
    /// the id of the last one.
    pub fn due_alma(
        &self,
        (kind, phase): (AlmaKind, Phase),
        after: (u32, String),
        now: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<AlmaRow>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM alma_object INDEXED BY alma_object_pending \
             WHERE state = 'pending' AND kind = ?1 AND external_id > ?2 \
                 AND {} AND (?3 IS NOT NULL OR attempts = ?6) \
                 AND CASE WHEN desired IS NULL AND kind IN ('unit', 'room') THEN 2 \
                     WHEN alma_id IS NULL THEN 1 ELSE 0 END = ?4 \
             ORDER BY external_id LIMIT ?5",
            is_due("next_attempt_at", "?3")
        ))?;
        in_turn(
            now.is_some(),
            after,
            limit,
            |attempts, id, limit| {
                let rows = statement.query_map(
                    params![kind.word(), id, now.map(stamp), phase as i64, limit, attempts],
                    from_row,
                )?;
                Ok(rows.collect::<Result<_, _>>()?)
            },
            |attempts| {
                let sql = "SELECT min(attempts) FROM alma_object INDEXED BY alma_object_pending \
                           WHERE state = 'pending' AND kind = ?1 AND attempts > ?2";
                let mut next = self.connection.prepare_cached(sql)?;
                Ok(next.query_row(params![kind.word(), attempts], |row| row.get(0))?)
            },
        )
    }

    /// Whether any object is pending, due or not.
    pub fn has_pending_alma(&self) -> Result<bool, Error> {
        let found = self
            .connection
            .prepare_cached("SELECT 1 FROM alma_object INDEXED BY alma_object_pending WHERE state = 'pending' LIMIT 1")?
            .exists([])?;
        Ok(found)
    }

    /// Every object that is not synced, and not quietly left as it is.
    pub fn unsynced_alma(&self) -> Result<Vec<AlmaRow>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM alma_object WHERE state NOT IN ('synced', 'ended', 'excluded') \
             ORDER BY kind, external_id"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map([], from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
