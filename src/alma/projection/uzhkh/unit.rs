//! A unit is an object of a configured type.

use super::object::Object;
use super::world::World;
use crate::alma::objects::{Number, Reference, Unit};
use crate::alma::projection::Wanted;
use crate::alma::{Fields, notes};
use crate::ledger::Error;

/// The unit wanted for an object.
pub(super) fn project(id: &str, world: &World<'_>) -> Result<Wanted, Error> {
    let Some(object) = world.object(id)? else {
        return Ok(Wanted::No);
    };
    let blank = blank(&object);
    let Some(house) = object.house else {
        return Ok(Wanted::Blocked(format!(
            "object {id} has no HouseId: give it a house in Umnoe ZhKH"
        )));
    };
    let number = object.flat.unwrap_or_else(|| "0".to_owned());
    let header = object.address.clone().unwrap_or_else(|| number.clone());
    let area = object.area.unwrap_or_else(Number::zero);
    let property_type = if object.rooms.is_studio { "studio" } else { "apartment" };
    let mut fields = Fields::of(&Unit {
        external_id: id.to_owned(),
        additional_external_id: Some(String::new()),
        is_used_additional_external_id: Some(false),
        name: number.clone(),
        header,
        building: Reference::External(house),
        property_type: Some(property_type.to_owned()),
        number: Some(number),
        internal_area: Some(area.clone()),
        photos: Some(Vec::new()),
        goal_rent_cost: None,
        address: Some(object.address.unwrap_or_default()),
        number_of_bedrooms: Some(Number::from(object.rooms.bedrooms.unwrap_or(0))),
        number_of_baths: Some(Number::zero()),
        is_roof_garden: false,
        parking: "not_applicable".to_owned(),
        is_swimming_pool: Some(false),
        total_buildable_area: Some(area),
        floor: Some(object.floor),
        internet_login: None,
        internet_password: None,
        subway_station: None,
        parking_number: None,
        keybox_code: None,
        electronic_lock_password: None,
    });
    notes::set_blank(&mut fields, &blank);
    Ok(Wanted::Yes(fields))
}

/// The fields whose values stand for what the object does not say, and UZhKH never does of baths
/// and pools: where Alma has something, people have typed it.
fn blank(object: &Object) -> Vec<&'static str> {
    let mut blank = vec!["number_of_baths", "is_swimming_pool"];
    if object.flat.is_none() {
        blank.extend(["number", "name"]);
        if object.address.is_none() {
            blank.push("header");
        }
    }
    if object.area.is_none() {
        blank.extend(["internal_area", "total_buildable_area"]);
    }
    if object.rooms.bedrooms.is_none() {
        blank.push("number_of_bedrooms");
        if !object.rooms.is_studio {
            blank.push("property_type");
        }
    }
    blank
}
