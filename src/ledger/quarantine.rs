//! What could not be understood, and what an operator decides about it.
//!
//! Entries of the queues are quarantined envelopes; elements of full lists are
//! rows of `item`, whose numbers begin far above.

use rusqlite::{OptionalExtension, Row, params};

use super::envelope::kinds_json;
use super::word::in_column;
use super::{ChangeSeq, EnvelopeSeq, Error, Reader, Refusal, TemporaryId, Tx};

/// `item.state` once it has been decided on.
#[derive(Clone, Copy, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum ItemState {
    Applied,
    Dismissed,
}

in_column!(ItemState);

/// Something quarantined, for a list.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Quarantined {
    /// Its number, for the commands.
    pub seq: i64,
    /// The system it came from.
    pub source: String,
    /// The queue or list it came from.
    pub queue: String,
    /// Its Guid; empty where there was none.
    pub guid: String,
    /// When it came.
    pub received_at: String,
    /// Why it could not be understood.
    pub reason: String,
    /// How many bytes it had.
    pub bytes: u64,
}

/// Something quarantined, with its text.
#[derive(Debug, Clone)]
pub struct QuarantinedItem {
    /// What it is.
    pub about: Quarantined,
    /// Its bytes; only the beginning where `about.bytes` is more.
    pub body: Vec<u8>,
}

impl QuarantinedItem {
    /// Whether all that was received is here.
    pub fn is_whole(&self) -> bool {
        self.body.len() as u64 == self.about.bytes
    }
}

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Quarantined> {
    Ok(Quarantined {
        seq: row.get(0)?,
        source: row.get(1)?,
        queue: row.get(2)?,
        guid: row.get(3)?,
        received_at: row.get(4)?,
        reason: row.get(5)?,
        bytes: row.get(6)?,
    })
}

pub(super) const COLUMNS: &str = "seq, source, queue, guid, received_at, last_error, bytes";

impl Reader {
    /// Everything quarantined, oldest first.
    pub fn quarantined(&self) -> Result<Vec<Quarantined>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM quarantine ORDER BY seq");
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map([], from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One quarantined thing with its text.
    ///
    /// # Errors
    /// [`Refusal::NotQuarantined`].
    pub fn quarantined_item(&self, seq: i64) -> Result<QuarantinedItem, Error> {
        quarantined_item(&self.connection, seq)
    }
}

impl Tx<'_> {
    /// One quarantined thing with its text, in this transaction.
    ///
    /// # Errors
    /// [`Refusal::NotQuarantined`].
    pub fn quarantined_item(&self, seq: i64) -> Result<QuarantinedItem, Error> {
        quarantined_item(self.connection, seq)
    }

    /// The newest change when something quarantined came: changes since are newer than it,
    /// whatever the clock said.
    ///
    /// # Errors
    /// [`Refusal::NotQuarantined`].
    pub fn came_after(&self, seq: i64) -> Result<ChangeSeq, Error> {
        let found = self
            .connection
            .prepare(
                "SELECT coalesce(as_of, (SELECT coalesce(max(seq), 0) FROM change WHERE at <= received_at)) FROM \
                 (SELECT as_of, received_at FROM envelope WHERE seq = ?1 \
                 UNION ALL SELECT as_of, received_at FROM item WHERE seq = ?1)",
            )?
            .query_row([seq], |row| row.get(0))
            .optional()?;
        found.ok_or_else(|| Refusal::NotQuarantined { seq }.into())
    }

    /// A quarantined envelope was understood after all: it is due now.
    pub fn release_envelope(
        &self,
        seq: EnvelopeSeq,
        kinds: &[&str],
        announces: Option<&TemporaryId<'_>>,
    ) -> Result<(), Error> {
        self.connection
            .prepare(
                "UPDATE envelope SET state = 'committed', last_error = NULL, kinds = ?2, \
                 announces_kind = ?3, announces_id = ?4 WHERE seq = ?1 AND state = 'quarantined'",
            )?
            .execute(params![
                seq,
                kinds_json(kinds),
                announces.map(|announced| &*announced.kind),
                announces.map(|announced| &*announced.id)
            ])?;
        Ok(())
    }

    /// A quarantined item was understood after all.
    pub fn release_item(&self, seq: i64) -> Result<(), Error> {
        self.set_item_state(seq, ItemState::Applied)
    }

    /// The operator gives a quarantined thing up: an envelope is acknowledged
    /// without having been applied, an item is no longer shown.
    ///
    /// # Errors
    /// [`Refusal::NotQuarantined`], [`Refusal::NoGuid`].
    pub fn give_up(&self, seq: i64) -> Result<(), Error> {
        let held = self.quarantined_item(seq)?;
        if self.is_item(seq)? {
            return self.set_item_state(seq, ItemState::Dismissed);
        }
        if held.about.guid.is_empty() {
            return Err(Refusal::NoGuid { seq }.into());
        }
        self.release_envelope(EnvelopeSeq(seq), &[], None)
    }

    /// Whether the number is that of an item, not of an envelope.
    pub fn is_item(&self, seq: i64) -> Result<bool, Error> {
        Ok(self.connection.prepare("SELECT 1 FROM item WHERE seq = ?1")?.exists([seq])?)
    }

    fn set_item_state(&self, seq: i64, state: ItemState) -> Result<(), Error> {
        self.connection
            .prepare("UPDATE item SET state = ?2 WHERE seq = ?1 AND state = 'quarantined'")?
            .execute(params![seq, state])?;
        Ok(())
    }
}

fn quarantined_item(connection: &rusqlite::Connection, seq: i64) -> Result<QuarantinedItem, Error> {
    let sql = format!("SELECT {COLUMNS}, CAST(body AS BLOB) FROM quarantine WHERE seq = ?1");
    let found = connection
        .prepare(&sql)?
        .query_row([seq], |row| Ok(QuarantinedItem { about: from_row(row)?, body: row.get(7)? }));
    found.optional()?.ok_or_else(|| Refusal::NotQuarantined { seq }.into())
}
