//! What the pages of the console ask: lists by pages, each with how many there are in all.
//!
//! A page is asked for now and then by a person, so a table may be walked through, but no
//! more than a page of it is read into memory.

mod alma;
mod calls;
mod card;
mod envelope;
mod keys;
mod quarantine;
mod requests;
mod waiting;

use rusqlite::{Params, Row};

pub(crate) use alma::AlmaFilter;
pub(crate) use calls::CallFilter;
pub(crate) use card::{EnvelopeText, RecordBody};
pub(crate) use envelope::FoundEnvelope;
pub(crate) use keys::{BookingLine, ReadyFlatLine};
pub(crate) use quarantine::QuarantineFilter;
pub(crate) use requests::RequestLine;
pub(crate) use waiting::{Waiting, WaitingKind};

use super::{Error, Reader};

/// Which lines of a list, counted from 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lines {
    /// The first.
    pub(crate) first: u64,
    /// How many at the most.
    pub(crate) most: u64,
}

/// Some lines of a list.
#[derive(Debug)]
pub(crate) struct Listed<T> {
    /// The lines.
    pub(crate) lines: Vec<T>,
    /// How many there are in all.
    pub(crate) total: u64,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { lines: Vec::new(), total: 0 }
    }
}

impl Reader {
    fn list<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Error> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(values, read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
