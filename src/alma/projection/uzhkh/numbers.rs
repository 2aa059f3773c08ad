//! Values that are numbers, or texts that hold one. A number stays as it is spelled and
//! never becomes a float.

use super::text::{is_number, spelled};
use crate::alma::objects::Number;
use crate::json;

/// SquareAll: a number that is not negative, or text that is one, with a point or a
/// comma; 0 where it is anything else.
pub(super) fn area(value: Option<&str>) -> Number {
    value.and_then(decimal).unwrap_or_else(Number::zero)
}

fn decimal(value: &str) -> Option<Number> {
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

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// EtazhNumber: a whole number, or text that is one; `None` where it is anything else.
pub(super) fn floor(value: Option<&str>) -> Option<Number> {
    let text = spelled(value?)?;
    let text = text.trim();
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if is_digits(zeros) && zeros.trim_matches('0').is_empty() => whole,
        Some(_) => return None,
        None => text,
    };
    whole.parse::<i64>().ok().map(Number::from)
}

/// CountRooms, as Alma counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rooms {
    /// Whether it is a studio.
    pub(super) is_studio: bool,
    /// The bedrooms: a studio has 1; 0 where the text has no number.
    pub(super) bedrooms: i64,
}

/// «студия» in whatever case, among other words too, or the first whole number in it.
pub(super) fn rooms(value: Option<&str>) -> Rooms {
    let text = value.and_then(spelled).unwrap_or_default().to_lowercase();
    // «студия», «студии», «студию».
    if text.contains("студи") {
        return Rooms {
            is_studio: true,
            bedrooms: 1,
        };
    }
    let is_negative = value.is_some_and(|value| value.starts_with('-'));
    let mut numbers = text.split(|one: char| !one.is_ascii_digit());
    let number = numbers.find(|digits| !digits.is_empty() && !is_negative);
    Rooms {
        is_studio: false,
        bedrooms: number.and_then(|digits| digits.parse().ok()).unwrap_or(0),
    }
}
