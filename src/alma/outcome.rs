//! Records an outcome in the ledger and unblocks what waited for the object.

use jiff::civil::Date;

use super::fields::Fields;
use super::heal;
use super::held::{self, why_let};
use super::names::{self, GivenUp};
use super::state::{Cause, Outcome, Write, after_sync};
use super::task::Task;
use super::tenancy;
use crate::ledger::{AlmaKey, AlmaKind, AlmaRow, AlmaState, AlmaWait, Error, Tx};

/// Writes an object's state, and unblocks what waits for the object where it left the ledger.
pub(super) fn write(tx: &Tx<'_>, key: &AlmaKey, write: Write) -> Result<(), Error> {
    match write {
        Write::Nothing => Ok(()),
        Write::Row(row) => {
            tx.put_alma_row(&tell_contracts(tx, row.clone())?)?;
            if row.state == AlmaState::Held && row.desired.is_none() {
                // Others wait for it in vain: they are looked at again.
                tx.wake_alma(&AlmaWait::Object(key.clone()))?;
            }
            Ok(())
        }
        Write::Remove => {
            tx.remove_alma_row(key)?;
            tx.wake_alma(&AlmaWait::Object(key.clone()))
        }
    }
}

/// A room that leaves the ledger and waits for the operator, with the contracts in its reason
/// that its release would end.
fn tell_contracts(tx: &Tx<'_>, row: AlmaRow) -> Result<AlmaRow, Error> {
    if row.state != AlmaState::Held || row.desired.is_some() || row.key.kind != AlmaKind::Room {
        return Ok(row);
    }
    let contracts = tx.alma_contracts_on(&row.key)?;
    if contracts.is_empty() {
        return Ok(row);
    }
    let reason = why_let(&row.key, &contracts);
    Ok(AlmaRow { reason: Some(reason), ..row })
}

/// Records the outcome of a task that was read at `began_at`, or later.
pub(super) fn record(
    tx: &Tx<'_>,
    task: &Task,
    outcome: Outcome,
    (began_at, today): (&str, Date),
    given_up: &mut GivenUp,
) -> Result<(), Error> {
    let key = task.key();
    let Some(row) = tx.alma_row(key)? else {
        return Ok(());
    };
    let outcome = hold_alma_id_once(tx, key, outcome)?;
    let Some(outcome) = names::settle(tx, task, outcome, given_up)? else {
        return Ok(());
    };
    let Some(outcome) = still_waits(tx, task, outcome, began_at)? else {
        // The other object came, or changed, while this one was under way.
        return Ok(());
    };
    let outcome = tenancy::settle(tx, task, outcome, given_up, today)?;
    let before = row.sent.as_deref().and_then(Fields::parse);
    let (wakes, moves, after) = effects(&row, before.as_ref(), &outcome);
    let awaited = match &outcome {
        Outcome::Partial { cause: Cause::File(file), .. } if task.awaits(file) => {
            Some(file.clone())
        }
        _ => None,
    };
    let is_gone = key.kind.is_rental() && matches!(outcome, Outcome::Archived { .. });
    let may_ring =
        matches!(outcome, Outcome::Clash(..) | Outcome::Partial { cause: Cause::Object(_), .. });
    if let Some(file) = &awaited {
        tx.want_alma_file(file)?;
    }
    write(tx, key, after_sync(row, task.row.desired.as_deref(), outcome, tx.at()))?;
    if wakes {
        tx.wake_alma(&AlmaWait::Object(key.clone()))?;
    }
    if moves {
        heal::moved(tx, key, before.as_ref(), after.as_ref())?;
    }
    if may_ring {
        heal::tell_ring(tx, key)?;
    }
    if is_gone {
        tx.wake_leaving(key)?;
        tx.doubt_contracts_of(key)?;
    }
    if let Some(file) = awaited
        && !tx.is_alma_file_pending(&file)?
    {
        // The file came, or failed, while this was under way.
        tx.wake_alma(&AlmaWait::File(file))?;
    }
    Ok(())
}

/// Whether an outcome lets go on what waits for the object, and what Alma refused because of it;
/// and what Alma holds of it then. A wait that changed nothing wakes nothing: of two that wait
/// for each other each would wake the other for ever.
fn effects(
    row: &AlmaRow,
    before: Option<&Fields>,
    outcome: &Outcome,
) -> (bool, bool, Option<Fields>) {
    match outcome {
        Outcome::Synced { sent, .. } => (true, true, Some(sent.clone())),
        Outcome::Partial { alma_id, sent, .. } => {
            let is_new = row.alma_id != Some(*alma_id) || !heal::is_same(before, sent);
            (is_new, is_new, Some(sent.clone()))
        }
        Outcome::Ended { sent, .. } => {
            (true, sent.is_some(), sent.clone().or_else(|| before.cloned()))
        }
        Outcome::Archived { .. } => (true, true, None),
        _ => (false, false, None),
    }
}

/// The outcome of a task that waits for another object, as it is by now; `None` where that
/// object came or changed meanwhile, and nothing else is to be recorded.
fn still_waits(
    tx: &Tx<'_>,
    task: &Task,
    outcome: Outcome,
    began_at: &str,
) -> Result<Option<Outcome>, Error> {
    Ok(match outcome {
        Outcome::Waiting(parent, reason) => {
            let row = tx.alma_row(&parent)?;
            task.must_wait_for(row.as_ref()).then_some(Outcome::Waiting(parent, reason))
        }
        Outcome::Clash(other, reason) => {
            (!tx.is_alma_newer(&other, began_at)?).then_some(Outcome::Clash(other, reason))
        }
        Outcome::Partial { alma_id, sent, cause: Cause::Object(other), reason }
            if tx.is_alma_newer(&other, began_at)? =>
        {
            Some(Outcome::Partial { alma_id, sent, cause: Cause::Again, reason })
        }
        outcome => Some(outcome),
    })
}

/// Turns an outcome into a clash where another object of the ledger holds the same one of
/// Alma's already.
fn hold_alma_id_once(tx: &Tx<'_>, key: &AlmaKey, outcome: Outcome) -> Result<Outcome, Error> {
    let alma_id = match &outcome {
        Outcome::Synced { alma_id, .. }
        | Outcome::Partial { alma_id, .. }
        | Outcome::Archived { alma_id, .. } => Some(*alma_id),
        Outcome::Held { alma_id, .. } | Outcome::Ended { alma_id, .. } => *alma_id,
        _ => None,
    };
    let Some(alma_id) = alma_id else {
        return Ok(outcome);
    };
    let holder = tx.alma_holder(key.kind, alma_id)?;
    let Some(holder) = holder.filter(|holder| *holder != key.external_id) else {
        return Ok(outcome);
    };
    let holder = AlmaKey::new(key.kind, holder);
    let row = tx.alma_row(&holder)?;
    let has_left = |row: &AlmaRow| row.desired.is_none() && !held::is_switched(row);
    if key.kind == AlmaKind::Client && row.as_ref().is_some_and(has_left) {
        // That contact left the ledger, and its client is this one's by now.
        tx.remove_alma_row(&holder)?;
        return Ok(outcome);
    }
    if let Some(row) = row.filter(|row| row.state == AlmaState::Archived) {
        if key.kind == AlmaKind::Building {
            // That house left the ledger, and its building stayed in Alma: this house takes it.
            tx.remove_alma_row(&holder)?;
        } else {
            // Alma has given the id of that archived object to another one.
            tx.put_alma_row(&AlmaRow { alma_id: None, ..row })?;
        }
        return Ok(outcome);
    }
    let reason = format!(
        "Alma's {} {alma_id} is that of {} already: the two must differ in what Alma tells them apart by",
        key.kind, holder.external_id
    );
    Ok(Outcome::Clash(holder, reason))
}
