//! A room is a unit whose apartment is shared.

use super::form::Form;
use super::item::{Field, Item, field};
use super::world::{Letting, World, told, waits_for_apartment};
use super::{APARTMENT, UNIT, contract, left_out, photos};
use crate::alma::objects::{Number, Reference, Room};
use crate::alma::projection::Wanted;
use crate::alma::{Fields, notes};
use crate::ledger::Error;

pub(super) const NAME: Field<'_> = field("unit_room", "Number of Unit");
const NUMBER: Field<'_> = field("unit_number", "number");
const RENT: Field<'_> = field("unit_rent", "Target Rental Amount");
const AREA: Field<'_> = field("unit_area", "area");
pub(super) const TYPE: Field<'_> = field("unit_type", "Housing Type");

/// What the room of a unit should be.
pub(super) fn project(id: &str, world: &World<'_>) -> Result<Wanted, Error> {
    let body = world.records.record(UNIT, id)?;
    let Some(item) = world.item(&body) else {
        return Ok(Wanted::No);
    };
    let apartment_id = match (world.apartment_of(id, &item)?, world.unit_left_out(id)?) {
        (Ok(apartment), Some(cause)) => {
            // The unit of an apartment that is let whole is no room to be left out.
            let is_whole = world.letting_of(&apartment)? == Some(Letting::Whole);
            return Ok(left_out::object(&cause, !is_whole));
        }
        (Err(_), Some(cause)) => return Ok(left_out::object(&cause, true)),
        (Ok(apartment), None) => apartment,
        (Err(reason), None) => return Ok(Wanted::Blocked(reason)),
    };
    let body = world.records.record(APARTMENT, &apartment_id)?;
    let Some(apartment) = world.item(&body) else {
        return Ok(Wanted::Blocked(waits_for_apartment(&apartment_id)));
    };
    let mut of_apartment = Form::new(&apartment);
    if world.letting(&mut of_apartment) == Some(Letting::Whole) {
        return Ok(Wanted::No);
    }
    if let Some(untold) = left_out::untold(UNIT, id, &item, world.settings) {
        return Ok(untold);
    }
    let room =
        told(of_apartment, &apartment_id).and_then(|()| room(id, apartment_id, &item, world));
    Ok(match room {
        Ok(fields) => Wanted::Yes(fields),
        Err(reason) => Wanted::Blocked(reason),
    })
}

/// The room, or all that is missing for it.
fn room(id: &str, parent: String, item: &Item<'_>, world: &World<'_>) -> Result<Fields, String> {
    let (tables, mut form) = (&world.settings.tables, Form::new(item));
    let area = form.nullable_amount(AREA);
    let room = Room {
        external_id: id.to_owned(),
        goal_rent_cost: form.nullable_amount(RENT),
        name: form.choice_of_new(NAME, &tables.room_name),
        header: form.needed(contract::TITLE),
        number: form.text(NUMBER),
        internal_area: area.clone().map(|area| area.unwrap_or_else(Number::zero)),
        photos: photos::of(UNIT, id, item, "unit_photos"),
        parent_unit: Reference::External(parent),
        property_type: form.choice_of_new(TYPE, &tables.housing_type),
    };
    let why_not_new = form.why_not_new(format_args!("unit {id}"));
    form.check(format_args!("unit {id}"))?;
    let mut fields = Fields::of(&room);
    notes::set(&mut fields, notes::NOT_NEW, why_not_new);
    if matches!(area, Some(None)) {
        notes::set_blank(&mut fields, &["internal_area"]);
    }
    Ok(fields)
}
