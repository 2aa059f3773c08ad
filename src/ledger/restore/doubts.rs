//! What a restored ledger no longer knows for certain.
//!
//! Since the backup was made the service has gone on, and the outside remembers that:
//!
//! | in the backup | and since | so in the restored ledger |
//! | --- | --- | --- |
//! | a pending SetId | may have been sent | it is sent again; `notFound` counts as done |
//! | any other pending call | may have been sent, and must not be twice | what came of it; else `unknown` |
//! | an envelope to be acknowledged | may have been | it is again: a 404 is done |
//! | what Alma was sent | may have been sent anew | Alma is looked at |
//! | what was leaving Alma | may have come back | `held` until released |
//! | entries acknowledged since | are gone from the queues | a full resync begins |
//! | numbers of changes given since | are cursors of readers | they are not given again, and as a cursor refused |
//! | decisions, bookings and blocks since | were sent, and must not be twice | they are taken over, with their acts and answers; those that were pending are `unknown` |
//! | permanent ids given since | may be known to UZhKH | they are taken over |
//! | what was asked of the relay | may have been done, or be asked no more | it is not asked |
//! | records relayed to PostgreSQL since | are no longer what the ledger holds | the relay begins an epoch |
//! | photos put into Alma since | would be taken for people's | they are taken over |

use rusqlite::params;

use super::Restored;
use super::past::Past;
use crate::ledger::alma::STANDS;
use crate::ledger::{EnvelopeParser, Error, Outcome, Poll, RelayAct, Tx};

/// Where it is not known how far numbers have been given, so many are left out.
const GAP: i64 = 1_000_000_000;
/// The tables whose numbers others may remember.
const NUMBERED: [&str; 5] = ["change", "envelope", "call", "finding", "item"];

impl Tx<'_> {
    /// Doubts what cannot be known any more, and has it found out again.
    pub(super) fn doubt_the_outside(
        &self,
        past: Option<&Past>,
        lists: &[&str],
        parser: &dyn EnvelopeParser,
    ) -> Result<Restored, Error> {
        self.leave_numbers_out(past)?;
        let later = past.and_then(|past| past.later.as_ref());
        let identities = later.map(|later| self.take_over(later, parser)).transpose()?;
        let sent = later.and_then(|later| later.sent.as_ref());
        let sent = sent.map(|sent| self.take_sent_over(sent)).transpose()?;
        // Those that the replaced ledger never sent, too: it may have been put there by other means,
        // and be older than what left. A person finds what did not leave, and nothing takes back
        // what left twice.
        let unknown_calls = self.connection.execute(
            "UPDATE call SET state = 'unknown', finished_at = ?1, next_attempt_at = NULL, \
             last_error = 'the ledger was restored from a backup: it may have been sent since' \
             WHERE state = 'pending' AND op <> 'SetId'",
            [&self.now],
        )?;
        self.connection.execute(
            "UPDATE identity SET sent_at = ?1 WHERE state = 'reserved' AND sent_at IS NULL \
             AND first_seen_at IS NOT NULL",
            [&self.now],
        )?;
        let held = self.doubt_alma()?;
        self.connection.execute("UPDATE feed SET shrink_accepted_at = NULL", [])?;
        self.connection.execute_batch("DELETE FROM resync; DELETE FROM resync_seen;")?;
        self.begin_resync(lists)?;
        // What was asked before the backup was meant for that time: a takeover would now put the
        // restored ledger in the place of the one that runs.
        self.connection.execute("DELETE FROM relay_wanted", [])?;
        self.want_relay(RelayAct::Backfill)?;
        self.insert_poll(&Poll {
            source: "ledger",
            feed: "restore".into(),
            started_at: self.at,
            outcome: Outcome::Ok,
            fetched: 0,
            changed: 0,
            error: None,
        })?;
        Ok(Restored { aside: None, unknown_calls, held, identities, sent })
    }

    /// Numbers that were given since the backup are not given again. One more is left out,
    /// so that the last of them is no cursor that leads on (see [`crate::ledger::Change`]).
    fn leave_numbers_out(&self, past: Option<&Past>) -> Result<(), Error> {
        let is_certain = past.is_some_and(|past| past.later.is_some());
        for table in NUMBERED {
            let own: i64 = self.connection.query_row(
                "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?1",
                [table],
                |row| row.get(0),
            )?;
            let given = past.iter().flat_map(|past| &past.given);
            let given = given.filter(|(name, _)| name == table).map(|(_, seq)| *seq);
            let highest = given.fold(own, i64::max);
            let next = highest + if is_certain { 1 } else { GAP };
            self.connection.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [table])?;
            self.connection.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)",
                params![table, next],
            )?;
        }
        Ok(())
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
            &format!(
                "UPDATE alma_object SET sent = {STANDS}, attempts = 0, updated_at = ?1, \
                 next_attempt_at = CASE WHEN state IN ('rejected', 'blocked') THEN next_attempt_at END, \
                 state = CASE state WHEN 'synced' THEN 'pending' ELSE state END WHERE desired IS NOT NULL"
            ),
            [&self.now],
        )?;
        // What is blocked or leaving may have come back since, with other values.
        self.connection.execute(
            "UPDATE alma_object SET sent = CASE WHEN kind IN ('owner_contract', 'tenant_contract') THEN \
                 (SELECT json_group_object(key, value) FROM json_each(alma_object.sent) \
                  WHERE key IN ('unit_id', 'rental_object')) \
                 WHEN kind = 'room' AND json_valid(sent) THEN \
                 json_object('parent_unit', sent ->> '$.parent_unit') END \
             WHERE desired IS NULL AND sent IS NOT NULL",
            [],
        )?;
        self.connection.execute("UPDATE alma_object SET released_at = NULL", [])?;
        Ok(held)
    }
}
