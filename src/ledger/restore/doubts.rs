//! What a restored ledger no longer knows for certain.
//!
//! Since the backup was made the service has gone on, and the outside remembers that:
//!
//! | in the backup | and since | so in the restored ledger |
//! | --- | --- | --- |
//! | a pending SetId | may have been sent | it is sent again; `notFound` counts as done |
//! | any other pending call | may have been sent, and must not be twice | `unknown` |
//! | an envelope to be acknowledged | may have been | it is again: a 404 is done |
//! | what Alma was sent | may have been sent anew | Alma is looked at |
//! | what was leaving Alma | may have come back | `held` until released |
//! | entries acknowledged since | are gone from the queues | a full resync begins |
//! | numbers of changes given since | are somebody's cursor | they are not given again |
//! | permanent ids given since | may be known to UZhKH | they are taken over |

use std::path::Path;

use rusqlite::params;

use super::Restored;
use crate::ledger::{Error, Extent, Identity, IdentityState, Outcome, Poll, Reader, Tx};

/// Where it is not known how far numbers have been given, so many are left out.
const GAP: i64 = 1_000_000_000;
/// The tables whose numbers others may remember.
const NUMBERED: [&str; 5] = ["change", "envelope", "call", "finding", "item"];

/// What the replaced ledger still has to say.
pub(super) struct Past {
    /// The highest number that each table has given.
    given: Vec<(String, i64)>,
    /// Every identity, where it is the same ledger at a later time.
    identities: Option<Vec<Identity>>,
}

impl Past {
    pub(super) fn read(ledger: &Path, continues: bool) -> Result<Self, Error> {
        let reader = Reader::open(ledger)?;
        let mut statement = reader
            .connection
            .prepare("SELECT name, max(seq) FROM sqlite_sequence GROUP BY name")?;
        let given = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self {
            given: given.collect::<Result<_, _>>()?,
            identities: continues.then(|| reader.identities()).transpose()?,
        })
    }
}

impl Tx<'_> {
    /// Doubts what cannot be known any more, and has it found out again.
    pub(super) fn doubt_the_outside(
        &self,
        past: Option<&Past>,
        lists: &[&str],
    ) -> Result<Restored, Error> {
        self.leave_numbers_out(past)?;
        let identities = past.and_then(|past| past.identities.as_ref());
        let identities = identities
            .map(|identities| self.take_over(identities))
            .transpose()?;
        let unknown_calls = self.connection.execute(
            "UPDATE call SET state = 'unknown', finished_at = ?1, next_attempt_at = NULL, \
             last_error = 'the ledger was restored from a backup: it may have been sent since' \
             WHERE state = 'pending' AND op <> 'SetId'",
            [&self.now],
        )?;
        self.connection.execute(
            "UPDATE identity SET sent_at = ?1 WHERE state = 'reserved' AND sent_at IS NULL",
            [&self.now],
        )?;
        let held = self.doubt_alma()?;
        self.connection
            .execute("UPDATE feed SET shrink_accepted_at = NULL", [])?;
        self.connection
            .execute_batch("DELETE FROM resync; DELETE FROM resync_seen;")?;
        self.begin_resync(lists)?;
        self.insert_poll(&Poll {
            source: "ledger",
            feed: "restore".into(),
            started_at: self.at,
            outcome: Outcome::Ok,
            fetched: 0,
            changed: 0,
            error: None,
        })?;
        Ok(Restored {
            aside: None,
            unknown_calls,
            held,
            identities,
        })
    }

    /// Numbers that were given since the backup are not given again.
    fn leave_numbers_out(&self, past: Option<&Past>) -> Result<(), Error> {
        let is_certain = past.is_some_and(|past| past.identities.is_some());
        for table in NUMBERED {
            let own: i64 = self.connection.query_row(
                "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?1",
                [table],
                |row| row.get(0),
            )?;
            let given = past.iter().flat_map(|past| &past.given);
            let given = given.filter(|(name, _)| name == table).map(|(_, seq)| *seq);
            let highest = given.fold(own, i64::max);
            let next = if is_certain { highest } else { highest + GAP };
            self.connection
                .execute("DELETE FROM sqlite_sequence WHERE name = ?1", [table])?;
            self.connection.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)",
                params![table, next],
            )?;
        }
        Ok(())
    }

    /// Takes over the identities that came since, and how far each has come; answers how
    /// many were new. One that was given another permanent id by hand since is left.
    fn take_over(&self, identities: &[Identity]) -> Result<usize, Error> {
        let mut taken = 0;
        for identity in identities {
            let Identity {
                kind, temporary_id, ..
            } = identity;
            match self.identity(kind, temporary_id)? {
                Some(known) if known.permanent_id != identity.permanent_id => continue,
                Some(_) => {}
                None if self.is_taken(kind, &identity.permanent_id)? => continue,
                None => {
                    self.insert_identity(kind, temporary_id, &identity.permanent_id)?;
                    taken += 1;
                }
            }
            if identity.state == IdentityState::Announced {
                self.announce(kind, temporary_id)?;
            }
        }
        Ok(taken)
    }

    fn is_taken(&self, kind: &str, permanent_id: &str) -> Result<bool, Error> {
        Ok(self
            .connection
            .prepare_cached("SELECT 1 FROM identity WHERE kind = ?1 AND permanent_id = ?2")?
            .exists([kind, permanent_id])?)
    }

    /// Alma is looked at before anything is sent, and nothing that was let go is let go
    /// without being asked for once more. Answers how many objects wait for that.
    fn doubt_alma(&self) -> Result<usize, Error> {
        let held = self.connection.execute(
            "UPDATE alma_object SET state = 'held', updated_at = ?1, attempts = 0, next_attempt_at = NULL, \
             reason = 'it was leaving when the ledger was restored from a backup, and may have come back since; \
`uzhkh-ledger alma release ' || kind || ' ' || external_id || '` lets it go' \
             WHERE desired IS NULL AND alma_id IS NOT NULL AND state = 'pending'",
            [&self.now],
        )?;
        self.connection.execute(
            "UPDATE alma_object SET sent = NULL, attempts = 0, next_attempt_at = NULL, updated_at = ?1, \
             state = CASE state WHEN 'synced' THEN 'pending' ELSE state END WHERE desired IS NOT NULL",
            [&self.now],
        )?;
        self.connection
            .execute("UPDATE alma_object SET released_at = NULL", [])?;
        Ok(held)
    }
}

impl Reader {
    /// The envelopes and the changes that are newer than those of a backup.
    pub(super) fn newer_than(&self, backup: &Extent) -> Result<(u64, u64), Error> {
        let newer = self.connection.query_row(
            "SELECT (SELECT count(*) FROM envelope WHERE seq > ?1), (SELECT count(*) FROM change WHERE seq > ?2)",
            [backup.last_envelope, backup.last_change],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(newer)
    }

    /// Whether a backup's last change is one of this ledger too: it is what this ledger was.
    pub(super) fn continues(&self, backup: &Reader, extent: &Extent) -> Result<bool, Error> {
        let change = |reader: &Reader| {
            reader.connection.query_row(
                "SELECT json_array(at, source, kind, id, op, fields) FROM change WHERE seq = ?1",
                [extent.last_change],
                |row| row.get::<_, String>(0),
            )
        };
        if extent.last_change == 0 {
            return Ok(extent.last_envelope == 0);
        }
        match (change(self), change(backup)) {
            (Ok(own), Ok(other)) => Ok(own == other),
            (Err(rusqlite::Error::QueryReturnedNoRows), _) => Ok(false),
            (own, other) => Ok(own? == other?),
        }
    }
}
