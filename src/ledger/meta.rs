//! `meta`: what a ledger knows about itself.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

use super::{Error, Reader, Tx};
use crate::clock::stamp;

/// When retention last ran.
const RETENTION_AT: &str = "retention_at";
/// Since when it is held.
const HELD_AT: &str = "retention_held_at";
/// Since when ids that have waited too long for their names are not named here.
const NAMING_HELD_AT: &str = "naming_held_at";
/// Since when what waits for its name was seen to have come later than now.
const SEEN_AHEAD_AT: &str = "seen_ahead_at";
/// Since when answers that are kept for a key are not forgotten here.
const ANSWERS_HELD_AT: &str = "answers_held_at";
/// The codes of the portal's fields that hold secrets, or have held some: a JSON array.
const SECRET_CODES: &str = "secret_codes";
/// So long what cannot be undone waits for a person to look at the clock.
const HELD_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Gives a new file the id by which its cursors are told from those of another ledger.
pub(super) fn give_ledger_id(connection: &Connection) -> Result<(), Error> {
    connection.execute(
        "INSERT INTO meta (key, value) VALUES ('ledger_id', ?1)",
        [Uuid::now_v7().to_string()],
    )?;
    Ok(())
}

impl Reader {
    /// The ledger's own id, a UUIDv7: made with the file, kept by backup and restore.
    pub fn ledger_id(&self) -> Result<String, Error> {
        let id = self
            .connection
            .prepare_cached("SELECT value FROM meta WHERE key = 'ledger_id'")?
            .query_row([], |row| row.get(0))?;
        Ok(id)
    }

    /// The codes of the portal's fields that hold secrets, or have held some: a code that the
    /// config no longer names has left its values in records and changes.
    pub(crate) fn secret_codes(&self) -> Result<BTreeSet<String>, Error> {
        secret_codes(&self.connection)
    }

    /// Whether [`Tx::hold_seen_ahead`] has something to forget.
    pub(crate) fn was_seen_ahead(&self) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM meta WHERE key = ?1";
        Ok(self.connection.prepare_cached(sql)?.exists([SEEN_AHEAD_AT])?)
    }

    /// Whether what [`Tx::hold_naming`] remembers is over: it is to be forgotten, or the next jump
    /// of the clock would be taken for the one that was waited out. `trusted`: how far the clock
    /// may go on at once without a question.
    pub(crate) fn is_naming_hold_over(
        &self,
        now: Timestamp,
        timeout: Duration,
        trusted: Duration,
    ) -> Result<bool, Error> {
        self.is_hold_over(NAMING_HELD_AT, now, HELD_FOR.max(timeout), trusted)
    }

    /// The same of [`Tx::hold_answers`].
    pub(crate) fn is_answers_hold_over(
        &self,
        now: Timestamp,
        trusted: Duration,
    ) -> Result<bool, Error> {
        self.is_hold_over(ANSWERS_HELD_AT, now, HELD_FOR, trusted)
    }

    fn is_hold_over(
        &self,
        key: &str,
        now: Timestamp,
        held_for: Duration,
        trusted: Duration,
    ) -> Result<bool, Error> {
        let held = meta_time(&self.connection, key)?;
        // One that lies far ahead is of a clock that has been set back since; the way there from
        // here would be a jump again.
        let is_over = |held| is_beyond(held, now, trusted) || is_beyond(now, held, held_for);
        Ok(held.is_some_and(is_over))
    }
}

fn secret_codes(connection: &Connection) -> Result<BTreeSet<String>, Error> {
    let mut statement = connection.prepare(
        "SELECT code.value FROM meta, json_each(meta.value) AS code WHERE meta.key = ?1",
    )?;
    let codes = statement.query_map([SECRET_CODES], |row| row.get(0))?;
    Ok(codes.collect::<Result<_, _>>()?)
}

fn meta_time(connection: &Connection, key: &str) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT value FROM meta WHERE key = ?1";
    let found = connection.query_row(sql, [key], |row| row.get::<_, String>(0));
    Ok(found.optional()?.and_then(|time| time.parse().ok()))
}

/// Whether more than `by` has passed from a time to `now`.
fn is_beyond(now: Timestamp, from: Timestamp, by: Duration) -> bool {
    Duration::try_from(now.duration_since(from)).is_ok_and(|passed| passed > by)
}

/// What retention may do without a person looking at the clock first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trusted {
    /// How far the clock may have gone on since it last ran.
    pub(crate) jump: Duration,
    /// Envelopes before this time are to go.
    pub(crate) envelopes_before: Option<Timestamp>,
    /// Changes before this time are to go.
    pub(crate) changes_before: Option<Timestamp>,
}

/// Why nothing is forgotten now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    /// The time that was known before the clock jumped; `None`: it did not, and most of what is
    /// kept would go at once.
    pub(crate) known: Option<Timestamp>,
    /// When it goes on, if all is right.
    pub(crate) until: Timestamp,
}

impl Tx<'_> {
    /// Remembers, beside those that are known, codes of fields that hold secrets.
    pub(crate) fn remember_secret_codes(&self, codes: &[String]) -> Result<(), Error> {
        let known = secret_codes(self.connection)?;
        let all: BTreeSet<&String> = known.iter().chain(codes).collect();
        if all.len() > known.len() {
            self.set_meta(SECRET_CODES, &serde_json::json!(all).to_string())?;
        }
        Ok(())
    }

    /// Whether retention may run at this time: what it removes is gone, and one wrong reading
    /// of the clock, or a slip in the config, would make everything old. `last_used`: when the
    /// ledger was last in use.
    pub(crate) fn begin_retention(
        &self,
        last_used: Option<Timestamp>,
        trusted: Trusted,
    ) -> Result<Option<Held>, Error> {
        let known = self.meta_time(RETENTION_AT)?.or(last_used);
        let jumped_from = known.filter(|known| self.is_beyond(*known, trusted.jump));
        if jumped_from.is_some() || self.most_would_go(trusted)? {
            // One that lies ahead is of a clock that has been set back since.
            let held = self.meta_time(HELD_AT)?.filter(|held| *held <= self.at());
            let held_at = held.unwrap_or(self.at());
            if !self.is_beyond(held_at, HELD_FOR) {
                self.set_meta(HELD_AT, &stamp(held_at))?;
                // By the next start the ledger has been in use at the wrong time.
                self.set_meta(RETENTION_AT, &stamp(jumped_from.unwrap_or(self.at())))?;
                let until = crate::clock::later(held_at, HELD_FOR);
                return Ok(Some(Held { known: jumped_from, until }));
            }
        }
        self.forget_meta(HELD_AT)?;
        self.set_meta(RETENTION_AT, &stamp(self.at()))?;
        Ok(None)
    }

    /// Whether ids that have waited too long may be named at this time; if not, until when. A
    /// name is for ever, and one wrong reading of the clock would make all of them wait too
    /// long. `has_jumped`: the clock has gone on at once by more than is believed. What a clock
    /// that was behind has written is told by nothing, so that all wait for `timeout` once more.
    pub(crate) fn hold_naming(
        &self,
        has_jumped: bool,
        timeout: Duration,
    ) -> Result<Option<Timestamp>, Error> {
        self.hold(NAMING_HELD_AT, has_jumped, HELD_FOR.max(timeout))
    }

    /// Whether what was first seen later than now keeps that time; if so, until when. The clock
    /// was ahead then or is behind now, and only the first lasts. `is_ahead`: there is such.
    pub(crate) fn hold_seen_ahead(&self, is_ahead: bool) -> Result<Option<Timestamp>, Error> {
        if is_ahead {
            return self.hold(SEEN_AHEAD_AT, true, HELD_FOR);
        }
        self.forget_meta(SEEN_AHEAD_AT)?;
        Ok(None)
    }

    /// The same of answers that are kept for a key: without its answer a request that comes again
    /// has a second effect.
    pub(crate) fn hold_answers(&self, has_jumped: bool) -> Result<Option<Timestamp>, Error> {
        self.hold(ANSWERS_HELD_AT, has_jumped, HELD_FOR)
    }

    fn hold(
        &self,
        key: &str,
        has_jumped: bool,
        held_for: Duration,
    ) -> Result<Option<Timestamp>, Error> {
        let known = self.meta_time(key)?;
        // As above: of a clock that has been set back since.
        let held = known.filter(|held| *held <= self.at());
        let held_at = held.or(has_jumped.then_some(self.at()));
        if let Some(held_at) = held_at.filter(|from| !self.is_beyond(*from, held_for)) {
            if known != Some(held_at) {
                self.set_meta(key, &stamp(held_at))?;
            }
            return Ok(Some(crate::clock::later(held_at, held_for)));
        }
        if known.is_some() {
            self.forget_meta(key)?;
        }
        Ok(None)
    }

    /// Whether more than `by` has passed since a time.
    fn is_beyond(&self, from: Timestamp, by: Duration) -> bool {
        is_beyond(self.at(), from, by)
    }

    fn forget_meta(&self, key: &str) -> Result<(), Error> {
        self.connection.execute("DELETE FROM meta WHERE key = ?1", [key])?;
        Ok(())
    }

    fn meta_time(&self, key: &str) -> Result<Option<Timestamp>, Error> {
        meta_time(self.connection, key)
    }

    fn set_meta(&self, key: &str, value: &str) -> Result<(), Error> {
        self.connection.execute(
            "INSERT INTO meta (key, value) VALUES (?1, ?2) \
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [key, value],
        )?;
        Ok(())
    }
}

/// When the ledger was last in use: the time of its last run, else of its last change. The later
/// of the two would hide that a clock which was behind in the last run has gone on since.
pub(super) fn last_used_at(connection: &Connection) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT coalesce(\
               (SELECT finished_at FROM poll WHERE seq = (SELECT max(seq) FROM poll)), \
               (SELECT at FROM change WHERE seq = (SELECT max(seq) FROM change)), '')";
    let last: String = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(last.parse().ok())
}
