//! The links of a record, and the objects of Alma that a change of it may change.
//!
//! An object too many costs a projection; one too few stays wrong until another change
//! touches it. In doubt an object is touched.

use std::collections::BTreeSet;

use super::account::Account;
use super::object::Object;
use super::world::World;
use super::{ACCOUNT, Link, OBJECT, RESIDENT, Settings, names};
use crate::ledger::{AlmaKey, AlmaKind, Error};

/// The links of a live record: of an object its house and address, an account its object and
/// persons.
pub(super) fn links(kind: &str, body: &str, settings: &Settings) -> Vec<Link> {
    let mut links = Vec::new();
    let mut link = |to, id| links.push(Link { to, id });
    match kind {
        OBJECT => {
            let Some(object) = Object::read(body, settings) else {
                return links;
            };
            if let Some(house) = object.house {
                if let Some(name) = object.house_name {
                    link(names::ADDRESS, names::pair(&name.short, &house));
                    link(names::NAME, names::pair(&house, &name.short));
                }
                link("house", house);
            }
        }
        ACCOUNT => {
            let Some(account) = Account::read(body, settings) else {
                return links;
            };
            if let Some(object) = account.object {
                link("object", object);
            }
            for listed in account.persons {
                link("resident", listed.id);
            }
        }
        _ => {}
    }
    links
}

/// The objects that a record decides about; `named`: its links, now and before.
pub(super) fn touched(
    kind: &str,
    id: &str,
    named: &[(String, String)],
    world: &World<'_>,
) -> Result<Vec<AlmaKey>, Error> {
    let mut touched = Touched::default();
    match kind {
        OBJECT => {
            touched.add(AlmaKind::Unit, id);
            touched.houses(named, world)?;
            for account in world.records.naming(ACCOUNT, "object", id)? {
                for resident in residents(&world.records.named_by(ACCOUNT, &account)?) {
                    touched.person(&account, resident);
                }
            }
        }
        ACCOUNT => {
            for resident in residents(named) {
                touched.person(id, resident);
            }
        }
        RESIDENT => {
            touched.add(AlmaKind::Client, id);
            // One tenant's contract tells the names of the others.
            for account in world.accounts_of(id)? {
                for resident in residents(&world.records.named_by(ACCOUNT, &account)?) {
                    touched.contract(AlmaKind::TenantContract, &account, resident);
                }
            }
        }
        _ => {}
    }
    Ok(touched.0.into_iter().collect())
}

fn residents(named: &[(String, String)]) -> impl Iterator<Item = &str> {
    ids(named, "resident")
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

    fn contract(&mut self, kind: AlmaKind, account: &str, resident: &str) {
        self.add(kind, &format!("{account}:{resident}"));
    }

    fn person(&mut self, account: &str, resident: &str) {
        self.add(AlmaKind::Client, resident);
        self.contract(AlmaKind::OwnerContract, account, resident);
        self.contract(AlmaKind::TenantContract, account, resident);
    }

    /// The buildings of an object's houses, and of those that are or were called the same.
    fn houses(&mut self, named: &[(String, String)], world: &World<'_>) -> Result<(), Error> {
        let addresses = ids(named, names::ADDRESS).filter_map(names::parts);
        let mut shorts: BTreeSet<String> = addresses.map(|(short, _)| short.to_owned()).collect();
        for house in ids(named, "house") {
            self.add(AlmaKind::Building, house);
            // Where this object comes or goes, the name that the house had or has may be
            // one that only another object of it says.
            shorts.extend(world.short_names(house)?);
        }
        for short in shorts {
            for house in world.houses_at(&short)? {
                self.add(AlmaKind::Building, &house);
            }
        }
        Ok(())
    }
}
