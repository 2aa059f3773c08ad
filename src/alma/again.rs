//! What comes back without a change in the ledger: a day begins, and contracts are over; what
//! waits for people to act in Alma is looked at again slowly.

use jiff::civil::Date;

use super::fields::Fields;
use super::follow::Policy;
use super::state::{self, Write};
use super::sync::ended::EARLY_END;
use super::{heal, outcome, term};
use crate::ledger::{AlmaRow, AlmaState, Error, Tx};

/// Looks at what is over, once a day, and at what is to be looked at again by now. Answers the
/// present day; `looked_on`: the one of the last look.
pub(super) fn wake(tx: &Tx<'_>, policy: &Policy, looked_on: Option<Date>) -> Result<Date, Error> {
    tx.wake_alma_again()?;
    let today = term::today(tx.at(), &policy.timezone);
    if looked_on == Some(today) {
        return Ok(today);
    }
    // A day that begins beyond all times has begun.
    let began =
        today.to_zoned_datetime(policy.timezone.clone()).map_or(tx.at(), |day| day.timestamp());
    for row in tx.alma_over(&today.to_string(), began)? {
        let fields = row.desired.as_deref().and_then(Fields::parse).unwrap_or_default();
        let over = term::over(row.key.kind, &fields, today);
        let key = row.key.clone();
        if row.state == AlmaState::Synced && key.kind.is_contract() {
            // The next tenant may come now.
            let place = row.sent.as_deref().and_then(Fields::parse).as_ref().and_then(heal::place);
            tx.wake_rejected_on(&place.into_iter().collect::<Vec<_>>())?;
        }
        outcome::write(tx, &key, state::over(Some(row), Write::Nothing, over))?;
    }
    for row in tx.alma_ended_ahead()? {
        take_back(tx, row, today)?;
    }
    tx.mark_blocked_alma()?;
    Ok(today)
}

/// What a clock that was ahead took for over is looked at anew: as if it had not been looked at,
/// and so is an early end that went out by that clock.
fn take_back(tx: &Tx<'_>, mut row: AlmaRow, today: Date) -> Result<(), Error> {
    let parse = |text: &Option<String>| text.as_deref().and_then(Fields::parse);
    tx.mark_alma(&row.key)?;
    let Some(desired) = parse(&row.desired) else { return Ok(()) };
    let mut is_over = term::over(row.key.kind, &desired, today).is_some();
    if let Some(mut sent) = parse(&row.sent)
        && term::day(&sent, EARLY_END).is_some_and(|day| day > term::earliest_end(today))
    {
        sent.remove(EARLY_END);
        row.sent = Some(sent.text());
        is_over = false;
    }
    // Of a contract whose end alone is wanted, the projection says what it is now.
    let stays = is_over || row.key.kind.is_contract() && state::is_end_alone(&desired);
    let row = if stays { row } else { state::reset(row, AlmaState::Pending) };
    tx.put_alma_row(&row)
}
