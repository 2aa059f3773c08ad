//! Objects of Alma whose record has got another id.
//!
//! Nothing here searches: contracts are found by the accounts that are linked to a person, and
//! by what was last sent. What was last sent says under which external id Alma has an object
//! until it is told the new one.

use rusqlite::{OptionalExtension, params};

use super::heal::SENT_WITHIN;
use super::kind::{AlmaKey, AlmaKind};
use crate::ledger::{Error, Reader, Tx};

const CONTRACTS: [AlmaKind; 2] = [AlmaKind::OwnerContract, AlmaKind::TenantContract];

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
        if !self.alma_is_of_uzhkh()? {
            return Ok(());
        }
        match kind {
            "object" => {
                self.move_alma(AlmaKind::Unit, old, new)?;
                self.connection
                    .prepare_cached(
                        // Where a contract stands may be all that is known of it.
                        "UPDATE alma_object SET sent = iif(sent ->> '$.rental_object' IS NULL, \
                             json_set(sent, '$.unit_id', ?2), json_set(sent, '$.rental_object', 'unit ' || ?2)) \
                         WHERE kind IN ('owner_contract', 'tenant_contract') \
                             AND coalesce(sent ->> '$.rental_object', 'unit ' || (sent ->> '$.unit_id')) \
                                 = 'unit ' || ?1",
                    )?
                    .execute([old, new])?;
            }
            "resident" => self.rename_resident(old, new)?,
            "account" => {
                for of in CONTRACTS {
                    for external_id in self.contracts_of_account(of, old)? {
                        let renamed = format!("{new}{}", &external_id[old.len()..]);
                        self.move_alma(of, &external_id, &renamed)?;
                    }
                }
            }
            _ => return Ok(()),
        }
        self.move_alma_links(kind, old, new)
    }

    /// Whether Alma follows UZhKH: another source may have the same ids for other things.
    fn alma_is_of_uzhkh(&self) -> Result<bool, Error> {
        let settings = self.alma_cursor()?.map(|cursor| cursor.settings);
        Ok(settings.is_some_and(|settings| settings.starts_with("uzhkh,")))
    }

    fn rename_resident(&self, old: &str, new: &str) -> Result<(), Error> {
        self.move_alma(AlmaKind::Client, old, new)?;
        let ending = format!(":{old}");
        let mut contracts = Vec::new();
        for account in self.accounts_linked_to(old)? {
            contracts.extend(CONTRACTS.map(|of| AlmaKey::new(of, format!("{account}{ending}"))));
        }
        // Those that leave: their accounts no longer name the person.
        contracts.extend(self.contracts_sent_for(old)?);
        for AlmaKey { kind, external_id } in contracts {
            if let Some(account) = external_id.strip_suffix(&ending) {
                self.move_alma(kind, &external_id, &format!("{account}:{new}"))?;
            }
        }
        self.connection
            .prepare_cached(
                "UPDATE alma_object SET sent = json_set(sent, '$.client_id', ?2) \
                 WHERE kind IN ('owner_contract', 'tenant_contract') AND sent ->> '$.client_id' = ?1",
            )?
            .execute([old, new])?;
        Ok(())
    }

    /// The buildings that Alma has, but for those that were left there.
    pub fn alma_buildings(&self) -> Result<Vec<AlmaKey>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT external_id FROM alma_object INDEXED BY alma_object_building \
             WHERE kind = 'building' AND alma_id IS NOT NULL AND state <> 'archived' ORDER BY external_id",
        )?;
        let rows = statement
            .query_map([], |row| Ok(AlmaKey::new(AlmaKind::Building, row.get::<_, String>(0)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The units that Alma was last sent for a building.
    pub fn alma_units_of(&self, building: &str) -> Result<Vec<String>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT external_id FROM alma_object \
             WHERE kind = 'unit' AND sent ->> '$.building' = ?1 ORDER BY external_id",
        )?;
        let rows = statement.query_map([building], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Has a building of Alma follow its apartments to another name, with the units in it.
    pub fn rename_alma_building(&self, from: &AlmaKey, to: &AlmaKey) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE alma_object SET sent = json_set(sent, '$.building', ?2) \
                 WHERE kind = 'unit' AND sent ->> '$.building' = ?1",
            )?
            .execute([&from.external_id, &to.external_id])?;
        self.move_alma(AlmaKind::Building, &from.external_id, &to.external_id)
    }

    fn contracts_of_account(&self, of: AlmaKind, account: &str) -> Result<Vec<String>, Error> {
        let mut statement = self.connection.prepare_cached(
            // ; comes next after :
            "SELECT external_id FROM alma_object \
             WHERE kind = ?1 AND external_id >= ?2 || ':' AND external_id < ?2 || ';'",
        )?;
        let found = statement.query_map(params![of, account], |row| row.get(0))?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    fn accounts_linked_to(&self, resident: &str) -> Result<Vec<String>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM alma_link WHERE to_kind = 'resident' AND to_id = ?1 AND kind = 'account'",
        )?;
        let found = statement.query_map([resident], |row| row.get(0))?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    fn contracts_sent_for(&self, resident: &str) -> Result<Vec<AlmaKey>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT kind, external_id FROM alma_object \
             WHERE kind IN ('owner_contract', 'tenant_contract') AND sent ->> '$.client_id' = ?1",
        )?;
        let found = statement.query_map([resident], |row| {
            Ok(AlmaKey { kind: row.get(0)?, external_id: row.get(1)? })
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Moves an object to another id, where there is one.
    fn move_alma(&self, kind: AlmaKind, old: &str, new: &str) -> Result<(), Error> {
        let (from, to) = (AlmaKey::new(kind, old), AlmaKey::new(kind, new));
        let is_in_alma = |key: &AlmaKey| {
            self.connection
                .prepare_cached(
                    "SELECT alma_id IS NOT NULL FROM alma_object WHERE kind = ?1 AND external_id = ?2",
                )?
                .query_row(params![key.kind, key.external_id], |row| row.get::<_, bool>(0))
                .optional()
        };
        let Some(old_is_in_alma) = is_in_alma(&from)? else {
            return Ok(());
        };
        let leaving = match (old_is_in_alma, is_in_alma(&to)?) {
            (true, Some(true)) => None,
            (false, Some(_)) => Some(old),
            _ => Some(new),
        };
        if let Some(leaving) = leaving {
            self.connection
                .prepare_cached("DELETE FROM alma_object WHERE kind = ?1 AND external_id = ?2")?
                .execute(params![kind, leaving])?;
            self.connection
                .prepare_cached(
                    // Alma has it under the old id until it is told, also where what was sent is doubted.
                    "UPDATE alma_object SET external_id = ?3, \
                         sent = iif(kind LIKE '%_contract', json_insert(sent, '$.external_id', ?2), sent) \
                     WHERE kind = ?1 AND external_id = ?2",
                )?
                .execute(params![kind, old, new])?;
            self.connection
                .prepare_cached("UPDATE alma_object SET waits_for = ?2 WHERE waits_for = ?1")?
                .execute([from.to_string(), to.to_string()])?;
        }
        self.mark_alma(&from)?;
        self.mark_alma(&to)
    }

    /// Has the links of a record, and those that lead to it, be of its new id.
    fn move_alma_links(&self, kind: &str, old: &str, new: &str) -> Result<(), Error> {
        for (copy, remove) in [
            (
                "INSERT INTO alma_link (kind, id, to_kind, to_id) \
                 SELECT kind, ?3, to_kind, to_id FROM alma_link WHERE kind = ?1 AND id = ?2 \
                 ON CONFLICT (kind, id, to_kind, to_id) DO NOTHING",
                "DELETE FROM alma_link WHERE kind = ?1 AND id = ?2",
            ),
            (
                "INSERT INTO alma_link (kind, id, to_kind, to_id) \
                 SELECT kind, id, to_kind, ?3 FROM alma_link WHERE to_kind = ?1 AND to_id = ?2 \
                 ON CONFLICT (kind, id, to_kind, to_id) DO NOTHING",
                "DELETE FROM alma_link WHERE to_kind = ?1 AND to_id = ?2",
            ),
        ] {
            self.connection.prepare_cached(copy)?.execute([kind, old, new])?;
            self.connection.prepare_cached(remove)?.execute([kind, old])?;
        }
        Ok(())
    }
}

/// A building of which some units are to be in another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlmaParted {
    /// The external id of the building.
    pub from: String,
    /// How many of its units are to be in the other one.
    pub leaving: u64,
    /// How many it has.
    pub all: u64,
}

impl Reader {
    /// The building of which some units, and not all, are to be in this one by now; of several the
    /// first.
    pub fn alma_parted_for(&self, to: &str) -> Result<Option<AlmaParted>, Error> {
        // Only what was sent stands in the index: before the first sync there is nothing in it.
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT sent ->> '$.building' AS building, sum(desired ->> '$.building' = ?1) AS leaving, count(*) \
             FROM alma_object INDEXED BY alma_object_called \
             WHERE kind IN ('building', 'unit', 'room') AND kind = 'unit' AND {SENT_WITHIN} > '' \
                 AND desired IS NOT NULL AND sent ->> '$.building' <> ?1 \
             GROUP BY building \
             HAVING leaving > 0 AND sum(desired ->> '$.building' = building) > 0 \
             ORDER BY building LIMIT 1"
        ))?;
        let parted = statement.query_row([to], |row| {
            Ok(AlmaParted { from: row.get(0)?, leaving: row.get(1)?, all: row.get(2)? })
        });
        Ok(parted.optional()?)
    }
}
