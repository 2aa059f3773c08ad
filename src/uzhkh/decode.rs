//! Decodes a queue entry or a list element into the entities that the ledger records.
//!
//! Little is required: an object, a Guid, at least one known member, an Id in each
//! (and a TypeName in a document). An entry without these is quarantined, with the reason.
//! Any other deviation from the document is a finding and stops nothing.

use std::borrow::Cow;

use super::check::problem;
use super::fields::{Refers, Type};
use super::model::{Holds, INSIDE_ACCOUNT, Kind, MEMBERS};
use crate::json::{self, Members};
use crate::ledger::{Entity, Finding, Part, Slot, Template};

/// A decoded queue entry.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) guid: String,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    /// An entry of `To1c/Requests`: its top-level entities.
    Entities(Vec<Decoded>),
    /// An entry of `To1c/DeletedItems`.
    Deletion { kind: Kind, id: Part },
}

/// An entity, with its persons and findings.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) kind: Kind,
    pub(super) entity: Entity,
    /// An account's persons, as residents.
    pub(super) persons: Vec<Entity>,
    pub(super) findings: Vec<Finding>,
}

/// The reason for a quarantine.
pub(super) type Reason = String;

/// Decodes an entry of `To1c/Requests`.
pub(super) fn request(bytes: &[u8], depth: usize) -> Result<Envelope, Reason> {
    let members = object(bytes, depth)?;
    let guid = guid(&members)?;
    let mut entities = Vec::with_capacity(1);
    for (name, holds) in MEMBERS {
        let Some(text) = given(&members, name) else {
            continue;
        };
        let mut decoded = entity(holds, text).map_err(|reason| format!("{name}: {reason}"))?;
        if members.repeated().contains(&name) {
            decoded.findings.push(repeated(name));
        }
        entities.push(decoded);
    }
    let Some(first) = entities.first_mut() else {
        return Err("no known member".to_owned());
    };
    if members.repeated().contains(&"Guid") {
        first.findings.push(repeated("Guid"));
    }
    Ok(Envelope { guid, content: Content::Entities(entities) })
}

/// Decodes an entry of `To1c/DeletedItems`.
pub(super) fn deletion(bytes: &[u8], depth: usize) -> Result<Envelope, Reason> {
    let members = object(bytes, depth)?;
    let guid = guid(&members)?;
    let word = given(&members, "Type").and_then(json::string);
    let word = word.ok_or("no Type")?;
    let kind =
        Kind::from_word(&word).filter(|kind| kind.has_deletions()).ok_or("an unknown Type")?;
    let id = given(&members, "Id").and_then(id_text).ok_or("no Id")?;
    Ok(Envelope { guid, content: Content::Deletion { kind, id: part(kind, id.into_owned()) } })
}

/// Decodes an element of a Download list.
pub(super) fn item(holds: Holds, bytes: &[u8], depth: usize) -> Result<Decoded, Reason> {
    let text = utf8(bytes)?;
    json::object(text, depth)?;
    entity(holds, text)
}

/// The kind and id of an unreadable list element, where they can be found.
pub(super) fn whose(holds: Holds, bytes: &[u8]) -> Option<(&'static str, Part)> {
    let text = String::from_utf8_lossy(bytes);
    let type_name = json::salvage(&text, "TypeName");
    let kind = holds.kind(type_name.as_deref())?;
    let id = json::salvage(&text, "Id").filter(|id| !id.trim().is_empty())?;
    Some((kind.word(), part(kind, id)))
}

/// Decodes the text of an entity.
pub(super) fn entity(holds: Holds, text: &str) -> Result<Decoded, Reason> {
    let members = Members::parse(text).ok_or("not an object")?;
    let mut repetitions: Vec<Finding> = members.repeated().into_iter().map(repeated).collect();
    let persons = given(&members, "Persons").and_then(json::elements);
    for (at, person) in persons.iter().flatten().enumerate() {
        let person = Members::parse(person).unwrap_or_default();
        let within = |key| repeated(&format!("Persons[{at}].{key}"));
        repetitions.extend(person.repeated().into_iter().map(within));
    }
    if repetitions.is_empty() {
        return entity_once(holds, text, &members);
    }
    // SQLite's JSON functions see the first of a repeated key, and the last counts.
    let once = json::without_repetitions(text);
    let members = Members::parse(&once).ok_or("not an object")?;
    let mut decoded = entity_once(holds, &once, &members)?;
    decoded.findings.append(&mut repetitions);
    Ok(decoded)
}

/// Where the text of a record has an id of the kind `of`, as its own or in a reference.
pub(super) fn places_of<'t>(kind: Kind, text: &'t str, of: Kind, id: &'t str) -> Template {
    let members = Members::parse(text).unwrap_or_default();
    let of = Some((of, id));
    let mut reading =
        Reading { text, of, slots: Vec::new(), findings: Vec::new(), persons: Vec::new() };
    reading.fields(kind, &members, "");
    reading.slots.sort_by_key(|slot| slot.at.start);
    Template { text: text.to_owned(), slots: reading.slots }
}

fn entity_once(holds: Holds, text: &str, members: &Members<'_>) -> Result<Decoded, Reason> {
    let id = given(members, "Id").and_then(id_text).ok_or("no Id")?;
    let type_name = given(members, "TypeName").and_then(json::string);
    let kind =
        holds.kind(type_name.as_deref()).ok_or("no TypeName that is article, news or notice")?;
    let mut reading =
        Reading { text, of: None, slots: Vec::new(), findings: Vec::new(), persons: Vec::new() };
    reading.fields(kind, members, "");
    reading.slots.sort_by_key(|slot| slot.at.start);
    Ok(Decoded {
        kind,
        entity: Entity {
            kind: kind.word(),
            id: part(kind, id.into_owned()),
            body: Template { text: text.to_owned(), slots: reading.slots },
            decimals: kind.decimals(),
        },
        persons: reading.persons,
        findings: reading.findings,
    })
}

/// Slots, findings and persons gathered from the fields of one entity.
struct Reading<'t> {
    text: &'t str,
    /// The id that slots are looked for of; `None`: every temporary one.
    of: Option<(Kind, &'t str)>,
    slots: Vec<Slot>,
    findings: Vec<Finding>,
    persons: Vec<Entity>,
}

impl<'t> Reading<'t> {
    fn fields(&mut self, kind: Kind, members: &Members<'t>, path: &str) {
        for field in kind.fields() {
            let value = members.get(field.name);
            if let Some(problem) = problem(field, value) {
                self.findings.push(Finding::new(format!("{path}{}", field.name), problem));
            }
            let Some(value) = value else { continue };
            if field.name == "Id" && kind.is_reidentified() {
                self.slot(value, Refers::To(kind));
            }
            if let Some(refers) = field.refers {
                self.slot(value, refers);
            }
            if field.ty == Type::Persons {
                self.people(value);
            }
        }
    }

    /// Records the temporary ids of a value, which is a slice of the text.
    fn slot(&mut self, value: &'t str, refers: Refers) {
        if let Some(parts) = references(value, refers, self.of) {
            let start = value.as_ptr().addr() - self.text.as_ptr().addr();
            let at = start..start + value.len();
            self.slots.push(Slot { at, parts });
        }
    }

    fn people(&mut self, value: &'t str) {
        for (at, text) in json::elements(value).into_iter().flatten().enumerate() {
            let path = format!("Persons[{at}].");
            let Some(person) = Members::parse(text) else {
                self.findings.push(Finding::new(format!("Persons[{at}]"), "not an object"));
                continue;
            };
            self.fields(Kind::Resident, &person, &path);
            if let Some(id) = given(&person, "Id").and_then(id_text) {
                self.persons.push(resident(&person, id.into_owned()));
            }
        }
    }
}

/// A person of an account as a record of its own, without the members that only have a
/// meaning inside the account.
fn resident(person: &Members<'_>, id: String) -> Entity {
    let mut text = String::from("{");
    let mut slots = Vec::new();
    for (key, value) in person.iter() {
        if INSIDE_ACCOUNT.contains(&key) {
            continue;
        }
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&json::quote(key));
        text.push(':');
        let start = text.len();
        text.push_str(value);
        if key == "Id"
            && let Some(parts) = references(value, Refers::To(Kind::Resident), None)
        {
            let at = start..text.len();
            slots.push(Slot { at, parts });
        }
    }
    text.push('}');
    Entity {
        kind: Kind::Resident.word(),
        id: part(Kind::Resident, id),
        body: Template { text, slots },
        decimals: &[],
    }
}

/// The pieces of a JSON string that holds temporary ids, or the one that is looked for;
/// `None` when it holds none.
fn references(value: &str, refers: Refers, of: Option<(Kind, &str)>) -> Option<Vec<Part>> {
    let may_hold = of.is_some() || value.contains("--") || value.contains('\\');
    if !value.starts_with('"') || !may_hold {
        return None;
    }
    let part = |kind: Kind, id: String| match of {
        None => part(kind, id),
        Some(of) if of == (kind, id.as_str()) => Part::Temporary { kind: kind.word(), id },
        Some(_) => Part::Text(id),
    };
    let text = json::string(value)?;
    match refers {
        Refers::To(kind) => {
            let part = part(kind, text.into_owned());
            matches!(part, Part::Temporary { .. }).then(|| vec![part])
        }
        Refers::ToEach(kind) => {
            let mut parts = Vec::new();
            for piece in text.split_inclusive(',') {
                let id = piece.trim_end_matches(',').trim();
                match part(kind, id.to_owned()) {
                    Part::Text(_) => parts.push(Part::Text(piece.to_owned())),
                    temporary @ Part::Temporary { .. } => {
                        // Spaces and the comma around the id stay.
                        let start = id.as_ptr().addr() - piece.as_ptr().addr();
                        parts.push(Part::Text(piece[..start].to_owned()));
                        parts.push(temporary);
                        parts.push(Part::Text(piece[start + id.len()..].to_owned()));
                    }
                }
            }
            let holds_any = parts.iter().any(|part| matches!(part, Part::Temporary { .. }));
            holds_any.then_some(parts)
        }
    }
}

/// An id, temporary if it begins with `--` and the kind is re-identified.
fn part(kind: Kind, id: String) -> Part {
    if id.starts_with("--") && kind.is_reidentified() {
        let kind = kind.word();
        Part::Temporary { kind, id }
    } else {
        Part::Text(id)
    }
}

fn object(bytes: &[u8], depth: usize) -> Result<Members<'_>, Reason> {
    json::object(utf8(bytes)?, depth)
}

fn utf8(bytes: &[u8]) -> Result<&str, Reason> {
    std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())
}

fn guid(members: &Members<'_>) -> Result<String, Reason> {
    let guid = given(members, "Guid").and_then(id_text);
    Ok(guid.ok_or("no Guid")?.into_owned())
}

/// A member that is present and not null.
fn given<'a>(members: &Members<'a>, name: &str) -> Option<&'a str> {
    members.get(name).filter(|value| *value != "null")
}

/// The text of an id: a string that is not empty, or a number as written.
fn id_text(value: &str) -> Option<Cow<'_, str>> {
    let is_number = value.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    let text = if is_number { value.into() } else { json::string(value)? };
    (!text.trim().is_empty()).then_some(text)
}

fn repeated(key: &str) -> Finding {
    Finding::new(key, "given more than once; the last counts")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Vec<Decoded> {
        match request(text.as_bytes(), 3).unwrap().content {
            Content::Entities(entities) => entities,
            Content::Deletion { .. } => unreachable!("a request is no deletion"),
        }
    }

    #[test]
    fn references_and_lists_of_them_are_found() {
        let text = r#"{"Guid":"g","Doc":{"Id":"--1","TypeName":"news","ResidentsIds":"7, --2,--3 ","HousesIds":"--4"}}"#;
        let slots = &decoded(text)[0].entity.body.slots;
        let ids: Vec<_> = slots
            .iter()
            .flat_map(|slot| &slot.parts)
            .filter_map(|part| match part {
                Part::Temporary { kind, id } => Some((*kind, id.as_str())),
                Part::Text(_) => None,
            })
            .collect();
        assert_eq!(ids, [("news", "--1"), ("resident", "--2"), ("resident", "--3")]);
    }

    #[test]
    fn requests_keep_their_own_ids() {
        let text = r#"{"Guid":"g","Request":{"Id":"--1","FlatId":"--2","IdRequest":"--3"}}"#;
        let request = &decoded(text)[0];
        assert_eq!(request.entity.id, Part::Text("--1".to_owned()));
        assert_eq!(request.entity.body.slots.len(), 1);
    }

    #[test]
    fn findings_name_path_and_problem() {
        let text = r#"{"Guid":"g","Account":{"Id":"1","AccountNumber":"2","IsActive":"yes","ApartmentID":null,
            "TypeObject":"t","Balance":"1.50","DateTimeOpen":"yesterday","DateTimeClose":"\/Date(-5)\/",
            "Persons":[{"Id":"9","Surname":"a","Name":"b","Patronymic":"c","Name":"d"}]}}"#;
        let account = &decoded(text)[0];
        let found: Vec<_> = account
            .findings
            .iter()
            .map(|finding| format!("{}: {}", finding.path, finding.problem))
            .collect();
        assert_eq!(
            found,
            [
                "IsActive: true or false is documented, text came",
                "ApartmentID: required, but null",
                "DateTimeOpen: a date and time is documented, other text came",
                "Balance: a decimal is documented, text came",
                "Persons[0].Name: given more than once; the last counts",
            ]
        );
        assert!(account.persons[0].body.text.contains(r#""Name":"d""#));
    }

    #[test]
    fn what_is_demanded_is_little() {
        for (text, reason) in [
            ("3", "not an object"),
            (r#"{"Car":{"Id":"1"}}"#, "no Guid"),
            (r#"{"Guid":"","Car":{"Id":"1"}}"#, "no Guid"),
            (r#"{"Guid":"g","Tank":{"Id":"1"}}"#, "no known member"),
            (r#"{"Guid":"g","Car":{"Id":null}}"#, "Car: no Id"),
            (r#"{"Guid":"g","Car":"x"}"#, "Car: not an object"),
            (
                r#"{"Guid":"g","Doc":{"Id":"1"}}"#,
                "Doc: no TypeName that is article, news or notice",
            ),
        ] {
            assert_eq!(request(text.as_bytes(), 2).unwrap_err(), reason, "{text}");
        }
    }
}
