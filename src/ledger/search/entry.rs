//! What of a record is found, and by which words. A record is found by what it says itself, not
//! by what it quotes of others: an account's number finds the account, not its payments.

use rusqlite::{Connection, OptionalExtension};

use super::words;
use crate::json::{self, Members};
use crate::ledger::{Error, RecordKey};

/// How something exact is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Any id, temporary ones too.
    Id = 0,
    /// The number of an account.
    Account = 1,
    /// Another number: of a contract, a request, a meter, a car.
    Number = 2,
    /// A phone.
    Phone = 3,
}

/// What a record is found by.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// Words of where it is, the house before the flat.
    pub(super) place: Vec<String>,
    /// The words of the house's number.
    pub(super) house: Vec<String>,
    /// The words of the flat's number.
    pub(super) flat: Vec<String>,
    /// Words of the people's names.
    pub(super) people: Vec<String>,
    /// What is found as a whole.
    pub(super) exact: Vec<(Class, String)>,
    /// The records of its system that it names: kind and id.
    pub(super) links: Vec<(&'static str, String)>,
}

/// A record as it is read for the index.
pub(super) struct Source<'r> {
    pub(super) key: RecordKey<'r>,
    pub(super) body: &'r str,
    /// Its temporary id, where it came with one.
    pub(super) temporary: Option<String>,
}

/// The text of a member, decoded; a number as it is written.
fn text(members: &Members<'_>, name: &str) -> String {
    let Some(raw) = members.get(name) else { return String::new() };
    match raw.as_bytes().first() {
        Some(b'"') => json::string(raw).map(Into::into).unwrap_or_default(),
        Some(b'0'..=b'9' | b'-') => raw.to_owned(),
        _ => String::new(),
    }
}

impl Entry {
    /// What a record is found by. `connection`: of the ledger, whose views say where the
    /// fields of a portal are.
    pub(super) fn of(source: &Source<'_>, connection: &Connection) -> Result<Self, Error> {
        let mut entry = Self::default();
        let key = source.key;
        entry.exact(Class::Id, words::fold(key.id.trim()));
        if let Some(temporary) = &source.temporary {
            entry.exact(Class::Id, words::fold(temporary.trim()));
        }
        if key.source == "bitrix24" {
            entry.portal(key, connection)?;
        } else if let Some(members) = Members::parse(source.body) {
            match key.source {
                "uzhkh" => entry.uzhkh(key.kind, &members),
                "domoplaner" => entry.domoplaner(&members),
                "macrocrm" => entry.ready_flat(&members),
                _ => {}
            }
        }
        Ok(entry)
    }

    fn exact(&mut self, class: Class, value: String) {
        if !value.is_empty() && !self.exact.contains(&(class, value.clone())) {
            self.exact.push((class, value));
        }
    }

    /// A number, whole and without the letters around it: `ЛС-700000123`.
    fn number(&mut self, class: Class, text: &str) {
        self.exact(class, words::number(text));
        let digits = words::digits(text);
        if digits.len() >= 4 {
            self.exact(class, digits);
        }
    }

    fn phone(&mut self, text: &str) {
        // Several may stand in one field, `8/900/000-00-01` is one, and what follows in `225-10-10/11`
        // is another ending.
        for one in text.split([',', ';']) {
            let whole = (words::digits(one).len() <= words::MOST_OF_PHONE).then_some(one);
            for phone in whole.into_iter().chain(one.split('/')).filter_map(words::phone) {
                self.exact(Class::Phone, phone);
            }
        }
    }

    /// Members that name a record of a kind.
    fn links(&mut self, members: &Members<'_>, named: &[(&str, &'static str)]) {
        for (member, kind) in named {
            let id = text(members, member);
            if !id.is_empty() {
                self.links.push((kind, id));
            }
        }
    }

    fn person(&mut self, members: &Members<'_>, names: &[&str]) {
        for name in names {
            self.people.extend(words::words(&text(members, name)));
        }
    }

    fn at(&mut self, before: &[String], house: &str, flat: &str) {
        for text in before {
            self.place.extend(words::place(text));
        }
        self.house = words::place(house);
        self.flat = words::place(flat);
        self.place.extend(self.house.iter().chain(&self.flat).cloned());
    }

    fn uzhkh(&mut self, kind: &str, members: &Members<'_>) {
        const PERSON: [&str; 5] = ["Surname", "Name", "Patronymic", "UrCompanyName", "Email"];
        let text = |name| text(members, name);
        match kind {
            "object" => {
                let (house, flat) = (text("HouseNumber"), text("FlatNumber"));
                let mut before = vec![text("Locality"), text("Street")];
                // Without its parts the address is all that there is.
                if before[1].is_empty() || house.is_empty() {
                    before.push(text("Address"));
                }
                self.at(&before, &house, &flat);
            }
            "account" => {
                self.number(Class::Account, &text("AccountNumber"));
                self.links(members, &[("ApartmentID", "object"), ("RelatedAccountId", "account")]);
                let persons = members.get("Persons").and_then(json::elements).unwrap_or_default();
                for person in persons.into_iter().filter_map(Members::parse) {
                    self.links(&person, &[("Id", "resident")]);
                }
            }
            "resident" | "requesttoregister" => {
                self.person(members, &PERSON);
                self.phone(&text("Phone"));
                self.links(members, &[("ParentResidentId", "resident"), ("FlatId", "object")]);
            }
            "requesttoobjectadding" => {
                self.links(members, &[("FlatId", "object"), ("ResidentId", "resident")]);
            }
            "request" => {
                const INITIATOR: [&str; 4] =
                    ["InitiatorSurname", "InitiatorName", "InitiatorPatronymic", "CurrentEmail"];
                self.number(Class::Number, &text("Number"));
                self.person(members, &INITIATOR);
                self.phone(&text("CurrentPhone"));
                self.links(
                    members,
                    &[
                        ("AccountId", "account"),
                        ("ResidentId", "resident"),
                        ("FlatId", "object"),
                        ("IdCounter", "counter"),
                    ],
                );
            }
            "counter" => {
                self.number(Class::Number, &text("SerialNumber"));
                self.links(members, &[("FlatId", "object")]);
            }
            "payment" => {
                self.number(Class::Number, &text("OrderNumber"));
                self.links(members, &[("AccountId", "account"), ("IdRequest", "request")]);
            }
            "car" => {
                self.number(Class::Number, &text("Number"));
                self.phone(&text("PhoneDriver"));
                self.links(members, &[("ResidentId", "resident")]);
            }
            _ => {}
        }
    }

    /// Domoplaner documents no fields: a member whose name speaks of people or phones is taken
    /// for one.
    fn domoplaner(&mut self, members: &Members<'_>) {
        let title = |name| text(members, name);
        self.at(&[title("project"), title("stage")], &title("house"), &title("number"));
        self.number(Class::Number, &title("dogovor_number"));
        self.links(members, &[("flat_id", "premises")]);
        for (name, _) in members.iter() {
            let lower = name.to_lowercase();
            let is_of = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
            if is_of(&["phone", "tel"]) {
                self.phone(&text(members, name));
            } else if is_of(&["fio", "client", "buyer", "customer", "surname", "email"]) {
                self.people.extend(words::words(&text(members, name)));
            }
        }
    }

    fn ready_flat(&mut self, members: &Members<'_>) {
        self.at(&[text(members, "title")], "", &text(members, "flat"));
    }

    fn portal(&mut self, key: RecordKey<'_>, connection: &Connection) -> Result<(), Error> {
        let columns = match key.kind {
            "apartment" => "address, building, apartment_number FROM bitrix_apartment",
            "unit" => "NULL, apartment_id, NULL FROM bitrix_unit",
            "contact" => {
                "coalesce(first_name, '') || ' ' || coalesce(last_name, ''), phone, email FROM bitrix_contact"
            }
            "owner_contract" => "title, apartment_id, contact_id FROM bitrix_owner_contract",
            "tenant_contract" => "title, unit_id, contact_id FROM bitrix_tenant_contract",
            _ => return Ok(()),
        };
        // A portal may send numbers for texts.
        let sql = format!(
            "WITH found (a, b, c) AS (SELECT {columns} WHERE id = ?1) \
             SELECT CAST(a AS TEXT), CAST(b AS TEXT), CAST(c AS TEXT) FROM found"
        );
        let found = connection.prepare_cached(&sql)?.query_row([key.id], |row| {
            let text = |at| row.get::<_, Option<String>>(at).map(Option::unwrap_or_default);
            Ok([text(0)?, text(1)?, text(2)?])
        });
        // A deleted one is in no view.
        let Some([first, second, third]) = found.optional()? else { return Ok(()) };
        match key.kind {
            "apartment" => self.at(&[first], &second, &third),
            "contact" => {
                self.people.extend(words::words(&first));
                self.people.extend(words::words(&third));
                self.phone(&second);
            }
            _ => {
                self.number(Class::Number, &first);
                let rented = if key.kind == "tenant_contract" { "unit" } else { "apartment" };
                let named = [(rented, second), ("contact", third)];
                // One with a mark is of another kind.
                let is_id = |id: &str| !id.is_empty() && words::digits(id) == *id;
                self.links.extend(named.into_iter().filter(|(_, id)| is_id(id)));
            }
        }
        Ok(())
    }
}
