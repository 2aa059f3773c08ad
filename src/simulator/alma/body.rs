//! The JSON body of a write.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::refusal::Refusal;

/// The members of an object, each as raw JSON. Of a name given twice the last counts.
pub(super) type Members = BTreeMap<String, String>;

/// Reads an object; the error is Django's answer to what is none.
pub(super) fn members(text: &[u8]) -> Result<Members, Refusal> {
    let broken =
        |error: serde_json::Error| Refusal::Detail(400, format!("JSON parse error - {error}"));
    let whole: &RawValue = serde_json::from_slice(text).map_err(broken)?;
    if !whole.get().starts_with('{') {
        let kind = json_kind(whole.get());
        return Err(Refusal::whole(format!(
            "Invalid data. Expected a dictionary, but got {kind}."
        )));
    }
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(whole.get()).map_err(broken)?;
    let owned = members.into_iter();
    Ok(owned.map(|(name, raw)| (name, raw.get().to_owned())).collect())
}

/// Python's word for a value.
pub(super) fn json_kind(raw: &str) -> &'static str {
    match raw.as_bytes().first() {
        Some(b'"') => "str",
        Some(b'[') => "list",
        Some(b'{') => "dict",
        Some(b't' | b'f') => "bool",
        Some(b'n') => "NoneType",
        _ if raw.contains(['.', 'e', 'E']) => "float",
        _ => "int",
    }
}
