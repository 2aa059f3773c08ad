//! What must hold of any entry of a queue and any element of a list.

use std::borrow::Cow;
use std::convert::Infallible;

use serde_json::value::RawValue;

use super::check;
use super::decode::{self, Content, Decoded};
use super::model::{Holds, INSIDE_ACCOUNT, Kind, MEMBERS};
use crate::json::stream::depth;
use crate::json::{self, Members};
use crate::ledger::{Entity, Part, Template};

/// An entry is kept as it was received, to the byte; the places of its temporary ids are in it,
/// and once they have their permanent ones none is left.
pub(crate) fn envelope(bytes: &[u8]) {
    let depth = depth(bytes);
    if let Ok(entry) = decode::request(bytes, depth) {
        assert!(!entry.guid.trim().is_empty());
        let Content::Entities(entities) = entry.content else {
            unreachable!("a request deletes nothing")
        };
        assert!(!entities.is_empty());
        entities.iter().for_each(|entity| assert_decoded(entity, bytes));
    }
    if let Ok(entry) = decode::deletion(bytes, depth) {
        assert!(!entry.guid.trim().is_empty());
        let Content::Deletion { kind, id } = entry.content else {
            unreachable!("a deletion holds no entities")
        };
        assert!(kind.has_deletions());
        assert_id(kind, &id);
    }
    for (_, holds) in MEMBERS {
        assert_item(holds, bytes, depth);
    }
    assert_not_quoted(bytes);
}

fn assert_item(holds: Holds, bytes: &[u8], depth: usize) {
    let seemed = decode::whose(holds, bytes);
    if let Ok(decoded) = decode::item(holds, bytes, depth) {
        assert_decoded(&decoded, bytes);
        assert_eq!(seemed, Some((decoded.kind.word(), decoded.entity.id.clone())));
    } else if let Some((kind, id)) = seemed {
        assert_id(Kind::from_word(kind).expect("a kind"), &id);
    }
}

fn assert_decoded(decoded: &Decoded, bytes: &[u8]) {
    let Decoded { kind, entity, persons, findings } = decoded;
    assert_eq!(entity.kind, kind.word());
    assert_id(*kind, &entity.id);
    let text = &entity.body.text;
    let is_once = !findings.iter().any(|finding| finding.problem.contains("more than once"));
    if is_once {
        assert!(bytes.windows(text.len()).any(|part| part == text.as_bytes()), "not verbatim");
    }
    assert_entity(*kind, entity);
    for person in persons {
        let members = Members::parse(&person.body.text).expect("a person is an object");
        assert!(INSIDE_ACCOUNT.into_iter().all(|name| members.get(name).is_none()));
        assert_id(Kind::Resident, &person.id);
        assert_entity(Kind::Resident, person);
    }
    for finding in findings {
        assert!(!finding.problem.is_empty());
    }
}

fn assert_entity(kind: Kind, entity: &Entity) {
    assert_slots(&entity.body);
    let as_they_are = fill(&entity.body, Cow::Borrowed);
    assert!(json::same(&as_they_are, &entity.body.text), "filled with its own ids it is the same");
    let named = fill(&entity.body, |_| Cow::Borrowed("018f-\"7\""));
    let members = Members::parse(&named).expect("filled it is an object");
    assert!(members.get("Id").is_some());
    let again = decode::entity(holds(kind), &named).expect("filled it is an entity");
    assert!(again.entity.body.slots.is_empty(), "a temporary id is left in {named}");
    assert!(!matches!(again.entity.id, Part::Temporary { .. }));
}

fn holds(kind: Kind) -> Holds {
    match kind {
        Kind::Article | Kind::News | Kind::Notice => Holds::Document,
        kind => Holds::One(kind),
    }
}

fn fill<'t>(template: &'t Template, id_of: impl Fn(&'t str) -> Cow<'t, str>) -> String {
    let filled = template.fill(|_, id| Ok::<_, Infallible>(id_of(id)));
    let Ok(filled) = filled;
    filled.into_owned()
}

fn assert_slots(template: &Template) {
    let mut end = 0;
    for slot in &template.slots {
        assert!(slot.at.start >= end, "two places overlap");
        end = slot.at.end;
        let literal = &template.text[slot.at.clone()];
        let whole: String = slot.parts.iter().map(written).collect();
        assert_eq!(json::string(literal).as_deref(), Some(whole.as_str()));
        assert!(slot.parts.iter().any(|part| matches!(part, Part::Temporary { .. })));
    }
}

fn written(part: &Part) -> &str {
    match part {
        Part::Text(text) | Part::Temporary { id: text, .. } => text,
    }
}

fn assert_id(kind: Kind, id: &Part) {
    let text = written(id);
    assert!(!text.trim().is_empty());
    let is_temporary = matches!(id, Part::Temporary { .. });
    assert_eq!(is_temporary, text.starts_with("--") && kind.is_reidentified());
}

/// No value of any field is quoted by what is said of it: the same is said of another value of
/// its kind, whatever it holds.
fn assert_not_quoted(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let quoted = json::quote(text);
    let raw = serde_json::from_str::<&RawValue>(text).map(RawValue::get);
    for value in std::iter::once(quoted.as_str()).chain(raw.ok()) {
        let neutral = match value.as_bytes().first() {
            Some(b'"') => r#""""#,
            Some(b'{') => "{}",
            Some(b'[') => "[]",
            Some(b't' | b'f') => "true",
            Some(b'n') => "null",
            // One that is not whole, which is told of most fields.
            _ => "0.5",
        };
        for field in Kind::ALL.into_iter().flat_map(Kind::fields) {
            let problem = check::problem(field, Some(value));
            assert!(problem.is_none() || problem == check::problem(field, Some(neutral)));
        }
    }
}
