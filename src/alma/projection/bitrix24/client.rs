//! A client is the contact of a live contract.

use super::dates;
use super::form::Form;
use super::item::{Field, Item, field};
use super::left_out::{self, Cause};
use super::world::World;
use super::{CONTACT, OWNER_CONTRACT, Settings, TENANT_CONTRACT, contract, phones};
use crate::alma::objects::{Client, Scan};
use crate::alma::projection::{Wanted, phone, text};
use crate::alma::{Fields, notes};
use crate::ledger::Error;

/// «country – всегда 4»
const COUNTRY: i64 = 4;

const FIRST_NAME: Field<'_> = field("NAME", "First Name");
const LAST_NAME: Field<'_> = field("LAST_NAME", "Last Name");
const EMAIL: Field<'_> = field("contact_email", "Email");
const ID_SCAN: Field<'_> = field("contact_id_scan", "identity document");
const BIRTHDAY: Field<'_> = field("contact_birthday", "birthday");
/// Of an owner's contract.
const PASSPORT: Field<'_> = field("owner_contract_passport", "passport");
/// Of a tenant's contract: «Passport/ID Card File» among the fields of clients.
const TENANTS_PASSPORT: Field<'_> = field("tenant_contract_passport", "passport");

/// What the client of a contact should be.
pub(super) fn project(id: &str, world: &World<'_>) -> Result<Wanted, Error> {
    let mut out = None;
    let owns = contracts(OWNER_CONTRACT, PASSPORT, id, world, &mut out)?;
    let rents = contracts(TENANT_CONTRACT, TENANTS_PASSPORT, id, world, &mut out)?;
    let Some((kind, contract_id)) = owns.first().or(rents.first()).map(|(kind, id, _)| (kind, id))
    else {
        return Ok(out.map_or(Wanted::No, |cause| left_out::object(&cause, false)));
    };
    let body = world.records.record(CONTACT, id)?;
    let Some(item) = world.item(&body) else {
        return Ok(Wanted::Blocked(format!(
            "{kind} {contract_id} names contact {id}, which the ledger does not have"
        )));
    };
    if let Some(untold) = left_out::untold(CONTACT, id, &item, world.settings) {
        return Ok(untold);
    }
    let mut contracts = owns.into_iter().chain(rents);
    let passport = contracts.find_map(|(_, _, passport)| passport);
    Ok(match client(id, &item, passport, world.settings) {
        Ok(fields) => Wanted::Yes(fields),
        Err(reason) => Wanted::Blocked(reason),
    })
}

/// The first name and the last name of a contact, as far as it has them.
pub(super) fn full_name(contact: &Item<'_>) -> Option<String> {
    let names = [FIRST_NAME, LAST_NAME].into_iter().filter_map(|name| contact.text(name.code));
    text::one_line(&names.collect::<Vec<_>>().join(" "))
}

/// The kind, the id and the scan of the passport of each live contract with a contact.
type Contracts = Vec<(&'static str, String, Option<Scan>)>;

fn contracts(
    kind: &'static str,
    passport: Field<'_>,
    contact: &str,
    world: &World<'_>,
    out: &mut Option<Cause>,
) -> Result<Contracts, Error> {
    let mut found = Vec::new();
    let settings = world.settings;
    let link = contract::CONTACT_FIELD;
    for id in world.records.naming(kind, "contact", contact)? {
        let body = world.records.record(kind, &id)?;
        let item = world.item(&body);
        let names_it = |item: &Item<'_>| {
            let named = settings.types.named(item, link, CONTACT);
            named.is_ok_and(|named| named.as_deref() == Some(contact))
        };
        let Some(item) = item.filter(names_it) else {
            continue;
        };
        if let Some(cause) = world.contract_left_out(kind, &id, &item)? {
            out.get_or_insert_with(|| left_out::with(kind, &id, &cause));
            continue;
        }
        let scan = contract::scan(kind, &id, &item, passport);
        found.push((kind, id, scan));
    }
    Ok(found)
}

/// The client, or all that is missing for it.
fn client(
    id: &str,
    item: &Item<'_>,
    passport_scan: Option<Scan>,
    settings: &Settings,
) -> Result<Fields, String> {
    let mut form = Form::new(item);
    let first_name = form.needed(FIRST_NAME);
    let last_name = form.nullable_text(LAST_NAME);
    let blank = settings.blank_last_name.as_str();
    let email = form.needed(EMAIL);
    if !email.is_empty() && !text::is_email(&email) {
        form.problem(format!(
            "an Email ({}) that is not one address: correct it in Bitrix24",
            item.code(EMAIL.code)
        ));
    }
    let typed = phones::first(item, &settings.fields);
    let number = typed.as_deref().and_then(|typed| phone::e164(typed, settings.phone_country));
    match (&typed, &number) {
        (_, Some(_)) => {}
        (None, _) => form.problem("no Phone: give it in Bitrix24".to_owned()),
        (Some(_), None) => form.problem(format!(
            "a Phone that is not one phone number, with + and the code of its country or of {} \
             (alma.phone_country): correct it in Bitrix24",
            settings.phone_country
        )),
    }
    let birthday = form.nullable_day(BIRTHDAY);
    form.check(format_args!("contact {id}"))?;
    let mut fields = Fields::of(&Client {
        external_id: id.to_owned(),
        first_name,
        last_name: last_name.clone().map(|name| name.unwrap_or_else(|| blank.to_owned())),
        email,
        phone: number.unwrap_or_default(),
        country: COUNTRY,
        passport_scan,
        id_scan: contract::scan(CONTACT, id, item, ID_SCAN),
        birthday: birthday.map(|day| day.map(dates::midnight)),
    });
    match last_name {
        Some(Some(_)) => {}
        Some(None) => notes::set_blank(&mut fields, &["last_name"]),
        None => notes::set_new(&mut fields, "last_name", blank),
    }
    Ok(fields)
}
