//! A unit is an apartment.

use super::building::{self, BUILDING};
use super::form::Form;
use super::item::{Field, Item, field};
use super::world::{Letting, World};
use super::{APARTMENT, contract};
use crate::alma::Fields;
use crate::alma::objects::{Number, Photo, Reference, Unit};
use crate::alma::projection::{Wanted, decimal};
use crate::ledger::Error;

const NUMBER: Field<'_> = field("ufCrm6_1682232396330", "Apartment Number");
const AREA: Field<'_> = field("ufCrm6_1682232424142", "area");
const RENT: Field<'_> = field("ufCrm6_1682232447205", "rent");
const ADDRESS: Field<'_> = field("ufCrm6_1718821717", "Address");
const TYPE: Field<'_> = field("ufCrm6_1682232863625", "Type");
const BATHS: Field<'_> = field("ufCrm6_1682232465964", "number of baths");
const POOL: Field<'_> = field("ufCrm6_1697622591377", "pool");
const FLOOR: Field<'_> = field("ufCrm6_1682232312628", "Floor");
const WIFI_NAME: Field<'_> = field("ufCrm6_1682235809295", "Wi-Fi Name");
const WIFI_PASSWORD: Field<'_> = field("ufCrm6_1686728251990", "Wi-Fi Password");
const METRO: Field<'_> = field("ufCrm6_1682233481671", "Dubai Metro");
const PARKING: Field<'_> = field("ufCrm6_1683299159437", "Parking number");
const KEYBOX: Field<'_> = field("ufCrm6_1720794204", "Keybox Code");
const LOCK: Field<'_> = field("ufCrm6_1715777670", "Pass from Electrical Lock");

/// What the unit of an apartment should be.
pub(super) fn project(id: &str, world: &World<'_>) -> Result<Wanted, Error> {
    let body = world.records.record(APARTMENT, id)?;
    let Some(item) = body.as_deref().and_then(Item::parse) else {
        return Ok(Wanted::No);
    };
    let mut form = Form::new(&item);
    let is_whole = world.letting(&mut form) == Some(Letting::Whole);
    let mut additional = String::new();
    if is_whole {
        match world.unit_of(id, &item)? {
            Ok(unit) => additional = unit.unwrap_or_default(),
            Err(problem) => form.problem(problem),
        }
    }
    Ok(match unit(id, form, is_whole, additional, world) {
        Ok(unit) => Wanted::Yes(Fields::of(&unit)),
        Err(reason) => Wanted::Blocked(reason),
    })
}

/// The unit, or all that is missing for it.
fn unit(
    id: &str,
    mut form: Form<'_, '_>,
    is_whole: bool,
    additional_external_id: String,
    world: &World<'_>,
) -> Result<Unit, String> {
    let (tables, item) = (&world.settings.tables, form.item);
    let title = form.needed(contract::TITLE);
    form.needed(BUILDING);
    let property_type = form.needed_choice(TYPE, &tables.property_type);
    let bedrooms = form.choice(TYPE, &tables.bedrooms);
    let area = form.number(AREA);
    let unit = Unit {
        external_id: id.to_owned(),
        additional_external_id,
        is_used_additional_external_id: is_whole,
        name: title.clone(),
        header: title,
        building: Reference::External(building::named(item).unwrap_or_default()),
        property_type,
        number: item.text(NUMBER.code).unwrap_or_else(|| "0".to_owned()),
        internal_area: area.clone(),
        photos: photos(id, item, &world.settings.fields.apartment_photos),
        goal_rent_cost: form.amount(RENT).map(Some),
        address: form.text(ADDRESS),
        number_of_bedrooms: bedrooms
            .and_then(|number| Number::parse(&number))
            .unwrap_or_else(Number::zero),
        number_of_baths: form.number(BATHS),
        is_roof_garden: false,
        parking: "not_applicable".to_owned(),
        is_swimming_pool: form.flag(POOL),
        total_buildable_area: area,
        floor: item.value(FLOOR.code).and_then(decimal::whole),
        internet_login: Some(form.text(WIFI_NAME)),
        internet_password: Some(form.text(WIFI_PASSWORD)),
        subway_station: Some(
            form.choice(METRO, &tables.subway_station).filter(|station| !station.is_empty()),
        ),
        parking_number: Some(form.text(PARKING)),
        keybox_code: Some(item.text(KEYBOX.code)),
        electronic_lock_password: Some(item.text(LOCK.code)),
    };
    form.check(format_args!("apartment {id}"))?;
    Ok(unit)
}

fn photos(id: &str, item: &Item<'_>, code: &str) -> Vec<Photo> {
    let files = item.files(code).into_iter();
    let photo = |file| Photo::File { file: format!("{APARTMENT}/{id}/{code}/{file}") };
    files.map(photo).collect()
}
