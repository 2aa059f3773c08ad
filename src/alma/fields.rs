//! The fields of an object as JSON text, by the names of Alma's document.
//!
//! A value may come back spelled otherwise than it was written: [`same`] compares what two
//! values mean.

use serde::Serialize;

use super::notes;
use crate::json::{self, Members};

/// Fields by name, each with its value as JSON text, in the document's order.
///
/// In the ledger a reference (`building`, `unit_id`, …) is the external id of what it
/// refers to, a string; on its way to Alma it is Alma's id, a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The fields of a request.
    pub fn of(request: &impl Serialize) -> Self {
        // A request is a struct of texts, numbers and lists: it always has a text.
        let text = serde_json::to_string(request).unwrap_or_default();
        Self::parse(&text).unwrap_or_default()
    }

    /// Parses a JSON object; `None` where the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let members = Members::parse(text)?;
        let fields = members.iter();
        Some(Self(fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }

    /// The JSON object.
    pub fn text(&self) -> String {
        let members: Vec<String> =
            self.iter().map(|(name, value)| format!("{}:{value}", json::quote(name))).collect();
        format!("{{{}}}", members.join(","))
    }

    /// A field's value, as JSON text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// A field that is text.
    pub fn string(&self, name: &str) -> Option<String> {
        self.get(name).and_then(json::string).map(Into::into)
    }

    /// Gives a field a value, JSON text; a new one stands last.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value.into(),
            None => self.0.push((name.to_owned(), value.into())),
        }
    }

    /// Takes a field away.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    /// All fields, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields that mean something else than in `other`, or are not there.
    #[must_use]
    pub fn changed_from(&self, other: &Fields) -> Self {
        let changed = self.0.iter().filter(|(name, value)| {
            !notes::ALL.contains(&name.as_str())
                && !other.get(name).is_some_and(|before| same(name, value, before))
        });
        Self(changed.cloned().collect())
    }
}

/// The fields that are dates: Alma cuts them to the day.
const DATES: [&str; 5] = ["start_date", "end_date", "pml_start_date", "pml_end_date", "birthday"];

/// Whether two values of a field mean the same.
pub(super) fn same(field: &str, left: &str, right: &str) -> bool {
    if DATES.contains(&field)
        && let (Some(left), Some(right)) = (json::string(left), json::string(right))
    {
        return left.get(..10) == right.get(..10);
    }
    if field == "photos"
        && let (Some(left), Some(right)) = (photos(left), photos(right))
    {
        // Which photo of Alma a file became does not matter.
        return left.len() == right.len()
            && left.iter().zip(&right).all(|(left, right)| json::same(left, right));
    }
    json::same(left, right)
        || matches!((decimal(left), decimal(right)), (Some(left), Some(right)) if left == right)
}

/// The photos of a set: of each the file that it is, or else all that is said of it.
pub(super) fn photos(text: &str) -> Option<Vec<&str>> {
    let photos = json::elements(text)?.into_iter();
    let file = |photo| Members::parse(photo).and_then(|members| members.get("file"));
    Some(photos.map(|photo| file(photo).unwrap_or(photo)).collect())
}

/// A number as sign, whole digits and fraction, without zeros that do not count. `None`
/// where the text is none, or has an exponent.
fn decimal(text: &str) -> Option<(bool, &str, &str)> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let is_zero = whole.is_empty() && fraction.is_empty();
    Some((is_negative && !is_zero, whole, fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_by_what_they_mean() {
        for (field, left, right) in [
            ("internal_area", "1111", "1111.0"),
            ("internal_area", "45.30", "45.3"),
            ("internal_area", "0", "-0.00"),
            ("start_date", "\"2024-10-21T00:10:10Z\"", "\"2024-10-21T00:00:00\""),
            ("name", "\"\\u0041\"", "\"A\""),
            ("floor", "null", "null"),
        ] {
            assert!(same(field, left, right), "{field} {left} {right}");
        }
        for (field, left, right) in [
            ("internal_area", "45.3", "45.31"),
            ("internal_area", "1", "-1"),
            ("number", "\"1\"", "\"1.0\""),
            ("number", "\"1\"", "1"),
            ("price", "\"0.00\"", "null"),
            ("start_date", "\"2024-10-21T00:00:00\"", "\"2024-10-22T00:00:00\""),
            ("name", "\"2024-10-21T00:00:00\"", "\"2024-10-21T00:10:00\""),
        ] {
            assert!(!same(field, left, right), "{field} {left} {right}");
        }
    }

    #[test]
    fn what_changed_is_what_means_something_else_or_is_new() {
        let before = Fields::parse(r#"{"name":"1","internal_area":45.30,"floor":null}"#).unwrap();
        let now = Fields::parse(r#"{"name":"1","internal_area":45.3,"floor":2,"header":"x"}"#);
        let changed = now.unwrap().changed_from(&before);
        assert_eq!(changed.text(), r#"{"floor":2,"header":"x"}"#);
    }
}
