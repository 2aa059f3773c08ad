//! What Alma should hold of a world: the table of the design, written down once more.

use std::collections::BTreeMap;

use simulator::AlmaKind;

use super::world::{Account, Listed, PAST, Person, World, number};

pub(crate) type Key = (AlmaKind, String);

/// What a field should hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// JSON; a number as written.
    Is(String),
    /// Nothing, or what it held when it was adopted.
    Empty,
    /// 0, or what it held when it was adopted.
    Zero,
    /// This JSON, which stands for what UZhKH does not say, or what it held when it was adopted.
    Unsaid(&'static str),
    /// The day of a moment.
    On(String),
    /// Alma's id of this object.
    Ref(Key),
}

/// What one object should be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Want {
    Fields(BTreeMap<&'static str, Value>),
    /// A value that it needs is missing.
    Lacks,
    /// A contract that is over, or a client of whom no other is left: what Alma has of it stays.
    Over,
}

fn text(text: &str) -> Value {
    Value::Is(serde_json::Value::from(text).to_string())
}

fn raw(json: &str) -> Value {
    Value::Is(json.to_owned())
}

/// Every object that Alma should hold; a building by its house.
pub(crate) fn wanted(world: &World) -> BTreeMap<Key, Want> {
    let mut all = BTreeMap::new();
    for (id, object) in &world.objects {
        if !is_unit(world, id) {
            continue;
        }
        let want = match object.house {
            None => Want::Lacks,
            Some(house) => {
                let name = house_name(world, house);
                let building = BTreeMap::from([("name", text(&name)), ("project", raw("207"))]);
                let key = (AlmaKind::Building, format!("h{house}"));
                all.insert(key.clone(), Want::Fields(building));
                unit(world, id, key)
            }
        };
        all.insert((AlmaKind::Unit, id.clone()), want);
    }
    // The greatest id first, so that the least has the last word.
    for (id, account) in world.accounts.iter().rev() {
        if is_unit(world, &account.object) {
            people(world, id, account, &mut all);
        }
    }
    all
}

fn is_unit(world: &World, object: &str) -> bool {
    let object = world.objects.get(object);
    object.is_some_and(|object| matches!(object.type_object, "Квартира" | "Апартаменты"))
}

/// Street and number, with the place in front where another house has the same.
pub(crate) fn house_name(world: &World, house: usize) -> String {
    let (locality, street, number) = world.house(house);
    let is_there = |other: usize| {
        let mut objects = world.objects.iter();
        objects.any(|(id, object)| object.house == Some(other) && is_unit(world, id))
    };
    let same = (0..3).any(|other| {
        let (_, other_street, other_number) = world.house(other);
        other != house && is_there(other) && (other_street, other_number) == (street, number)
    });
    match same {
        true => format!("{locality}, {street}, {number}"),
        false => format!("{street}, {number}"),
    }
}

fn unit(world: &World, id: &str, building: Key) -> Want {
    let object = &world.objects[id];
    let (is_studio, bedrooms, area, floor) = [
        (true, "1", "30.10", "1"),
        (false, "2", "54.3", "3"),
        (false, "3", "70", "null"),
        (false, "0", "0", "-1"),
    ][object.look];
    let or_zero = |number: &str| if number == "0" { Value::Zero } else { raw(number) };
    let number = match object.flat.as_str() {
        "" => Value::Unsaid("\"0\""),
        flat => text(flat),
    };
    Want::Fields(BTreeMap::from([
        ("external_id", text(id)),
        ("additional_external_id", text("")),
        ("is_used_additional_external_id", raw("false")),
        ("name", number.clone()),
        ("number", number),
        ("header", text(&object.address())),
        ("address", text(&object.address())),
        ("building", Value::Ref(building)),
        ("property_type", text(if is_studio { "studio" } else { "apartment" })),
        ("number_of_bedrooms", or_zero(bedrooms)),
        ("number_of_baths", raw("0")),
        ("internal_area", or_zero(area)),
        ("total_buildable_area", or_zero(area)),
        ("floor", if floor == "null" { Value::Empty } else { raw(floor) }),
        ("is_roof_garden", raw("false")),
        ("is_swimming_pool", raw("false")),
        ("parking", text("not_applicable")),
    ]))
}

/// The clients and contracts of an account.
fn people(world: &World, id: &str, account: &Account, all: &mut BTreeMap<Key, Want>) {
    let tenants: Vec<&Listed> = account.persons.iter().filter(|listed| listed.is_tenant).collect();
    for listed in &account.persons {
        if listed.is_owner || listed.is_tenant {
            let want = match is_needed(world, &listed.id) {
                true => client(&listed.id, as_known(world, listed)),
                false => Want::Over,
            };
            all.insert((AlmaKind::Client, listed.id.clone()), want);
        }
        if listed.is_owner {
            let own = [("work_model", text("Long term"))];
            let want = contract(id, account, &listed.id, &own);
            all.insert((AlmaKind::OwnerContract, format!("{id}:{}", listed.id)), want);
        }
    }
    if let Some((first, others)) = tenants.split_first() {
        let names = others.iter().map(|other| {
            let person = as_known(world, other);
            let full = format!("{} {}", person.surname, person.name);
            person.company.clone().unwrap_or(full)
        });
        let names: Vec<String> = names.collect();
        let own = [
            ("co_tenant", text(&names.join("; "))),
            ("price", Value::Unsaid("\"0.00\"")),
            ("type_contract", text("Long-term 3+ months")),
        ];
        let want = contract(id, account, &first.id, &own);
        all.insert((AlmaKind::TenantContract, format!("{id}:{}", first.id)), want);
    }
}

/// Whether an account that makes a person a client is not over.
fn is_needed(world: &World, resident: &str) -> bool {
    let accounts = world.accounts.values().filter(|account| is_unit(world, &account.object));
    let roles =
        accounts.flat_map(|account| account.persons.iter().map(move |listed| (account, listed)));
    let mut roles =
        roles.filter(|(_, listed)| listed.id == resident && (listed.is_owner || listed.is_tenant));
    roles.any(|(account, _)| !is_over(account))
}

/// Whether an account was closed, and its dates do not contradict each other.
fn is_over(account: &Account) -> bool {
    account
        .closed
        .is_some_and(|closed| closed <= PAST && account.opened.is_none_or(|opened| opened < closed))
}

/// As the record has the person, or, of one that is deleted, the account.
fn as_known<'w>(world: &'w World, listed: &'w Listed) -> &'w Person {
    world.residents.get(&listed.id).unwrap_or(&listed.person)
}

fn client(id: &str, person: &Person) -> Want {
    let phone = match person.phone {
        Some("+7 900 000-00-01") => "+79000000001",
        Some("8 (900) 000-00-02") => "+79000000002",
        _ => return Want::Lacks,
    };
    let Some(email) = &person.email else {
        return Want::Lacks;
    };
    let first_name = person.company.as_ref().unwrap_or(&person.name);
    Want::Fields(BTreeMap::from([
        ("external_id", text(id)),
        ("first_name", text(first_name)),
        ("last_name", text(&person.surname)),
        ("email", text(email)),
        ("phone", text(phone)),
        ("country", raw("4")),
    ]))
}

fn contract(id: &str, account: &Account, resident: &str, own: &[(&'static str, Value)]) -> Want {
    let closed = account.closed.unwrap_or("2099-12-31");
    if account.opened.is_some_and(|opened| opened >= closed) {
        return Want::Lacks;
    }
    if closed <= PAST {
        return Want::Over;
    }
    let Some(opened) = account.opened else {
        return Want::Lacks;
    };
    let mut fields = BTreeMap::from([
        ("external_id", text(&format!("{id}:{resident}"))),
        ("unit_id", Value::Ref((AlmaKind::Unit, account.object.clone()))),
        ("client_id", Value::Ref((AlmaKind::Client, resident.to_owned()))),
        ("name", text(&format!("ЛС {}", number(id)))),
        ("start_date", Value::On(opened.to_owned())),
        ("end_date", Value::On(closed.to_owned())),
    ]);
    fields.extend(own.iter().cloned());
    Want::Fields(fields)
}
