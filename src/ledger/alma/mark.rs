//! `alma_cursor` and `alma_dirty`: how far changes have been followed, and which objects
//! they have touched.

use rusqlite::{Connection, OptionalExtension, params};

use super::heal::has_come;
use super::kind::AlmaKey;
use super::taken::has_decidable;
use crate::ledger::due::is_due;
use crate::ledger::{ChangeSeq, Error, Reader, Tx};

/// The position up to which changes of the source have been followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlmaCursor {
    /// The settings that objects were last projected with.
    pub settings: String,
    /// Changes up to this one have marked what they touch.
    pub change_seq: ChangeSeq,
    /// The last record that a walk over all of them has reached; `None`: no walk is under way.
    pub walked_to: Option<RecordId>,
}

/// A record of the source.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordId {
    /// `record.kind`
    pub kind: String,
    /// `record.id`
    pub id: String,
}

/// The separator of kind and id in `alma_cursor.walked_to`.
const BETWEEN: char = ' ';
/// What it begins with: without this it was written by a program that walked in another order, and
/// the walk begins anew.
const BEGIN: char = '>';

impl Tx<'_> {
    /// The position up to which changes have been followed; `None`: not at all.
    pub fn alma_cursor(&self) -> Result<Option<AlmaCursor>, Error> {
        cursor(self.connection)
    }

    /// All objects are to be made anew, with these settings: what records name is
    /// forgotten, and every object that there is gets marked.
    pub fn restart_alma(&self, settings: &str) -> Result<(), Error> {
        self.connection.execute("DELETE FROM alma_link", [])?;
        self.connection.execute(
            "INSERT INTO alma_dirty (kind, external_id) SELECT kind, external_id FROM alma_object WHERE true \
             ON CONFLICT (kind, external_id) DO NOTHING",
            [],
        )?;
        self.connection.execute(
            "INSERT INTO alma_cursor (one, settings, change_seq, walked_to) \
             VALUES (1, ?1, ?2, '') \
             ON CONFLICT (one) DO UPDATE SET settings = excluded.settings, \
                 change_seq = excluded.change_seq, walked_to = excluded.walked_to",
            params![settings, self.newest_change()?],
        )?;
        Ok(())
    }

    /// The records of these kinds, kind by kind as they are given, that come after one, deleted or
    /// not.
    pub fn records_after(
        &self,
        source: &str,
        kinds: &[&str],
        after: &RecordId,
        limit: usize,
    ) -> Result<Vec<RecordId>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM record WHERE source = ?1 AND kind = ?2 AND id >= ?3 ORDER BY id LIMIT ?4",
        )?;
        let reached = kinds.iter().position(|kind| *kind == after.kind);
        let mut found = Vec::new();
        for (at, kind) in kinds.iter().enumerate().skip(reached.unwrap_or(0)) {
            let from = if Some(at) == reached { format!("{}\0", after.id) } else { String::new() };
            let ids = statement
                .query_map(params![source, kind, from, limit - found.len()], |row| row.get(0))?;
            for id in ids {
                found.push(RecordId { kind: (*kind).to_owned(), id: id? });
            }
            if found.len() == limit {
                break;
            }
        }
        Ok(found)
    }

    /// All records up to this one have been looked at anew; `None`: all there are.
    pub fn set_alma_walked(&self, to: Option<&RecordId>) -> Result<(), Error> {
        let to = to.map(|record| format!("{BEGIN}{}{BETWEEN}{}", record.kind, record.id));
        self.connection.prepare_cached("UPDATE alma_cursor SET walked_to = ?1")?.execute([to])?;
        Ok(())
    }

    /// The next changes after the cursor: the last of them, and the records of the
    /// source that they are of, each once. `None` when there is none.
    pub fn changed_records(
        &self,
        source: &str,
        after: ChangeSeq,
        limit: usize,
    ) -> Result<Option<(ChangeSeq, Vec<RecordId>)>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, source, kind, id, CASE op WHEN 'rename' THEN fields ->> '$.Id[0]' END \
             FROM change WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        )?;
        let mut rows = statement.query(params![after, limit])?;
        let mut last = None;
        let mut records = Vec::new();
        while let Some(row) = rows.next()? {
            last = Some(row.get(0)?);
            if row.get_ref(1)?.as_str() == Ok(source) {
                records.push(RecordId { kind: row.get(2)?, id: row.get(3)? });
                // What it named under its old id, it names there no more.
                if let Some(old) = row.get(4)? {
                    records.push(RecordId { kind: row.get(2)?, id: old });
                }
            }
        }
        records.sort_unstable();
        records.dedup();
        Ok(last.map(|last| (last, records)))
    }

    /// Changes up to this one have marked what they touch.
    pub fn set_alma_cursor(&self, change_seq: ChangeSeq) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE alma_cursor SET change_seq = ?1")?
            .execute([change_seq])?;
        Ok(())
    }

    /// An object is to be made anew. Its mark differs from every earlier one, so that
    /// a reader of older records takes no later mark away.
    pub fn mark_alma(&self, key: &AlmaKey) -> Result<(), Error> {
        self.connection
            .prepare_cached("DELETE FROM alma_dirty WHERE kind = ?1 AND external_id = ?2")?
            .execute([key.kind.word(), &key.external_id])?;
        self.add_alma_mark(key)
    }

    /// The newest mark; 0 where there is none.
    pub fn newest_alma_mark(&self) -> Result<i64, Error> {
        let newest = self
            .connection
            .prepare_cached("SELECT coalesce(max(seq), 0) FROM alma_dirty")?
            .query_row([], |row| row.get(0))?;
        Ok(newest)
    }

    /// An object is to be made anew. A mark that is newer than `since` stays: no projection has
    /// read it yet.
    pub fn mark_alma_since(&self, key: &AlmaKey, since: i64) -> Result<(), Error> {
        let marked = self
            .connection
            .prepare_cached("SELECT seq FROM alma_dirty WHERE kind = ?1 AND external_id = ?2")?
            .query_row(params![key.kind, key.external_id], |row| row.get::<_, i64>(0))
            .optional()?;
        match marked {
            Some(mark) if mark > since => Ok(()),
            Some(_) => self.mark_alma(key),
            None => self.add_alma_mark(key),
        }
    }

    fn add_alma_mark(&self, key: &AlmaKey) -> Result<(), Error> {
        self.connection
            .prepare_cached("INSERT INTO alma_dirty (kind, external_id) VALUES (?1, ?2)")?
            .execute(params![key.kind, key.external_id])?;
        Ok(())
    }

    /// Contracts and clients of which something is missing are to be made anew: they may be over.
    pub fn mark_blocked_alma(&self) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT kind, external_id FROM alma_object INDEXED BY alma_object_leaving \
             WHERE desired IS NULL AND state = 'blocked' \
                 AND kind IN ('client', 'owner_contract', 'tenant_contract')",
        )?;
        let rows = statement
            .query_map([], |row| Ok(AlmaKey::new(row.get(0)?, row.get::<_, String>(1)?)))?;
        for key in rows.collect::<Result<Vec<_>, _>>()? {
            self.mark_alma(&key)?;
        }
        Ok(())
    }

    /// Takes a mark away; false when it is gone, or a newer one stands in its place.
    pub fn unmark_alma(&self, mark: i64) -> Result<bool, Error> {
        let removed = self
            .connection
            .prepare_cached("DELETE FROM alma_dirty WHERE seq = ?1")?
            .execute([mark])?;
        Ok(removed > 0)
    }
}

impl Reader {
    /// The position up to which changes have been followed; `None`: not at all.
    pub fn alma_cursor(&self) -> Result<Option<AlmaCursor>, Error> {
        cursor(&self.connection)
    }

    /// Objects that are to be made anew, with their marks: of all the first that were marked, or
    /// of one kind those after an object.
    pub fn marked_alma(
        &self,
        after: Option<&AlmaKey>,
        limit: usize,
    ) -> Result<Vec<(i64, AlmaKey)>, Error> {
        let of_all = "SELECT seq, kind, external_id FROM alma_dirty ORDER BY seq LIMIT ?1";
        let of_kind = "SELECT seq, kind, external_id FROM alma_dirty \
                       WHERE kind = ?2 AND external_id > ?3 ORDER BY external_id LIMIT ?1";
        let mut statement = self.connection.prepare_cached(after.map_or(of_all, |_| of_kind))?;
        let mut rows = match after {
            None => statement.query([limit])?,
            Some(AlmaKey { kind, external_id }) => {
                statement.query(params![limit, kind, external_id])?
            }
        };
        let mut marked = Vec::new();
        while let Some(row) = rows.next()? {
            marked.push((row.get(0)?, AlmaKey { kind: row.get(1)?, external_id: row.get(2)? }));
        }
        Ok(marked)
    }

    /// Whether there is anything to do for Alma: changes not followed, objects to be made
    /// anew, or any that are due by now, be it to be looked at again.
    pub fn has_work_for_alma(&self, settings: &str, now: &str) -> Result<bool, Error> {
        let Some(cursor) = cursor(&self.connection)? else {
            return Ok(true);
        };
        if cursor.settings != settings
            || cursor.walked_to.is_some()
            || cursor.change_seq < self.newest_change()?
            || has_decidable(&self.connection)?
        {
            return Ok(true);
        }
        let again = has_come("?1").map(|has_come| {
            format!(
                "EXISTS (SELECT 1 FROM alma_object INDEXED BY alma_object_again \
                 WHERE state IN ('rejected', 'blocked') AND {has_come})"
            )
        });
        let has_work = self
            .connection
            .prepare_cached(&format!(
                "SELECT EXISTS (SELECT 1 FROM alma_dirty) OR EXISTS (SELECT 1 FROM alma_object \
                 INDEXED BY alma_object_pending WHERE state = 'pending' AND {}) OR {}",
                is_due("next_attempt_at", "?1"),
                again.join(" OR ")
            ))?
            .query_row([now], |row| row.get(0))?;
        Ok(has_work)
    }
}

fn cursor(connection: &Connection) -> Result<Option<AlmaCursor>, Error> {
    let found = connection
        .prepare_cached("SELECT settings, change_seq, walked_to FROM alma_cursor")?
        .query_row([], |row| {
            let walked_to: Option<String> = row.get(2)?;
            Ok(AlmaCursor {
                settings: row.get(0)?,
                change_seq: row.get(1)?,
                walked_to: walked_to.map(|to| {
                    let record = to.strip_prefix(BEGIN).and_then(|to| to.split_once(BETWEEN));
                    let (kind, id) = record.unwrap_or_default();
                    RecordId { kind: kind.to_owned(), id: id.to_owned() }
                }),
            })
        });
    Ok(found.optional()?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rusqlite::Connection;

    use super::*;
    use crate::clock::{SharedClock, SystemClock};
    use crate::ledger::{Ledger, WhenFull};

    /// The records that a walk over some kinds meets, two at a time.
    fn walk(tx: &Tx<'_>, kinds: &[&str]) -> Vec<String> {
        let mut met = Vec::new();
        while let Some(to) = tx.alma_cursor().unwrap().unwrap().walked_to {
            let records = tx.records_after("uzhkh", kinds, &to, 2).unwrap();
            met.extend(records.iter().map(|record| format!("{} {}", record.kind, record.id)));
            tx.set_alma_walked(records.last()).unwrap();
        }
        met
    }

    #[test]
    fn a_walk_goes_kind_by_kind_and_begins_anew_after_one_in_another_order() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.db");
        let clock: SharedClock = Arc::new(SystemClock);
        Ledger::open(&path, Arc::clone(&clock), WhenFull::Fail).unwrap().close().unwrap();
        let connection = Connection::open(&path).unwrap();
        for (kind, id) in
            [("account", "a 1"), ("object", ""), ("object", "o1"), ("object", "o2"), ("car", "c")]
        {
            let insert = "INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at) \
                          VALUES ('uzhkh', ?1, ?2, '{}', '', '', '')";
            connection.execute(insert, [kind, id]).unwrap();
        }
        let tx = Tx::new(&connection, clock.now());
        let all = ["object ", "object o1", "object o2", "account a 1"];
        tx.restart_alma("").unwrap();
        assert_eq!(walk(&tx, &["object", "account"]), all);
        for (walked_to, left) in [(">object o1", &all[2..]), (">account a", &all[3..])] {
            connection.execute("UPDATE alma_cursor SET walked_to = ?1", [walked_to]).unwrap();
            assert_eq!(walk(&tx, &["object", "account"]), left);
        }
        // In the order of their names, accounts come before objects.
        connection.execute("UPDATE alma_cursor SET walked_to = 'account a 1'", []).unwrap();
        assert_eq!(walk(&tx, &["object", "account"]), all);
    }
}
