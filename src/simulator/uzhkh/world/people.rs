//! «Собственник», «Лицевой счёт», «Автомобили» and the two requests to be added.

use super::vocabulary::{Name, company, moment, money, mostly, once_in, phone, pick};
use super::{NONE, Table, View};
use crate::json::Writer;

/// Role of a person in an account.
pub(super) struct Role {
    owner: bool,
    parent: Option<String>,
}

const CARS: [(&str, &str); 5] = [
    ("Лада", "Веста"),
    ("Москвич", "3"),
    ("УАЗ", "Патриот"),
    ("ГАЗ", "Соболь NN"),
    ("Лада", "Нива Legend"),
];

/// The letters of number plates.
const PLATE: [char; 12] = ['А', 'В', 'Е', 'К', 'М', 'Н', 'О', 'Р', 'С', 'Т', 'У', 'Х'];

/// A car's brand, model and number.
pub(super) fn car(random: &mut fastrand::Rng) -> (&'static str, &'static str, String) {
    let (brand, model) = pick(random, &CARS);
    let (a, b, c) = (pick(random, &PLATE), pick(random, &PLATE), pick(random, &PLATE));
    let number = format!("{a}{:03}{b}{c}{}", random.u16(..1000), random.u16(700..799));
    (brand, model, number)
}

impl View<'_> {
    /// A resident by itself, or inside an account with its role there.
    pub(super) fn person(self, index: usize, role: Option<&Role>, json: &mut Writer) {
        let random = &mut self.random(Table::Residents, index);
        let name = Name::invent(random);
        let is_company = once_in(random, 15);
        let own = |text| if is_company { "" } else { text };
        json.text("Surname", own(&name.surname));
        json.text("Name", own(name.name));
        json.text("Patronymic", own(&name.patronymic));
        let firm = company(random);
        json.text("UrCompanyName", if is_company { firm } else { "" });
        json.maybe_text("Email", mostly(random, 8, &*name.email));
        let number = phone(random);
        json.maybe_text("Phone", mostly(random, 12, &*number));
        json.text("Id", &self.id(Table::Residents, index));
        json.maybe_raw("IsEmployer", role.map(|role| !role.owner));
        json.maybe_raw("IsOwner", role.map(|role| role.owner));
        json.maybe_text("ParentResidentId", role.and_then(|role| role.parent.as_deref()));
    }

    /// The number of an account, which others quote.
    pub(super) fn account_number(index: usize) -> String {
        format!("{:09}", 700_000_000 + index * 7)
    }

    pub(super) fn account(self, index: usize, json: &mut Writer) {
        let account = self.thing(Table::Accounts, index);
        let random = &mut self.random(Table::Accounts, index);
        let [flat, owner, second, tenant] = account.links;
        json.text("Id", &self.id(Table::Accounts, index));
        json.text("AccountNumber", &Self::account_number(index));
        let closed = once_in(random, 20);
        json.flag("IsActive", !closed);
        json.text("ApartmentID", &self.id(Table::Flats, flat as usize));
        json.text("TypeObject", self.type_of_object(flat as usize));
        let opened = moment(random, 2015..2024);
        json.maybe_raw("DateTimeOpen", mostly(random, 10, opened));
        let closing = moment(random, 2024..2026);
        json.maybe_raw("DateTimeClose", closed.then_some(closing));
        let people = random.u8(1..6);
        json.maybe_raw("SpelledOutPerson", mostly(random, 4, people));
        json.maybe_raw("RegisteredPerson", mostly(random, 4, people));
        json.maybe_raw("LivingPerson", mostly(random, 2, people));
        let related =
            (index > 0 && once_in(random, 20)).then(|| self.id(Table::Accounts, index - 1));
        json.maybe_text("RelatedAccountId", related.as_deref());
        let first = random.i64(-2_000_000..3_000_000);
        let monthly = random.i64(100_000..900_000);
        let balance = match once_in(random, 500) {
            // More digits than a binary float holds.
            true => format!("12345678901234{}.10", index % 1000),
            false => money(random, first - monthly * i64::from(account.version)),
        };
        json.raw("Balance", balance);
        if once_in(random, 30) {
            json.null("Persons");
            return;
        }
        json.name("Persons");
        json.open_list();
        let parent = self.linked(Table::Residents, owner);
        for (link, is_owner) in [(owner, true), (second, true), (tenant, false)] {
            if link != NONE {
                let role =
                    Role { owner: is_owner, parent: parent.clone().filter(|_| link != owner) };
                json.open();
                self.person(link as usize, Some(&role), json);
                json.close();
            }
        }
        json.close_list();
    }

    pub(super) fn register(self, index: usize, json: &mut Writer) {
        let random = &mut self.random(Table::Registers, index);
        let [flat, ..] = self.thing(Table::Registers, index).links;
        let name = Name::invent(random);
        json.text("Id", &self.id(Table::Registers, index));
        json.text("FlatId", &self.id(Table::Flats, flat as usize));
        json.text("AccountNumber", &random.u32(100_000..999_999).to_string());
        json.text("Surname", &name.surname);
        json.text("Name", name.name);
        json.maybe_text("Patronymic", mostly(random, 6, &*name.patronymic));
        json.text("Email", &name.email);
        json.text("Phone", &phone(random));
    }

    pub(super) fn adding(self, index: usize, json: &mut Writer) {
        let [flat, resident, ..] = self.thing(Table::Addings, index).links;
        json.text("Id", &self.id(Table::Addings, index));
        json.text("FlatId", &self.id(Table::Flats, flat as usize));
        json.text("ResidentId", &self.id(Table::Residents, resident as usize));
    }

    pub(super) fn car(self, index: usize, json: &mut Writer) {
        let random = &mut self.random(Table::Cars, index);
        let [resident, ..] = self.thing(Table::Cars, index).links;
        let (brand, model, number) = car(random);
        json.text("Id", &self.id(Table::Cars, index));
        json.text("ResidentId", &self.id(Table::Residents, resident as usize));
        json.text("Brand", brand);
        json.text("Model", model);
        json.text("Number", &number);
        let driver = phone(random);
        json.maybe_text("PhoneDriver", mostly(random, 2, &*driver));
        json.flag("IsTemp", once_in(random, 4));
    }
}
