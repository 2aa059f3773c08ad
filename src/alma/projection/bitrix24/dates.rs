//! The day of a date field: Bitrix24 writes `2025-04-29T03:00:00+03:00`, and the day is
//! the one that is written, at any offset.

use jiff::civil::Date;

use crate::json;

/// A value that is no date that we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::alma::projection) struct Unreadable;

/// The day of a value; `None` where it is blank.
pub(in crate::alma::projection) fn day(value: &str) -> Result<Option<Date>, Unreadable> {
    let text = json::string(value).ok_or(Unreadable)?;
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (day, rest) = text.split_at_checked(10).ok_or(Unreadable)?;
    let is_day = rest.is_empty() || rest.starts_with(['T', ' ']);
    let date: Option<Date> = day.parse().ok();
    // The library reads much else; what is no YYYY-MM-DD is written differently.
    let date = date.filter(|date| is_day && date.to_string() == day);
    date.map(Some).ok_or(Unreadable)
}

/// `2050-01-01T00:00:00`
pub(in crate::alma::projection) fn midnight(day: Date) -> String {
    format!("{day}T00:00:00")
}
