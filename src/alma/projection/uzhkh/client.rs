//! A client is a person who owns or rents what became a unit.

use super::Settings;
use super::person::Person;
use super::world::World;
use crate::alma::objects::Client;
use crate::alma::projection::{Wanted, phone, text};
use crate::alma::{Fields, notes};
use crate::ledger::Error;

/// «country – всегда 4»
const COUNTRY: i64 = 4;

/// The client wanted for a resident: as the `resident` record has it, or, where
/// there is none, the first account that makes it a client.
pub(super) fn project(id: &str, world: &World<'_>) -> Result<Wanted, Error> {
    let Some(listed) = listed(id, world)? else {
        return Ok(Wanted::No);
    };
    let person = world.resident(id)?.unwrap_or(listed);
    Ok(match client(id, person, world.settings) {
        Ok(fields) => Wanted::Yes(fields),
        Err(reason) => Wanted::Blocked(reason),
    })
}

/// The person as the first account has it by which it owns or rents a unit.
fn listed(id: &str, world: &World<'_>) -> Result<Option<Person>, Error> {
    for account in world.accounts_of(id)? {
        let Some((account, _)) = world.account_of_unit(&account)? else {
            continue;
        };
        let mut persons = account.persons.into_iter();
        let listed = persons.find(|listed| listed.id == id);
        if let Some(listed) = listed.filter(|listed| listed.is_owner || listed.is_tenant) {
            return Ok(Some(listed.person));
        }
    }
    Ok(None)
}

/// The client, or all that is missing for it.
fn client(id: &str, person: Person, settings: &Settings) -> Result<Fields, String> {
    let mut problems = Vec::new();
    let mut needed = |value: Option<String>, name: &str| {
        value.unwrap_or_else(|| {
            problems.push(format!("no {name}: give it in Umnoe ZhKH"));
            String::new()
        })
    };
    let (first_name, last_name) = match person.company {
        Some(company) => (company, person.surname),
        None => (needed(person.name, "Name"), Some(needed(person.surname, "Surname"))),
    };
    let email = needed(person.email, "Email");
    let phone = needed(person.phone, "Phone");
    if !email.is_empty() && !text::is_email(&email) {
        problems.push("an Email that is not one address: correct it in Umnoe ZhKH".to_owned());
    }
    let number = phone::e164(&phone, settings.phone_country);
    if !phone.is_empty() && number.is_none() {
        problems.push(format!(
            "a Phone that is not one phone number, with + and the code of its country or of {} \
             (alma.phone_country): correct it in Umnoe ZhKH",
            settings.phone_country
        ));
    }
    if !problems.is_empty() {
        return Err(format!("resident {id} has {}", problems.join("; and ")));
    }
    let is_blank = last_name.is_none();
    let last_name = last_name.unwrap_or_else(|| settings.blank_last_name.clone());
    let mut fields = Fields::of(&Client {
        external_id: id.to_owned(),
        first_name,
        last_name: Some(last_name),
        email,
        phone: number.unwrap_or_default(),
        country: COUNTRY,
        passport_scan: None,
        id_scan: None,
        birthday: None,
    });
    if is_blank {
        notes::set_blank(&mut fields, &["last_name"]);
    }
    Ok(fields)
}
