//! Pages of `record`: the present state, in the order of source, kind and id.

use rusqlite::params;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Filling, Rows, body};
use crate::ledger::{ChangeSeq, Error, Reader, RecordKey};

/// A query for records.
#[derive(Debug, Clone)]
pub(crate) struct RecordsWanted {
    /// The pairs of source and kind that are wanted, in the order of their texts.
    pub(crate) kinds: Vec<(&'static str, &'static str)>,
    /// Source, kind and id of the last record of the page before.
    pub(crate) after: Option<[String; 3]>,
    /// The most records of a page.
    pub(crate) limit: usize,
    /// Deleted records too.
    pub(crate) with_deleted: bool,
}

/// A record.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Record)]
pub(crate) struct RecordRow {
    /// The system that it is of.
    pub(crate) source: String,
    /// Its kind there.
    pub(crate) kind: String,
    /// Its id.
    pub(crate) id: String,
    /// When it last changed.
    pub(crate) updated_at: String,
    /// When it was deleted; None: it is live.
    pub(crate) deleted_at: Option<String>,
    /// Since when a full list lacks it.
    pub(crate) missing_since: Option<String>,
    /// The entity as it was received, with permanent ids.
    #[schema(value_type = Option<Object>)]
    pub(crate) body: Option<Box<RawValue>>,
}

/// A page of records, all as they are at one moment.
#[derive(Debug)]
pub(crate) struct RecordPage {
    /// `ledger_id` of the ledger.
    pub(crate) ledger: String,
    /// The last change at that moment.
    pub(crate) at_change: ChangeSeq,
    /// The records.
    pub(crate) page: Rows<RecordRow, [String; 3]>,
}

const COLUMNS: &str = "source, kind, id, updated_at, deleted_at, missing_since, body";

impl Reader {
    /// The next page of records.
    ///
    /// # Errors
    /// SQLite's own.
    pub(crate) fn records(&self, wanted: &RecordsWanted) -> Result<RecordPage, Error> {
        self.at_one_moment(|reader| {
            let (ledger, at_change) = reader.state_at()?;
            let mut filling = Filling::new(wanted.limit);
            for pair in &wanted.kinds {
                let after = match &wanted.after {
                    Some([source, kind, id]) => match pair.cmp(&(source.as_str(), kind.as_str())) {
                        std::cmp::Ordering::Less => continue,
                        std::cmp::Ordering::Equal => id.as_str(),
                        std::cmp::Ordering::Greater => "",
                    },
                    None => "",
                };
                if !reader.fill(&mut filling, *pair, after, wanted.with_deleted)? {
                    break;
                }
            }
            Ok(RecordPage { ledger, at_change: ChangeSeq(at_change), page: filling.page })
        })
    }

    /// Adds the records of a kind; whether the page has room for more.
    fn fill(
        &self,
        filling: &mut Filling<RecordRow, [String; 3]>,
        (source, kind): (&str, &str),
        after: &str,
        with_deleted: bool,
    ) -> Result<bool, Error> {
        // No id is empty, so all come after the empty text.
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM record WHERE source = ?1 AND kind = ?2 AND id > ?3 ORDER BY id"
        ))?;
        let mut rows = statement.query(params![source, kind, after])?;
        while let Some(row) = rows.next()? {
            if !filling.has_room() {
                return Ok(false);
            }
            let key = [row.get(0)?, row.get(1)?, row.get(2)?];
            if !with_deleted && row.get::<_, Option<String>>(4)?.is_some() {
                filling.pass(key);
                continue;
            }
            let (record, bytes) = from_row(row)?;
            filling.add(key, record, bytes);
        }
        Ok(true)
    }

    /// One record, deleted or not.
    ///
    /// # Errors
    /// SQLite's own.
    pub(crate) fn record_row(&self, key: RecordKey<'_>) -> Result<Option<RecordRow>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM record WHERE source = ?1 AND kind = ?2 AND id = ?3"
        ))?;
        let mut rows = statement.query([key.source, key.kind, key.id])?;
        match rows.next()? {
            Some(row) => Ok(Some(from_row(row)?.0)),
            None => Ok(None),
        }
    }

    /// The name of a temporary id of UZhKH, where it has one.
    ///
    /// # Errors
    /// SQLite's own.
    pub(crate) fn name_of(&self, kind: &str, temporary_id: &str) -> Result<Option<String>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT permanent_id FROM identity WHERE kind = ?1 AND temporary_id = ?2",
        )?;
        let mut rows = statement.query([kind, temporary_id])?;
        match rows.next()? {
            Some(row) => Ok(row.get(0)?),
            None => Ok(None),
        }
    }
}

fn from_row(row: &rusqlite::Row<'_>) -> Result<(RecordRow, usize), Error> {
    let (body, bytes) = body(row, 6)?;
    let record = RecordRow {
        source: row.get(0)?,
        kind: row.get(1)?,
        id: row.get(2)?,
        updated_at: row.get(3)?,
        deleted_at: row.get(4)?,
        missing_since: row.get(5)?,
        body,
    };
    Ok((record, bytes))
}
