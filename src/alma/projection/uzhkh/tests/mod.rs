//! The projection over records in memory.

mod buildings;
mod clients;
mod contracts;
mod links;
mod properties;
mod units;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use jiff::tz::{TimeZone, offset};

use super::{ACCOUNT, OBJECT, RESIDENT, Settings, Uzhkh};
use crate::alma::projection::{Projection, Records, Wanted};
use crate::ledger::{AlmaKey, AlmaKind, Error};

/// Kind and id of a record, or of what one names.
type Pair = (String, String);

/// Records and their links, as the ledger keeps them.
#[derive(Debug, Clone, Default)]
struct Ledger {
    bodies: BTreeMap<Pair, String>,
    links: BTreeMap<Pair, BTreeSet<Pair>>,
}

fn pair(kind: &str, id: &str) -> Pair {
    (kind.to_owned(), id.to_owned())
}

impl Ledger {
    /// A ledger with these records: kind, id, body.
    fn of(records: &[(&str, &str, &str)]) -> Self {
        let mut ledger = Self::default();
        for (kind, id, body) in records {
            ledger.put(kind, id, Some(body));
        }
        ledger
    }

    /// Stores a body, or deletes the record, and brings its links up to date.
    fn put(&mut self, kind: &str, id: &str, body: Option<&str>) -> Vec<Pair> {
        self.put_body(kind, id, body);
        self.put_links(kind, id)
    }

    fn put_body(&mut self, kind: &str, id: &str, body: Option<&str>) {
        match body {
            Some(body) => self.bodies.insert(pair(kind, id), body.to_owned()),
            None => self.bodies.remove(&pair(kind, id)),
        };
    }

    /// Brings the links of a record up to date; what it named and what it names.
    fn put_links(&mut self, kind: &str, id: &str) -> Vec<Pair> {
        let body = self.bodies.get(&pair(kind, id));
        let links = body.map(|body| uzhkh().links(kind, id, body));
        let links = links.unwrap_or_default().into_iter();
        let now: BTreeSet<Pair> = links.map(|link| (link.to.to_owned(), link.id)).collect();
        let before = self.links.insert(pair(kind, id), now.clone());
        now.union(&before.unwrap_or_default()).cloned().collect()
    }

    fn project(&self, kind: AlmaKind, id: &str) -> Wanted {
        uzhkh().project(&AlmaKey::new(kind, id), self).unwrap()
    }

    /// The text of an object that is wanted.
    fn wanted(&self, kind: AlmaKind, id: &str) -> String {
        match self.project(kind, id) {
            Wanted::Yes(fields) => fields.text(),
            other => panic!("{kind} {id}: {other:?}"),
        }
    }

    /// A field of an object that is wanted, as JSON text.
    fn field(&self, kind: AlmaKind, id: &str, name: &str) -> String {
        match self.project(kind, id) {
            Wanted::Yes(fields) => fields.get(name).unwrap().to_owned(),
            other => panic!("{kind} {id}: {other:?}"),
        }
    }

    /// Why an object is blocked.
    fn reason(&self, kind: AlmaKind, id: &str) -> String {
        match self.project(kind, id) {
            Wanted::Blocked(reason) => reason,
            other => panic!("{kind} {id}: {other:?}"),
        }
    }
}

impl Records for Ledger {
    fn record(&self, kind: &str, id: &str) -> Result<Option<String>, Error> {
        Ok(self.bodies.get(&pair(kind, id)).cloned())
    }

    fn named_by(&self, kind: &str, id: &str) -> Result<Vec<Pair>, Error> {
        let links = self.links.get(&pair(kind, id));
        Ok(links.into_iter().flatten().cloned().collect())
    }

    fn naming(&self, kind: &str, to: &str, id: &str) -> Result<Vec<String>, Error> {
        let named = pair(to, id);
        let records = self.links.iter().filter(|(record, links)| {
            let (its_kind, _) = record;
            its_kind == kind && links.contains(&named)
        });
        Ok(records.map(|((_, id), _)| id.clone()).collect())
    }

    fn named(&self, to: &str, prefix: &str) -> Result<Vec<String>, Error> {
        let links = self.links.values().flatten();
        let named = links.filter(|(kind, id)| kind == to && id.starts_with(prefix));
        let ids: BTreeSet<String> = named.map(|(_, id)| id.clone()).collect();
        Ok(ids.into_iter().collect())
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
    Ledger::of(&[
        (OBJECT, "o1", FLAT),
        (ACCOUNT, "a1", BILL),
        (RESIDENT, "r1", PERSON),
    ])
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
    for part in [
        "207",
        "Квартира",
        "2050-01-01",
        "TM 10%",
        "Long-term",
        "+03",
        "rules 1",
    ] {
        assert!(text.contains(part), "{text} {part}");
    }
    let moscow = TimeZone::get("Europe/Moscow").unwrap();
    let other = Uzhkh::new(Settings {
        timezone: moscow,
        ..settings()
    });
    assert!(other.settings().contains("Europe/Moscow"));
    assert_eq!(other.source(), "uzhkh");
    assert_eq!(other.kinds(), [OBJECT, ACCOUNT, RESIDENT]);
}

#[test]
fn there_are_no_rooms() {
    assert_eq!(small().project(AlmaKind::Room, "o1"), Wanted::No);
}
