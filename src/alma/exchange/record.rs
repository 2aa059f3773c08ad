//! What the ledger records of an exchange, each step in one transaction.

use super::{BEGINS, END, START, UNIT};
use crate::alma::fields::Fields;
use crate::alma::state::reset;
use crate::alma::task::{RENTAL_OBJECT, Task};
use crate::alma::{heal, notes, tenancy};
use crate::clock::stamp;
use crate::json;
use crate::ledger::{ALMA_AGAIN_AFTER, AlmaKey, AlmaRow, AlmaState, Error, Tx};

/// The contracts of a ring.
pub(super) fn keys(ring: &[AlmaRow]) -> Vec<AlmaKey> {
    ring.iter().map(|row| row.key.clone()).collect()
}

/// Whether an object is to be what it was to be when it was read.
fn is_as_read(row: &AlmaRow, task: &Task) -> bool {
    row.desired == task.row.desired && row.sent == task.row.sent && row.alma_id == task.row.alma_id
}

fn sent(row: &AlmaRow) -> Fields {
    row.sent.as_deref().and_then(Fields::parse).unwrap_or_default()
}

/// What was sent, with the dates that a contract had before it was put aside.
fn as_before(mut sent: Fields) -> Fields {
    let before = notes::fields(&sent, notes::ASIDE);
    sent.remove(notes::ASIDE);
    for (name, value) in before.iter().filter(|(name, _)| [START, END].contains(name)) {
        sent.set(name, value);
    }
    sent
}

/// Has all of a ring held.
pub(super) fn hold(tx: &Tx<'_>, ring: &[AlmaRow]) -> Result<(), Error> {
    let keys = keys(ring);
    for row in ring {
        let Some(now) = tx.alma_row(&row.key)?.filter(|now| now == row) else { continue };
        let reason = tenancy::why_held(&row.key, &keys);
        let words = now.reason.iter().filter(|_| now.state != AlmaState::Held);
        let reason = words.fold(reason, |reason, words| format!("{reason}: {words}"));
        tx.put_alma_row(&AlmaRow { reason: Some(reason), ..reset(now, AlmaState::Held) })?;
    }
    Ok(())
}

/// Has a contract looked at again.
pub(super) fn let_go(tx: &Tx<'_>, key: &AlmaKey) -> Result<(), Error> {
    let Some(row) = tx.alma_row(key)?.filter(tenancy::waits) else {
        return Ok(());
    };
    let is_released = row.is_released;
    tx.put_alma_row(&AlmaRow { is_released, ..reset(row, AlmaState::Pending) })
}

/// Notes that the first of a ring is put aside; false where one is to be something else by now.
pub(super) fn begin(
    tx: &Tx<'_>,
    ring: &[Task],
    before: &Fields,
    aside: &Fields,
) -> Result<bool, Error> {
    for task in ring {
        let now = tx.alma_row(task.key())?;
        if !now.is_some_and(|now| is_as_read(&now, task) && tenancy::waits(&now)) {
            return Ok(false);
        }
    }
    for (at, task) in ring.iter().enumerate() {
        let mut sent = sent(&task.row);
        if at == 0 {
            let mut noted = before.clone();
            noted.set(BEGINS, aside.get(START).unwrap_or("null"));
            sent.remove(START);
            sent.remove(END);
            sent.set(notes::ASIDE, json::quote(&noted.text()));
        }
        // The release holds until they have exchanged, or cannot.
        let is_released = task.row.is_released;
        let row = reset(task.row.clone(), AlmaState::Pending);
        tx.put_alma_row(&AlmaRow { sent: Some(sent.text()), is_released, ..row })?;
    }
    Ok(true)
}

/// A contract that was put aside has its dates again, where it is there still. Of one that has
/// moved what Alma holds is read before it is written.
pub(super) fn come_back(tx: &Tx<'_>, key: &AlmaKey, is_there: bool) -> Result<(), Error> {
    let Some(row) = tx.alma_row(key)? else { return Ok(()) };
    let sent = match is_there {
        true => as_before(sent(&row)),
        false => {
            let mut sent = sent(&row);
            sent.remove(notes::ASIDE);
            sent
        }
    };
    tx.put_alma_row(&AlmaRow { sent: Some(sent.text()), ..row })
}

/// All of a ring have what they are to have.
pub(super) fn finish(tx: &Tx<'_>, ring: &[Task]) -> Result<(), Error> {
    for task in ring {
        let Some(row) = tx.alma_row(task.key())? else { continue };
        let (before, mut now) = (task.sent.clone().unwrap_or_default(), sent(&row));
        let desired = task.desired.clone().unwrap_or_default();
        now.remove(notes::ASIDE);
        for name in [UNIT, RENTAL_OBJECT, START, END] {
            match desired.get(name) {
                Some(value) => now.set(name, value),
                None => now.remove(name),
            }
        }
        heal::moved(tx, task.key(), Some(&before), Some(&now))?;
        tx.put_alma_row(&AlmaRow { sent: Some(now.text()), is_released: false, ..row })?;
    }
    tracing::info!(contracts = ring.len(), "tenants have exchanged their flats");
    Ok(())
}

/// A ring that does not go round is refused: everything is in Alma as it was.
pub(super) fn give_up(tx: &Tx<'_>, ring: &[Task], words: &str) -> Result<(), Error> {
    for task in ring {
        let Some(row) = tx.alma_row(task.key())? else { continue };
        let row = AlmaRow { sent: Some(as_before(sent(&row)).text()), ..row };
        put_rejected(
            tx,
            task,
            row,
            &format!("it could not be exchanged with the others: {words}"),
        )?;
    }
    Ok(())
}

/// A ring that went neither round nor back: its first stays aside, and the others are pending, so
/// that what Alma holds is read.
pub(super) fn stay_aside(tx: &Tx<'_>, first: &Task, words: &str) -> Result<(), Error> {
    match tx.alma_row(first.key())? {
        Some(row) => put_rejected(tx, first, row, words),
        None => Ok(()),
    }
}

/// Writes a refused contract, which is looked at again slowly.
fn put_rejected(tx: &Tx<'_>, task: &Task, row: AlmaRow, words: &str) -> Result<(), Error> {
    let is_as_wanted = row.desired == task.row.desired
        && (row.state == AlmaState::Pending || tenancy::waits(&row));
    if !is_as_wanted {
        return tx.put_alma_row(&row);
    }
    let again = tx.at().checked_add(ALMA_AGAIN_AFTER).ok().map(stamp);
    tx.put_alma_row(&AlmaRow {
        reason: Some(words.to_owned()),
        next_attempt_at: again,
        ..reset(row, AlmaState::Rejected)
    })
}
