//! Pages of changes and of records, each read at one moment of the ledger.

use std::collections::HashSet;

use rusqlite::{CachedStatement, OptionalExtension, Row};

use crate::ledger::{ChangeSeq, Error, Reader};

/// Rows after which a page ends, whether they are wanted or not.
const PAGE_ROWS: usize = 50_000;

/// The columns of a record, as [`RelayRecord`] has them.
const RECORD: &str = "source, kind, id, body, updated_at, deleted_at, missing_since";

/// The name of a record, with texts of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RelayKey {
    /// `record.source`
    pub source: String,
    /// `record.kind`
    pub kind: String,
    /// `record.id`
    pub id: String,
}

/// A row of `change`, as it is relayed.
#[derive(Debug, Clone)]
pub struct RelayChange {
    /// `change.seq`
    pub seq: ChangeSeq,
    /// When it was made.
    pub at: String,
    /// The record that it is of.
    pub key: RelayKey,
    /// `change.op`
    pub op: String,
    /// `change.fields`
    pub fields: Option<String>,
}

/// A row of `record`, as it is relayed.
#[derive(Debug, Clone)]
pub struct RelayRecord {
    /// Its name.
    pub key: RelayKey,
    /// `record.body`
    pub body: String,
    /// `record.updated_at`
    pub updated_at: String,
    /// `record.deleted_at`
    pub deleted_at: Option<String>,
    /// `record.missing_since`
    pub missing_since: Option<String>,
}

/// The next changes, with the records that they are of as those are now.
#[derive(Debug, Clone, Default)]
pub struct RelayChanges {
    /// The changes that are wanted, in order.
    pub changes: Vec<RelayChange>,
    /// The records of these changes, each once.
    pub records: Vec<RelayRecord>,
    /// What these changes are of and the ledger no longer has, by naming and merging, with
    /// the time of the change.
    pub gone: Vec<(RelayKey, String)>,
    /// The cursor to go on with: what is not wanted lies before it too.
    pub last: ChangeSeq,
    /// The newest change when the page was read.
    pub newest: ChangeSeq,
    /// Whether the page reaches the newest change.
    pub is_end: bool,
}

/// The next records, in the order of their names.
#[derive(Debug, Clone, Default)]
pub struct RelayRecords {
    /// The records that are wanted, deleted ones too.
    pub records: Vec<RelayRecord>,
    /// The name to go on after.
    pub last: RelayKey,
    /// The newest change when the page was read.
    pub newest: ChangeSeq,
    /// Whether the page reaches the last record.
    pub is_end: bool,
}

/// The kinds that are wanted; `None`: all.
type Kinds<'k> = Option<&'k [&'static str]>;

fn is_wanted(kinds: Kinds<'_>, kind: &str) -> bool {
    kinds.is_none_or(|kinds| kinds.contains(&kind))
}

impl Reader {
    /// The next changes after a cursor: at most `limit` that are wanted, and of records about
    /// `most_bytes`; one change is always among them.
    ///
    /// # Errors
    /// As of [`Reader::changes`], where the cursor is of no use.
    pub fn relay_changes(
        &self,
        after: ChangeSeq,
        kinds: Kinds<'_>,
        limit: usize,
        most_bytes: usize,
    ) -> Result<RelayChanges, Error> {
        self.at_one_moment(|reader| {
            reader.check_cursor(after)?;
            reader.page_of_changes(after, kinds, limit, most_bytes)
        })
    }

    fn page_of_changes(
        &self,
        after: ChangeSeq,
        kinds: Kinds<'_>,
        limit: usize,
        most_bytes: usize,
    ) -> Result<RelayChanges, Error> {
        let newest = ChangeSeq(self.newest_given_change()?);
        let mut page = RelayChanges { last: after, newest, is_end: true, ..Default::default() };
        let mut lookup = self.record_by_key()?;
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, at, source, kind, id, op, fields, \
                 CASE op WHEN 'rename' THEN fields ->> '$.Id[0]' END \
             FROM change WHERE seq > ?1 ORDER BY seq",
        )?;
        let mut rows = statement.query([after])?;
        let (mut known, mut bytes, mut seen) = (HashSet::new(), 0, 0);
        while let Some(row) = rows.next()? {
            if page.changes.len() >= limit || seen >= PAGE_ROWS {
                page.is_end = false;
                break;
            }
            seen += 1;
            let (change, old_id) = change_of(row)?;
            if !is_wanted(kinds, &change.key.kind) {
                page.last = change.seq;
                continue;
            }
            let old = old_id.map(|id| RelayKey { id, ..change.key.clone() });
            let mut records = Vec::new();
            let mut gone = Vec::new();
            for key in std::iter::once(&change.key).chain(old.as_ref()) {
                if known.contains(key) {
                    continue;
                }
                match find(&mut lookup, key)? {
                    Some(record) => records.push(record),
                    None => gone.push((key.clone(), change.at.clone())),
                }
            }
            let length = change.fields.as_ref().map_or(0, String::len)
                + records.iter().map(|record| record.body.len()).sum::<usize>();
            if bytes + length > most_bytes && !page.changes.is_empty() {
                page.is_end = false;
                break;
            }
            bytes += length;
            known.extend(records.iter().map(|record| record.key.clone()));
            known.extend(gone.iter().map(|(key, _)| key.clone()));
            page.records.append(&mut records);
            page.gone.append(&mut gone);
            page.last = change.seq;
            page.changes.push(change);
        }
        if page.is_end {
            // Numbers that a restore has left out lie before it.
            page.last = page.last.max(newest);
        }
        Ok(page)
    }

    /// The changes with these numbers, one page each, as far as they are kept: what was stuck.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn relay_change(&self, seq: ChangeSeq) -> Result<Option<RelayChanges>, Error> {
        self.at_one_moment(|reader| {
            let page = reader.page_of_changes(ChangeSeq(seq.0 - 1), None, 1, 0)?;
            let is_kept = page.changes.first().is_some_and(|change| change.seq == seq);
            Ok(is_kept.then_some(page))
        })
    }

    /// A record by its name, with the newest change at that moment.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn relay_record(&self, key: &RelayKey) -> Result<Option<RelayRecords>, Error> {
        self.at_one_moment(|reader| {
            let newest = ChangeSeq(reader.newest_given_change()?);
            let found = find(&mut reader.record_by_key()?, key)?;
            Ok(found.map(|record| RelayRecords {
                records: vec![record],
                last: key.clone(),
                newest,
                is_end: true,
            }))
        })
    }

    /// The next records after a name: at most `limit` that are wanted, and of bodies about
    /// `most_bytes`; one is always among them.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn relay_records(
        &self,
        after: &RelayKey,
        kinds: Kinds<'_>,
        limit: usize,
        most_bytes: usize,
    ) -> Result<RelayRecords, Error> {
        self.at_one_moment(|reader| {
            let newest = ChangeSeq(reader.newest_given_change()?);
            let mut page = RelayRecords { newest, is_end: true, ..Default::default() };
            page.last = after.clone();
            let mut statement = reader.connection.prepare_cached(&format!(
                "SELECT {RECORD} FROM record WHERE (source, kind, id) > (?1, ?2, ?3) \
                 ORDER BY source, kind, id"
            ))?;
            let mut rows = statement.query([&after.source, &after.kind, &after.id])?;
            let (mut bytes, mut seen) = (0, 0);
            while let Some(row) = rows.next()? {
                if page.records.len() >= limit || seen >= PAGE_ROWS {
                    page.is_end = false;
                    break;
                }
                seen += 1;
                let kind: String = row.get(1)?;
                if !is_wanted(kinds, &kind) {
                    page.last = RelayKey { source: row.get(0)?, kind, id: row.get(2)? };
                    continue;
                }
                let record = record_of(row)?;
                if bytes + record.body.len() > most_bytes && !page.records.is_empty() {
                    page.is_end = false;
                    break;
                }
                bytes += record.body.len();
                page.last = record.key.clone();
                page.records.push(record);
            }
            Ok(page)
        })
    }

    /// The records that a full list no longer had, each with the time since when.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn relay_missing(&self, kinds: Kinds<'_>) -> Result<Vec<(RelayKey, String)>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT source, kind, id, missing_since FROM record INDEXED BY record_missing \
             WHERE missing_since IS NOT NULL ORDER BY source, kind, id",
        )?;
        let rows = statement.query_map([], |row| {
            let key = RelayKey { source: row.get(0)?, kind: row.get(1)?, id: row.get(2)? };
            Ok((key, row.get(3)?))
        })?;
        let rows: Vec<(RelayKey, String)> = rows.collect::<Result<_, _>>()?;
        Ok(rows.into_iter().filter(|(key, _)| is_wanted(kinds, &key.kind)).collect())
    }

    /// The last number that was given to a change: an epoch of the relay begins after it.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn end_of_log(&self) -> Result<ChangeSeq, Error> {
        Ok(ChangeSeq(self.newest_given_change()?))
    }

    fn record_by_key(&self) -> Result<CachedStatement<'_>, Error> {
        let sql =
            format!("SELECT {RECORD} FROM record WHERE source = ?1 AND kind = ?2 AND id = ?3");
        Ok(self.connection.prepare_cached(&sql)?)
    }
}

fn find(lookup: &mut CachedStatement<'_>, key: &RelayKey) -> Result<Option<RelayRecord>, Error> {
    let found = lookup.query_row([&key.source, &key.kind, &key.id], record_of);
    Ok(found.optional()?)
}

fn record_of(row: &Row<'_>) -> rusqlite::Result<RelayRecord> {
    Ok(RelayRecord {
        key: RelayKey { source: row.get(0)?, kind: row.get(1)?, id: row.get(2)? },
        body: row.get(3)?,
        updated_at: row.get(4)?,
        deleted_at: row.get(5)?,
        missing_since: row.get(6)?,
    })
}

/// A change, and of a rename the id that the record had before.
fn change_of(row: &Row<'_>) -> rusqlite::Result<(RelayChange, Option<String>)> {
    let change = RelayChange {
        seq: row.get(0)?,
        at: row.get(1)?,
        key: RelayKey { source: row.get(2)?, kind: row.get(3)?, id: row.get(4)? },
        op: row.get(5)?,
        fields: row.get(6)?,
    };
    Ok((change, row.get(7)?))
}
