//! The day of a DateTime. UZhKH writes ISO with or without an offset, `/Date(ms)/`, and
//! at times DD.MM.YYYY. `0001-01-01`, `1899-12-30` and `9999-12-31` stand for none: the least
//! and the greatest date of .NET, and the least of 1C and of spreadsheets.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;

use crate::json;

/// The greatest date of .NET in any time zone, in milliseconds since 1970: a day after it in UTC.
const GREATEST: i64 = 253_402_387_199_999;

/// A value that is no date that we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::alma::projection) struct Unreadable;

/// The day of a value; of a moment with an offset the day that it is in `zone` then.
/// `None` where there is none.
pub(in crate::alma::projection) fn day(
    value: Option<&str>,
    zone: &TimeZone,
) -> Result<Option<Date>, Unreadable> {
    let Some(value) = value else {
        return Ok(None);
    };
    let text = json::string(value).ok_or(Unreadable)?;
    let text = text.trim();
    // No zone has this day: a moment of it may be beyond all times.
    if text.is_empty() || text.starts_with("9999-12-31") {
        return Ok(None);
    }
    let day = ticks(text)
        .or_else(|| moment(text))
        .map(|moment| moment.to_zoned_datetime(zone.clone()).date())
        .or_else(|| civil(text))
        .or_else(|| dotted(text))
        .ok_or(Unreadable)?;
    Ok(is_meant(day).then_some(day))
}

/// Whether a day does not stand for none, also where an offset moved it.
fn is_meant(day: Date) -> bool {
    let is_least = day.year() <= 1 || [date(1899, 12, 29), date(1899, 12, 30)].contains(&day);
    let is_greatest = day >= date(9999, 12, 30);
    !is_least && !is_greatest
}

/// `2050-01-01T00:00:00`
pub(in crate::alma::projection) fn midnight(day: Date) -> String {
    format!("{day}T00:00:00")
}

/// `/Date(1673730000000)/`, `/Date(1673730000000+0300)/`: the offset says where it was
/// written and moves nothing.
fn ticks(text: &str) -> Option<Timestamp> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let digits = inner.strip_prefix('-').unwrap_or(inner);
    let sign = inner.len() - digits.len();
    let end = digits.find(['+', '-']).unwrap_or(digits.len());
    let offset = &digits[end..];
    let is_offset = offset.is_empty() || offset.len() == 5 && all_digits(&offset[1..]);
    let milliseconds = &inner[..sign + end];
    if !is_offset || !all_digits(&digits[..end]) {
        return None;
    }
    let milliseconds: i64 = milliseconds.parse().ok()?;
    if (Timestamp::MAX.as_millisecond()..=GREATEST).contains(&milliseconds) {
        return Some(Timestamp::MAX);
    }
    Timestamp::from_millisecond(milliseconds).ok()
}

/// `2023-01-15T00:00:00Z`, `2023-01-15T00:00:00.000+03:00`
fn moment(text: &str) -> Option<Timestamp> {
    is_shaped(text, "dddd-dd-dd").then(|| text.parse().ok())?
}

/// `2023-01-15T00:00:00`, `2023-01-15`
fn civil(text: &str) -> Option<Date> {
    let is_iso = is_shaped(text, "dddd-dd-dd");
    is_iso.then(|| text.parse().ok().map(DateTime::date))?
}

/// `15.01.2023`, `15.01.2023 00:00:00`
fn dotted(text: &str) -> Option<Date> {
    if !is_shaped(text, "dd.dd.dddd") {
        return None;
    }
    let with_time = DateTime::strptime("%d.%m.%Y %H:%M:%S", text).map(DateTime::date);
    with_time.or_else(|_| Date::strptime("%d.%m.%Y", text)).ok()
}

/// Whether a text begins so, `d` being a digit.
fn is_shaped(text: &str, shape: &str) -> bool {
    let begins = text.as_bytes().get(..shape.len());
    begins.is_some_and(|begins| {
        begins
            .iter()
            .zip(shape.bytes())
            .all(|(byte, shape)| if shape == b'd' { byte.is_ascii_digit() } else { *byte == shape })
    })
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use jiff::tz::{TimeZone, offset};

    use super::*;

    fn found(value: &str) -> Result<Option<String>, Unreadable> {
        let zone = TimeZone::fixed(offset(3));
        day(Some(value), &zone).map(|day| day.map(midnight))
    }

    #[test]
    fn a_date_is_the_day_that_it_is_there() {
        for (text, expected) in [
            ("2023-01-15T00:00:00", "2023-01-15"),
            ("2023-01-15T23:59:59.1234567", "2023-01-15"),
            ("2023-01-15 23:59:59", "2023-01-15"),
            (" 2023-01-15 ", "2023-01-15"),
            ("2023-01-15T20:59:59Z", "2023-01-15"),
            ("2023-01-15T21:00:00Z", "2023-01-16"),
            ("2023-01-15T00:00:00+05:00", "2023-01-14"),
            ("2023-01-15T00:00:00+03:00", "2023-01-15"),
            ("/Date(1673730000000)/", "2023-01-15"),
            ("/Date(1673729999999)/", "2023-01-14"),
            ("/Date(1673730000000+0500)/", "2023-01-15"),
            ("/Date(-1000-0500)/", "1970-01-01"),
            ("15.01.2023", "2023-01-15"),
            ("15.01.2023 23:00:00", "2023-01-15"),
            ("15.01.2023 0:00:00", "2023-01-15"),
            ("9998-12-31T23:59:59.9999999", "9998-12-31"),
            ("1900-01-01T00:00:00", "1900-01-01"),
        ] {
            let expected = format!("{expected}T00:00:00");
            let value = json::quote(text);
            assert_eq!(found(&value), Ok(Some(expected)), "{text}");
        }
        assert_eq!(found(r#""\/Date(0)\/""#), Ok(Some("1970-01-01T00:00:00".to_owned())));
    }

    #[test]
    fn the_least_and_the_greatest_date_are_none() {
        for text in [
            "",
            " ",
            "0001-01-01T00:00:00",
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00+03:00",
            "0001-01-01",
            "01.01.0001 0:00:00",
            "/Date(-62135596800000)/",
            "/Date(-62135607600000+0300)/",
            "9999-12-31T23:59:59.9999999",
            "9999-12-31T00:00:00Z",
            "9999-12-31",
            "31.12.9999 0:00:00",
            "/Date(253402214400000)/",
            "/Date(253402300799999)/",
            "1899-12-30T00:00:00",
            "1899-12-30T00:00:00Z",
            "30.12.1899",
        ] {
            assert_eq!(found(&json::quote(text)), Ok(None), "{text}");
        }
        assert_eq!(day(None, &TimeZone::UTC), Ok(None));
    }

    #[test]
    fn anything_else_is_no_date() {
        for value in ["1673730000000", "true", "{}", "[]"] {
            assert_eq!(found(value), Err(Unreadable), "{value}");
        }
        for text in [
            "вчера",
            "2023-02-30T00:00:00",
            "2023-01-15T00:00:00 x",
            "15.01.23",
            "15/01/2023",
            "31.02.2023",
            "15.01.2023 25:00:00",
            "2023-1-5",
            "20230115",
            "-002023-01-15",
            "/Date()/",
            "/Date(-)/",
            "/Date(1+3)/",
            "/Date(1+03é)/",
            "/Date(99999999999999999)/",
            "/Date(999999999999999999999)/",
        ] {
            assert_eq!(found(&json::quote(text)), Err(Unreadable), "{text}");
        }
    }
}
