//! A building is what apartments name as theirs. Bitrix24 has no record of it, and its
//! external id is its name.
//!
//! Names that differ in case alone are one building's. It is spelled as most of its apartments
//! have it.

use super::item::{Field, Item, field};
use super::world::World;
use super::{APARTMENT, left_out};
use crate::alma::Fields;
use crate::alma::objects::Building;
use crate::alma::projection::{Records, Wanted, text};
use crate::ledger::Error;

/// The name of an apartment's building.
pub(super) const BUILDING: Field<'_> = field("apartment_building", "Building");

/// What the links of apartments to the names of their buildings lead to.
pub(super) const NAME: &str = "building_name";
/// What stands in such a link between the name that is compared and the name as it is spelled.
const BETWEEN: char = '\u{1f}';

/// The building that an apartment names.
pub(super) fn named(apartment: &Item<'_>) -> Option<String> {
    let name = apartment.text(BUILDING.code)?;
    text::one_line(&name)
}

/// Whether two names are one building's.
pub(super) fn is_same(left: &str, right: &str) -> bool {
    folded(left) == folded(right)
}

fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// The target of an apartment's link to the name of its building.
pub(super) fn link(name: &str) -> String {
    format!("{}{BETWEEN}{name}", folded(name))
}

/// The name as it is spelled in such a link.
pub(super) fn spelled(link: &str) -> &str {
    link.split_once(BETWEEN).map_or(link, |(_, name)| name)
}

/// The links of all spellings of a building's name, in their order.
pub(super) fn links(name: &str, records: &dyn Records) -> Result<Vec<String>, Error> {
    records.named(NAME, &format!("{}{BETWEEN}", folded(name)))
}

/// The spelling that most apartments have; of several the first.
pub(super) fn spelling(name: &str, world: &World<'_>) -> Result<String, Error> {
    let links = links(name, world.records)?;
    let mut most = (0, None);
    if let [_, _, ..] = links[..] {
        for link in &links {
            let count = world.records.naming(APARTMENT, NAME, link)?.len();
            if count > most.0 {
                most = (count, Some(link));
            }
        }
    } else {
        most.1 = links.first();
    }
    Ok(most.1.map_or(name, |link| spelled(link)).to_owned())
}

/// What the building of this name should be.
pub(super) fn project(name: &str, world: &World<'_>) -> Result<Wanted, Error> {
    if spelling(name, world)? != name {
        return Ok(Wanted::No);
    }
    let mut out = None;
    for link in links(name, world.records)? {
        for id in world.records.naming(APARTMENT, NAME, &link)? {
            let body = world.records.record(APARTMENT, &id)?;
            let item = world.item(&body);
            let names_it = |item: &Item<'_>| named(item).is_some_and(|own| is_same(&own, name));
            let Some(item) = item.filter(names_it) else {
                continue;
            };
            match left_out::by_itself(APARTMENT, &item, world.settings) {
                Some(cause) => out = out.or(Some(left_out::with(APARTMENT, &id, &cause))),
                None => {
                    return Ok(Wanted::Yes(Fields::of(&Building {
                        name: name.to_owned(),
                        project: world.settings.project,
                    })));
                }
            }
        }
    }
    Ok(out.map_or(Wanted::No, |cause| left_out::object(&cause, false)))
}

/// Whether a building that Alma has under a name was renamed: the apartments that were in it,
/// `units`, are all in the one of the other name now, or the names are one building's.
pub(super) fn is_renamed(
    from: &str,
    to: &str,
    units: &[String],
    world: &World<'_>,
) -> Result<bool, Error> {
    if project(from, world)? != Wanted::No {
        return Ok(false);
    }
    if is_same(from, to) {
        return Ok(true);
    }
    let mut has_moved = false;
    for id in units {
        let body = world.records.record(APARTMENT, id)?;
        let Some(now) = world.item(&body).and_then(|item| named(&item)) else {
            continue;
        };
        if !is_same(&now, to) {
            return Ok(false);
        }
        has_moved = true;
    }
    Ok(has_moved)
}
