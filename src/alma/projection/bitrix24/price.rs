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

/// `5500` as `5500.00`; `None` where it has more than two decimals that count.
pub(super) fn with_two_decimals(number: &str) -> Option<String> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let is_plain = is_digits(whole) && (fraction.is_empty() || is_digits(fraction));
    (is_plain && fraction.len() <= 2).then(|| format!("{whole}.{fraction:0<2}"))
}
