//! The parts that both kinds of contracts have in common.

use jiff::civil::Date;

use super::dates;
use super::form::Form;
use super::item::{Field, Item, field};
use super::world::World;
use super::{CONTACT, left_out};
use crate::alma::Fields;
use crate::alma::objects::Scan;
use crate::alma::projection::Wanted;
use crate::alma::task::RENTAL_OBJECT;
use crate::json;
use crate::ledger::{AlmaKey, Error};

/// The person of a contract.
pub(super) const CONTACT_FIELD: Field<'_> = field("contract_contact", "contact");
/// The title of an item.
pub(super) const TITLE: Field<'_> = field("title", "title");

/// The terms that every contract has.
#[derive(Debug)]
pub(super) struct Terms {
    /// The id of the contact.
    pub(super) client: String,
    /// The title.
    pub(super) name: String,
    /// `YYYY-MM-DDT00:00:00`; `None`: the item lacks it.
    pub(super) start_date: Option<String>,
    /// `YYYY-MM-DDT00:00:00`; `None`: the item lacks it.
    pub(super) end_date: Option<String>,
}

/// What becomes of a contract that is left out, or of which that cannot be told.
pub(super) fn not_wanted(
    kind: &'static str,
    id: &str,
    item: &Item<'_>,
    world: &World<'_>,
) -> Result<Option<Wanted>, Error> {
    Ok(match world.contract_left_out(kind, id, item)? {
        Some(cause) => Some(left_out::object(&cause, true)),
        None => left_out::untold(kind, id, item, world.settings),
    })
}

/// Reads the terms. Whether the end is past depends on the day, and is not asked here.
pub(super) fn terms(
    form: &mut Form<'_, '_>,
    (start, end): (Field<'_>, Field<'_>),
    world: &World<'_>,
) -> Terms {
    let settings = world.settings;
    let client = form.reference(CONTACT_FIELD, CONTACT, settings.types);
    let name = form.needed(TITLE);
    let has_start = form.has_needed(start);
    if has_start && form.item.text(start.code).is_none() {
        form.needed(start);
    }
    let begins = form.day(start);
    let (is_end_there, has_end) = (form.has_needed(end), form.item.text(end.code).is_some());
    // An end that the item lacks altogether says nothing: it is not an open one.
    let is_open = is_end_there && !has_end;
    let ends = form.day(end).or_else(|| is_open.then_some(settings.open_ended_date));
    if let (Some(begins), Some(ends)) = (begins, ends)
        && begins >= ends
    {
        let until =
            if has_end { form.item.code(end.code) } else { "alma.open_ended_date".to_owned() };
        let code = form.item.code(start.code);
        form.problem(format!(
            "a {} ({code}) that is not before its end ({until}): correct them in Bitrix24",
            start.name
        ));
    }
    let midnight = |day: Option<Date>| day.map(dates::midnight);
    Terms { client, name, start_date: midnight(begins), end_date: midnight(ends) }
}

/// A scan that a contract should have; the inner `None`: it has none, the outer: the item
/// lacks the field.
pub(super) fn nullable_scan(
    kind: &str,
    id: &str,
    item: &Item<'_>,
    of: Field<'_>,
) -> Option<Option<Scan>> {
    item.has(of.code).then(|| scan(kind, id, item, of))
}

/// A scan that an item has. Alma takes one of a field: of several files the newest, which is the
/// one with the highest id.
pub(super) fn scan(kind: &str, id: &str, item: &Item<'_>, of: Field<'_>) -> Option<Scan> {
    let file = item.files(of.code).into_iter().max_by_key(|file| (file.len(), file.clone()))?;
    Some(Scan::File(format!("file:{kind}/{id}/{}/{file}", item.counted_code(of.code))))
}

/// The fields of a contract, and the object that it is about: its id alone does not tell
/// an apartment from a unit.
pub(super) fn about(mut fields: Fields, rental: &AlmaKey) -> Fields {
    fields.set(RENTAL_OBJECT, json::quote(&rental.to_string()));
    fields
}
