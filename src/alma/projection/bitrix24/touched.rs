//! The links of a record, and the objects of Alma that a change of it may change.
//!
//! An object too many costs a projection; one too few stays wrong until another change
//! touches it. In doubt an object is touched.

use std::collections::BTreeSet;

use super::item::Item;
use super::target;
use super::world::World;
use super::{
    APARTMENT, CONTACT, Link, OWNER_CONTRACT, Settings, TENANT_CONTRACT, UNIT, building, co_tenant,
};
use crate::ledger::{AlmaKey, AlmaKind, Error};

/// The links of a live record: of an apartment its building and unit, of a unit its apartment, of a
/// contract its contacts and what it is about.
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
            links.extend(
                building.map(|name| Link { to: building::NAME, id: building::link(&name) }),
            );
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
            let contacts = co_tenant::contacts(&item, settings).into_iter();
            links.extend(contacts.map(|id| Link { to: co_tenant::LINK, id }));
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
    world: &World<'_>,
) -> Result<Vec<AlmaKey>, Error> {
    let records = world.records;
    let mut touched = Touched::default();
    // The units whose contracts may be about something else now.
    let mut units = BTreeSet::new();
    match kind {
        APARTMENT => {
            touched.add(AlmaKind::Unit, id);
            touched.buildings(named, world)?;
            units.extend(ids(named, "unit").map(str::to_owned));
            units.extend(records.naming(UNIT, "apartment", id)?);
            for unit in &units {
                touched.add(AlmaKind::Room, unit);
            }
            touched.contracts(OWNER_CONTRACT, "apartment", id, world)?;
            touched.contracts(TENANT_CONTRACT, "apartment", id, world)?;
        }
        UNIT => {
            touched.add(AlmaKind::Room, id);
            units.insert(id.to_owned());
            for apartment in ids(named, "apartment") {
                touched.add(AlmaKind::Unit, apartment);
                // Which unit the apartment is let as depends on how many it has.
                units.extend(records.naming(UNIT, "apartment", apartment)?);
            }
        }
        OWNER_CONTRACT | TENANT_CONTRACT => {
            touched.add(contract(kind), id);
            for contact in ids(named, "contact") {
                touched.add(AlmaKind::Client, contact);
            }
        }
        CONTACT => {
            touched.add(AlmaKind::Client, id);
            touched.contracts(TENANT_CONTRACT, co_tenant::LINK, id, world)?;
            if world.settings.leaves_out() {
                // The contracts of a contact that is left out are left out with it.
                touched.contracts(OWNER_CONTRACT, "contact", id, world)?;
                touched.contracts(TENANT_CONTRACT, "contact", id, world)?;
            }
        }
        _ => {}
    }
    for unit in &units {
        touched.contracts(TENANT_CONTRACT, "unit", unit, world)?;
    }
    Ok(touched.0.into_iter().collect())
}

fn contract(kind: &str) -> AlmaKind {
    match kind {
        OWNER_CONTRACT => AlmaKind::OwnerContract,
        _ => AlmaKind::TenantContract,
    }
}

fn ids<'n>(named: &'n [(String, String)], to: &str) -> impl Iterator<Item = &'n str> {
    let named = named.iter().filter(move |(kind, _)| kind == to);
    named.map(|(_, id)| id.as_str())
}

#[derive(Default)]
struct Touched(BTreeSet<AlmaKey>);

impl Touched {
    fn add(&mut self, kind: AlmaKind, id: &str) {
        self.0.insert(AlmaKey::new(kind, id));
    }

    /// The contracts of a kind that name something, and their clients where a contract may be
    /// left out: a client is wanted for contracts alone.
    fn contracts(
        &mut self,
        kind: &str,
        to: &str,
        id: &str,
        world: &World<'_>,
    ) -> Result<(), Error> {
        for id in world.records.naming(kind, to, id)? {
            self.add(contract(kind), &id);
            if world.settings.leaves_out() {
                for contact in ids(&world.records.named_by(kind, &id)?, "contact") {
                    self.add(AlmaKind::Client, contact);
                }
            }
        }
        Ok(())
    }

    /// The buildings that an apartment names or named, by all spellings of their names. Where
    /// there are several, the spelling that most have may be another now: then all units of the
    /// building.
    fn buildings(&mut self, named: &[(String, String)], world: &World<'_>) -> Result<(), Error> {
        for own in ids(named, building::NAME) {
            let mut links = building::links(building::spelled(own), world.records)?;
            let of_building =
                |other: &&str| building::is_same(building::spelled(other), building::spelled(own));
            links.extend(ids(named, building::NAME).filter(of_building).map(str::to_owned));
            links.sort_unstable();
            links.dedup();
            for link in &links {
                self.add(AlmaKind::Building, building::spelled(link));
                if links.len() > 1 {
                    for apartment in world.records.naming(APARTMENT, building::NAME, link)? {
                        self.add(AlmaKind::Unit, &apartment);
                    }
                }
            }
        }
        Ok(())
    }
}
