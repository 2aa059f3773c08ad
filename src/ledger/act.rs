//! `act`: who had what done, and by what way. A row is written in the transaction of what it
//! tells of, so that neither stands without the other.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use super::word::in_column;
use super::{Error, Reader, Tx};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::EnumString, strum::IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Verb {
    /// Temporary ids were named.
    Name,
    /// A request to register or to add an object was approved or rejected.
    Decide,
    /// A handover of keys was booked.
    Book,
    /// The outcome of a call was stated.
    Settle,
    /// Something quarantined was applied after all.
    QuarantineRetry,
    /// Something quarantined was given up.
    QuarantineAcknowledge,
    /// Objects of Alma are tried again.
    AlmaRetry,
    /// What objects of Alma were held for may be done.
    AlmaRelease,
    /// Units or rooms are to be blocked.
    AlmaBlock,
    /// Units or rooms are to be unblocked.
    AlmaUnblock,
    /// UZhKH's full lists are to be read again.
    Resync,
    /// The next full read of a feed may delete all that it lacks.
    AcceptShrink,
    /// A poller is to run at once.
    Poll,
    /// A secret was shown.
    Reveal,
}

in_column!(pub Verb);

/// The way by which an act came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::EnumString, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Via {
    /// The command line.
    Cli,
    /// A program, over HTTP.
    Api,
    /// A page of the console.
    Web,
}

in_column!(pub Via);

/// A row of `act`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActRow {
    /// `act.seq`
    pub seq: i64,
    /// The id of the form or the request that it came by.
    pub id: String,
    /// When it was done.
    pub at: String,
    /// The name of the token or the user, or the login name of a shell.
    pub actor: String,
    /// The way by which it came.
    pub via: Via,
    /// What was done.
    pub verb: Verb,
    /// SOURCE/KIND/ID, or the number of a call; SOURCE where it was several.
    pub target: String,
    /// The call that carries it out, or that was settled.
    pub call_seq: Option<i64>,
    /// What came of it.
    pub outcome: String,
}

/// An act to be recorded.
#[derive(Debug, Clone, Copy)]
pub struct NewAct<'a> {
    /// As in [`ActRow::id`].
    pub id: &'a str,
    /// As in [`ActRow::actor`].
    pub actor: &'a str,
    /// As in [`ActRow::via`].
    pub via: Via,
    /// As in [`ActRow::verb`].
    pub verb: Verb,
    /// As in [`ActRow::target`].
    pub target: &'a str,
    /// As in [`ActRow::call_seq`].
    pub call_seq: Option<i64>,
    /// As in [`ActRow::outcome`].
    pub outcome: &'a str,
}

pub(super) const COLUMNS: &str = "seq, id, at, actor, via, verb, target, call_seq, outcome";

/// Parts of an act on several have its id with a number: `ID.17`. No id of a form has a dot, and
/// a slash follows it.
const IS_PART: &str = "id > ?1 || '.' AND id < ?1 || '/'";

fn from_row(row: &Row<'_>) -> rusqlite::Result<ActRow> {
    Ok(ActRow {
        seq: row.get(0)?,
        id: row.get(1)?,
        at: row.get(2)?,
        actor: row.get(3)?,
        via: row.get(4)?,
        verb: row.get(5)?,
        target: row.get(6)?,
        call_seq: row.get(7)?,
        outcome: row.get(8)?,
    })
}

impl Tx<'_> {
    /// Records an act.
    ///
    /// # Errors
    /// [`Error::Sqlite`] for an id that there is, or a decision, booking or settlement without
    /// its call.
    pub fn record_act(&self, act: &NewAct<'_>) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO act (id, at, actor, via, verb, target, call_seq, outcome) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                act.id,
                self.now,
                act.actor,
                act.via,
                act.verb,
                act.target,
                act.call_seq,
                act.outcome
            ])?;
        Ok(())
    }

    /// An act that took several transactions has come further.
    pub fn amend_act(&self, id: &str, target: &str, outcome: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE act SET target = ?2, outcome = ?3 WHERE id = ?1")?
            .execute([id, target, outcome])?;
        Ok(())
    }

    /// The act of this id, where it has been done.
    pub fn act(&self, id: &str) -> Result<Option<ActRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM act WHERE id = ?1");
        Ok(self.connection.prepare_cached(&sql)?.query_row([id], from_row).optional()?)
    }

    /// A part of an act on several, where it has been done.
    pub fn part_of_act(&self, id: &str) -> Result<Option<ActRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM act WHERE {IS_PART} LIMIT 1");
        Ok(self.connection.prepare_cached(&sql)?.query_row([id], from_row).optional()?)
    }
}

impl Reader {
    /// The newest acts that come before `before` (all where it is `None`), newest first, at most
    /// `limit`.
    pub fn acts(&self, before: Option<i64>, limit: usize) -> Result<Vec<ActRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM act WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params![before.unwrap_or(i64::MAX), limit], from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The act of this id, where it has been done.
    pub fn act(&self, id: &str) -> Result<Option<ActRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM act WHERE id = ?1");
        Ok(self.connection.prepare_cached(&sql)?.query_row([id], from_row).optional()?)
    }

    /// The parts of an act on several, in their order.
    pub fn parts_of_act(&self, id: &str) -> Result<Vec<ActRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM act WHERE {IS_PART} ORDER BY seq");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([id], from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The acts that have to do with a call, oldest first: who made it, who settled it.
    pub fn acts_of_call(&self, call: i64) -> Result<Vec<ActRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM act WHERE call_seq = ?1 ORDER BY seq");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([call], from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The last act on a target.
    pub fn last_act_on(&self, target: &str) -> Result<Option<ActRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM act WHERE target = ?1 ORDER BY seq DESC LIMIT 1");
        Ok(self.connection.prepare_cached(&sql)?.query_row([target], from_row).optional()?)
    }
}
