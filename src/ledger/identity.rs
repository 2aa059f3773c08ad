//! `identity`: the permanent id that stands for a temporary one, for ever.
//!
//! Who gives it is the config's: the ledger itself, at once, or the accounting system
//! later ([`Assign`]). Until then records carry the temporary id, and
//! `identity_reference` tells which, so that naming one ([`super::naming`]) finds them.

use std::borrow::Cow;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::word::in_column;
use super::{
    ChangeSeq, Comparison, Entity, Error, Origin, Part, PermanentId, Put, Reader, RecordKey,
    Template, TemporaryId, Tx,
};
use crate::clock::stamp;

/// Who gives an object its permanent id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assign {
    /// The ledger, as soon as it sees the temporary one.
    Uuid,
    /// The accounting system, later.
    External,
}

/// The state of an identity.
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
pub enum IdentityState {
    /// The accounting system has not named it yet.
    Waiting,
    /// UZhKH has not been told the permanent id.
    Reserved,
    /// UZhKH has taken the permanent id over.
    Announced,
    /// UZhKH refused the permanent id.
    Rejected,
}

in_column!(pub IdentityState);

impl IdentityState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Reserved, Self::Announced, Self::Rejected];
}

/// A row of `identity`.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Identity {
    /// The kind of the entity.
    pub kind: String,
    /// The id that UZhKH gave, beginning with `--`.
    pub temporary_id: String,
    /// The id that stands for it here; `None` while it waits for its name.
    pub permanent_id: Option<PermanentId>,
    /// Its state.
    pub state: IdentityState,
    /// When it was first seen; `None`: it was named before.
    pub first_seen_at: Option<String>,
    /// Since when it has its permanent id.
    pub reserved_at: Option<String>,
    /// Time since which UZhKH may have the permanent id, announced or not; `None`: it cannot.
    pub sent_at: Option<String>,
    /// Whether `identity_reference` tells which records hold it.
    #[serde(skip)]
    pub is_linked: bool,
    /// The newest change when it got a UUID of ours: what holds that has changed since. 0: any
    /// record may hold it; `None`: it is linked.
    #[serde(skip)]
    pub seen_after: Option<ChangeSeq>,
    /// Whether naming it joined two records.
    #[serde(skip)]
    pub is_joined: bool,
}

impl Identity {
    /// Kind and temporary id.
    pub fn temporary(&self) -> TemporaryId<'_> {
        TemporaryId::new(&*self.kind, &*self.temporary_id)
    }
}

const COLUMNS: &str = "kind, temporary_id, permanent_id, state, first_seen_at, reserved_at, sent_at, \
                       linked, seen_after, joined";

/// Waits for its name, and was first seen later than `?1` by a clock that was ahead.
const WAITING_AHEAD: &str = "state = 'waiting' \
                             AND first_seen_at > strftime('%Y-%m-%dT%H:%M:%fZ', ?1, '+1 minutes')";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Identity> {
    Ok(Identity {
        kind: row.get(0)?,
        temporary_id: row.get(1)?,
        permanent_id: row.get(2)?,
        state: row.get(3)?,
        first_seen_at: row.get(4)?,
        reserved_at: row.get(5)?,
        sent_at: row.get(6)?,
        is_linked: row.get(7)?,
        seen_after: row.get(8)?,
        is_joined: row.get(9)?,
    })
}

/// A temporary id as records carry it now.
struct Resolved {
    /// The permanent id, or the temporary one while that waits.
    id: String,
    /// Whether the record that carries it is to be linked.
    is_linked: bool,
}

/// A new identity.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewIdentity<'i> {
    /// `None`: it waits for its name.
    pub(super) permanent_id: Option<&'i PermanentId>,
    /// Whether it was seen; else it was named before.
    pub(super) is_seen: bool,
    /// Whether the records that hold it are linked.
    pub(super) is_linked: bool,
}

impl Tx<'_> {
    /// What stands for a temporary id, which is new here when it was never seen.
    fn resolve_temporary(
        &self,
        temporary_id: &TemporaryId<'_>,
        assign: Assign,
    ) -> Result<Resolved, Error> {
        let known = self
            .connection
            .prepare_cached(
                "SELECT permanent_id, linked AND state <> 'announced', first_seen_at IS NULL \
                 FROM identity WHERE kind = ?1 AND temporary_id = ?2",
            )?
            .query_row(temporary_id.params(), |row| {
                Ok((row.get::<_, Option<String>>(0)?, row.get(1)?, row.get::<_, bool>(2)?))
            })
            .optional()?;
        if let Some((permanent_id, is_linked, is_unseen)) = known {
            if is_unseen {
                self.mark_seen(temporary_id)?;
            }
            let id = permanent_id.unwrap_or_else(|| temporary_id.id.to_string());
            return Ok(Resolved { id, is_linked });
        }
        match assign {
            Assign::Uuid => {
                let fresh = PermanentId::new(Uuid::now_v7());
                let new =
                    NewIdentity { permanent_id: Some(&fresh), is_seen: true, is_linked: false };
                self.insert_identity(temporary_id, new)?;
                Ok(Resolved { id: fresh.into(), is_linked: false })
            }
            Assign::External => {
                let new = NewIdentity { permanent_id: None, is_seen: true, is_linked: true };
                self.insert_identity(temporary_id, new)?;
                Ok(Resolved { id: temporary_id.id.to_string(), is_linked: true })
            }
        }
    }

    fn mark_seen(&self, temporary_id: &TemporaryId<'_>) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE identity SET first_seen_at = ?3 WHERE kind = ?1 AND temporary_id = ?2",
            )?
            .execute(params![temporary_id.kind, temporary_id.id, self.now])?;
        Ok(())
    }

    /// Has what waits for its name and was first seen by a clock that was ahead wait from now on:
    /// it would wait for that time to come, and a name is too lasting to be given at once. Only
    /// where the clock of now is believed ([`Tx::hold_seen_ahead`]).
    pub fn see_waiting_now(&self) -> Result<(), Error> {
        let sql = format!("UPDATE identity SET first_seen_at = ?1 WHERE {WAITING_AHEAD}");
        self.connection.execute(&sql, [&self.now])?;
        Ok(())
    }

    /// The identity of a temporary id, when there is one.
    pub fn identity(&self, temporary_id: &TemporaryId<'_>) -> Result<Option<Identity>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM identity WHERE kind = ?1 AND temporary_id = ?2");
        let found =
            self.connection.prepare_cached(&sql)?.query_row(temporary_id.params(), from_row);
        Ok(found.optional()?)
    }

    /// The id that a record has, or would have, by now.
    pub fn resolve(&self, id: &Part, assign: Assign) -> Result<String, Error> {
        match id {
            Part::Text(text) => Ok(text.clone()),
            Part::Temporary { kind, id } => {
                Ok(self.resolve_temporary(&TemporaryId::new(*kind, id), assign)?.id)
            }
        }
    }

    /// The text with every temporary id replaced that has a permanent one. What the record
    /// is to be linked to is added to `links`.
    fn render<'t>(
        &self,
        template: &'t Template,
        assign: Assign,
        links: &mut Vec<TemporaryId<'t>>,
    ) -> Result<Cow<'t, str>, Error> {
        if template.slots.is_empty() {
            return Ok(template.text.as_str().into());
        }
        template.fill(|kind, id| {
            let temporary_id = TemporaryId::new(kind, id);
            let resolved = self.resolve_temporary(&temporary_id, assign)?;
            if resolved.is_linked {
                links.push(temporary_id);
            }
            Ok(resolved.id.into())
        })
    }

    /// Records an entity: resolves its ids and puts the record.
    pub fn put_entity(
        &self,
        source: &str,
        entity: &Entity,
        origin: Origin,
        assign: Assign,
    ) -> Result<(String, Put), Error> {
        let id = self.resolve(&entity.id, assign)?;
        let mut links = Vec::new();
        let body = self.render(&entity.body, assign, &mut links)?;
        let key = RecordKey::new(source, entity.kind, &id);
        self.link_all(&links, key, &entity.id)?;
        let put = self.put_record(key, &body, Comparison::of(entity.decimals), origin)?;
        Ok((id, put))
    }

    /// Deletes the record of an entity; answers its id and whether that changed anything.
    ///
    /// # Errors
    /// As [`Tx::delete_record`].
    pub fn delete_entity(
        &self,
        source: &str,
        kind: &str,
        id: &Part,
        origin: Origin,
        assign: Assign,
    ) -> Result<(String, bool), Error> {
        let (text, links) = match id {
            Part::Text(text) => (text.clone(), Vec::new()),
            Part::Temporary { kind, id } => {
                let temporary_id = TemporaryId::new(*kind, id);
                let resolved = self.resolve_temporary(&temporary_id, assign)?;
                let links = if resolved.is_linked { vec![temporary_id] } else { Vec::new() };
                (resolved.id, links)
            }
        };
        let key = RecordKey::new(source, kind, &text);
        self.link_all(&links, key, id)?;
        let is_change = self.delete_record(key, origin)?;
        Ok((text, is_change))
    }

    pub(super) fn insert_identity(
        &self,
        temporary_id: &TemporaryId<'_>,
        new: NewIdentity<'_>,
    ) -> Result<(), Error> {
        let state = match new.permanent_id {
            Some(_) => IdentityState::Reserved,
            None => IdentityState::Waiting,
        };
        let seen_after = if new.is_linked { None } else { Some(self.newest_change()?) };
        self.connection
            .prepare_cached(
                "INSERT INTO identity \
                 (kind, temporary_id, permanent_id, state, first_seen_at, reserved_at, linked, \
                  seen_after) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                temporary_id.kind,
                temporary_id.id,
                new.permanent_id,
                state,
                new.is_seen.then_some(&self.now),
                new.permanent_id.map(|_| &self.now),
                new.is_linked,
                seen_after
            ])?;
        Ok(())
    }
}

impl Reader {
    /// The identities of these kinds, first seen at or before `before`, or later than `now`
    /// by a clock that was ahead, that have a permanent id which no pending SetId and no
    /// envelope is about to announce.
    pub fn unannounced(
        &self,
        kinds: &[&str],
        before: Timestamp,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Identity>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM identity INDEXED BY identity_reserved \
             WHERE state = 'reserved' AND (first_seen_at <= ?1 \
                 OR first_seen_at > strftime('%Y-%m-%dT%H:%M:%fZ', ?4, '+1 minutes')) \
             AND kind IN (SELECT value FROM json_each(?2)) \
             AND NOT EXISTS (SELECT 1 FROM call WHERE state = 'pending' AND op = 'SetId' \
                 AND params ->> '$.type' = kind AND params ->> '$.uzhkId' = temporary_id) \
             AND NOT EXISTS (SELECT 1 FROM envelope WHERE state = 'committed' \
                 AND announces_kind = kind AND announces_id = temporary_id) \
             ORDER BY first_seen_at LIMIT ?3"
        );
        let kinds = serde_json::Value::from(kinds).to_string();
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows =
            statement.query_map(params![stamp(before), kinds, limit, stamp(now)], from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The identities that were first seen at or before `before` and wait for their names.
    pub fn waiting(&self, before: Timestamp, limit: usize) -> Result<Vec<Identity>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM identity WHERE state = 'waiting' AND first_seen_at <= ?1 \
             ORDER BY first_seen_at LIMIT ?2"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params![stamp(before), limit], from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether anything that waits for its name was first seen later than `now`.
    pub fn is_waiting_ahead(&self, now: Timestamp) -> Result<bool, Error> {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM identity WHERE {WAITING_AHEAD})");
        Ok(self.connection.prepare_cached(&sql)?.query_row([stamp(now)], |row| row.get(0))?)
    }

    /// Ids of live records of a kind of UZhKH that were never temporary here, at most `limit`.
    pub fn never_temporary(&self, kind: &str, limit: usize) -> Result<Vec<String>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM record WHERE source = 'uzhkh' AND kind = ?1 AND deleted_at IS NULL \
             AND substr(id, 1, 2) <> '--' AND NOT EXISTS (SELECT 1 FROM identity AS i \
                 WHERE i.kind = ?1 AND i.permanent_id = record.id) LIMIT ?2",
        )?;
        let rows = statement.query_map(params![kind, limit], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every identity, the unannounced ones first.
    pub fn identities(&self) -> Result<Vec<Identity>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM identity ORDER BY state = 'announced', \
             coalesce(reserved_at, first_seen_at), kind, temporary_id"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map([], from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
