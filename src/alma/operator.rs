//! The operator's commands: retry, release, block. Each is a row that the service finds,
//! whether it runs now or later.

use super::SOURCE;
use super::calls::{ALMA_ID, BLOCK, EXTERNAL_ID, IS_BLOCKED, KIND};
use super::fields::Fields;
use super::files;
use super::held;
use super::refused::Refused;
use crate::ledger::{AlmaKey, AlmaRow, AlmaState, Error, NewCall, Tx};

fn row(tx: &Tx<'_>, key: &AlmaKey) -> Result<AlmaRow, Error> {
    tx.alma_row(key)?.ok_or_else(|| Error::system(Refused::NoSuchObject(key.clone())))
}

/// Retries an object at once that was rejected, is blocked, or waits for its next attempt.
///
/// # Errors
/// [`Refused`] where there is no such object, or nothing to retry.
pub fn retry(tx: &Tx<'_>, key: &AlmaKey) -> Result<(), Error> {
    let row = row(tx, key)?;
    match row.state {
        state @ (AlmaState::Synced
        | AlmaState::Archived
        | AlmaState::Ended
        | AlmaState::Excluded) => {
            Err(Error::system(Refused::NothingToRetry { key: key.clone(), state }))
        }
        AlmaState::Held => Err(Error::system(Refused::Held(key.clone()))),
        // The records may have what was missing: the object is projected anew.
        AlmaState::Blocked if row.desired.is_none() && row.waits_for.is_none() => tx.mark_alma(key),
        AlmaState::Blocked | AlmaState::Rejected | AlmaState::Pending => {
            let desired = row.desired.as_deref().and_then(Fields::parse);
            for file in desired.as_ref().map(files::named).unwrap_or_default() {
                tx.retry_alma_file(&file)?;
            }
            if let Some(desired) = desired.filter(|_| row.state == AlmaState::Rejected) {
                // Alma may delete uploads that are not attached for long: they are repeated.
                let words = row.reason.as_deref().unwrap_or_default();
                for file in files::named_in(&desired, words) {
                    tx.bring_alma_file_anew(&file)?;
                }
            }
            tx.put_alma_row(&AlmaRow {
                state: AlmaState::Pending,
                reason: None,
                attempts: 0,
                next_attempt_at: None,
                waits_for: None,
                ..row
            })
        }
    }
}

/// Releases a held object; answers the reason it was held for.
///
/// # Errors
/// [`Refused`] where there is no such object, or it is not held.
pub fn release(tx: &Tx<'_>, key: &AlmaKey) -> Result<String, Error> {
    let row = row(tx, key)?;
    if row.state != AlmaState::Held {
        return Err(Error::system(Refused::NotHeld { key: key.clone(), state: row.state }));
    }
    let reason = row.reason.clone().unwrap_or_default();
    if held::is_switched(&row) {
        // The source that is followed by now may have one that is called so.
        tx.mark_alma(key)?;
    }
    tx.put_alma_row(&AlmaRow {
        state: AlmaState::Pending,
        reason: None,
        is_released: true,
        ..row
    })?;
    Ok(reason)
}

/// Queues a call that blocks or unblocks a unit or a room; answers the number of the call.
///
/// # Errors
/// [`Refused`] where the object is of another kind, or not in Alma yet.
pub fn block(tx: &Tx<'_>, key: &AlmaKey, is_blocked: bool) -> Result<i64, Error> {
    if !key.kind.is_rental() {
        return Err(Error::system(Refused::NotRental(key.kind)));
    }
    let Some(alma_id) = row(tx, key)?.alma_id else {
        return Err(Error::system(Refused::NotInAlma(key.clone())));
    };
    tx.insert_call(&NewCall {
        target: SOURCE,
        op: BLOCK,
        params: vec![
            (KIND, key.kind.word().to_owned()),
            (EXTERNAL_ID, key.external_id.clone()),
            (ALMA_ID, alma_id.to_string()),
            (IS_BLOCKED, is_blocked.to_string()),
        ],
        envelope_seq: None,
    })
}
