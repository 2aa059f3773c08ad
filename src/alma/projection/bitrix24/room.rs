//! A room is a unit whose apartment is shared.

use super::form::Form;
use super::item::{Field, Item, field};
use super::world::{Letting, World, waits_for_apartment};
use super::{APARTMENT, UNIT, contract};
use crate::alma::Fields;
use crate::alma::objects::{Reference, Room};
use crate::alma::projection::Wanted;
use crate::ledger::Error;

const NAME: Field<'_> = field("ufCrm8_1698838056004", "Number of Unit");
const NUMBER: Field<'_> = field("ufCrm8_1686662655574", "number");
const RENT: Field<'_> = field("ufCrm8_1699620518232", "Target Rental Amount");
const AREA: Field<'_> = field("ufCrm8_1686662606534", "area");
const TYPE: Field<'_> = field("ufCrm8_1682957076924", "Housing Type");

/// What the room of a unit should be.
pub(super) fn project(id: &str, world: &World<'_>) -> Result<Wanted, Error> {
    let body = world.records.record(UNIT, id)?;
    let Some(item) = body.as_deref().and_then(Item::parse) else {
        return Ok(Wanted::No);
    };
    let apartment_id = match world.apartment_of(id, &item)? {
        Ok(apartment) => apartment,
        Err(reason) => return Ok(Wanted::Blocked(reason)),
    };
    let body = world.records.record(APARTMENT, &apartment_id)?;
    let Some(apartment) = body.as_deref().and_then(Item::parse) else {
        return Ok(Wanted::Blocked(waits_for_apartment(&apartment_id)));
    };
    let mut of_apartment = Form::new(&apartment);
    if world.letting(&mut of_apartment) == Some(Letting::Whole) {
        return Ok(Wanted::No);
    }
    let room = of_apartment
        .check(format_args!("apartment {apartment_id}"))
        .and_then(|()| room(id, apartment_id, &item, world));
    Ok(match room {
        Ok(room) => Wanted::Yes(Fields::of(&room)),
        Err(reason) => Wanted::Blocked(reason),
    })
}

/// The room, or all that is missing for it.
fn room(id: &str, parent: String, item: &Item<'_>, world: &World<'_>) -> Result<Room, String> {
    let (tables, mut form) = (&world.settings.tables, Form::new(item));
    let room = Room {
        external_id: id.to_owned(),
        goal_rent_cost: form.amount(RENT).map(Some),
        name: form.needed_choice(NAME, &tables.room_name),
        header: form.needed(contract::TITLE),
        number: Some(form.text(NUMBER)),
        internal_area: form.number(AREA),
        photos: Vec::new(),
        parent_unit: Reference::External(parent),
        property_type: form.needed_choice(TYPE, &tables.housing_type),
    };
    form.check(format_args!("unit {id}"))?;
    Ok(room)
}
