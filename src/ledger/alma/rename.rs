//! Objects of Alma whose record has got another id.

use rusqlite::params;

use super::kind::{AlmaKey, AlmaKind};
use crate::ledger::{Error, Tx};

impl Tx<'_> {
    /// Has the objects of a record of UZhKH follow it to its new id. Where that has one
    /// already, the one that Alma is known to have stays; of two that Alma has, the old one
    /// is left to the projection, which finds nothing for it.
    pub(in crate::ledger) fn rename_alma(
        &self,
        kind: &str,
        old: &str,
        new: &str,
    ) -> Result<(), Error> {
        let (condition, kinds): (&str, &[AlmaKind]) = match kind {
            "object" => ("external_id = ?2", &[AlmaKind::Unit]),
            "resident" => (
                "external_id = ?2 OR substr(external_id, -length(?2) - 1) = ':' || ?2",
                &[AlmaKind::Client, AlmaKind::OwnerContract, AlmaKind::TenantContract],
            ),
            "account" => (
                "substr(external_id, 1, length(?2) + 1) = ?2 || ':'",
                &[AlmaKind::OwnerContract, AlmaKind::TenantContract],
            ),
            _ => return Ok(()),
        };
        for of in kinds {
            let sql =
                format!("SELECT external_id FROM alma_object WHERE kind = ?1 AND ({condition})");
            let mut statement = self.connection.prepare_cached(&sql)?;
            let found = statement.query_map(params![of, old], |row| row.get(0))?;
            let found: Vec<String> = found.collect::<Result<_, _>>()?;
            for external_id in found {
                let renamed = renamed(kind, &external_id, old, new);
                self.rename_alma_object(
                    &AlmaKey { kind: *of, external_id },
                    &AlmaKey { kind: *of, external_id: renamed },
                )?;
            }
        }
        Ok(())
    }

    fn rename_alma_object(&self, from: &AlmaKey, to: &AlmaKey) -> Result<(), Error> {
        let (kind, old, new) = (from.kind.word(), &from.external_id, &to.external_id);
        let is_in_alma = |id: &str| {
            let found = self
                .connection
                .prepare_cached(
                    "SELECT alma_id IS NOT NULL FROM alma_object WHERE kind = ?1 AND external_id = ?2",
                )?
                .query_row([kind, id], |row| row.get::<_, bool>(0));
            rusqlite::OptionalExtension::optional(found)
        };
        let leaving = match (is_in_alma(old)?, is_in_alma(new)?) {
            (Some(true), Some(true)) => None,
            (Some(false), Some(_)) => Some(old),
            _ => Some(new),
        };
        if let Some(leaving) = leaving {
            self.connection
                .prepare_cached("DELETE FROM alma_object WHERE kind = ?1 AND external_id = ?2")?
                .execute([kind, leaving])?;
            self.connection
                .prepare_cached(
                    "UPDATE alma_object SET external_id = ?3 WHERE kind = ?1 AND external_id = ?2",
                )?
                .execute([kind, old, new])?;
            self.connection
                .prepare_cached("UPDATE alma_object SET waits_for = ?2 WHERE waits_for = ?1")?
                .execute([format!("{kind} {old}"), format!("{kind} {new}")])?;
        }
        self.mark_alma(from)?;
        self.mark_alma(to)
    }
}

/// The id of an object, or of a contract `ACCOUNT:RESIDENT`, with the new id in it.
fn renamed(kind: &str, external_id: &str, old: &str, new: &str) -> String {
    if external_id == old {
        return new.to_owned();
    }
    match kind {
        "account" => format!("{new}{}", &external_id[old.len()..]),
        _ => format!("{}{new}", &external_id[..external_id.len() - old.len()]),
    }
}
