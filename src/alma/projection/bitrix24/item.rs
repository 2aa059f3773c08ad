//! An item of Bitrix24, read without trust: a member of another type than expected counts
//! as missing.
//!
//! A field has two spellings, `ufCrm20ContractStartDate` and
//! `UF_CRM_20_CONTRACT_START_DATE`; either is understood. Where
//! a field may hold several values it is a list, and an empty one is `[]` or `false`.

use crate::alma::projection::decimal::is_digits;
use crate::alma::projection::text;
use crate::json::{self, Members};

/// A field: its code, and what people call it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'c> {
    /// `ufCrm6_1682232363193`
    pub(super) code: &'c str,
    /// `Building`
    pub(super) name: &'static str,
}

/// A field by its code and name.
pub(super) const fn field<'c>(code: &'c str, name: &'static str) -> Field<'c> {
    Field { code, name }
}

/// The members of an item.
pub(super) struct Item<'t>(Members<'t>);

impl<'t> Item<'t> {
    /// Takes a body apart; `None` when it is no object.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        Members::parse(text).map(Self)
    }

    /// A member as JSON text; `null` and `false` are none.
    pub(super) fn raw(&self, code: &str) -> Option<&'t str> {
        let exact = self.0.get(code).filter(|value| is_there(value));
        exact.or_else(|| {
            let mut members = self.0.iter();
            members
                .find(|(name, value)| is_same(name, code) && is_there(value))
                .map(|(_, value)| value)
        })
    }

    /// Whether the item has the member at all, be it empty. One that it lacks says nothing: a
    /// code of another portal, a field that was deleted, a webhook without the right.
    pub(super) fn has(&self, code: &str) -> bool {
        self.0.get(code).is_some() || self.0.iter().any(|(name, _)| is_same(name, code))
    }

    /// The values of a member, as JSON texts.
    pub(super) fn values(&self, code: &str) -> Vec<&'t str> {
        let Some(value) = self.raw(code) else {
            return Vec::new();
        };
        match json::elements(value) {
            Some(values) => values.into_iter().filter(|value| is_there(value)).collect(),
            None => vec![value],
        }
    }

    /// The first value of a member that is no blank text, as JSON text.
    pub(super) fn value(&self, code: &str) -> Option<&'t str> {
        let mut values = self.values(code).into_iter();
        values.find(|value| !is_blank(value))
    }

    /// The first value where it is text, without blanks around it.
    pub(super) fn text(&self, code: &str) -> Option<String> {
        self.value(code).and_then(text::shown)
    }

    /// The ids of the files that a member holds, in their order, each once.
    pub(super) fn files(&self, code: &str) -> Vec<String> {
        let mut files = Vec::new();
        for file in self.values(code) {
            let file = match Item::parse(file) {
                Some(file) => file.raw("id").and_then(id),
                None => id(file),
            };
            files.extend(file.filter(|file| !files.contains(file)));
        }
        files
    }
}

/// Whether a JSON text is a string without anything in it.
pub(super) fn is_blank(value: &str) -> bool {
    json::string(value).is_some_and(|text| text.trim().is_empty())
}

fn is_there(value: &str) -> bool {
    !matches!(value, "null" | "false")
}

/// Whether two spellings are of one field: they differ in underscores and case.
pub(super) fn is_same(left: &str, right: &str) -> bool {
    let plain = |text: &'_ str| {
        let bytes = text.bytes().filter(|byte| *byte != b'_');
        bytes.map(|byte| byte.to_ascii_lowercase()).collect::<Vec<_>>()
    };
    // Most members are none of the two: told apart without making anything.
    let last = |text: &str| text.bytes().last().map(|byte| byte.to_ascii_lowercase());
    last(left) == last(right) && plain(left) == plain(right)
}

/// The id of a file: a number, or text that is one. Nothing is called 0.
fn id(value: &str) -> Option<String> {
    let text = text::shown(value)?;
    let is_id = is_digits(&text) && !text.bytes().all(|byte| byte == b'0');
    is_id.then(|| text.trim_start_matches('0').to_owned())
}
