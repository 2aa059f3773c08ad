//! A building is what apartments name as theirs. Bitrix24 has no record of it, and its
//! external id is its name.

use super::APARTMENT;
use super::item::{Field, Item, field};
use super::world::World;
use crate::alma::Fields;
use crate::alma::objects::Building;
use crate::alma::projection::{Wanted, text};
use crate::ledger::Error;

/// The name of an apartment's building.
pub(super) const BUILDING: Field<'_> = field("apartment_building", "Building");

/// The building that an apartment names.
pub(super) fn named(apartment: &Item<'_>) -> Option<String> {
    let name = apartment.text(BUILDING.code)?;
    text::one_line(&name)
}

/// What the building of this name should be.
pub(super) fn project(name: &str, world: &World<'_>) -> Result<Wanted, Error> {
    for id in world.records.naming(APARTMENT, "building", name)? {
        let body = world.records.record(APARTMENT, &id)?;
        let item = world.item(&body);
        if item.and_then(|item| named(&item)).as_deref() == Some(name) {
            return Ok(Wanted::Yes(Fields::of(&Building {
                name: name.to_owned(),
                project: world.settings.project,
            })));
        }
    }
    Ok(Wanted::No)
}
