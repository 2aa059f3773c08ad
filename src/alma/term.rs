//! When contracts end.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::fields::Fields;
use crate::ledger::AlmaKind;

/// The day on which a contract ends; `None` for other kinds, and where no date is given.
pub(super) fn end(kind: AlmaKind, fields: &Fields) -> Option<Date> {
    let end = fields.string("end_date").filter(|_| kind.is_contract())?;
    end.get(..10)?.parse().ok()
}

/// Whether a contract is over in every time zone: Alma takes none, so its scans are not
/// uploaded. A contract that is extended later is projected anew.
pub(super) fn is_over_everywhere(kind: AlmaKind, fields: &Fields, now: Timestamp) -> bool {
    let today = now.to_zoned(TimeZone::UTC).date();
    end(kind, fields).is_some_and(|end| end < today.saturating_sub(1.day()))
}
