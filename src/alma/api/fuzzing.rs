//! What must hold of any answer of Alma.

use super::answer::{sought, text, told};
use super::{Object, RentalObject, refusal, rows};
use crate::json;
use crate::ledger::AlmaKind;

const KINDS: [AlmaKind; 6] = [
    AlmaKind::Building,
    AlmaKind::Unit,
    AlmaKind::Room,
    AlmaKind::Client,
    AlmaKind::OwnerContract,
    AlmaKind::TenantContract,
];

/// An object that is read has values that can be written again; what Alma says is one line, and
/// not long; what is wrong with an answer is said without a word of it.
pub(crate) fn answer(bytes: &[u8]) {
    let Ok(body) = text(bytes.to_vec()) else {
        assert!(told("GET", 200, Some(bytes.to_vec())).is_err());
        return;
    };
    for kind in KINDS {
        if let Ok(object) = Object::read(kind, &body) {
            assert_object(kind, &object);
        }
    }
    if let Ok(object) = RentalObject::read(&body) {
        assert!(object.external_id.is_none_or(|id| !id.is_empty()));
    }
    if let Ok((rows, next)) = rows::read(&body) {
        let is_list = json::elements(body.trim_start()).is_some();
        assert!(!is_list || next.is_none());
        for row in rows {
            let texts = [row.external_id, row.name, row.email];
            assert!(texts.into_iter().flatten().all(|text| !text.is_empty()));
        }
    }
    let (words, _) = refusal::read(&body);
    assert!(words.chars().count() <= 500 && !words.chars().any(char::is_control));
    let not_found = sought("GET", 404, body.clone());
    assert!(!matches!(not_found, Ok(Some(_))));
    assert_eq!(sought("GET", 200, body.clone()).ok(), Some(Some((200, body))));
}

fn assert_object(kind: AlmaKind, object: &Object) {
    assert!(kind != AlmaKind::Client || !object.is_archived);
    assert!(object.external_id.as_ref().is_none_or(|id| !id.is_empty()));
    let written: serde_json::Value =
        serde_json::from_str(&object.fields.text()).expect("the fields are an object");
    let written = written.as_object().expect("the fields are an object");
    for (name, value) in object.fields.iter() {
        assert!(serde_json::from_str::<serde_json::Value>(value).is_ok(), "{name}: {value}");
        assert!(written.contains_key(name));
    }
}
