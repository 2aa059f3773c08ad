//! The two spellings of a field's name.
//!
//! Inside, a field has its original name, in capitals. `UF_CRM_20_CONTRACT_START_DATE` is
//! sent as `ufCrm20ContractStartDate`; a last part of digits alone keeps its underscore:
//! `ufCrm20_1693919019`.

use super::kind::BitrixKind;

/// Names in which the methods of contacts differ from those of items.
const OF_CONTACTS: [(&str, &str); 4] = [
    ("DATE_CREATE", "CREATED_TIME"),
    ("DATE_MODIFY", "UPDATED_TIME"),
    ("CREATED_BY_ID", "CREATED_BY"),
    ("MODIFY_BY_ID", "UPDATED_BY"),
];

/// Spelling of the names in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// `title`, `ufCrm6_1`
    Camel,
    /// `title`, `UF_CRM_6_1`
    OriginalUf,
    /// `NAME`, `UF_CRM_1`: the methods of contacts.
    Contact,
}

impl Spelling {
    /// An original name as it is sent.
    pub(super) fn write(self, original: &str) -> String {
        match self {
            Self::OriginalUf if original.starts_with("UF_") => original.to_owned(),
            Self::Camel | Self::OriginalUf => camel(original),
            Self::Contact => {
                let other = OF_CONTACTS.iter().find(|(_, item)| *item == original);
                other.map_or(original, |(contact, _)| contact).to_owned()
            }
        }
    }

    /// The original name that a parameter's name means, or None where the method does not
    /// know names of this spelling.
    pub(super) fn read(self, name: &str) -> Option<String> {
        let capitals = !name.contains(|c: char| c.is_ascii_lowercase());
        match self {
            Self::Contact => capitals.then(|| of_item(name)),
            Self::Camel => (!capitals).then(|| original(name)),
            Self::OriginalUf => (capitals == name.starts_with("UF_")).then(|| original(name)),
        }
    }
}

/// The original name, whatever the spelling.
pub(super) fn inside(kind: BitrixKind, name: &str) -> String {
    let name = original(name);
    match kind {
        BitrixKind::Contact => of_item(&name),
        _ => name,
    }
}

fn of_item(name: &str) -> String {
    let other = OF_CONTACTS.iter().find(|(contact, _)| *contact == name);
    other.map_or(name, |(_, item)| item).to_owned()
}

fn camel(original: &str) -> String {
    let last = original.matches('_').count();
    let mut name = String::with_capacity(original.len());
    for (place, part) in original.split('_').enumerate() {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        match (place, digits) {
            (0, _) => name.push_str(&part.to_ascii_lowercase()),
            (_, true) => {
                if place == last {
                    name.push('_');
                }
                name.push_str(part);
            }
            (_, false) => {
                name.push_str(&part[..1]);
                name.push_str(&part[1..].to_ascii_lowercase());
            }
        }
    }
    name
}

fn original(name: &str) -> String {
    if !name.contains(|c: char| c.is_ascii_lowercase()) {
        return name.to_owned();
    }
    let mut original = String::with_capacity(name.len() + 8);
    let mut before = '_';
    for c in name.chars() {
        let begins = c.is_ascii_uppercase() || (c.is_ascii_digit() && !before.is_ascii_digit());
        if begins && before != '_' {
            original.push('_');
        }
        original.push(c.to_ascii_uppercase());
        before = c;
    }
    original
}
