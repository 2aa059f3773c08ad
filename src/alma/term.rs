//! When contracts end, and how long clients are needed.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::fields::Fields;
use super::notes;
use crate::ledger::AlmaKind;

/// The day on which a contract ends, or on which the last contract of a client does; `None`
/// where no date is given, and for other kinds.
pub(super) fn end(kind: AlmaKind, fields: &Fields) -> Option<Date> {
    match kind {
        AlmaKind::OwnerContract | AlmaKind::TenantContract => day(fields, "end_date"),
        AlmaKind::Client => day(fields, notes::NEEDED_UNTIL),
        AlmaKind::Building | AlmaKind::Unit | AlmaKind::Room => None,
    }
}

/// The day of a date field.
pub(super) fn day(fields: &Fields, name: &str) -> Option<Date> {
    fields.string(name)?.get(..10)?.parse().ok()
}

/// The day on which an object was over, where that has come: Alma takes no contract that does
/// not end after today.
pub(super) fn over(kind: AlmaKind, fields: &Fields, today: Date) -> Option<Date> {
    end(kind, fields).filter(|end| *end <= today)
}

/// Why an object that is over is left alone.
pub(super) fn why_ended(kind: AlmaKind, day: Date) -> String {
    match kind {
        AlmaKind::Client => format!("its last contract ended on {day}: it is left as it is"),
        _ => format!("the contract ended on {day}"),
    }
}

/// Today in the time zone of the contracts.
pub(super) fn today(now: Timestamp, timezone: &TimeZone) -> Date {
    now.to_zoned_datetime(timezone.clone()).date()
}

/// The first day that Alma takes for an end.
pub(super) fn earliest_end(today: Date) -> Date {
    today.saturating_add(1.day())
}
