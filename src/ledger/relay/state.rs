//! How the relay stands, what it is asked for, and what PostgreSQL did not take.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use serde::Serialize;

use super::RelayKey;
use crate::clock::stamp;
use crate::ledger::word::in_column;
use crate::ledger::{Error, Reader, Tx};

/// `relay.state`
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
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RelayState {
    /// It brings each change as it comes.
    Following,
    /// It brings every record anew.
    Backfilling,
    /// PostgreSQL does not answer, or cannot take more now; it is tried again soon.
    Away,
    /// A person must act; it is looked at again once a minute.
    Paused,
    /// Another relay writes there.
    Refused,
}

in_column!(pub RelayState);

/// `relay_wanted.act`: what a person asks of the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum RelayAct {
    /// To bring every record anew.
    Backfill,
    /// To try again what PostgreSQL did not take.
    Retry,
    /// To write where another relay wrote last.
    Takeover,
}

in_column!(pub RelayAct);

/// How the relay stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayTold {
    /// The name of this ledger in PostgreSQL.
    pub ledger: String,
    /// What it does.
    pub state: RelayState,
    /// The epoch there; `None`: the cursor has not been seen yet.
    pub epoch: Option<i64>,
    /// The last change that is there.
    pub cursor: Option<i64>,
    /// When PostgreSQL last took something, or said that nothing is lacking.
    pub last_success_at: Option<String>,
    /// Why it is away, paused or refused.
    pub error: Option<String>,
}

/// A row of `relay_stuck`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RelayStuck {
    /// The change; 0: the record itself, in a backfill.
    pub seq: i64,
    /// `record.source`
    pub source: String,
    /// `record.kind`
    pub kind: String,
    /// `record.id`
    pub id: String,
    /// SQLSTATE, message and constraint.
    pub reason: String,
    /// When it was last tried.
    pub at: String,
}

/// How the relay stands, for whom it is shown to: what it last told, beside the ledger as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RelayStanding {
    /// What it does.
    pub state: RelayState,
    /// The name of this ledger in PostgreSQL.
    pub ledger: String,
    /// The epoch there; null: it has not been there yet.
    pub epoch: Option<i64>,
    /// The last change that is there.
    pub cursor: Option<i64>,
    /// Changes of the ledger that are not there yet.
    pub behind: u64,
    /// When PostgreSQL last took something, or said that nothing is lacking.
    pub last_success_at: Option<String>,
    /// Why it is away, paused or refused.
    pub error: Option<String>,
    /// Rows that PostgreSQL did not take.
    pub stuck: u64,
}

impl Reader {
    /// How the relay stands that brings the ledger there under this name. A success that is
    /// dated after `now` is by a clock that was ahead, and none.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn relay_standing(&self, ledger: &str, now: Timestamp) -> Result<RelayStanding, Error> {
        let now = stamp(now);
        self.at_one_moment(|reader| {
            let newest = reader.end_of_log()?.0;
            let told = reader.relay_told()?.filter(|told| told.ledger == ledger);
            let told = told.unwrap_or_else(|| RelayTold {
                ledger: ledger.to_owned(),
                state: RelayState::Away,
                epoch: None,
                cursor: None,
                last_success_at: None,
                error: None,
            });
            let behind = newest.saturating_sub(told.cursor.unwrap_or(0));
            Ok(RelayStanding {
                state: told.state,
                ledger: told.ledger,
                epoch: told.epoch,
                cursor: told.cursor,
                behind: u64::try_from(behind).unwrap_or(0),
                last_success_at: told.last_success_at.filter(|at| *at <= now),
                error: told.error,
                stuck: reader.relay_stuck_count()?,
            })
        })
    }

    /// How the relay stands; `None`: it has not run yet.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn relay_told(&self) -> Result<Option<RelayTold>, Error> {
        let sql = "SELECT ledger, state, epoch, cursor, last_success_at, error FROM relay";
        let found = self.connection.prepare_cached(sql)?.query_row([], |row| {
            Ok(RelayTold {
                ledger: row.get(0)?,
                state: row.get(1)?,
                epoch: row.get(2)?,
                cursor: row.get(3)?,
                last_success_at: row.get(4)?,
                error: row.get(5)?,
            })
        });
        Ok(found.optional()?)
    }

    /// What is asked of the relay.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn relay_wanted(&self) -> Result<Vec<RelayAct>, Error> {
        let mut statement = self.connection.prepare_cached("SELECT act FROM relay_wanted")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What PostgreSQL did not take.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn relay_stuck(&self) -> Result<Vec<RelayStuck>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, source, kind, id, reason, at FROM relay_stuck \
             ORDER BY seq, source, kind, id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(RelayStuck {
                seq: row.get(0)?,
                source: row.get(1)?,
                kind: row.get(2)?,
                id: row.get(3)?,
                reason: row.get(4)?,
                at: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How much PostgreSQL did not take.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn relay_stuck_count(&self) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM relay_stuck";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }
}

impl Tx<'_> {
    /// Writes down how the relay stands.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn tell_relay(&self, told: &RelayTold) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO relay (one, ledger, state, epoch, cursor, last_success_at, error) \
                 VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6) \
                 ON CONFLICT (one) DO UPDATE SET ledger = excluded.ledger, state = excluded.state, \
                     epoch = excluded.epoch, cursor = excluded.cursor, \
                     last_success_at = excluded.last_success_at, error = excluded.error",
            )?
            .execute(params![
                told.ledger,
                told.state,
                told.epoch,
                told.cursor,
                told.last_success_at,
                told.error
            ])?;
        Ok(())
    }

    /// Asks something of the relay; however often it is asked before it is done, it is done
    /// once.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn want_relay(&self, act: RelayAct) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO relay_wanted (act, asked_at) VALUES (?1, ?2) ON CONFLICT (act) DO NOTHING",
            )?
            .execute(params![act, self.now])?;
        Ok(())
    }

    /// What was asked is done.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn end_relay_act(&self, act: RelayAct) -> Result<(), Error> {
        self.connection
            .prepare_cached("DELETE FROM relay_wanted WHERE act = ?1")?
            .execute([act])?;
        Ok(())
    }

    /// PostgreSQL does not take a change with its record, or in a backfill (0) a record.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn stick_relay(&self, seq: i64, key: &RelayKey, reason: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO relay_stuck (seq, source, kind, id, reason, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                 ON CONFLICT (seq, source, kind, id) DO UPDATE SET reason = excluded.reason, at = excluded.at",
            )?
            .execute(params![seq, key.source, key.kind, key.id, reason, self.now])?;
        Ok(())
    }

    /// It has been taken, or is no longer to be.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn unstick_relay(&self, seq: i64, key: &RelayKey) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "DELETE FROM relay_stuck WHERE seq = ?1 AND source = ?2 AND kind = ?3 AND id = ?4",
            )?
            .execute(params![seq, key.source, key.kind, key.id])?;
        Ok(())
    }

    /// Every record is brought anew: nothing is stuck any more.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn forget_stuck_relay(&self) -> Result<(), Error> {
        self.connection.prepare_cached("DELETE FROM relay_stuck")?.execute([])?;
        Ok(())
    }
}
