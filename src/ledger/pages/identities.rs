//! Pages of `identity`, with the records that the ids stand for: what an accounting system
//! needs to name them.

use rusqlite::params;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Filling, Rows, body};
use crate::ledger::{Error, IdentityState, Reader};

/// A query for identities.
#[derive(Debug, Clone)]
pub(crate) struct IdentitiesWanted {
    /// Only those in this state.
    pub(crate) state: Option<IdentityState>,
    /// Only those of this kind.
    pub(crate) kind: Option<String>,
    /// Kind and temporary id of the last one of the page before.
    pub(crate) after: Option<[String; 2]>,
    /// The most identities of a page.
    pub(crate) limit: usize,
}

/// An identity and its record.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Identity)]
pub(crate) struct NamedRecord {
    /// The kind of the entity.
    pub(crate) kind: String,
    /// The id that UZhKH gave.
    pub(crate) temporary_id: String,
    /// The id that stands for it; None while it waits for its name.
    pub(crate) permanent_id: Option<String>,
    /// Its state.
    pub(crate) state: IdentityState,
    /// When it was first seen; None: it was named before.
    pub(crate) first_seen_at: Option<String>,
    /// Since when it has its permanent id.
    pub(crate) reserved_at: Option<String>,
    /// When UZhKH took that over.
    pub(crate) announced_at: Option<String>,
    /// The body of its live record; None: it is only referred to, or was deleted.
    #[schema(value_type = Option<Object>)]
    pub(crate) record: Option<Box<RawValue>>,
}

impl Reader {
    /// The next page of identities, in the order of kind and temporary id.
    ///
    /// # Errors
    /// SQLite's own.
    pub(crate) fn identity_page(
        &self,
        wanted: &IdentitiesWanted,
    ) -> Result<Rows<NamedRecord, [String; 2]>, Error> {
        // Those that wait are few among those that were announced: they have indexes.
        let (index, state) = match wanted.state {
            None => ("", ""),
            Some(IdentityState::Waiting) => {
                ("INDEXED BY identity_waiting", "i.state = 'waiting' AND")
            }
            Some(IdentityState::Reserved) => {
                ("INDEXED BY identity_reserved", "i.state = 'reserved' AND")
            }
            Some(IdentityState::Rejected) => {
                ("INDEXED BY identity_rejected", "i.state = 'rejected' AND")
            }
            Some(IdentityState::Announced) => ("", "i.state = 'announced' AND"),
        };
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT i.kind, i.temporary_id, i.permanent_id, i.state, i.first_seen_at, i.reserved_at, i.announced_at, \
                 (SELECT body FROM record AS r WHERE r.source = 'uzhkh' AND r.kind = i.kind \
                     AND r.id = coalesce(i.permanent_id, i.temporary_id) AND r.deleted_at IS NULL) \
             FROM identity AS i {index} \
             WHERE {state} (i.kind, i.temporary_id) > (?1, ?2) AND (?3 IS NULL OR i.kind = ?3) \
             ORDER BY i.kind, i.temporary_id LIMIT ?4"
        ))?;
        let [kind, id] = wanted.after.clone().unwrap_or_default();
        let most = wanted.limit.saturating_add(1);
        let mut rows = statement.query(params![kind, id, wanted.kind, most])?;
        let mut filling = Filling::new(wanted.limit);
        while let Some(row) = rows.next()? {
            if !filling.has_room() {
                break;
            }
            let (record, bytes) = body(row, 7)?;
            let named = NamedRecord {
                kind: row.get(0)?,
                temporary_id: row.get(1)?,
                permanent_id: row.get(2)?,
                state: row.get(3)?,
                first_seen_at: row.get(4)?,
                reserved_at: row.get(5)?,
                announced_at: row.get(6)?,
                record,
            };
            filling.add([named.kind.clone(), named.temporary_id.clone()], named, bytes);
        }
        Ok(filling.page)
    }
}
