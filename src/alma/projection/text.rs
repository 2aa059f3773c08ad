//! Values that are text, or should be: ids and numbers of flats come as JSON numbers at
//! times, and booleans as numbers or text.

use std::borrow::Cow;

use crate::json;

/// A string, or a number as written.
pub(super) fn spelled(value: &str) -> Option<Cow<'_, str>> {
    if is_number(value) {
        return Some(value.into());
    }
    json::string(value)
}

/// Whether a JSON text is a number.
pub(super) fn is_number(value: &str) -> bool {
    value.starts_with(|first: char| first == '-' || first.is_ascii_digit())
}

/// An id, as spelled; a blank one is none.
pub(super) fn id(value: &str) -> Option<String> {
    let text = spelled(value)?;
    (!text.trim().is_empty()).then(|| text.into_owned())
}

/// A text that people read, without the blanks around it; a blank one is none.
pub(super) fn shown(value: &str) -> Option<String> {
    let text = spelled(value)?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Whether a value is `true`, `1` or `"true"`.
pub(super) fn is_yes(value: &str) -> bool {
    matches!(value, "true" | "1")
        || json::string(value).is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
}

/// A text in which every run of blanks and control characters is one blank: what differs
/// in no more than these is the same to people. A blank text is none.
pub(super) fn one_line(text: &str) -> Option<String> {
    let words = text.split(|one: char| one.is_whitespace() || one.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Whether it is something, one `@`, and something, without blanks.
pub(super) fn is_email(text: &str) -> bool {
    let has_blanks = text.chars().any(char::is_whitespace);
    text.split_once('@').is_some_and(|(before, after)| {
        !before.is_empty() && !after.is_empty() && !after.contains('@') && !has_blanks
    })
}
