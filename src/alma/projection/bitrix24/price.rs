//! Amounts of money: numbers, or text with the currency behind it (`5500|AED`).

use super::item::is_blank;
use crate::alma::projection::decimal::is_digits;
use crate::json;

/// The amount as JSON text, without its currency; a blank one is none.
pub(super) fn amount(value: &str) -> Option<String> {
    let text = json::string(value);
    let value = match text.as_deref().and_then(|text| text.split_once('|')) {
        Some((amount, _)) => json::quote(amount),
        None => value.to_owned(),
    };
    (!is_blank(&value)).then_some(value)
}

/// Whether the one comma of a text may stand before thousands, as in `12,500`: portals write them
/// so, and what is meant cannot be told.
pub(super) fn has_thousands(value: &str) -> bool {
    let Some(text) = json::string(value) else { return false };
    let after = text.trim().split_once(',').map(|(_, after)| after);
    after.is_some_and(|after| after.len() == 3 && is_digits(after))
}

/// `5500` as `5500.00`; `None` where it has more than two decimals that count.
pub(super) fn with_two_decimals(number: &str) -> Option<String> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let is_plain = is_digits(whole) && (fraction.is_empty() || is_digits(fraction));
    (is_plain && fraction.len() <= 2).then(|| format!("{whole}.{fraction:0<2}"))
}
