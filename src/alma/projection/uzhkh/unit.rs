//! A unit is an object of a configured type.

use super::world::World;
use crate::alma::Fields;
use crate::alma::objects::{Number, Reference, Unit};
use crate::alma::projection::Wanted;
use crate::ledger::Error;

/// The unit wanted for an object.
pub(super) fn project(id: &str, world: &World<'_>) -> Result<Wanted, Error> {
    let Some(object) = world.object(id)? else {
        return Ok(Wanted::No);
    };
    let Some(house) = object.house else {
        return Ok(Wanted::Blocked(format!(
            "object {id} has no HouseId: give it a house in Umnoe ZhKH"
        )));
    };
    let number = object.flat.unwrap_or_else(|| "0".to_owned());
    let header = object.address.clone().unwrap_or_else(|| number.clone());
    let property_type = if object.rooms.is_studio { "studio" } else { "apartment" };
    Ok(Wanted::Yes(Fields::of(&Unit {
        external_id: id.to_owned(),
        additional_external_id: Some(String::new()),
        is_used_additional_external_id: Some(false),
        name: number.clone(),
        header,
        building: Reference::External(house),
        property_type: Some(property_type.to_owned()),
        number: Some(number),
        internal_area: Some(object.area.clone()),
        photos: Some(Vec::new()),
        goal_rent_cost: None,
        address: Some(object.address.unwrap_or_default()),
        number_of_bedrooms: Some(Number::from(object.rooms.bedrooms)),
        number_of_baths: Some(Number::zero()),
        is_roof_garden: false,
        parking: "not_applicable".to_owned(),
        is_swimming_pool: Some(false),
        total_buildable_area: Some(object.area),
        floor: Some(object.floor),
        internet_login: None,
        internet_password: None,
        subway_station: None,
        parking_number: None,
        keybox_code: None,
        electronic_lock_password: None,
    })))
}
