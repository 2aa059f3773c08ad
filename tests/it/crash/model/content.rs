//! Small entities: what they say, and how that is written.

use super::step::Draft;

/// A thing by its kind and number; the upper half of the numbers have temporary
/// ids, the same ones in every kind.
pub(crate) type Key = (&'static str, usize);

pub(crate) const KINDS: [&str; 8] =
    ["resident", "account", "counter", "request", "payment", "object", "notice", "car"];
pub(crate) const SLOTS: usize = 4;

/// The member of an entry, or the list, that holds a kind.
pub(crate) fn member(kind: &str) -> &'static str {
    match kind {
        "resident" => "Resident",
        "account" => "Account",
        "counter" => "Counter",
        "request" => "Request",
        "payment" => "Payment",
        "object" => "Obj",
        "notice" => "Doc",
        _ => "Car",
    }
}

/// The id that a thing was born with.
pub(crate) fn first_id((kind, slot): Key) -> String {
    match (kind, slot) {
        ("request", _) => (100 + slot).to_string(),
        (_, 0 | 1) => format!("{kind}-{slot}"),
        _ => format!("--{slot}"),
    }
}

pub(crate) fn is_temporary((kind, slot): Key) -> bool {
    kind != "request" && slot >= 2
}

#[derive(Clone, Debug)]
enum Value {
    Raw(String),
    Id(Key),
    Ids(Vec<Key>),
    Persons(Vec<Content>),
}

impl Value {
    /// Writes it with the ids that things have.
    fn text(&self, id: &dyn Fn(Key) -> String, space: &str) -> String {
        match self {
            Value::Raw(raw) => raw.clone(),
            Value::Id(key) => format!("{:?}", id(*key)),
            Value::Ids(keys) => {
                let ids: Vec<String> = keys.iter().map(|key| id(*key)).collect();
                format!("{:?}", ids.join(","))
            }
            Value::Persons(persons) => {
                let persons = persons.iter().map(|person| person.text(id, space));
                format!("[{}]", persons.collect::<Vec<_>>().join(","))
            }
        }
    }
}

/// What an entity says.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    key: Key,
    members: Vec<(&'static str, Value)>,
}

impl Content {
    pub(crate) fn new(draft: &Draft) -> Self {
        let Draft { kind, slot, version, links } = *draft;
        let text = || Value::Raw(format!("\"version {version} «\\u0416»\""));
        let decimal = || Value::Raw(["10.50", "1234.10", "-0.00"][version].to_owned());
        let to = |kind: &'static str, slot: usize| Value::Id((kind, slot % SLOTS));
        let members = match kind {
            "resident" => vec![
                ("Name", text()),
                // Null means the same as nothing.
                ("Phone", Value::Raw("null".to_owned())),
            ][..1 + links % 2]
                .to_vec(),
            "account" => {
                let persons = (0..links % 3).map(|more| person(links + more, version));
                let related = match links % 2 {
                    0 => Value::Raw("null".to_owned()),
                    _ => to("account", links / 2),
                };
                vec![
                    ("Balance", decimal()),
                    ("ApartmentID", to("object", links)),
                    ("RelatedAccountId", related),
                    ("Persons", Value::Persons(persons.collect())),
                ]
            }
            "counter" => vec![("Value1", decimal()), ("FlatId", to("object", links))],
            "request" => vec![("Title", text()), ("AccountId", to("account", links))],
            "payment" => vec![("Sum", decimal()), ("AccountId", to("account", links))],
            "object" => vec![("Address", text())],
            "notice" => vec![
                ("TypeName", Value::Raw("\"notice\"".to_owned())),
                ("Title", text()),
                (
                    "ResidentsIds",
                    Value::Ids(vec![
                        ("resident", links % SLOTS),
                        ("resident", (links + 1) % SLOTS),
                    ]),
                ),
            ],
            _ => vec![("Number", text()), ("ResidentId", to("resident", links))],
        };
        Self { key: (kind, slot), members }
    }

    /// No more than an id: of something deleted that was never seen.
    pub(crate) fn tombstone(key: Key) -> Self {
        Self { key, members: Vec::new() }
    }

    pub(crate) fn key(&self) -> Key {
        self.key
    }

    /// Whether it is no more than an id.
    pub(crate) fn is_tombstone(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether two say the same with the ids that things have, however they are written.
    pub(crate) fn says_as(&self, other: &Self, id: &dyn Fn(Key) -> String) -> bool {
        let said = |content: &Self| {
            let members = content.members.iter().map(|(name, value)| (*name, value.text(id, "")));
            members.filter(|(_, text)| text != "null").collect::<Vec<_>>()
        };
        said(self) == said(other)
    }

    /// Whether it holds a thing's id, not counting its own.
    pub(crate) fn refers_to(&self, key: Key) -> bool {
        self.named()[1..].contains(&key)
    }

    /// An account's persons, as they are outside of it.
    pub(crate) fn persons(&self) -> Vec<Content> {
        let mut persons: Vec<Content> = self.nested().to_vec();
        for person in &mut persons {
            let outside = |name: &str| name != "IsOwner" && name != "ParentResidentId";
            person.members.retain(|(name, _)| outside(name));
        }
        persons
    }

    fn nested(&self) -> &[Content] {
        let persons = self.members.iter().find_map(|(_, value)| match value {
            Value::Persons(persons) => Some(persons.as_slice()),
            _ => None,
        });
        persons.unwrap_or_default()
    }

    /// Everything that it names, itself included.
    pub(crate) fn named(&self) -> Vec<Key> {
        let mut named = vec![self.key];
        for (_, value) in &self.members {
            match value {
                Value::Raw(_) => {}
                Value::Id(key) => named.push(*key),
                Value::Ids(keys) => named.extend(keys),
                Value::Persons(persons) => named.extend(persons.iter().flat_map(Self::named)),
            }
        }
        named
    }

    /// Writes it with the ids that things have.
    pub(crate) fn text(&self, id: &dyn Fn(Key) -> String, space: &str) -> String {
        let own = match self.key.0 {
            "request" => id(self.key),
            _ => format!("{:?}", id(self.key)),
        };
        let mut text = format!("{{\"Id\":{space}{own}");
        for (name, value) in &self.members {
            text += &format!(",{space}\"{name}\":{}", value.text(id, space));
        }
        text + space + "}"
    }
}

fn person(number: usize, version: usize) -> Content {
    let slot = number % SLOTS;
    let mut person = Content::new(&Draft { kind: "resident", slot, version, links: 1 });
    person.members.extend([
        ("IsOwner", Value::Raw(number.is_multiple_of(2).to_string())),
        ("ParentResidentId", Value::Id(("resident", (slot + 1) % SLOTS))),
    ]);
    person
}
