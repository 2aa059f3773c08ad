//! Records an outcome in the ledger and unblocks what waited for the object.

use std::collections::HashSet;

use super::fields::Fields;
use super::state::{Outcome, Write, after_sync};
use super::task::Task;
use crate::ledger::{AlmaKey, AlmaKind, AlmaRow, AlmaState, AlmaWait, Error, Tx};

/// The names that units have given up in a pass, each with its building.
pub(super) type GivenUp = HashSet<(String, String)>;

/// Writes an object's state, and unblocks what waits for the object where it left the ledger.
pub(super) fn write(tx: &Tx<'_>, key: &AlmaKey, write: Write) -> Result<(), Error> {
    match write {
        Write::Nothing => Ok(()),
        Write::Row(row) => {
            tx.put_alma_row(&row)?;
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

/// Records the outcome of a task that was read at `began_at`, or later.
pub(super) fn record(
    tx: &Tx<'_>,
    task: &Task,
    outcome: Outcome,
    began_at: &str,
    given_up: &mut GivenUp,
) -> Result<(), Error> {
    let key = task.key();
    let Some(row) = tx.alma_row(key)? else {
        return Ok(());
    };
    let outcome = hold_alma_id_once(tx, key, outcome)?;
    let Some(outcome) = wait_for_name(tx, task, outcome, given_up)? else {
        return Ok(());
    };
    let is_to_wait = match &outcome {
        Outcome::Waiting(parent, _) => {
            let parent = tx.alma_row(parent)?;
            task.must_wait_for(parent.as_ref())
        }
        Outcome::Clash(other, _) => !tx.is_alma_newer(other, began_at)?,
        _ => true,
    };
    if !is_to_wait {
        // The other object came, or changed, while this one was under way.
        return Ok(());
    }
    let is_in_alma = matches!(
        outcome,
        Outcome::Synced { .. } | Outcome::Partial { .. } | Outcome::Archived { .. }
    );
    let awaited = match &outcome {
        Outcome::Partial { file: Some(file), .. } if task.awaits(file) => Some(file.clone()),
        _ => None,
    };
    let is_gone = key.kind.is_rental() && matches!(outcome, Outcome::Archived { .. });
    if let Some(file) = &awaited {
        tx.want_alma_file(file)?;
    }
    write(tx, key, after_sync(row, task.row.desired.as_deref(), outcome))?;
    if is_in_alma {
        tx.wake_alma(&AlmaWait::Object(key.clone()))?;
    }
    if is_gone {
        tx.wake_leaving(key)?;
    }
    if let Some(file) = awaited
        && !tx.is_alma_file_pending(&file)?
    {
        // The file came, or failed, while this was under way.
        tx.wake_alma(&AlmaWait::File(file))?;
    }
    Ok(())
}

/// Alma refuses a unit's name while another unit has it: where that one is to be renamed or
/// archived, the refusal becomes a wait for it. `None`: the name was given up while the task
/// was under way, and the unit stays pending.
fn wait_for_name(
    tx: &Tx<'_>,
    task: &Task,
    outcome: Outcome,
    given_up: &mut GivenUp,
) -> Result<Option<Outcome>, Error> {
    let key = task.key();
    if key.kind != AlmaKind::Unit {
        return Ok(Some(outcome));
    }
    let wanted = task.desired.as_ref().and_then(name_of);
    match (&outcome, wanted) {
        (Outcome::Synced { sent, .. } | Outcome::Partial { sent, .. }, _) => {
            let before = task.sent.as_ref().and_then(name_of);
            given_up.extend(before.filter(|before| name_of(sent).as_ref() != Some(before)));
        }
        (Outcome::Rejected(_), Some(wanted)) if given_up.contains(&wanted) => return Ok(None),
        (Outcome::Rejected(words), Some(wanted)) => {
            let makes_way = |other: &AlmaRow| {
                let desired = other.desired.as_deref().and_then(Fields::parse);
                other.key != *key && desired.as_ref().and_then(name_of) != Some(wanted.clone())
            };
            let others = tx.alma_units_called(&wanted.0, &wanted.1)?;
            if let Some(other) = others.into_iter().find(makes_way) {
                let reason = format!("its name is still that of {}: {words}", other.key);
                return Ok(Some(Outcome::Clash(other.key, reason)));
            }
        }
        _ => {}
    }
    Ok(Some(outcome))
}

/// A unit's building, and its name there.
fn name_of(unit: &Fields) -> Option<(String, String)> {
    Some((unit.string("building")?, unit.string("name")?))
}

/// Turns an outcome into a clash where another object of the ledger holds the same one of
/// Alma's already.
fn hold_alma_id_once(tx: &Tx<'_>, key: &AlmaKey, outcome: Outcome) -> Result<Outcome, Error> {
    let alma_id = match &outcome {
        Outcome::Synced { alma_id, .. }
        | Outcome::Partial { alma_id, .. }
        | Outcome::Archived { alma_id, .. } => Some(*alma_id),
        Outcome::Held { alma_id, .. } => *alma_id,
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
