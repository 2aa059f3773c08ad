//! What must hold of any date and any phone.

use jiff::tz::{TimeZone, offset};

use super::phone::e164;
use super::{bitrix24, uzhkh};
use crate::config::PhoneCountry;
use crate::json;

/// The day of a date, written as it goes to Alma, is that day again, wherever it is read.
pub(crate) fn dates(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let quoted = json::quote(text);
    for hours in [-11, 0, 3, 14] {
        let zone = TimeZone::fixed(offset(hours));
        if let Ok(Some(day)) = uzhkh::dates::day(Some(&quoted), &zone) {
            let midnight = json::quote(&uzhkh::dates::midnight(day));
            assert_eq!(uzhkh::dates::day(Some(&midnight), &TimeZone::UTC), Ok(Some(day)));
            assert_eq!(bitrix24::dates::day(&midnight), Ok(Some(day)));
        }
    }
    if let Ok(Some(day)) = bitrix24::dates::day(&quoted) {
        let midnight = json::quote(&bitrix24::dates::midnight(day));
        assert_eq!(bitrix24::dates::day(&midnight), Ok(Some(day)));
        assert!(text.trim().starts_with(&day.to_string()));
    }
    // What is no text is no date, whatever it is.
    if serde_json::from_str::<serde_json::Value>(text).is_ok_and(|value| !value.is_string()) {
        assert!(uzhkh::dates::day(Some(text), &TimeZone::UTC).is_err());
        assert!(bitrix24::dates::day(text).is_err());
    }
}

/// A phone is `+` and digits, few enough, and as such the same phone in every country.
pub(crate) fn phones(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for country in [PhoneCountry::RU, PhoneCountry::AE] {
        let Some(phone) = e164(text, country) else { continue };
        let digits = phone.strip_prefix('+').expect("it begins with +");
        assert!(digits.bytes().all(|digit| digit.is_ascii_digit()));
        assert!((3..=17).contains(&digits.len()), "{phone}");
        for other in [PhoneCountry::RU, PhoneCountry::AE] {
            assert_eq!(e164(&phone, other).as_ref(), Some(&phone));
        }
    }
}
