//! JSON texts as these tests see them: members by name, values as they are
//! written, so that `1234.10` is not `1234.1`.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// The members of the general class, in the document's order.
const MEMBERS: [(&str, &str); 9] = [
    ("Resident", "resident"),
    ("Account", "account"),
    ("Counter", "counter"),
    ("Request", "request"),
    ("Payment", "payment"),
    ("Obj", "object"),
    ("RequestToRegister", "requesttoregister"),
    ("RequestToObjectAdding", "requesttoobjectadding"),
    ("Car", "car"),
];

/// Fields that name another entity, or several with commas, and its kind.
const REFERENCES: [(&str, &str); 9] = [
    ("ApartmentID", "object"),
    ("FlatId", "object"),
    ("RelatedAccountId", "account"),
    ("AccountId", "account"),
    ("ResidentId", "resident"),
    ("ParentResidentId", "resident"),
    ("IdCounter", "counter"),
    ("ResidentsIds", "resident"),
    ("ResidentToFlatsIds", "account"),
];

/// What a person has only inside an account.
const INSIDE: [&str; 3] = ["IsEmployer", "IsOwner", "ParentResidentId"];

/// An entity: its members as they are written, those that are null left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Body(BTreeMap<String, String>);

impl Body {
    /// Reads a JSON object.
    pub(crate) fn parse(text: &str) -> Self {
        Self::read(text).unwrap_or_else(|| panic!("no JSON object: {text}"))
    }

    /// The same of a text that may be anything else.
    fn read(text: &str) -> Option<Self> {
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
        let members = members.into_iter().filter(|(_, raw)| raw.get() != "null");
        Some(Self(members.map(|(name, raw)| (name, raw.get().to_owned())).collect()))
    }

    /// An object with nothing but an id.
    pub(crate) fn tombstone(id: &str) -> Self {
        Self([("Id".to_owned(), quoted(id))].into())
    }

    /// The text of a member that is a string or a number.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let raw = self.0.get(name)?;
        Some(serde_json::from_str(raw).unwrap_or_else(|_| raw.clone()))
    }

    /// The entities at the top of an entry of To1c/Requests, with their kinds. What is no
    /// object is none.
    pub(crate) fn entities(&self) -> Vec<(String, Body)> {
        let mut entities: Vec<(String, Body)> = MEMBERS
            .iter()
            .filter_map(|(member, kind)| {
                Some(((*kind).to_owned(), Self::read(self.0.get(*member)?)?))
            })
            .collect();
        let document = self.0.get("Doc").and_then(|document| Self::read(document));
        let kind = document.as_ref().and_then(|document| document.text("TypeName"));
        entities.extend(kind.zip(document));
        entities
    }

    /// An account's persons, as they are outside of it.
    pub(crate) fn persons(&self) -> Vec<Body> {
        let mut persons = self.elements();
        for person in &mut persons {
            person.0.retain(|name, _| !INSIDE.contains(&name.as_str()));
        }
        persons
    }

    fn elements(&self) -> Vec<Body> {
        let Some(list) = self.0.get("Persons") else {
            return Vec::new();
        };
        let list: Vec<&RawValue> = serde_json::from_str(list).unwrap_or_default();
        list.into_iter().filter_map(|raw| Self::read(raw.get())).collect()
    }

    /// The same with every temporary id replaced, its own and in references.
    /// Members are written one way, so that two such bodies can be compared.
    pub(crate) fn resolved(&self, kind: &str, permanent: &dyn Fn(&str, &str) -> String) -> Self {
        let resolve = |(name, raw): (&String, &String)| {
            let refers = REFERENCES.iter().find(|(field, _)| field == name);
            let kind = match (name.as_str(), refers) {
                ("Id", _) => Some(kind),
                (_, refers) => refers.map(|(_, kind)| *kind),
            };
            let raw = match kind {
                _ if name == "Persons" => {
                    let persons = self.elements();
                    let persons = persons.iter().map(|one| one.resolved("resident", permanent));
                    format!("{:?}", persons.collect::<Vec<_>>())
                }
                Some(kind) => match serde_json::from_str::<String>(raw) {
                    Ok(text) => quoted(&resolved_list(&text, kind, permanent)),
                    Err(_) => raw.clone(),
                },
                None => raw.clone(),
            };
            (name.clone(), raw)
        };
        Self(self.0.iter().map(resolve).collect())
    }
}

fn resolved_list(text: &str, kind: &str, permanent: &dyn Fn(&str, &str) -> String) -> String {
    let ids = text.split(',').map(|id| match id.trim() {
        temporary if temporary.starts_with("--") => {
            id.replace(temporary, &permanent(kind, temporary))
        }
        _ => id.to_owned(),
    });
    ids.collect::<Vec<_>>().join(",")
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}
