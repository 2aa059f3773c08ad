//! `identity`: the permanent id that stands for a temporary one, for ever.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::word::in_column;
use super::{
    Entity, Error, Origin, Part, PermanentId, Reader, RecordKey, Template, TemporaryId, Tx,
};
use crate::clock::stamp;
use crate::json;

/// The state of an identity.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, strum::EnumString, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum IdentityState {
    /// UZhKH has not been told the permanent id.
    Reserved,
    /// UZhKH has taken the permanent id over.
    Announced,
    /// UZhKH refused the permanent id.
    Rejected,
}

in_column!(pub IdentityState);

impl Identity {
    /// Kind and temporary id.
    pub fn temporary(&self) -> TemporaryId<'_> {
        TemporaryId::new(&*self.kind, &*self.temporary_id)
    }
}

/// A row of `identity`.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Identity {
    /// The kind of the entity.
    pub kind: String,
    /// The id that UZhKH gave, beginning with `--`.
    pub temporary_id: String,
    /// The id that stands for it here.
    pub permanent_id: PermanentId,
    /// Its state.
    pub state: IdentityState,
    /// Time of the reservation.
    pub reserved_at: String,
    /// Time since which UZhKH may have the permanent id, announced or not; `None`: it cannot.
    pub sent_at: Option<String>,
}

const COLUMNS: &str = "kind, temporary_id, permanent_id, state, reserved_at, sent_at";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Identity> {
    Ok(Identity {
        kind: row.get(0)?,
        temporary_id: row.get(1)?,
        permanent_id: row.get(2)?,
        state: row.get(3)?,
        reserved_at: row.get(4)?,
        sent_at: row.get(5)?,
    })
}

impl Tx<'_> {
    /// The permanent id for a temporary one, reserved now when it is new.
    pub fn permanent_id(&self, temporary_id: &TemporaryId<'_>) -> Result<PermanentId, Error> {
        let known: Option<PermanentId> = self
            .connection
            .prepare_cached(
                "SELECT permanent_id FROM identity WHERE kind = ?1 AND temporary_id = ?2",
            )?
            .query_row(temporary_id.params(), |row| row.get(0))
            .optional()?;
        if let Some(known) = known {
            return Ok(known);
        }
        let fresh = PermanentId::new(Uuid::now_v7());
        self.insert_identity(temporary_id, &fresh)?;
        Ok(fresh)
    }

    /// The identity of a temporary id, when there is one.
    pub fn identity(&self, temporary_id: &TemporaryId<'_>) -> Result<Option<Identity>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM identity WHERE kind = ?1 AND temporary_id = ?2");
        let found =
            self.connection.prepare_cached(&sql)?.query_row(temporary_id.params(), from_row);
        Ok(found.optional()?)
    }

    /// The id of an entity with its temporary part replaced.
    pub fn resolve(&self, part: &Part) -> Result<String, Error> {
        match part {
            Part::Text(text) => Ok(text.clone()),
            Part::Temporary { kind, id } => {
                self.permanent_id(&TemporaryId::new(*kind, id)).map(String::from)
            }
        }
    }

    /// The text with every temporary id replaced by its permanent one.
    pub fn render<'t>(&self, template: &'t Template) -> Result<std::borrow::Cow<'t, str>, Error> {
        if template.slots.is_empty() {
            return Ok(template.text.as_str().into());
        }
        let mut text = String::with_capacity(template.text.len() + 40 * template.slots.len());
        let mut done = 0;
        for slot in &template.slots {
            let mut value = String::new();
            for part in &slot.parts {
                value.push_str(&self.resolve(part)?);
            }
            text.push_str(&template.text[done..slot.at.start]);
            text.push_str(&json::quote(&value));
            done = slot.at.end;
        }
        text.push_str(&template.text[done..]);
        Ok(text.into())
    }

    /// Records an entity: resolves its ids and puts the record.
    pub fn put_entity(
        &self,
        source: &str,
        entity: &Entity,
        origin: Origin,
    ) -> Result<(String, super::Put), Error> {
        let id = self.resolve(&entity.id)?;
        let body = self.render(&entity.body)?;
        let key = RecordKey::new(source, entity.kind, &id);
        let put = self.put_record(key, &body, entity.decimals, origin)?;
        Ok((id, put))
    }

    /// Notes that UZhKH has taken a permanent id over.
    pub fn announce(&self, temporary_id: &TemporaryId<'_>) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE identity SET state = 'announced', announced_at = ?3, \
                 sent_at = coalesce(sent_at, ?3) \
                 WHERE kind = ?1 AND temporary_id = ?2 AND state <> 'announced'",
            )?
            .execute(params![temporary_id.kind, temporary_id.id, self.now])?;
        Ok(())
    }

    /// Notes that UZhKH refused a permanent id: what was sent of it before had no effect.
    /// An announced one stays announced.
    pub fn reject(&self, temporary_id: &TemporaryId<'_>) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE identity SET state = 'rejected', sent_at = NULL \
                 WHERE kind = ?1 AND temporary_id = ?2 AND state = 'reserved'",
            )?
            .execute(temporary_id.params())?;
        Ok(())
    }

    /// Makes a refused identity a reserved one again: its entity was seen anew.
    pub fn reserve_again(&self, temporary_id: &TemporaryId<'_>) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE identity SET state = 'reserved' \
                 WHERE kind = ?1 AND temporary_id = ?2 AND state = 'rejected'",
            )?
            .execute(temporary_id.params())?;
        Ok(())
    }

    /// UZhKH still shows the temporary id: that it was announced is in doubt, and it is
    /// to be announced again. That it may have been sent stays known.
    pub fn doubt_announcement(&self, temporary_id: &TemporaryId<'_>) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE identity SET state = 'reserved', announced_at = NULL \
                 WHERE kind = ?1 AND temporary_id = ?2 AND state = 'announced'",
            )?
            .execute(temporary_id.params())?;
        Ok(())
    }

    /// Notes that UZhKH may have a permanent id from us although no answer said so.
    pub fn mark_sent(&self, temporary_id: &TemporaryId<'_>) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE identity SET sent_at = ?3 \
                 WHERE kind = ?1 AND temporary_id = ?2 AND sent_at IS NULL",
            )?
            .execute(params![temporary_id.kind, temporary_id.id, self.now])?;
        Ok(())
    }

    /// Takes back [`Tx::mark_sent`]: it certainly did not get there.
    pub fn unmark_sent(&self, temporary_id: &TemporaryId<'_>) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE identity SET sent_at = NULL \
                 WHERE kind = ?1 AND temporary_id = ?2 AND state <> 'announced'",
            )?
            .execute(temporary_id.params())?;
        Ok(())
    }

    /// At a start: the ids that envelopes still to be acknowledged carry may have
    /// been sent before the program ended.
    pub fn doubt_unsent_ids(&self) -> Result<(), Error> {
        self.connection
            .prepare(
                "UPDATE identity SET sent_at = ?1 WHERE sent_at IS NULL AND (kind, temporary_id) IN \
                 (SELECT announces_kind, announces_id FROM envelope \
                  WHERE state = 'committed' AND announces_id IS NOT NULL)",
            )?
            .execute([&self.now])?;
        Ok(())
    }

    pub(super) fn insert_identity(
        &self,
        temporary_id: &TemporaryId<'_>,
        permanent_id: &PermanentId,
    ) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO identity (kind, temporary_id, permanent_id, state, reserved_at) \
                 VALUES (?1, ?2, ?3, 'reserved', ?4)",
            )?
            .execute(params![temporary_id.kind, temporary_id.id, permanent_id, self.now])?;
        Ok(())
    }
}

impl Reader {
    /// The identities of these kinds, reserved at or before `before`, or by a clock that was
    /// ahead of `now`, that no
    /// pending SetId and no envelope is about to announce.
    pub fn unannounced(
        &self,
        kinds: &[&str],
        before: Timestamp,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Identity>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM identity \
             WHERE state = 'reserved' AND (reserved_at <= ?1 \
                 OR reserved_at > strftime('%Y-%m-%dT%H:%M:%fZ', ?4, '+1 minutes')) \
             AND kind IN (SELECT value FROM json_each(?2)) \
             AND NOT EXISTS (SELECT 1 FROM call WHERE state = 'pending' AND op = 'SetId' \
                 AND params ->> '$.type' = kind AND params ->> '$.uzhkId' = temporary_id) \
             AND NOT EXISTS (SELECT 1 FROM envelope WHERE state = 'committed' \
                 AND announces_kind = kind AND announces_id = temporary_id) \
             ORDER BY reserved_at LIMIT ?3"
        );
        let kinds = serde_json::Value::from(kinds).to_string();
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows =
            statement.query_map(params![stamp(before), kinds, limit, stamp(now)], from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every identity, the unannounced ones first.
    pub fn identities(&self) -> Result<Vec<Identity>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM identity ORDER BY state = 'announced', reserved_at, kind, temporary_id"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map([], from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
