//! `[bitrix24.only]`: which items are wanted in Alma.
//!
//! Its keys are those of `[bitrix24.fields]`, each with the values that are wanted. An item
//! with another value is mirrored all the same, and left out of Alma.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::bitrix24_fields::{self, Bitrix24Fields};
use super::reader::{Section, article};
use super::value;

/// The values that are wanted, by the keys of `[bitrix24.fields]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bitrix24Only(BTreeMap<&'static str, Vec<String>>);

impl Bitrix24Only {
    /// The keys of a kind of records, each with the values that are wanted; an empty one
    /// stands for a field with nothing in it.
    pub fn of_kind<'a>(
        &'a self,
        kind: &'a str,
    ) -> impl Iterator<Item = (&'static str, &'a [String])> {
        let keys = self.0.iter().filter(move |(key, _)| bitrix24_fields::is_of(key, kind));
        keys.map(|(key, values)| (*key, values.as_slice()))
    }

    /// Whether items are told apart by this key.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Whether every item is wanted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same with these values of a key; as it is where there is no such key.
    #[must_use]
    pub fn with(mut self, key: &str, values: &[&str]) -> Self {
        if let Some(key) = bitrix24_fields::keys().find(|known| *known == key) {
            self.0.insert(key, values.iter().map(|value| (*value).to_owned()).collect());
        }
        self
    }
}

/// All keys of the section.
pub(super) fn read(section: Section<'_>, fields: &Bitrix24Fields) -> Bitrix24Only {
    let mut only = Bitrix24Only::default();
    for key in bitrix24_fields::keys() {
        let Some(values) = section.optional(key, values) else {
            continue;
        };
        if fields.codes(key).unwrap_or_default().is_empty() {
            let line = section.entry(key).map_or(section.line(), |entry| entry.line);
            section.fault(key, line, format!("needs the field's code, bitrix24.fields.{key}"));
        }
        only.0.insert(key, values);
    }
    section.finish();
    only
}

/// One value, or a list of values.
fn values(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let values = match value {
        DeValue::Array(_) => value::list(one)(value)?,
        value => vec![one(value)?],
    };
    if values.is_empty() {
        return Err("must not be empty: nothing would be wanted".to_owned());
    }
    Ok(values)
}

/// A value: the id of a choice, or text.
fn one(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::String(text) => Ok(text.trim().to_owned()),
        DeValue::Integer(digits) if digits.radix() == 10 => Ok(digits.as_str().to_owned()),
        // As Bitrix24 writes them.
        DeValue::Boolean(is_so) => Ok(if *is_so { "Y" } else { "N" }.to_owned()),
        other => {
            let found = article(other.type_str());
            Err(format!("must be the id of a choice, or text in quotes, not {found}"))
        }
    }
}
