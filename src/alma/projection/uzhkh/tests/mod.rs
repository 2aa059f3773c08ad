//! The projection over records in memory.

mod buildings;
mod clients;
mod contracts;
mod links;
mod properties;
mod units;

use std::sync::LazyLock;

use jiff::civil::date;
use jiff::tz::{TimeZone, offset};

use super::{ACCOUNT, OBJECT, RESIDENT, Settings, Uzhkh};
use crate::alma::projection::memory::{self, Pair, pair};
use crate::alma::projection::{Projection, Wanted};
use crate::config::PhoneCountry;
use crate::ledger::{AlmaKey, AlmaKind};

type Ledger = memory::Ledger<Subject>;

/// What is tested.
#[derive(Debug, Clone, Copy, Default)]
struct Subject;

impl memory::Subject for Subject {
    fn projection() -> &'static dyn Projection {
        static ONE: LazyLock<Uzhkh> = LazyLock::new(uzhkh);
        &*ONE
    }
}

fn settings() -> Settings {
    Settings {
        project: 207,
        unit_types: vec!["Квартира".to_owned(), " Апартаменты ".to_owned()],
        open_ended_date: date(2050, 1, 1),
        work_model: "TM 10%".to_owned(),
        type_contract: "Long-term 3+ months".to_owned(),
        timezone: TimeZone::fixed(offset(3)),
        phone_country: PhoneCountry::RU,
        blank_last_name: "-".to_owned(),
    }
}

fn uzhkh() -> Uzhkh {
    Uzhkh::new(settings())
}

/// An object of house `h4`.
const FLAT: &str = r#"{"TypeObject":"Квартира","Address":"ул. Лодочная, д. 4, кв. 12","Locality":"Заречный","Street":"Лодочная","HouseNumber":"4","FlatNumber":"12","SquareAll":54.30,"SquareLiving":31.0,"CountRooms":"2","EtazhNumber":3,"PodyezdNumber":"1","Id":"o1","HouseId":"h4","YearOfHouse":2019,"SipNumber":"701","SipPassword":"s1p"}"#;

/// An account of `o1`: `r1` owns, `r2` and `r3` rent.
const BILL: &str = r#"{"Id":"a1","AccountNumber":"1001","IsActive":true,"ApartmentID":"o1","TypeObject":"Квартира","DateTimeOpen":"2023-01-15T00:00:00","DateTimeClose":null,"Balance":10.50,"Persons":[{"Id":"r1","Surname":"Ветрова","Name":"Инна","IsOwner":true,"IsEmployer":false},{"Id":"r2","Surname":"Котов","Name":"Лев","IsOwner":false,"IsEmployer":true},{"Id":"r3","Surname":"Котова","Name":"Ада","Patronymic":"Львовна","IsOwner":null,"IsEmployer":true}]}"#;

const PERSON: &str = r#"{"Surname":"Ветрова","Name":"Инна","Patronymic":"Павловна","UrCompanyName":null,"Email":"inna@example.com","Phone":"8 (900) 000-00-01","Id":"r1","IsEmployer":null,"IsOwner":null}"#;

/// A ledger with one flat, its account and one of its persons.
fn small() -> Ledger {
    Ledger::of(&[(OBJECT, "o1", FLAT), (ACCOUNT, "a1", BILL), (RESIDENT, "r1", PERSON)])
}

/// A body with a member that has another value, JSON text.
fn with(body: &str, name: &str, value: &str) -> String {
    // Given twice: the last counts.
    let body = body.strip_suffix('}').unwrap();
    format!("{body},\"{name}\":{value}}}")
}

#[test]
fn the_settings_say_what_decides() {
    let text = uzhkh().settings();
    for part in ["207", "Квартира", "2050-01-01", "TM 10%", "Long-term", "+03", "rules 3"] {
        assert!(text.contains(part), "{text} {part}");
    }
    let moscow = TimeZone::get("Europe/Moscow").unwrap();
    let other = Uzhkh::new(Settings { timezone: moscow, ..settings() });
    assert!(other.settings().contains("Europe/Moscow"));
    assert_eq!(other.source(), "uzhkh");
    assert_eq!(other.kinds(), [OBJECT, ACCOUNT, RESIDENT]);
    assert!(other.kinds().starts_with(other.of_premises()));
}

#[test]
fn there_are_no_rooms() {
    assert_eq!(small().project(AlmaKind::Room, "o1"), Wanted::No);
}
