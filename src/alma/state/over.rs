//! What is over: the transition of an object whose day has come.

use jiff::civil::Date;

use super::{Write, reset, reset_with, sent};
use crate::alma::fields::Fields;
use crate::alma::task::place;
use crate::alma::term;
use crate::json;
use crate::ledger::{AlmaRow, AlmaState};

/// A transition of an object that may be over since `day`: what would be synced has ended, and
/// what lacks something lacks it no more. What is to be sent is still looked at.
pub(in crate::alma) fn over(row: Option<AlmaRow>, write: Write, day: Option<Date>) -> Write {
    let Some(day) = day else { return write };
    let changed = match (&write, &row) {
        (Write::Row(row), _) | (Write::Nothing, Some(row)) => row.clone(),
        _ => return write,
    };
    let reason = term::why_ended(changed.key.kind, day);
    match changed.state {
        AlmaState::Synced => Write::Row(reset_with(changed, AlmaState::Ended, reason)),
        AlmaState::Blocked if changed.desired.is_none() && changed.waits_for.is_none() => {
            match changed.key.kind.is_contract() {
                true => end_alone(row, changed, day),
                false => Write::Row(reset_with(changed, AlmaState::Ended, reason)),
            }
        }
        // One that leaves is held for its own sake.
        AlmaState::Held if changed.desired.is_none() => write,
        AlmaState::Blocked | AlmaState::Rejected | AlmaState::Held if write == Write::Nothing => {
            Write::Row(reset(changed, AlmaState::Pending))
        }
        _ => write,
    }
}

/// The transition of a contract that is over and lacks something: nothing but its end is wanted,
/// so that it does not run on in Alma.
fn end_alone(before: Option<AlmaRow>, lacking: AlmaRow, day: Date) -> Write {
    let mut end = place(&sent(&lacking));
    end.set("end_date", json::quote(&format!("{day}T00:00:00")));
    let desired = Some(end.text());
    if before.is_some_and(|row| row.state == AlmaState::Ended && row.desired == desired) {
        return Write::Nothing;
    }
    Write::Row(AlmaRow { desired, ..reset(lacking, AlmaState::Pending) })
}

/// Whether nothing but the end of a contract is wanted ([`over`]): it is no contract to create.
pub(in crate::alma) fn is_end_alone(desired: &Fields) -> bool {
    desired.get("external_id").is_none()
}
