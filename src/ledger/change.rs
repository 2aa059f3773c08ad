//! Pages of `change`, for readers that follow the ledger with one cursor.
//!
//! `change.seq` is given inside a transaction that has the only write lock there is, so
//! a later commit never brings a lower number than an earlier one: a reader that has seen all
//! up to a number misses nothing by asking for what comes after it. What is taken back
//! takes its numbers back too. A cursor that can no longer keep this promise is refused:
//! one before the oldest change that is kept, one beyond the newest, which another ledger
//! has given out, and one of a change that a restore has undone: its reader
//! holds what the ledger no longer does. Only a restore leaves numbers out, so such a
//! cursor is known by having no change beside it.

use rusqlite::{Connection, Row, named_params};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{ChangeSeq, EnvelopeSeq, Error, Op, Reader, Refusal, Tx};

/// Bytes of text after which a page ends, however few changes it has.
const PAGE_BYTES: usize = 4 << 20;
/// Rows after which a page ends, whether they match or not.
const PAGE_ROWS: i64 = 50_000;

/// The condition that a row of `change AS c` matches. The other rows are read too: they move
/// the cursor.
const IS_WANTED: &str = "((:sources IS NULL OR c.source IN (SELECT value FROM json_each(:sources))) \
     AND (:kinds IS NULL OR c.kind IN (SELECT value FROM json_each(:kinds))))";

/// A query for changes.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The cursor: only changes with a higher number.
    pub after: ChangeSeq,
    /// The `ledger_id` of the ledger that gave the cursor, where that is known.
    pub ledger: Option<String>,
    /// The largest number of changes in a page.
    pub limit: usize,
    /// Only changes of these systems, `record.source`; empty: of all.
    pub sources: Vec<String>,
    /// Only changes of these kinds, `record.kind`; empty: of all.
    pub kinds: Vec<String>,
    /// Adds the present body of each record.
    pub with_body: bool,
}

/// A row of `change`.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Change {
    /// `change.seq`: the cursor of a reader that has dealt with it.
    pub seq: ChangeSeq,
    /// When it was made.
    pub at: String,
    /// The system that the record is of.
    pub source: String,
    /// The record's kind.
    pub kind: String,
    /// The record's id.
    pub id: String,
    /// What was done to it.
    pub op: Op,
    /// Old and new value of each field of an update, a JSON object.
    #[schema(value_type = Option<Object>)]
    pub fields: Option<Box<RawValue>>,
    /// The envelope that brought it.
    pub envelope_seq: Option<EnvelopeSeq>,
    /// The present body of the record if asked for; null when it is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub body: Option<Option<Box<RawValue>>>,
}

/// A page of changes, in order, without a gap.
#[derive(Debug, Clone)]
pub struct ChangePage {
    /// `ledger_id` of the ledger: what the cursor is of.
    pub ledger: String,
    /// The changes that match.
    pub changes: Vec<Change>,
    /// The cursor to go on with: what was passed over lies before it too.
    pub last: ChangeSeq,
    /// Whether the page reaches the newest change.
    pub is_end: bool,
}

impl Tx<'_> {
    /// The newest change, also where it is kept no longer; 0 where there never was one.
    pub fn newest_change(&self) -> Result<ChangeSeq, Error> {
        newest_change(self.connection)
    }
}

impl Reader {
    /// The newest change, also where it is kept no longer; 0 where there never was one.
    pub fn newest_change(&self) -> Result<ChangeSeq, Error> {
        newest_change(&self.connection)
    }

    /// The next changes after a cursor.
    ///
    /// # Errors
    /// [`Error::CursorOfAnother`], [`Error::CursorTooOld`], [`Error::CursorBeyond`],
    /// [`Error::CursorUndone`].
    pub fn changes(&self, wanted: &Wanted) -> Result<ChangePage, Error> {
        self.at_one_moment(|reader| {
            let ledger = reader.ledger_id()?;
            if wanted.ledger.as_ref().is_some_and(|given| *given != ledger) {
                let newest = reader.newest_given_change()?;
                return Err(Error::CursorOfAnother { ledger, newest });
            }
            reader.check_cursor(wanted.after)?;
            reader.page(ledger, wanted)
        })
    }

    /// `PRAGMA data_version`: differs after each commit of another connection, and costs next
    /// to nothing.
    pub(crate) fn data_version(&self) -> Result<i64, Error> {
        let version = self.connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        Ok(version)
    }

    /// The last number that was given, or left out by a restore: a cursor beyond it is another
    /// ledger's.
    pub(super) fn newest_given_change(&self) -> Result<i64, Error> {
        let sql = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'change'), 0)";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    pub(super) fn check_cursor(&self, ChangeSeq(after): ChangeSeq) -> Result<(), Error> {
        let (oldest, newest, is_beside_one): (Option<i64>, i64, bool) = self
            .connection
            .prepare_cached(
                "SELECT (SELECT min(seq) FROM change), \
                 coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'change'), 0), \
                 EXISTS (SELECT 1 FROM change WHERE seq IN (?1, ?2))",
            )?
            .query_row([after, after.saturating_add(1)], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        // Where none is left, all that were given out have been removed.
        let oldest = oldest.unwrap_or(newest.saturating_add(1));
        if after < oldest - 1 {
            return Err(Error::CursorTooOld { after, oldest, newest });
        }
        if after > newest {
            return Err(Error::CursorBeyond { after, newest });
        }
        if after != newest && !is_beside_one {
            return Err(Error::CursorUndone { after, newest });
        }
        Ok(())
    }

    fn page(&self, ledger: String, wanted: &Wanted) -> Result<ChangePage, Error> {
        let mut page = ChangePage { ledger, changes: Vec::new(), last: wanted.after, is_end: true };
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT seq, at, source, kind, id, op, fields, envelope_seq, {IS_WANTED}, \
                 CASE WHEN {IS_WANTED} AND :with_body THEN (SELECT body FROM record AS r \
                     WHERE r.source = c.source AND r.kind = c.kind AND r.id = c.id AND deleted_at IS NULL) END \
             FROM change AS c WHERE seq > :after ORDER BY seq LIMIT :rows"
        ))?;
        let mut rows = statement.query(named_params! {
            ":after": wanted.after,
            ":sources": listed(&wanted.sources),
            ":kinds": listed(&wanted.kinds),
            ":with_body": wanted.with_body,
            ":rows": PAGE_ROWS,
        })?;
        let (mut bytes, mut seen) = (0, 0);
        while let Some(row) = rows.next()? {
            if page.changes.len() >= wanted.limit || bytes >= PAGE_BYTES {
                page.is_end = false;
                break;
            }
            page.last = row.get(0)?;
            seen += 1;
            if row.get(8)? {
                let (change, length) = from_row(row, wanted.with_body)?;
                bytes += length;
                page.changes.push(change);
            }
        }
        page.is_end &= seen < PAGE_ROWS;
        Ok(page)
    }
}

/// Records name changes that are kept no longer. Where none is kept, what has changed since the
/// newest is told by the last number that was given.
fn newest_change(connection: &Connection) -> Result<ChangeSeq, Error> {
    let sql = "SELECT coalesce((SELECT max(seq) FROM change), \
                   (SELECT seq FROM sqlite_sequence WHERE name = 'change'), 0)";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// A JSON array of words; None where there are none.
fn listed(words: &[String]) -> Option<String> {
    (!words.is_empty()).then(|| serde_json::Value::from(words).to_string())
}

/// A change, and its approximate length in bytes.
fn from_row(row: &Row<'_>, with_body: bool) -> Result<(Change, usize), Error> {
    let seq = row.get(0)?;
    let (fields, body): (Option<String>, Option<String>) = (row.get(6)?, row.get(9)?);
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let bytes = 256 + length(&fields) + length(&body);
    let raw = |text: Option<String>| {
        let raw = text.map(|text| on_one_line(text).ok_or(Refusal::NotJson { seq }));
        raw.transpose().map_err(Error::from)
    };
    let change = Change {
        seq,
        at: row.get(1)?,
        source: row.get(2)?,
        kind: row.get(3)?,
        id: row.get(4)?,
        op: row.get(5)?,
        fields: raw(fields)?,
        envelope_seq: row.get(7)?,
        body: match with_body {
            true => Some(raw(body)?),
            false => None,
        },
    };
    Ok((change, bytes))
}

/// JSON as it was written, numbers included, but for line breaks: those stand between
/// its tokens only. None where it is no JSON.
pub(super) fn on_one_line(mut text: String) -> Option<Box<RawValue>> {
    if text.contains(['\n', '\r']) {
        text = text.replace(['\n', '\r'], " ");
    }
    RawValue::from_string(text).ok()
}
