//! An item of Bitrix24, read without trust: a member of another type than expected counts
//! as missing.
//!
//! A field has two spellings, `ufCrm20ContractStartDate` and
//! `UF_CRM_20_CONTRACT_START_DATE`; either is understood. Where
//! a field may hold several values it is a list, and an empty one is `[]` or `false`.

use crate::alma::projection::decimal::is_digits;
use crate::alma::projection::text;
use crate::config::Bitrix24Fields;
use crate::json::{self, Members};

/// A field: its key, and what people call it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'c> {
    /// The key of its code in `[bitrix24.fields]`, or the name that it has in every portal.
    pub(super) code: &'c str,
    /// `Building`
    pub(super) name: &'static str,
}

/// A field by its key and name.
pub(super) const fn field<'c>(code: &'c str, name: &'static str) -> Field<'c> {
    Field { code, name }
}

/// The members of an item, by the keys of `[bitrix24.fields]` or, of a field that every portal
/// has, by its name.
pub(super) struct Item<'t> {
    members: Members<'t>,
    fields: &'t Bitrix24Fields,
}

impl<'t> Item<'t> {
    /// Takes a body apart; `None` when it is no object.
    pub(super) fn parse(text: &'t str, fields: &'t Bitrix24Fields) -> Option<Self> {
        Members::parse(text).map(|members| Self { members, fields })
    }

    /// The codes of a field, in the order in which they are tried.
    pub(super) fn codes<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        match self.fields.codes(name) {
            Some(codes) => codes.iter().map(String::as_str).collect(),
            None => vec![name],
        }
    }

    /// The codes of a field in words.
    pub(super) fn code(&self, name: &str) -> String {
        let codes = self.codes(name);
        if codes.is_empty() {
            return format!("bitrix24.fields.{name}");
        }
        codes.join(" or ")
    }

    /// The member that counts, and its code: the first that is filled, else one that is there.
    fn counted(&self, name: &str) -> Option<(String, &'t str)> {
        let found = self
            .codes(name)
            .into_iter()
            .filter_map(|code| Some((code.to_owned(), self.member(code)?)));
        let found: Vec<(String, &'t str)> = found.collect();
        let filled = found.iter().find(|(_, value)| is_filled(value));
        filled.or(found.first()).cloned()
    }

    /// The member of a code, by either spelling; one that says something first.
    fn member(&self, code: &str) -> Option<&'t str> {
        let exact = self.members.get(code).filter(|value| is_there(value));
        exact.or_else(|| {
            let of_code = || self.members.iter().filter(|(name, _)| is_same(name, code));
            let said = of_code().find(|(_, value)| is_there(value));
            said.or_else(|| of_code().next()).map(|(_, value)| value)
        })
    }

    /// A member as JSON text; `null` and `false` are none.
    pub(super) fn raw(&self, name: &str) -> Option<&'t str> {
        self.counted(name).map(|(_, value)| value).filter(|value| is_there(value))
    }

    /// Whether the item has the member at all, be it empty. One that it lacks says nothing: a
    /// code of another portal, a field that was deleted, a webhook without the right.
    pub(super) fn has(&self, name: &str) -> bool {
        self.counted(name).is_some()
    }

    /// The code of the member that counts.
    pub(super) fn counted_code(&self, name: &str) -> String {
        self.counted(name).map(|(code, _)| code).unwrap_or_default()
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
            let file = match Item::parse(file, self.fields) {
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

/// Whether a value says anything: not null, not blank, no empty list.
fn is_filled(value: &str) -> bool {
    let is_said = |value: &str| is_there(value) && !is_blank(value);
    match json::elements(value) {
        Some(values) => values.into_iter().any(is_said),
        None => is_said(value),
    }
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
