//! A unit is an apartment.

use super::building::{self, BUILDING};
use super::form::Form;
use super::item::{Field, Item, field};
use super::world::{Letting, NAMED_UNIT, World};
use super::{APARTMENT, contract, left_out, photos};
use crate::alma::objects::{Number, Reference, Unit};
use crate::alma::projection::{Wanted, decimal};
use crate::alma::{Fields, notes};
use crate::ledger::Error;

const NUMBER: Field<'_> = field("apartment_number", "Apartment Number");
const AREA: Field<'_> = field("apartment_area", "area");
const RENT: Field<'_> = field("apartment_rent", "rent");
const ADDRESS: Field<'_> = field("apartment_address", "Address");
pub(super) const TYPE: Field<'_> = field("apartment_type", "Type");
const BATHS: Field<'_> = field("apartment_bathrooms", "number of baths");
const POOL: Field<'_> = field("apartment_pool", "pool");
const FLOOR: Field<'_> = field("apartment_floor", "Floor");
const WIFI_NAME: Field<'_> = field("apartment_wifi_name", "Wi-Fi Name");
const WIFI_PASSWORD: Field<'_> = field("apartment_wifi_password", "Wi-Fi Password");
const METRO: Field<'_> = field("apartment_metro", "Dubai Metro");
const PARKING: Field<'_> = field("apartment_parking", "Parking number");
const KEYBOX: Field<'_> = field("apartment_keybox", "Keybox Code");
const LOCK: Field<'_> = field("apartment_lock", "Pass from Electrical Lock");

/// What the unit of an apartment should be.
pub(super) fn project(id: &str, world: &World<'_>) -> Result<Wanted, Error> {
    let body = world.records.record(APARTMENT, id)?;
    let Some(item) = world.item(&body) else {
        return Ok(Wanted::No);
    };
    if let Some(cause) = left_out::by_itself(APARTMENT, &item, world.settings) {
        return Ok(left_out::object(&cause, true));
    }
    if let Some(untold) = left_out::untold(APARTMENT, id, &item, world.settings) {
        return Ok(untold);
    }
    let building = match building::named(&item) {
        Some(name) => building::spelling(&name, world)?,
        None => String::new(),
    };
    let mut form = Form::new(&item);
    let letting = world.letting(&mut form);
    let mut additional = Some(String::new());
    if letting == Some(Letting::Whole) {
        match world.unit_of(id, &item)? {
            // Which unit it names is not told, and none names it.
            Ok(None) if is_untold(&item, NAMED_UNIT) => additional = None,
            Ok(unit) => additional = Some(unit.unwrap_or_default()),
            Err(problem) => form.problem(problem),
        }
    }
    let let_as = letting.map(|letting| (letting, additional));
    Ok(match unit(id, form, let_as, building, world) {
        Ok(fields) => Wanted::Yes(fields),
        Err(reason) => Wanted::Blocked(reason),
    })
}

/// Whether the portal has a field, by the config, and an item lacks it.
fn is_untold(item: &Item<'_>, key: &str) -> bool {
    !item.codes(key).is_empty() && !item.has(key)
}

/// The unit, or all that is missing for it. `let_as`: how it is let, and as which unit, where that
/// is told; `building`: the building's name, as most apartments spell it.
fn unit(
    id: &str,
    mut form: Form<'_, '_>,
    let_as: Option<(Letting, Option<String>)>,
    building: String,
    world: &World<'_>,
) -> Result<Fields, String> {
    let (tables, item) = (&world.settings.tables, form.item);
    let mut blank = Vec::new();
    let title = form.needed(contract::TITLE);
    form.needed(BUILDING);
    let property_type = form.choice_of_new(TYPE, &tables.property_type);
    let bedrooms = form.choice(TYPE, &tables.bedrooms);
    let bedrooms = bedrooms.and_then(|number| Number::parse(&number));
    let area = or_blank(form.nullable_amount(AREA), Number::zero, &mut blank, &AREAS);
    let (is_whole, additional_external_id) = match let_as {
        Some((letting, additional)) => (Some(letting == Letting::Whole), additional),
        None => (None, None),
    };
    let pool = item.has(POOL.code).then(|| form.flag(POOL));
    let subway_station = item.has(METRO.code).then(|| form.choice(METRO, &tables.subway_station));
    let unit = Unit {
        external_id: id.to_owned(),
        additional_external_id,
        is_used_additional_external_id: is_whole,
        name: title.clone(),
        header: title,
        building: Reference::External(building),
        number_of_bedrooms: property_type.is_some().then(|| bedrooms.unwrap_or_else(Number::zero)),
        property_type,
        number: or_blank(form.nullable_text(NUMBER), || "0".to_owned(), &mut blank, &["number"]),
        internal_area: area.clone(),
        photos: photos::of(APARTMENT, id, item, "apartment_photos"),
        goal_rent_cost: form.nullable_amount(RENT),
        address: form.text(ADDRESS),
        number_of_baths: or_blank(
            form.nullable_amount(BATHS),
            Number::zero,
            &mut blank,
            &["number_of_baths"],
        ),
        is_roof_garden: false,
        parking: "not_applicable".to_owned(),
        is_swimming_pool: or_blank(pool, || false, &mut blank, &["is_swimming_pool"]),
        total_buildable_area: area,
        floor: item.has(FLOOR.code).then(|| item.value(FLOOR.code).and_then(decimal::whole)),
        internet_login: form.text(WIFI_NAME),
        internet_password: form.text(WIFI_PASSWORD),
        subway_station: subway_station.map(|station| station.filter(|station| !station.is_empty())),
        parking_number: form.text(PARKING),
        keybox_code: form.nullable_text(KEYBOX),
        electronic_lock_password: form.nullable_text(LOCK),
    };
    let why_not_new = form.why_not_new(format_args!("apartment {id}"));
    form.check(format_args!("apartment {id}"))?;
    let mut fields = Fields::of(&unit);
    notes::set(&mut fields, notes::NOT_NEW, why_not_new);
    notes::set_blank(&mut fields, &blank);
    if is_whole.is_some() && fields.get(ADDITIONAL).is_none() {
        notes::set_new(&mut fields, ADDITIONAL, "");
    }
    Ok(fields)
}

/// The field of the unit that an apartment is let as.
const ADDITIONAL: &str = "additional_external_id";
/// The fields that hold the area.
const AREAS: [&str; 2] = ["internal_area", "total_buildable_area"];

/// A value, with another one in the place of a blank one, of which these fields are noted.
fn or_blank<T>(
    value: Option<Option<T>>,
    instead: impl FnOnce() -> T,
    blank: &mut Vec<&'static str>,
    fields: &[&'static str],
) -> Option<T> {
    value.map(|value| {
        value.unwrap_or_else(|| {
            blank.extend(fields);
            instead()
        })
    })
}
