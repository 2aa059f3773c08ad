//! What UZhKH says by now, and how it says it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::step::Role;

/// The day before which every contract here is over.
pub(crate) const PAST: &str = "2024-03-01";

#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) house: Option<usize>,
    pub(crate) type_object: &'static str,
    pub(crate) flat: String,
    pub(crate) look: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) surname: String,
    pub(crate) company: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) is_owner: bool,
    pub(crate) is_tenant: bool,
    /// As the account had it when it was last sent.
    pub(crate) person: Person,
}

#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) object: String,
    pub(crate) opened: Option<&'static str>,
    pub(crate) closed: Option<&'static str>,
    pub(crate) persons: Vec<Listed>,
}

/// All that UZhKH has.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) houses: [usize; 3],
    pub(crate) objects: BTreeMap<String, Object>,
    pub(crate) accounts: BTreeMap<String, Account>,
    /// As their own records have them; none of those that are deleted.
    pub(crate) residents: BTreeMap<String, Person>,
    pub(crate) deleted_residents: BTreeSet<String>,
    pub(crate) deleted_objects: Vec<(String, Object)>,
    /// How often the object, and the account, in a slot was deleted: ids do not return.
    objects_gone: [usize; 4],
    accounts_gone: [usize; 4],
}

/// An entity that is to be sent: the member of the envelope, and its text.
pub(crate) type Said = (&'static str, String);

impl World {
    pub(crate) fn object_id(&self, slot: usize) -> String {
        format!("o{slot}-{}", self.objects_gone[slot])
    }

    pub(crate) fn account_id(&self, slot: usize) -> String {
        format!("a{slot}-{}", self.accounts_gone[slot])
    }

    pub(crate) fn put_object(&mut self, slot: usize, object: Object) -> Said {
        let id = self.object_id(slot);
        self.objects.insert(id.clone(), object);
        ("Obj", self.object_text(&id))
    }

    pub(crate) fn put_account(
        &mut self,
        slot: usize,
        object: usize,
        roles: &[Role],
        (opened, closed): (Option<&'static str>, Option<&'static str>),
    ) -> Said {
        let mut persons: Vec<Listed> = Vec::new();
        for role in roles {
            let id = format!("r{}", role.resident);
            if persons.iter().any(|listed| listed.id == id) {
                continue;
            }
            let known = self.residents.get(&id).cloned();
            let person = known.unwrap_or_else(|| person(role.resident, 0, 0, 0, false));
            if !self.deleted_residents.contains(&id) {
                // A nested person is the resident, too.
                self.residents.insert(id.clone(), person.clone());
            }
            persons.push(Listed { id, is_owner: role.is_owner, is_tenant: role.is_tenant, person });
        }
        let id = self.account_id(slot);
        let account = Account { object: self.object_id(object), opened, closed, persons };
        let text = account_text(&id, &account);
        self.accounts.insert(id, account);
        ("Account", text)
    }

    /// None where the resident was deleted: it does not return.
    pub(crate) fn put_resident(&mut self, slot: usize, person: Person) -> Option<Said> {
        let id = format!("r{slot}");
        if self.deleted_residents.contains(&id) {
            return None;
        }
        let text = person_text(&id, &person, "");
        self.residents.insert(id, person);
        Some(("Resident", text))
    }

    /// The objects of a house say what it is called now.
    pub(crate) fn rename(&mut self, house: usize, name: usize) -> Vec<Said> {
        self.houses[house] = name;
        let inside = self.objects.iter().filter(|(_, object)| object.house == Some(house));
        inside.map(|(id, _)| ("Obj", self.object_text(id))).collect()
    }

    pub(crate) fn delete_object(&mut self, slot: usize) -> Option<String> {
        let id = self.object_id(slot);
        let object = self.objects.remove(&id)?;
        self.deleted_objects.push((id.clone(), object));
        self.objects_gone[slot] += 1;
        Some(id)
    }

    pub(crate) fn delete_account(&mut self, slot: usize) -> Option<String> {
        let id = self.account_id(slot);
        self.accounts.remove(&id)?;
        self.accounts_gone[slot] += 1;
        Some(id)
    }

    pub(crate) fn delete_resident(&mut self, slot: usize) -> Option<String> {
        let id = format!("r{slot}");
        self.residents.remove(&id)?;
        self.deleted_residents.insert(id.clone());
        Some(id)
    }

    /// A deleted object is there again; its text.
    pub(crate) fn restore(&mut self, at: usize) -> Option<String> {
        if self.deleted_objects.is_empty() {
            return None;
        }
        let (id, object) = self.deleted_objects.remove(at % self.deleted_objects.len());
        self.objects.insert(id.clone(), object);
        Some(self.object_text(&id))
    }

    /// Place, street and number of a house. Two may have street and number in common.
    pub(crate) fn house(&self, house: usize) -> (&'static str, &'static str, &'static str) {
        let (street, number) =
            [("Лодочная", "4"), ("Мира", "1"), ("Лодочная", "6")][self.houses[house]];
        (["Заречный", "Горный", "Лесной"][house], street, number)
    }

    fn object_text(&self, id: &str) -> String {
        let object = &self.objects[id];
        let mut text = format!(
            r#"{{"Id":"{id}","TypeObject":"{}","FlatNumber":"{}","Address":"{}""#,
            object.type_object,
            object.flat,
            object.address(),
        );
        if let Some(house) = object.house {
            let (locality, street, number) = self.house(house);
            write!(
                text,
                r#","HouseId":"h{house}","Locality":"{locality}","Street":"{street}","HouseNumber":"{number}""#
            )
            .unwrap();
        }
        let look = [
            r#""CountRooms":"студия","SquareAll":30.10,"EtazhNumber":1"#,
            r#""CountRooms":"2","SquareAll":54.3,"EtazhNumber":3"#,
            r#""CountRooms":"3 комнаты","SquareAll":70,"EtazhNumber":null"#,
            r#""CountRooms":null,"SquareAll":null,"EtazhNumber":-1"#,
        ][object.look];
        format!("{text},{look}}}")
    }
}

impl Object {
    pub(crate) fn address(&self) -> String {
        format!("кв. {}, вид {}", self.flat, self.look)
    }
}

/// A person; of the e-mails the sixth and seventh are shared, the eighth is missing.
pub(crate) fn person(
    slot: usize,
    name: usize,
    email: usize,
    phone: usize,
    is_company: bool,
) -> Person {
    let email = match email {
        0..5 => Some(format!("r{slot}.{}@example.com", email % 2)),
        5 => Some("shared@example.com".to_owned()),
        6 => Some("Shared@Example.com".to_owned()),
        _ => None,
    };
    Person {
        name: format!("Имя{name}"),
        surname: format!("Фамилия{slot}"),
        company: is_company.then(|| format!("ООО {slot}-{name}")),
        email,
        phone: [Some("+7 900 000-00-01"), Some("8 (900) 000-00-02"), None, Some("нет")][match phone
        {
            0..4 => 0,
            4 | 5 => 1,
            6 => 2,
            _ => 3,
        }],
    }
}

fn quoted(text: Option<&str>) -> String {
    text.map_or("null".to_owned(), |text| format!("{text:?}"))
}

fn person_text(id: &str, person: &Person, roles: &str) -> String {
    format!(
        r#"{{"Id":"{id}","Surname":"{}","Name":"{}","Patronymic":null,"UrCompanyName":{},"Email":{},"Phone":{}{roles}}}"#,
        person.surname,
        person.name,
        quoted(person.company.as_deref()),
        quoted(person.email.as_deref()),
        quoted(person.phone),
    )
}

fn account_text(id: &str, account: &Account) -> String {
    let persons = account.persons.iter().map(|listed| {
        let roles = format!(r#","IsOwner":{},"IsEmployer":{}"#, listed.is_owner, listed.is_tenant);
        person_text(&listed.id, &listed.person, &roles)
    });
    let persons: Vec<String> = persons.collect();
    let moment = |day: Option<&str>| quoted(day.map(|day| format!("{day}T00:00:00")).as_deref());
    format!(
        r#"{{"Id":"{id}","AccountNumber":"{}","ApartmentID":"{}","DateTimeOpen":{},"DateTimeClose":{},"Persons":[{}]}}"#,
        number(id),
        account.object,
        moment(account.opened),
        moment(account.closed),
        persons.join(","),
    )
}

/// The number of an account.
pub(crate) fn number(id: &str) -> String {
    format!("10{}", id.replace(['a', '-'], "0"))
}
