//! Filling the index: every record once, then the changes as they come.
//!
//! The number of the newest change is written down before the walk begins, so what changes
//! during it is looked at again afterwards. A batch and how far it goes are one transaction.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::entry::{Entry, Source};
use super::file::{self, State, There};
use crate::ledger::hash::sha256;
use crate::ledger::{ChangeSeq, Error, Reader, RecordKey};

/// Records and changes of a batch: another batch of the ledger's reader waits no longer.
const BATCH: usize = 500;

/// What a step has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// There is more to be done at once.
    More,
    /// The index has all that the ledger had.
    Even,
}

/// Fills the index of a ledger. Has connections of its own, and blocks.
pub(crate) struct Indexer {
    ledger: Reader,
    index: Connection,
    path: PathBuf,
    /// What stood at the path when it was opened.
    there: There,
    state: State,
}

impl Indexer {
    /// Opens the index of a ledger, and makes it anew where it is of no use.
    ///
    /// # Errors
    /// The ledger cannot be read, or the folder not be written.
    pub(crate) fn open(ledger: &Path) -> Result<Self, Error> {
        let path = file::path(ledger);
        let ledger = Reader::open_for_much(ledger)?;
        let (ledger_id, views) = (ledger.ledger_id()?, views_of(&ledger)?);
        if let Some(index) = file::open(&path).unwrap_or(None)
            && let Some(state) = file::state(&index).unwrap_or(None)
            && state.ledger_id == ledger_id
            && state.views == views
            && ledger.check_cursor(ChangeSeq(state.change_seq)).is_ok()
        {
            return Ok(Self { ledger, index, there: There::at(&path), path, state });
        }
        let change_seq = ledger.newest_given_change()?;
        let state = State { ledger_id, views, change_seq, walked_to: Some("[]".to_owned()) };
        let index = file::make(&path, &state)?;
        Ok(Self { ledger, index, there: There::at(&path), path, state })
    }

    /// Throws away what stands at the path, and begins with the first record.
    fn begin_anew(&mut self) -> Result<Step, Error> {
        self.state.change_seq = self.ledger.newest_given_change()?;
        self.state.walked_to = Some("[]".to_owned());
        self.index = file::make(&self.path, &self.state)?;
        self.there = There::at(&self.path);
        Ok(Step::More)
    }

    /// Indexes the next batch.
    ///
    /// # Errors
    /// As of [`Indexer::open`]; open it anew then: a damaged index is made anew.
    pub(crate) fn step(&mut self) -> Result<Step, Error> {
        if There::at(&self.path) != self.there {
            // It was removed or replaced, and its log may be beside another file by now.
            return self.begin_anew();
        }
        let stepped = match self.state.walked_to.clone() {
            Some(walked_to) => self.walk(&walked_to),
            None => self.follow(),
        };
        if stepped.as_ref().is_err_and(is_spoilt) {
            return self.begin_anew();
        }
        stepped
    }

    /// Indexes the records after a key.
    fn walk(&mut self, walked_to: &str) -> Result<Step, Error> {
        let after: Vec<String> = serde_json::from_str(walked_to).unwrap_or_default();
        let [source, kind, id] = <[String; 3]>::try_from(after).unwrap_or_default();
        let mut statement = self.ledger.connection.prepare_cached(
            "SELECT source, kind, id FROM record WHERE (source, kind, id) > (?1, ?2, ?3) \
             ORDER BY source, kind, id LIMIT ?4",
        )?;
        let rows = statement.query_map(params![source, kind, id, BATCH], |row| {
            Ok([row.get(0)?, row.get(1)?, row.get(2)?])
        })?;
        let keys = rows.collect::<Result<Vec<[String; 3]>, _>>()?;
        drop(statement);
        let mut state = self.state.clone();
        state.walked_to = keys.last().map(|key| serde_json::json!(key).to_string());
        self.put(keys.iter().map(<[String; 3]>::as_slice), state)?;
        Ok(Step::More)
    }

    /// Indexes what has changed.
    fn follow(&mut self) -> Result<Step, Error> {
        if self.ledger.check_cursor(ChangeSeq(self.state.change_seq)).is_err() {
            // A backup has taken the ledger's place, or the changes are no longer kept.
            return self.begin_anew();
        }
        let mut statement = self.ledger.connection.prepare_cached(
            "SELECT seq, source, kind, id, CASE op WHEN 'rename' THEN fields ->> '$.Id[0]' END \
             FROM change WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        )?;
        let mut rows = statement.query(params![self.state.change_seq, BATCH])?;
        let mut state = self.state.clone();
        let mut keys: BTreeSet<Vec<String>> = BTreeSet::new();
        let mut seen = 0;
        while let Some(row) = rows.next()? {
            state.change_seq = row.get(0)?;
            let (source, kind): (String, String) = (row.get(1)?, row.get(2)?);
            if let Some(before) = row.get::<_, Option<String>>(4)? {
                keys.insert(vec![source.clone(), kind.clone(), before]);
            }
            keys.insert(vec![source, kind, row.get(3)?]);
            seen += 1;
        }
        drop(rows);
        drop(statement);
        if seen == 0 {
            return Ok(Step::Even);
        }
        self.put(keys.iter().map(Vec::as_slice), state)?;
        Ok(if seen == BATCH { Step::More } else { Step::Even })
    }

    /// Writes the entries of these records, and how far the index is with them.
    fn put<'k>(
        &mut self,
        keys: impl Iterator<Item = &'k [String]>,
        state: State,
    ) -> Result<(), Error> {
        let transaction = self.index.transaction()?;
        for key in keys {
            let [source, kind, id] = key else { continue };
            put(&transaction, &self.ledger, RecordKey::new(source, kind, id))?;
        }
        note(&transaction, &state)?;
        transaction.commit()?;
        self.state = state;
        Ok(())
    }
}

/// What tells the views of a portal's records from others: under a config that names other fields
/// they say something else of records that have not changed.
fn views_of(ledger: &Reader) -> Result<String, Error> {
    let sql = "SELECT group_concat(sql) FROM (SELECT sql FROM sqlite_schema \
               WHERE type = 'view' AND name GLOB 'bitrix_*' ORDER BY name)";
    let views: Option<String> = ledger.connection.query_row(sql, [], |row| row.get(0))?;
    Ok(sha256(views.unwrap_or_default().as_bytes()))
}

fn note(index: &Connection, state: &State) -> Result<(), Error> {
    index
        .prepare_cached("UPDATE state SET change_seq = ?1, walked_to = ?2")?
        .execute(params![state.change_seq, state.walked_to])?;
    Ok(())
}

/// Whether the index itself is at fault.
fn is_spoilt(error: &Error) -> bool {
    matches!(error, Error::Damaged(_))
}

/// Puts a record into the index, or takes out what is no longer there.
fn put(index: &Transaction<'_>, ledger: &Reader, key: RecordKey<'_>) -> Result<(), Error> {
    let known: Option<i64> = index
        .prepare_cached("SELECT seq FROM hit WHERE source = ?1 AND kind = ?2 AND id = ?3")?
        .query_row([key.source, key.kind, key.id], |row| row.get(0))
        .optional()?;
    if let Some(seq) = known {
        for sql in [
            "DELETE FROM exact WHERE hit = ?1",
            "DELETE FROM link WHERE hit = ?1",
            "DELETE FROM words WHERE rowid = ?1",
            "DELETE FROM hit WHERE seq = ?1",
        ] {
            index.prepare_cached(sql)?.execute([seq])?;
        }
    }
    let record: Option<(String, bool, Option<String>)> = ledger
        .connection
        .prepare_cached(
            "SELECT body, deleted_at IS NULL, CASE source WHEN 'uzhkh' THEN (SELECT temporary_id FROM identity \
                 WHERE identity.kind = record.kind AND permanent_id = record.id) END \
             FROM record WHERE source = ?1 AND kind = ?2 AND id = ?3",
        )?
        .query_row([key.source, key.kind, key.id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((body, is_live, temporary)) = record else { return Ok(()) };
    let source = Source { key, body: &body, temporary };
    let entry = Entry::of(&source, &ledger.connection)?;
    index
        .prepare_cached(
            "INSERT INTO hit (source, kind, id, house, flat, is_live) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            key.source,
            key.kind,
            key.id,
            entry.house.join(" "),
            entry.flat.join(" "),
            is_live
        ])?;
    let seq = index.last_insert_rowid();
    for (class, value) in &entry.exact {
        index
            .prepare_cached("INSERT INTO exact (class, value, hit) VALUES (?1, ?2, ?3)")?
            .execute(params![*class as i64, value, seq])?;
    }
    for (kind, id) in &entry.links {
        index
            .prepare_cached(
                "INSERT INTO link (kind, id, hit) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )?
            .execute(params![kind, id, seq])?;
    }
    if !entry.place.is_empty() || !entry.people.is_empty() {
        index
            .prepare_cached("INSERT INTO words (rowid, place, people) VALUES (?1, ?2, ?3)")?
            .execute(params![seq, entry.place.join(" "), entry.people.join(" ")])?;
    }
    Ok(())
}
