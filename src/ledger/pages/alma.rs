//! Pages of `alma_object`, by kind and id.

use rusqlite::params;
use serde::Serialize;

use super::{Filling, Rows};
use crate::ledger::{AlmaKind, AlmaState, Error, Reader};

/// A query for objects of Alma.
#[derive(Debug, Clone)]
pub(crate) struct AlmaWanted {
    /// Only those in this state.
    pub(crate) state: Option<AlmaState>,
    /// Only those of this kind.
    pub(crate) kind: Option<AlmaKind>,
    /// Kind and id of the last object of the page before.
    pub(crate) after: Option<[String; 2]>,
    /// The most objects of a page.
    pub(crate) limit: usize,
}

/// An object of Alma and how it stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct AlmaObject {
    /// `alma_object.kind`
    pub(crate) kind: String,
    /// `alma_object.external_id`
    pub(crate) id: String,
    /// Its state.
    pub(crate) state: String,
    /// Why it is not synced.
    pub(crate) reason: Option<String>,
    /// When that last changed.
    pub(crate) updated_at: String,
}

impl Reader {
    /// The next page of objects of Alma.
    ///
    /// # Errors
    /// SQLite's own.
    pub(crate) fn alma_page(
        &self,
        wanted: &AlmaWanted,
    ) -> Result<Rows<AlmaObject, [String; 2]>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT kind, external_id, state, reason, updated_at FROM alma_object \
             WHERE (kind, external_id) > (?1, ?2) ORDER BY kind, external_id",
        )?;
        let [kind, id] = wanted.after.clone().unwrap_or_default();
        let mut rows = statement.query(params![kind, id])?;
        let mut filling = Filling::new(wanted.limit);
        while let Some(row) = rows.next()? {
            if !filling.has_room() {
                break;
            }
            let object = AlmaObject {
                kind: row.get(0)?,
                id: row.get(1)?,
                state: row.get(2)?,
                reason: row.get(3)?,
                updated_at: row.get(4)?,
            };
            let key = [object.kind.clone(), object.id.clone()];
            let is_wanted = wanted.state.is_none_or(|state| state.word() == object.state)
                && wanted.kind.is_none_or(|kind| kind.word() == object.kind);
            if is_wanted {
                filling.add(key, object, 512);
            } else {
                filling.pass(key);
            }
        }
        Ok(filling.page)
    }
}
