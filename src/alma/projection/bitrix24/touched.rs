//! The links of a record, and the objects of Alma that a change of it may change.
//!
//! An object too many costs a projection; one too few stays wrong until another change
//! touches it. In doubt an object is touched.

use std::collections::BTreeSet;

use super::building;
use super::item::Item;
use super::target;
use super::{APARTMENT, CONTACT, Link, OWNER_CONTRACT, Records, Settings, TENANT_CONTRACT, UNIT};
use crate::ledger::{AlmaKey, AlmaKind, Error};

/// The links of a live record: of an apartment its building and unit, of a unit its apartment, of a
/// contract its contact and what it is about.
pub(super) fn links(kind: &str, body: &str, settings: &Settings) -> Vec<Link> {
    let Some(item) = Item::parse(body, &settings.fields) else {
        return Vec::new();
    };
    let named = |to: &'static str, code: &str| {
        let targets = target::all(&item, code).into_iter();
        let of_kind = targets.filter(|target| settings.types.may_be(target, to));
        of_kind.map(|target| Link { to, id: target.id }).collect::<Vec<_>>()
    };
    match kind {
        APARTMENT => {
            let mut links = named("unit", "apartment_unit");
            let building = building::named(&item);
            links.extend(building.map(|id| Link { to: "building", id }));
            links
        }
        UNIT => named("apartment", "unit_apartment"),
        OWNER_CONTRACT => {
            let mut links = named("contact", "contract_contact");
            links.extend(named("apartment", "owner_contract_apartment"));
            links
        }
        TENANT_CONTRACT => {
            let mut links = named("contact", "contract_contact");
            // A bare number may be either's.
            links.extend(named("unit", "tenant_contract_unit"));
            links.extend(named("apartment", "tenant_contract_unit"));
            links
        }
        _ => Vec::new(),
    }
}

/// The objects that a record decides about; `named`: its links, now and before.
pub(super) fn touched(
    kind: &str,
    id: &str,
    named: &[(String, String)],
    records: &dyn Records,
) -> Result<Vec<AlmaKey>, Error> {
    let mut touched = BTreeSet::new();
    let mut touch = |kind, id: &str| touched.insert(AlmaKey::new(kind, id));
    // The units whose contracts may be about something else now.
    let mut units = BTreeSet::new();
    match kind {
        APARTMENT => {
            touch(AlmaKind::Unit, id);
            for building in ids(named, "building") {
                touch(AlmaKind::Building, building);
            }
            units.extend(ids(named, "unit").map(str::to_owned));
            units.extend(records.naming(UNIT, "apartment", id)?);
            for unit in &units {
                touch(AlmaKind::Room, unit);
            }
            for contract in records.naming(OWNER_CONTRACT, "apartment", id)? {
                touch(AlmaKind::OwnerContract, &contract);
            }
            for contract in records.naming(TENANT_CONTRACT, "apartment", id)? {
                touch(AlmaKind::TenantContract, &contract);
            }
        }
        UNIT => {
            touch(AlmaKind::Room, id);
            units.insert(id.to_owned());
            for apartment in ids(named, "apartment") {
                touch(AlmaKind::Unit, apartment);
                // Which unit the apartment is let as depends on how many it has.
                units.extend(records.naming(UNIT, "apartment", apartment)?);
            }
        }
        OWNER_CONTRACT | TENANT_CONTRACT => {
            let contract = match kind {
                OWNER_CONTRACT => AlmaKind::OwnerContract,
                _ => AlmaKind::TenantContract,
            };
            touch(contract, id);
            for contact in ids(named, "contact") {
                touch(AlmaKind::Client, contact);
            }
        }
        CONTACT => {
            touch(AlmaKind::Client, id);
        }
        _ => {}
    }
    for unit in &units {
        for contract in records.naming(TENANT_CONTRACT, "unit", unit)? {
            touch(AlmaKind::TenantContract, &contract);
        }
    }
    Ok(touched.into_iter().collect())
}

fn ids<'n>(named: &'n [(String, String)], to: &str) -> impl Iterator<Item = &'n str> {
    let named = named.iter().filter(move |(kind, _)| kind == to);
    named.map(|(_, id)| id.as_str())
}
