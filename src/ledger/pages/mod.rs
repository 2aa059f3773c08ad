//! Lists, page by page: each page begins after the last key of the one before, by an index, so
//! that the last page costs what the first one does, and no reader stays open between them.
//!
//! A page ends at its limit, or where its text has become long, or where many rows that are
//! not wanted were passed over: there may be fewer rows than the limit, even none, and more to
//! come. Only a page without a key to go on with is the last one.

mod alma;
mod calls;
mod decisions;
mod identities;
mod records;
mod texts;

use rusqlite::Row;
use serde_json::value::RawValue;

pub(crate) use alma::{AlmaObject, AlmaWanted};
pub(crate) use calls::CallsWanted;
pub(crate) use decisions::{DecidedRequest, DecisionsWanted};
pub(crate) use identities::{IdentitiesWanted, NamedRecord};
pub(crate) use records::{RecordPage, RecordRow, RecordsWanted};

use super::change::on_one_line;
use super::{Error, Reader};

/// Bytes of text after which a page ends.
const PAGE_BYTES: usize = 4 << 20;
/// Rows after which a page ends, whether they are wanted or not.
const PAGE_ROWS: usize = 50_000;

/// A page of a list.
#[derive(Debug)]
pub(crate) struct Rows<T, K> {
    /// What it holds, in order.
    pub(crate) rows: Vec<T>,
    /// The key to go on after; None: this is the end.
    pub(crate) next: Option<K>,
}

/// A page that is being filled.
struct Filling<T, K> {
    page: Rows<T, K>,
    limit: usize,
    bytes: usize,
    seen: usize,
    last: Option<K>,
}

impl<T, K: Clone> Filling<T, K> {
    fn new(limit: usize) -> Self {
        let page = Rows { rows: Vec::new(), next: None };
        Self { page, limit, bytes: 0, seen: 0, last: None }
    }

    /// Whether there is room for another row; where there is none, what follows is on the
    /// next page.
    fn has_room(&mut self) -> bool {
        let is_full = self.page.rows.len() >= self.limit
            || self.bytes >= PAGE_BYTES
            || self.seen >= PAGE_ROWS;
        if is_full {
            self.page.next.clone_from(&self.last);
        }
        !is_full
    }

    /// A row was passed over.
    fn pass(&mut self, key: K) {
        self.seen += 1;
        self.last = Some(key);
    }

    fn add(&mut self, key: K, row: T, bytes: usize) {
        self.bytes += bytes;
        self.page.rows.push(row);
        self.pass(key);
    }
}

/// A body, and how long it is. One that is no JSON, which `verify` tells of, is left out.
fn body(row: &Row<'_>, column: usize) -> Result<(Option<Box<RawValue>>, usize), Error> {
    let text: Option<String> = row.get(column)?;
    let bytes = 256 + text.as_ref().map_or(0, String::len);
    Ok((text.and_then(on_one_line), bytes))
}

impl Reader {
    /// The last change that was given out, whether it is kept or not: what a follower that has
    /// read the present state goes on after.
    ///
    /// # Errors
    /// SQLite's own.
    pub(crate) fn state_at(&self) -> Result<(String, i64), Error> {
        Ok((self.ledger_id()?, self.newest_given_change()?))
    }
}
