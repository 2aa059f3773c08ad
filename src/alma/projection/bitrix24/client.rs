//! A client is the contact of a live contract.

use super::dates;
use super::form::Form;
use super::item::{Field, Item, field};
use super::world::World;
use super::{CONTACT, OWNER_CONTRACT, TENANT_CONTRACT, contract, phones};
use crate::alma::Fields;
use crate::alma::objects::{Client, Scan};
use crate::alma::projection::{Wanted, text};
use crate::config::Bitrix24Fields;
use crate::ledger::Error;

/// «country – всегда 4»
const COUNTRY: i64 = 4;

const FIRST_NAME: Field<'_> = field("NAME", "First Name");
const LAST_NAME: Field<'_> = field("LAST_NAME", "Last Name");
const EMAIL: Field<'_> = field("contact_email", "Email");
const BIRTHDAY: Field<'_> = field("contact_birthday", "birthday");
/// Of an owner's contract.
const PASSPORT: Field<'_> = field("owner_contract_passport", "passport");
/// Of a tenant's contract: «Passport/ID Card File» among the fields of clients.
const TENANTS_PASSPORT: Field<'_> = field("tenant_contract_passport", "passport");

/// What the client of a contact should be.
pub(super) fn project(id: &str, world: &World<'_>) -> Result<Wanted, Error> {
    let owns = contracts(OWNER_CONTRACT, PASSPORT, id, world)?;
    let rents = contracts(TENANT_CONTRACT, TENANTS_PASSPORT, id, world)?;
    let Some((kind, contract_id)) = owns.first().or(rents.first()).map(|(kind, id, _)| (kind, id))
    else {
        return Ok(Wanted::No);
    };
    let body = world.records.record(CONTACT, id)?;
    let Some(item) = world.item(&body) else {
        return Ok(Wanted::Blocked(format!(
            "{kind} {contract_id} names contact {id}, which the ledger does not have"
        )));
    };
    let mut contracts = owns.into_iter().chain(rents);
    let passport = contracts.find_map(|(_, _, passport)| passport);
    Ok(match client(id, &item, passport, &world.settings.fields) {
        Ok(client) => Wanted::Yes(Fields::of(&client)),
        Err(reason) => Wanted::Blocked(reason),
    })
}

/// The kind, the id and the scan of the passport of each live contract with a contact.
type Contracts = Vec<(&'static str, String, Option<Scan>)>;

fn contracts(
    kind: &'static str,
    passport: Field<'_>,
    contact: &str,
    world: &World<'_>,
) -> Result<Contracts, Error> {
    let mut found = Vec::new();
    let settings = world.settings;
    let link = field("contract_contact", "contact");
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
    fields: &Bitrix24Fields,
) -> Result<Client, String> {
    let mut form = Form::new(item);
    let first_name = form.needed(FIRST_NAME);
    let last_name = form.text(LAST_NAME).unwrap_or_default();
    let email = form.needed(EMAIL);
    if !email.is_empty() && !text::is_email(&email) {
        form.problem(format!(
            "an Email ({}) that is not one address: correct it in Bitrix24",
            item.code(EMAIL.code)
        ));
    }
    let phone = phones::first(item, fields);
    let number = phone.as_deref().and_then(phones::e164);
    match (&phone, &number) {
        (_, Some(_)) => {}
        (None, _) => form.problem("no Phone: give it in Bitrix24".to_owned()),
        (Some(_), None) => form.problem(
            "a Phone that is not one phone number with + and the code of its country: correct it \
             in Bitrix24"
                .to_owned(),
        ),
    }
    let birthday = form.nullable_day(BIRTHDAY);
    form.check(format_args!("contact {id}"))?;
    Ok(Client {
        external_id: id.to_owned(),
        first_name,
        last_name,
        email,
        phone: number.unwrap_or_default(),
        country: COUNTRY,
        passport_scan,
        id_scan: None,
        birthday: birthday.map(|day| day.map(dates::midnight)),
    })
}
