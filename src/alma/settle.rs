//! Notes in the ledger what came of an object, and lets go on what waited for it.

use super::follow::put;
use super::stand::{Outcome, settled};
use super::task::Task;
use crate::ledger::{AlmaKey, AlmaKind, AlmaState, Error, Tx};

/// Notes what came of an object that was read at `began_at`, or later.
///
/// # Errors
/// The ledger's.
pub(super) fn settle(
    tx: &Tx<'_>,
    task: &Task,
    outcome: Outcome,
    began_at: &str,
) -> Result<(), Error> {
    let key = task.key();
    let Some(row) = tx.alma_row(key)? else {
        return Ok(());
    };
    let outcome = not_anothers(tx, key, outcome)?;
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
    let is_in_alma = matches!(outcome, Outcome::Synced { .. } | Outcome::Archived { .. });
    let is_let = matches!(key.kind, AlmaKind::Unit | AlmaKind::Room);
    let is_gone = is_let && matches!(outcome, Outcome::Archived { .. });
    put(tx, key, settled(row, task.row.desired.as_deref(), outcome))?;
    if is_in_alma {
        tx.wake_alma(key)?;
    }
    if is_gone {
        tx.wake_leaving(key)?;
    }
    Ok(())
}

/// No object of Alma stands for two of the ledger's.
fn not_anothers(tx: &Tx<'_>, key: &AlmaKey, outcome: Outcome) -> Result<Outcome, Error> {
    let alma_id = match &outcome {
        Outcome::Synced { alma_id, .. } | Outcome::Archived { alma_id, .. } => Some(*alma_id),
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
    if key.kind == AlmaKind::Building {
        let row = tx.alma_row(&holder)?;
        if row.is_some_and(|row| row.state == AlmaState::Archived) {
            // The house is gone, and its building was left: it is another house's now.
            tx.remove_alma_row(&holder)?;
            return Ok(outcome);
        }
    }
    let reason = format!(
        "Alma's {} {alma_id} is that of {} already: the two must differ in what Alma tells them apart by",
        key.kind, holder.external_id
    );
    Ok(Outcome::Clash(holder, reason))
}
