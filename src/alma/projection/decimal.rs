//! Decimals that come as numbers or as texts. A number stays as it is spelled and never
//! becomes a float.

use super::text::{is_number, spelled};
use crate::alma::objects::Number;
use crate::json;

/// A number that is not negative, or text that is one, with a point or a comma; `None`
/// where it is anything else.
pub(super) fn decimal(value: &str) -> Option<Number> {
    if is_number(value) {
        return Number::parse(value).filter(|_| !value.starts_with('-'));
    }
    let text = json::string(value)?.trim().replace(',', ".");
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text.as_str(), None),
    };
    if !is_digits(whole) || !fraction.is_none_or(is_digits) {
        return None;
    }
    // JSON has no zeros in front.
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    Number::parse(&fraction.map_or(whole.to_owned(), |fraction| format!("{whole}.{fraction}")))
}

/// Whether a text is digits, and at least one.
pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A whole number, or text that is one; `None` where it is anything else.
pub(super) fn whole(value: &str) -> Option<Number> {
    let text = spelled(value)?;
    let text = text.trim();
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if is_digits(zeros) && zeros.trim_matches('0').is_empty() => whole,
        Some(_) => return None,
        None => text,
    };
    whole.parse::<i64>().ok().map(Number::from)
}
