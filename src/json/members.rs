//! JSON kept as text. Values are compared and parsed without ever becoming
//! floats, so that `1234.10` stays `1234.10` and a number may have a hundred digits.
//!
//! Texts are expected to have passed [`object`] first: below that depth the
//! recursion here is bounded.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The deepest nesting that is parsed.
const MAX_DEPTH: usize = 128;

/// Parses an object received from outside; the error is the reason why it is unreadable, and
/// quotes nothing of it. `depth` is the text's deepest nesting, as the splitter counted it.
pub(crate) fn object(text: &str, depth: usize) -> Result<Members<'_>, String> {
    if depth > MAX_DEPTH {
        return Err(format!("nested {depth} deep, over {MAX_DEPTH}"));
    }
    if !text.starts_with('{') {
        return Err("not an object".to_owned());
    }
    let members = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
    if has_lone_surrogate(text) {
        return Err("an unpaired surrogate escape".to_owned());
    }
    Ok(members)
}

/// The members of a JSON object, in order, as raw text.
///
/// A key given twice stands twice; [`Members::get`] returns the last.
#[derive(Debug, Default)]
pub(crate) struct Members<'a> {
    entries: Vec<(Cow<'a, str>, &'a RawValue)>,
    /// The last place of each key, in an object too large for a linear search.
    last: Option<HashMap<Cow<'a, str>, usize>>,
}

/// The most members that are searched linearly.
const FEW: usize = 64;

impl<'a> Members<'a> {
    /// Parses an object; `None` when the text is not one.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    fn new(entries: Vec<(Cow<'a, str>, &'a RawValue)>) -> Self {
        let last = (entries.len() > FEW).then(|| {
            let keys = entries.iter().map(|(key, _)| key.clone());
            keys.zip(0..).collect()
        });
        Self { entries, last }
    }

    /// The place of the last member with this key.
    fn last_of(&self, key: &str) -> Option<usize> {
        match &self.last {
            Some(last) => last.get(key).copied(),
            None => self.entries.iter().rposition(|(name, _)| name == key),
        }
    }

    /// The last value given for `key`.
    pub(crate) fn get(&self, key: &str) -> Option<&'a str> {
        self.last_of(key).map(|at| self.entries[at].1.get())
    }

    /// The members that count: the last of each key, in the order of the text.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.entries
            .iter()
            .enumerate()
            .filter(|(at, (key, _))| self.last_of(key) == Some(*at))
            .map(|(_, (key, value))| (key.as_ref(), value.get()))
    }

    /// The keys that are given more than once.
    pub(crate) fn repeated(&self) -> Vec<&str> {
        let earlier = self
            .entries
            .iter()
            .enumerate()
            .filter(|(at, (key, _))| self.last_of(key) != Some(*at))
            .map(|(_, (key, _))| key.as_ref());
        let mut repeated: Vec<&str> = earlier.collect();
        repeated.sort_unstable();
        repeated.dedup();
        repeated
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::with_capacity(24);
                while let Some(Key(key)) = map.next_key()? {
                    entries.push((key, map.next_value()?));
                }
                Ok(Members::new(entries))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

#[derive(Deserialize, Hash, PartialEq, Eq)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// The elements of a JSON array as raw text; `None` when the text is not an array.
pub(crate) fn elements(text: &str) -> Option<Vec<&str>> {
    let raw: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    Some(raw.into_iter().map(RawValue::get).collect())
}

/// The text of a JSON string; `None` when it is not one.
pub(crate) fn string(text: &str) -> Option<Cow<'_, str>> {
    if !text.starts_with('"') {
        return None;
    }
    serde_json::from_str::<Key<'_>>(text).ok().map(|key| key.0)
}

/// A text as a JSON string.
pub(crate) fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether two JSON texts mean the same: white space, the order of members and
/// the spelling of strings do not count, the spelling of a number does.
pub(crate) fn same(left: &str, right: &str) -> bool {
    if left == right {
        return true;
    }
    match (left.as_bytes().first(), right.as_bytes().first()) {
        (Some(b'{'), Some(b'{')) => match (Members::parse(left), Members::parse(right)) {
            (Some(left), Some(right)) => {
                left.iter().count() == right.iter().count()
                    && left
                        .iter()
                        .all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
            }
            _ => false,
        },
        (Some(b'['), Some(b'[')) => match (elements(left), elements(right)) {
            (Some(left), Some(right)) => {
                left.len() == right.len() && left.iter().zip(&right).all(|(a, b)| same(a, b))
            }
            _ => false,
        },
        (Some(b'"'), Some(b'"')) => string(left) == string(right),
        _ => false,
    }
}

/// The text with only the last of each repeated key, at every level.
pub(crate) fn without_repetitions(text: &str) -> String {
    if let Some(members) = Members::parse(text) {
        let kept: Vec<String> = members
            .iter()
            .map(|(key, value)| format!("{}:{}", quote(key), without_repetitions(value)))
            .collect();
        return format!("{{{}}}", kept.join(","));
    }
    if text.starts_with('[')
        && let Some(items) = elements(text)
    {
        let items: Vec<String> = items.into_iter().map(without_repetitions).collect();
        return format!("[{}]", items.join(","));
    }
    text.to_owned()
}

/// The text of a top-level member that is a string or a number, looked for as far as
/// the text can be read: it may be cut off, nested without end, or broken after that member.
///
/// Of a repeated key the last counts, as where the text is whole.
pub(crate) fn salvage(text: &str, key: &str) -> Option<String> {
    salvage_within(text, &[key])
}

/// As [`salvage`], of a member inside the members that lead to it.
pub(crate) fn salvage_within(text: &str, path: &[impl AsRef<str>]) -> Option<String> {
    // A number at the very end may have been longer.
    let certain = text.trim_end_matches(|one: char| {
        one.is_ascii_digit() || matches!(one, '-' | '+' | '.' | 'e' | 'E')
    });
    salvage_certain(certain, path)
}

fn salvage_certain(mut text: &str, path: &[impl AsRef<str>]) -> Option<String> {
    let Some((key, path)) = path.split_first() else {
        let value = next::<&RawValue>(&mut text)?.get();
        return match value.as_bytes().first()? {
            b'"' => string(value).map(Cow::into_owned),
            b'-' | b'0'..=b'9' => Some(value.to_owned()),
            _ => None,
        };
    };
    let mut found = None;
    let mut rest = after(text, '{')?;
    while let Some(Key(name)) = next(&mut rest) {
        let Some(value) = after(rest, ':') else { break };
        rest = value;
        let whole: Option<&RawValue> = next(&mut rest);
        if name == key.as_ref() {
            // Also none, where the last of a repeated key has none or cannot be read.
            found = salvage_certain(whole.map_or(value, RawValue::get), path);
        }
        match whole.and_then(|_| after(rest, ',')) {
            Some(further) => rest = further,
            None => break,
        }
    }
    found
}

/// The value that a text begins with, which is taken off.
fn next<'t, T: Deserialize<'t>>(text: &mut &'t str) -> Option<T> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    let value = values.next()?.ok()?;
    *text = text.get(values.byte_offset()..)?;
    Some(value)
}

/// What follows this sign, where nothing but white space stands before it.
fn after(text: &str, sign: char) -> Option<&str> {
    text.trim_start_matches([' ', '\t', '\n', '\r']).strip_prefix(sign)
}

/// Whether a `\uD800`…`\uDFFF` escape stands without its other half. The text
/// must be valid JSON otherwise.
fn has_lone_surrogate(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut skip_to = 0;
    for at in memchr::memchr_iter(b'\\', bytes) {
        if at < skip_to {
            continue;
        }
        let Some(unit) = escaped_unit(bytes, at) else {
            skip_to = at + 2;
            continue;
        };
        skip_to = at + 6;
        match unit {
            0xD800..=0xDBFF => match escaped_unit(bytes, at + 6) {
                Some(0xDC00..=0xDFFF) => skip_to = at + 12,
                _ => return true,
            },
            0xDC00..=0xDFFF => return true,
            _ => {}
        }
    }
    false
}

/// The UTF-16 unit of the `\uXXXX` escape that begins at `at`.
fn escaped_unit(bytes: &[u8], at: usize) -> Option<u16> {
    let escape = bytes.get(at..at + 6)?;
    if &escape[..2] != b"\\u" {
        return None;
    }
    let digits = std::str::from_utf8(&escape[2..]).ok()?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_repeated_key_counts() {
        let members = Members::parse(r#"{"a":1,"b":2,"a":3.10}"#).unwrap();
        assert_eq!(members.get("a"), Some("3.10"));
        assert_eq!(members.repeated(), ["a"]);
        let seen: Vec<_> = members.iter().collect();
        assert_eq!(seen, [("b", "2"), ("a", "3.10")]);
    }

    #[test]
    fn large_objects_are_read_like_small_ones() {
        let mut text = String::from("{\"k0\":0");
        for n in 1..5000 {
            text.push_str(&format!(",\"k{}\":{n}", n % 4000));
        }
        text.push('}');
        let members = Members::parse(&text).unwrap();
        assert_eq!(members.get("k7"), Some("4007"));
        assert_eq!(members.iter().count(), 4000);
        assert_eq!(members.repeated().len(), 1000);
        assert!(same(&text, &without_repetitions(&text)));
    }

    #[test]
    fn meaning_is_compared_not_spelling() {
        assert!(same(r#"{"a":"\u0041","b":[1, 2]}"#, r#"{ "b":[1,2],"a":"A" }"#));
        assert!(!same("10.5", "10.50"));
        assert!(!same(r#"{"a":1}"#, r#"{"a":1,"b":null}"#));
        assert!(!same("1e999", "1e998"));
    }

    #[test]
    fn surrogates_must_come_in_pairs() {
        assert!(object(r#"{"a":"\ud83d\ude00 \\ud800"}"#, 1).is_ok());
        for lone in [r#"\ud83d"#, r#"\ude00"#, r#"\ud83d\u0041"#] {
            assert!(object(&format!("{{\"a\":\"{lone}\"}}"), 1).is_err(), "{lone}");
        }
    }

    #[test]
    fn only_the_last_of_a_repeated_key_is_kept() {
        let text = r#"{"a":1,"p":[{"b":1.10,"c":"x","b":2.20}],"a":3}"#;
        let once = r#"{"p":[{"c":"x","b":2.20}],"a":3}"#;
        assert_eq!(without_repetitions(text), once);
    }

    #[test]
    fn a_guid_is_salvaged_from_a_broken_text() {
        let text = r#"{"x":[1,{"Guid":"no"}],"Guid":"yes","rest":"cut of"#;
        assert_eq!(salvage(text, "Guid").as_deref(), Some("yes"));
        assert_eq!(salvage("[1]", "Guid"), None);
        let text = r#"{"x":{"id":1},"a":{"b":[],"id":7,"c":{"id":8}},"id":9,"y":01"#;
        assert_eq!(salvage_within(text, &["a", "id"]).as_deref(), Some("7"));
        assert_eq!(salvage_within(text, &["a", "b", "id"]), None);
    }

    #[test]
    fn what_is_salvaged_is_what_would_be_read() {
        for (text, expected) in [
            // The last of what is repeated counts, whatever stood before it.
            (r#"{"a":-2,"a":{"id":7}}"#, Some("7")),
            (r#"{"a":1e999,"a":[{}],"a":{"id":7},"x":"#, Some("7")),
            (r#"{"a":{"id":6},"a":{"id":"7"}}"#, Some("7")),
            (r#"{"a":{"id":6,"id":7,"x":"#, Some("7")),
            (r#"{"a":{"id":6},"a":{}}"#, None),
            (r#"{"a":{"id":6},"a":-2}"#, None),
            (r#"{"a":{"id":6,"id":null}}"#, None),
            // What may have been another id is none.
            (r#"{"a":{"id":6},"a":{"x":"#, None),
            (r#"{"a":{"id":6,"id":"#, None),
            (r#"{"a":{"id":7"#, None),
            (r#"{"a":{"id":7."#, None),
            (r#"{"a":{"id":7x"#, None),
            (r#"{"a":{"id":"7"#, None),
            (r#"{"a":{"id":7 "#, Some("7")),
            (r#"{"a" : {"id" : "7""#, Some("7")),
        ] {
            assert_eq!(salvage_within(text, &["a", "id"]).as_deref(), expected, "{text}");
        }
    }
}
