//! The grid of slots, and the dates that name them.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

const FIRST: i16 = 8 * 60 + 30;
const LAST: i16 = 17 * 60 + 30;

/// All slots of a day.
pub(super) fn grid(day: Date) -> Vec<DateTime> {
    if matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        return Vec::new();
    }
    let minutes = (FIRST..=LAST).step_by(30);
    let at = |minutes: i16| {
        let hour = i8::try_from(minutes / 60).unwrap_or_default();
        let minute = i8::try_from(minutes % 60).unwrap_or_default();
        day.at(hour, minute, 0, 0)
    };
    minutes.map(at).collect()
}

/// Reads `2020-06-11T11:00:00+05:00`, whose offset must be the developer's then.
pub(super) fn transfer_date(text: &str, zone: &TimeZone) -> Result<DateTime, String> {
    let form = || format!("transfer_date {text:?} is not as 2020-06-11T11:00:00+05:00");
    let (local, offset) = text.split_at_checked(19).ok_or_else(form)?;
    let formed = offset.len() == 6
        && offset.starts_with(['+', '-'])
        && offset.as_bytes()[3] == b':'
        && local.as_bytes()[10] == b'T';
    let moment = local.parse::<DateTime>().ok().filter(|_| formed);
    let moment = moment.ok_or_else(form)?;
    let number = |range: std::ops::Range<usize>| offset.get(range)?.parse::<i32>().ok();
    let hours = number(1..3).ok_or_else(form)?;
    let minutes = number(4..6).ok_or_else(form)?;
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let right = zone.to_zoned_datetime(moment).map_err(|error| error.to_string())?;
    if right.offset().seconds() != sign * (hours * 3600 + minutes * 60) {
        let offset = right.offset();
        return Err(format!("transfer_date {text:?}: the offset is {offset}"));
    }
    Ok(moment)
}
