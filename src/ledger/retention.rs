//! Forgetting what is older than the operator wants to keep.
//!
//! Changes go from the oldest on, without a gap: so the oldest that is kept tells how
//! far everything before has gone, and `sqlite_sequence` does where none is left. What
//! is still needed is kept whatever its age: changes that Alma has not followed,
//! that a resync under way compares with, or that came after something quarantined,
//! which is not to undo them when it is understood at last.
//!
//! Envelopes go once UZhKH has been told to forget them. Whatever names one (`change`,
//! `call`, `finding`) is made to name none before. Nothing indexes those columns, which
//! would cost every envelope that comes: a reader looks through the tables instead, and
//! the writer removes envelopes without SQLite doing the same for each of them.
//!
//! The file does not shrink; the room is used again.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::meta::Trusted;
use super::{Error, Ledger, Reader, Tx};
use crate::clock::stamp;

/// A pass that would take more than half of a table is looked at first where that has so many
/// rows.
const MANY: i64 = 10_000;

/// Tables whose `envelope_seq` may name an envelope.
pub(crate) const LOOSE: [Loose; 3] = [Loose("change"), Loose("call"), Loose("finding")];

/// A table whose `envelope_seq` may name an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Loose(&'static str);

impl Tx<'_> {
    /// Removes the oldest changes made before a time, at most `limit`, and answers how
    /// many. `follows_alma`: what Alma has not followed yet is kept; else Alma would begin
    /// anew if it were switched on again.
    pub fn forget_changes(
        &self,
        before: Timestamp,
        follows_alma: bool,
        limit: usize,
    ) -> Result<usize, Error> {
        let needed = self.changes_needed_after(follows_alma)?;
        let mut statement =
            self.connection.prepare_cached("SELECT seq, at FROM change ORDER BY seq LIMIT ?1")?;
        let mut rows = statement.query([limit])?;
        // Times as text sort as the instants do.
        let before = stamp(before);
        let mut last = None;
        while let Some(row) = rows.next()? {
            let (seq, at): (i64, String) = (row.get(0)?, row.get(1)?);
            if seq > needed || at >= before {
                break;
            }
            last = Some(seq);
        }
        drop(rows);
        let Some(last) = last else { return Ok(0) };
        let removed = self
            .connection
            .prepare_cached("DELETE FROM change WHERE seq <= ?1")?
            .execute([last])?;
        if !follows_alma {
            self.connection
                .prepare_cached(
                    // What they begin with says of which source and which Alma the objects are.
                    "UPDATE alma_cursor SET settings = substr(settings, 1, instr(settings, ';')) \
                     WHERE change_seq < ?1",
                )?
                .execute([last])?;
        }
        Ok(removed)
    }

    /// Whether more than half of the envelopes or of the changes would go, as their numbers and
    /// the one in the middle say.
    pub(super) fn most_would_go(&self, trusted: Trusted) -> Result<bool, Error> {
        for (table, column, before) in [
            ("envelope", "received_at", trusted.envelopes_before),
            ("change", "at", trusted.changes_before),
        ] {
            let Some(before) = before else { continue };
            let sql = format!(
                "SELECT 1 FROM {table} WHERE {column} < ?1 \
                 AND seq = (SELECT min(seq) FROM {table} \
                     WHERE seq >= (SELECT (min(seq) + max(seq)) / 2 FROM {table})) \
                 AND (SELECT max(seq) - min(seq) FROM {table}) >= ?2"
            );
            if self.connection.prepare_cached(&sql)?.exists(params![stamp(before), MANY])? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Changes after this one are still needed by Alma, by a resync, or by what is quarantined.
    fn changes_needed_after(&self, follows_alma: bool) -> Result<i64, Error> {
        let needed = self
            .connection
            .prepare_cached(
                "SELECT min(coalesce((SELECT change_seq FROM alma_cursor WHERE ?1), ?2), \
                 coalesce((SELECT min(as_of) FROM envelope WHERE state = 'quarantined'), ?2), \
                 coalesce((SELECT min(as_of) FROM item WHERE state = 'quarantined'), ?2), \
                 coalesce((SELECT min(started_after) FROM resync WHERE state = 'reading'), ?2))",
            )?
            .query_row(params![follows_alma, i64::MAX], |row| row.get(0))?;
        Ok(needed)
    }

    /// Has these rows name no envelope any more.
    pub(crate) fn loosen(&self, table: Loose, rows: &[i64]) -> Result<(), Error> {
        let sql = format!("UPDATE {} SET envelope_seq = NULL WHERE seq = ?1", table.0);
        let mut statement = self.connection.prepare_cached(&sql)?;
        for seq in rows {
            statement.execute([seq])?;
        }
        Ok(())
    }
}

/// After so many envelopes in a row that are not old no more are looked at.
const ALL_YOUNG: u32 = 10_000;

/// What makes an envelope one that may go: UZhKH was told before ?1, and no call of it
/// is pending.
const MAY_GO: &str = "state = 'acknowledged' AND acknowledged_at < ?1 AND NOT EXISTS \
     (SELECT 1 FROM call WHERE call.envelope_seq = envelope.seq AND call.state = 'pending')";

impl Reader {
    /// The envelopes that UZhKH was told to forget before a time, at most `limit`.
    pub(crate) fn forgettable_envelopes(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<i64>, Error> {
        // They came in this order, but for a clock that was wrong for a while.
        let sql = format!("SELECT seq, received_at >= ?1, {MAY_GO} FROM envelope ORDER BY seq");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([stamp(before)])?;
        let (mut found, mut young) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let (seq, is_young, may_go): (i64, bool, bool) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            young = if is_young { young + 1 } else { 0 };
            if may_go {
                found.push(seq);
            }
            if young >= ALL_YOUNG || found.len() >= limit {
                break;
            }
        }
        Ok(found)
    }

    /// The next rows of a table that name an envelope, at most `limit`: their own number
    /// and the envelope's.
    pub(crate) fn naming_envelopes(
        &self,
        table: Loose,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, i64)>, Error> {
        let sql = format!(
            "SELECT seq, envelope_seq FROM {} WHERE seq > ?1 AND envelope_seq IS NOT NULL \
             ORDER BY seq LIMIT ?2",
            table.0
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows =
            statement.query_map(params![after, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The last change that has been forgotten; 0 where none has. Who has read up to this
    /// one has missed nothing.
    pub(super) fn forgotten_changes(&self) -> Result<i64, Error> {
        let last = self.connection.query_row(
            "SELECT coalesce((SELECT min(seq) - 1 FROM change), \
             (SELECT seq FROM sqlite_sequence WHERE name = 'change'), 0)",
            [],
            |row| row.get(0),
        )?;
        Ok(last)
    }
}

impl Ledger {
    /// Removes these envelopes, which nothing names any more, as far as they may go still;
    /// answers how many.
    ///
    /// # Errors
    /// [`Error::DiskFull`].
    pub(crate) async fn forget_envelopes(
        &self,
        envelopes: Vec<i64>,
        before: Timestamp,
    ) -> Result<usize, Error> {
        let job = move |connection: &mut Connection| {
            connection.pragma_update(None, "foreign_keys", false)?;
            let removed = remove(connection, &envelopes, &stamp(before));
            connection.pragma_update(None, "foreign_keys", true)?;
            removed
        };
        let removed = self.lock().maintain(job);
        removed.await.unwrap_or(Err(Error::Closed))
    }
}

fn remove(connection: &mut Connection, envelopes: &[i64], before: &str) -> Result<usize, Error> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let mut removed = 0;
    {
        let sql = format!("DELETE FROM envelope WHERE seq = ?2 AND {MAY_GO}");
        let mut statement = transaction.prepare_cached(&sql)?;
        for seq in envelopes {
            removed += statement.execute(params![before, seq])?;
        }
    }
    transaction.commit()?;
    Ok(removed)
}
