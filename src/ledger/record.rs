//! `record` and `change`: the current version of each entity, and one row for
//! each real modification of it.

use std::borrow::Cow;
use std::ops::Range;

use rusqlite::{OptionalExtension, params};

use super::chain::NewChange;
use super::differences::{Comparison, differences};
use super::hash::sha256;
use super::word::in_column;
use super::{ChangeSeq, EnvelopeSeq, Error, Reader, RecordKey, Tx};
use crate::json;

/// An entity as it came, ready to be recorded.
#[derive(Debug, Clone)]
pub struct Entity {
    /// The kind, as `record.kind` has it.
    pub kind: &'static str,
    /// Its id; temporary when it begins with `--` and the kind is re-identified.
    pub id: Part,
    /// Its text, with places for the ids that are still temporary.
    pub body: Template,
    /// The members whose values a change shows as text: the documented decimals, or
    /// [`FRACTIONS`](super::FRACTIONS).
    pub decimals: &'static [&'static str],
}

/// A JSON text in which some strings hold temporary ids.
#[derive(Debug, Clone, Default)]
pub struct Template {
    /// The text as received.
    pub text: String,
    /// The string literals to replace, in the order of the text.
    pub slots: Vec<Slot>,
}

impl Template {
    /// The text with every temporary id replaced by what `id_of` gives for its kind and id.
    pub(crate) fn fill<'t, E>(
        &'t self,
        mut id_of: impl FnMut(&'static str, &'t str) -> Result<Cow<'t, str>, E>,
    ) -> Result<Cow<'t, str>, E> {
        let mut text = String::with_capacity(self.text.len() + 40 * self.slots.len());
        let mut done = 0;
        for slot in &self.slots {
            let mut value = String::new();
            for part in &slot.parts {
                match part {
                    Part::Text(text) => value.push_str(text),
                    Part::Temporary { kind, id } => value.push_str(&id_of(kind, id)?),
                }
            }
            text.push_str(&self.text[done..slot.at.start]);
            text.push_str(&json::quote(&value));
            done = slot.at.end;
        }
        text.push_str(&self.text[done..]);
        Ok(text.into())
    }
}

/// One string literal of a [`Template`] that holds temporary ids.
#[derive(Debug, Clone)]
pub struct Slot {
    /// The bytes of the literal, quotes included.
    pub at: Range<usize>,
    /// The parts of the string: several where it is a list.
    pub parts: Vec<Part>,
}

/// A piece of a string: text that stays, or a temporary id to be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text as it is; a permanent id where this is an entity's id.
    Text(String),
    /// A temporary id of an entity of the kind.
    Temporary {
        /// The kind of the entity that has it.
        kind: &'static str,
        /// The id, beginning with `--`.
        id: String,
    },
}

/// `change.op`: what was done to the record.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    serde::Serialize,
    strum::EnumString,
    strum::IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Op {
    /// The record is new.
    Insert,
    /// Fields differ.
    Update,
    /// The record was deleted.
    Delete,
    /// A deleted record lives again.
    Restore,
    /// The record has another id by now, and may have been joined with the one that had it.
    Rename,
}

in_column!(pub Op);

/// The origin of a version of a record, which decides what it may do.
#[derive(Debug, Clone, Copy)]
pub enum Origin {
    /// An envelope: it never brings a deleted record back.
    Envelope(EnvelopeSeq),
    /// A page of a full list, asked for when this was the newest change. It brings
    /// back what was deleted before, and says nothing of what has changed since.
    Page(ChangeSeq),
    /// An envelope that is applied later than it came, when `as_of` was the newest
    /// change: it says nothing of what has changed since.
    Late {
        /// The envelope.
        envelope_seq: EnvelopeSeq,
        /// The newest change when it came.
        as_of: ChangeSeq,
    },
}

impl Origin {
    /// The envelope that it came from; `None` for a page.
    pub fn envelope_seq(self) -> Option<EnvelopeSeq> {
        match self {
            Origin::Envelope(envelope_seq) | Origin::Late { envelope_seq, .. } => {
                Some(envelope_seq)
            }
            Origin::Page(_) => None,
        }
    }
}

/// The effect of a version of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// The record is new.
    Inserted,
    /// The record was modified.
    Updated,
    /// A deleted record lives again.
    Restored,
    /// The version was known already.
    Unchanged,
    /// The record was deleted and stays so.
    Deleted,
    /// The page is older than the record.
    Outdated,
}

impl Put {
    /// Whether a row of `change` was written.
    pub fn is_change(self) -> bool {
        matches!(self, Put::Inserted | Put::Updated | Put::Restored)
    }
}

pub(super) struct Stored {
    pub(super) rowid: i64,
    pub(super) body: String,
    pub(super) is_deleted: bool,
    is_missing: bool,
    pub(super) last_change: Option<ChangeSeq>,
}

impl Stored {
    /// Whether it has changes after `as_of`. Numbers are compared, not times: the clock may
    /// be set back.
    fn has_changed_since(&self, as_of: ChangeSeq) -> bool {
        self.last_change.is_some_and(|last| last > as_of)
    }
}

impl Tx<'_> {
    /// Records a version of an entity whose ids are permanent. The text must be
    /// a JSON object that [`json::object`] accepts.
    pub fn put_record(
        &self,
        key: RecordKey<'_>,
        body: &str,
        comparison: Comparison<'_>,
        origin: Origin,
    ) -> Result<Put, Error> {
        let change = |op, fields, previous| NewChange {
            op,
            fields,
            envelope_seq: origin.envelope_seq(),
            previous,
            renamed: None,
        };
        let Some(stored) = self.stored(key)? else {
            let seq = self.insert_change(key, &change(Op::Insert, None, None))?;
            self.insert_record(key, body, None, seq)?;
            return Ok(Put::Inserted);
        };
        if stored.is_deleted {
            let Origin::Page(as_of) = origin else {
                return Ok(Put::Deleted);
            };
            if stored.has_changed_since(as_of) {
                return Ok(Put::Deleted);
            }
            let seq = self.insert_change(key, &change(Op::Restore, None, stored.last_change))?;
            self.update_record(&stored, body, seq)?;
            return Ok(Put::Restored);
        }
        let fields =
            if stored.body == body { None } else { differences(&stored.body, body, comparison) };
        let Some(fields) = fields else {
            if stored.is_missing {
                self.connection
                    .prepare_cached("UPDATE record SET missing_since = NULL WHERE rowid = ?1")?
                    .execute([stored.rowid])?;
            }
            return Ok(Put::Unchanged);
        };
        if let Origin::Page(as_of) | Origin::Late { as_of, .. } = origin
            && stored.has_changed_since(as_of)
        {
            return Ok(Put::Outdated);
        }
        let update = change(Op::Update, Some(&fields), stored.last_change);
        let seq = self.insert_change(key, &update)?;
        self.update_record(&stored, body, seq)?;
        Ok(Put::Updated)
    }

    /// Deletes a record; one never seen becomes a tombstone with no more than its
    /// Id. Answers whether that changed anything.
    pub fn delete_record(&self, key: RecordKey<'_>, origin: Origin) -> Result<bool, Error> {
        let stored = self.stored(key)?;
        if stored.as_ref().is_some_and(|stored| stored.is_deleted) {
            return Ok(false);
        }
        let delete = NewChange {
            op: Op::Delete,
            fields: None,
            envelope_seq: origin.envelope_seq(),
            previous: stored.as_ref().and_then(|stored| stored.last_change),
            renamed: None,
        };
        let seq = self.insert_change(key, &delete)?;
        match stored {
            Some(stored) => {
                self.connection
                    .prepare_cached(
                        "UPDATE record SET deleted_at = ?2, updated_at = ?2, missing_since = NULL, \
                         last_change_seq = ?3 WHERE rowid = ?1",
                    )?
                    .execute(params![stored.rowid, self.now, seq])?;
            }
            None => {
                let body = format!("{{\"Id\":{}}}", json::quote(key.id));
                self.insert_record(key, &body, Some(&self.now), seq)?;
            }
        }
        Ok(true)
    }

    /// Whether there is a record, deleted or not.
    pub fn has_record(&self, key: RecordKey<'_>) -> Result<bool, Error> {
        Ok(self.stored(key)?.is_some())
    }

    /// Whether the record is known and deleted.
    pub fn has_tombstone(&self, key: RecordKey<'_>) -> Result<bool, Error> {
        Ok(self.stored(key)?.is_some_and(|stored| stored.is_deleted))
    }

    /// Whether the record is known and not deleted.
    pub fn has_live_record(&self, key: RecordKey<'_>) -> Result<bool, Error> {
        let stored = self.stored(key)?;
        Ok(stored.is_some_and(|stored| !stored.is_deleted))
    }

    pub(super) fn stored(&self, key: RecordKey<'_>) -> Result<Option<Stored>, Error> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT rowid, body, deleted_at IS NOT NULL, missing_since IS NOT NULL, \
                 last_change_seq FROM record WHERE source = ?1 AND kind = ?2 AND id = ?3",
            )?
            .query_row([key.source, key.kind, key.id], |row| {
                Ok(Stored {
                    rowid: row.get(0)?,
                    body: row.get(1)?,
                    is_deleted: row.get(2)?,
                    is_missing: row.get(3)?,
                    last_change: row.get(4)?,
                })
            });
        Ok(found.optional()?)
    }

    /// Whether there is a record that has changes after `as_of`.
    pub fn has_changed_since(&self, key: RecordKey<'_>, as_of: ChangeSeq) -> Result<bool, Error> {
        Ok(self.stored(key)?.is_some_and(|stored| stored.has_changed_since(as_of)))
    }

    fn insert_record(
        &self,
        key: RecordKey<'_>,
        body: &str,
        deleted_at: Option<&str>,
        last_change: ChangeSeq,
    ) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at, deleted_at, \
                 last_change_seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8)",
            )?
            .execute(params![
                key.source,
                key.kind,
                key.id,
                body,
                sha256(body.as_bytes()),
                self.now,
                deleted_at,
                last_change
            ])?;
        Ok(())
    }

    /// Gives a record another body. One that lives is left alone in what triggers look at.
    fn update_record(
        &self,
        stored: &Stored,
        body: &str,
        last_change: ChangeSeq,
    ) -> Result<(), Error> {
        let sql = if stored.is_deleted {
            "UPDATE record SET body = ?2, hash = ?3, updated_at = ?4, last_change_seq = ?5, \
             missing_since = NULL, deleted_at = NULL WHERE rowid = ?1"
        } else {
            "UPDATE record SET body = ?2, hash = ?3, updated_at = ?4, last_change_seq = ?5, \
             missing_since = NULL WHERE rowid = ?1"
        };
        let hash = sha256(body.as_bytes());
        self.connection.prepare_cached(sql)?.execute(params![
            stored.rowid,
            body,
            hash,
            self.now,
            last_change
        ])?;
        Ok(())
    }
}

impl Reader {
    /// Whether records of a kind have changed after this change.
    pub fn has_changes_of(
        &self,
        source: &str,
        kind: &str,
        after: ChangeSeq,
    ) -> Result<bool, Error> {
        let found = self
            .connection
            .prepare_cached("SELECT 1 FROM change WHERE seq > ?3 AND source = ?1 AND kind = ?2")?
            .exists(params![source, kind, after])?;
        Ok(found)
    }
}
