//! Notes in the ledger what came of an object, and lets go on what waited for it.

use std::collections::HashSet;

use super::fields::Fields;
use super::follow::put;
use super::stand::{Outcome, settled};
use super::task::Task;
use crate::ledger::{AlmaKey, AlmaKind, AlmaRow, AlmaState, AlmaWait, Error, Tx};

/// The names that units have given up in a pass: in which building, and which.
pub(super) type GivenUp = HashSet<(String, String)>;

/// Notes what came of an object that was read at `began_at`, or later.
///
/// # Errors
/// The ledger's.
pub(super) fn settle(
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
    let outcome = not_anothers(tx, key, outcome)?;
    let Some(outcome) = name_in_use(tx, task, outcome, given_up)? else {
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
        // It came, or changed, while this was under way.
        return Ok(());
    }
    let is_in_alma = matches!(
        outcome,
        Outcome::Synced { .. } | Outcome::Partly { .. } | Outcome::Archived { .. }
    );
    let awaited = match &outcome {
        Outcome::Partly { file, .. } if task.awaits(file) => Some(file.clone()),
        _ => None,
    };
    let is_let = matches!(key.kind, AlmaKind::Unit | AlmaKind::Room);
    let is_gone = is_let && matches!(outcome, Outcome::Archived { .. });
    if let Some(file) = &awaited {
        tx.want_alma_file(file)?;
    }
    put(tx, key, settled(row, task.row.desired.as_deref(), outcome))?;
    if is_in_alma {
        tx.wake_alma(&AlmaWait::Object(key.clone()))?;
    }
    if is_gone {
        tx.wake_leaving(key)?;
    }
    if let Some(file) = awaited
        && !tx.is_alma_file_pending(&file)?
    {
        // It came, or failed, while this was under way.
        tx.wake_alma(&AlmaWait::File(file))?;
    }
    Ok(())
}

/// A unit's name is refused while another unit has it: where that one is to be called
/// otherwise, or to leave, it is waited for. `None`: it has made way while this was under
/// way.
fn name_in_use(
    tx: &Tx<'_>,
    task: &Task,
    outcome: Outcome,
    given_up: &mut GivenUp,
) -> Result<Option<Outcome>, Error> {
    let key = task.key();
    if key.kind != AlmaKind::Unit {
        return Ok(Some(outcome));
    }
    let wanted = task.desired.as_ref().and_then(called);
    match (&outcome, wanted) {
        (Outcome::Synced { sent, .. } | Outcome::Partly { sent, .. }, _) => {
            let before = task.sent.as_ref().and_then(called);
            given_up.extend(before.filter(|before| called(sent).as_ref() != Some(before)));
        }
        (Outcome::Rejected(_), Some(wanted)) if given_up.contains(&wanted) => return Ok(None),
        (Outcome::Rejected(words), Some(wanted)) => {
            let mut others = tx.alma_units_called(&wanted.0, &wanted.1)?.into_iter();
            let makes_way = |other: &AlmaRow| {
                let desired = other.desired.as_deref().and_then(Fields::parse);
                other.key != *key && desired.as_ref().and_then(called) != Some(wanted.clone())
            };
            if let Some(other) = others.find(makes_way) {
                let reason = format!("its name is still that of {}: {words}", other.key);
                return Ok(Some(Outcome::Clash(other.key, reason)));
            }
        }
        _ => {}
    }
    Ok(Some(outcome))
}

/// The building of a unit, and its name there.
fn called(unit: &Fields) -> Option<(String, String)> {
    Some((unit.string("building")?, unit.string("name")?))
}

/// No object of Alma stands for two of the ledger's.
fn not_anothers(tx: &Tx<'_>, key: &AlmaKey, outcome: Outcome) -> Result<Outcome, Error> {
    let alma_id = match &outcome {
        Outcome::Synced { alma_id, .. }
        | Outcome::Partly { alma_id, .. }
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
            // The house is gone, and its building was left: it is another house's now.
            tx.remove_alma_row(&holder)?;
        } else {
            // Alma no longer had it under this id, and has given that to another one.
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
