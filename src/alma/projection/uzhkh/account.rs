//! An account as UZhKH describes it («Лицевой счёт»), with the persons that belong to it.

use std::collections::HashMap;

use jiff::civil::Date;

use super::Settings;
use super::body::Body;
use super::dates::{self, Unreadable};
use super::person::Person;

/// The members of an account that are read.
#[derive(Debug)]
pub(super) struct Account {
    /// ApartmentID
    pub(super) object: Option<String>,
    /// AccountNumber
    pub(super) number: Option<String>,
    /// DateTimeOpen
    pub(super) opened: Result<Option<Date>, Unreadable>,
    /// DateTimeClose
    pub(super) closed: Result<Option<Date>, Unreadable>,
    /// Persons, each once, in their order.
    pub(super) persons: Vec<Listed>,
    /// The ids of those with IsEmployer, each once, in the order in which they have it.
    pub(super) tenants: Vec<String>,
}

/// A person of an account. One who is listed twice has the roles of both entries, and
/// the rest of the first.
#[derive(Debug)]
pub(super) struct Listed {
    /// Id
    pub(super) id: String,
    /// IsOwner
    pub(super) is_owner: bool,
    /// IsEmployer, the document's word for a tenant.
    pub(super) is_tenant: bool,
    /// The rest, which counts where there is no `resident` record.
    pub(super) person: Person,
}

impl Account {
    /// Reads a body; `None` where it is no object.
    pub(super) fn read(body: &str, settings: &Settings) -> Option<Self> {
        let body = Body::parse(body)?;
        let mut account = Self {
            object: body.id("ApartmentID"),
            number: body.text("AccountNumber"),
            opened: dates::day(body.raw("DateTimeOpen"), &settings.timezone),
            closed: dates::day(body.raw("DateTimeClose"), &settings.timezone),
            persons: Vec::new(),
            tenants: Vec::new(),
        };
        let mut places = HashMap::new();
        for person in body.elements("Persons") {
            if let Some(body) = Body::parse(person) {
                account.list(&body, &mut places);
            }
        }
        Some(account)
    }

    /// Takes an entry of Persons; `places`: where in `persons` each id stands.
    fn list(&mut self, body: &Body<'_>, places: &mut HashMap<String, usize>) {
        let Some(id) = body.id("Id") else {
            return;
        };
        let at = *places.entry(id.clone()).or_insert(self.persons.len());
        if at == self.persons.len() {
            self.persons.push(Listed {
                id,
                is_owner: false,
                is_tenant: false,
                person: Person::read(body),
            });
        }
        let listed = &mut self.persons[at];
        listed.is_owner |= body.flag("IsOwner");
        if body.flag("IsEmployer") && !listed.is_tenant {
            listed.is_tenant = true;
            self.tenants.push(listed.id.clone());
        }
    }

    /// The person with this id.
    pub(super) fn person(&self, id: &str) -> Option<&Listed> {
        self.persons.iter().find(|listed| listed.id == id)
    }
}
