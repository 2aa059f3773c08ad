//! Values that are numbers, or texts that hold one. A number stays as it is spelled and
//! never becomes a float.

use crate::alma::objects::Number;
use crate::alma::projection::decimal::decimal;
use crate::alma::projection::text::spelled;

/// SquareAll: a number that is not negative, or text that is one, with a point or a
/// comma; `None` where it is anything else.
pub(super) fn area(value: Option<&str>) -> Option<Number> {
    value.and_then(decimal)
}

/// CountRooms, as Alma counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rooms {
    /// Whether it is a studio.
    pub(super) is_studio: bool,
    /// The bedrooms: a studio has 1; `None` where the text has no number.
    pub(super) bedrooms: Option<i64>,
}

/// «студия» in any case, among other words too, or the first whole number in it.
pub(super) fn rooms(value: Option<&str>) -> Rooms {
    let text = value.and_then(spelled).unwrap_or_default().to_lowercase();
    // «студия», «студии», «студию».
    if text.contains("студи") {
        return Rooms { is_studio: true, bedrooms: Some(1) };
    }
    let is_negative = value.is_some_and(|value| value.starts_with('-'));
    let mut numbers = text.split(|one: char| !one.is_ascii_digit());
    let number = numbers.find(|digits| !digits.is_empty() && !is_negative);
    Rooms { is_studio: false, bedrooms: number.and_then(|digits| digits.parse().ok()) }
}
