//! The operator's commands: retry, release, block. Each is a row that the service finds,
//! whether it runs now or later.

use super::SOURCE;
use super::calls::{ALMA_ID, BLOCK, EXTERNAL_ID, IS_BLOCKED, KIND};
use super::fields::Fields;
use super::files;
use crate::ledger::{AlmaKey, AlmaRow, AlmaState, Error, NewCall, Tx};

fn row(tx: &Tx<'_>, key: &AlmaKey) -> Result<AlmaRow, Error> {
    tx.alma_row(key)?.ok_or_else(|| {
        Error::rule(format!(
            "there is no {key}; `uzhkh-ledger alma plan` and the table alma_object show what there is"
        ))
    })
}

/// Retries an object at once that was rejected, is blocked, or waits for its next attempt.
///
/// # Errors
/// [`Error::Refused`] where there is nothing to retry.
pub fn retry(tx: &Tx<'_>, key: &AlmaKey) -> Result<(), Error> {
    let row = row(tx, key)?;
    match row.state {
        AlmaState::Synced => {
            Err(Error::rule(format!("{key} is synced: there is nothing to try again")))
        }
        AlmaState::Held => Err(Error::rule(format!(
            "{key} is held; `uzhkh-ledger alma release {}` lets go on",
            key.typed()
        ))),
        AlmaState::Archived => {
            Err(Error::rule(format!("{key} is archived: there is nothing to try again")))
        }
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
/// [`Error::Refused`] where it is not held.
pub fn release(tx: &Tx<'_>, key: &AlmaKey) -> Result<String, Error> {
    let row = row(tx, key)?;
    if row.state != AlmaState::Held {
        return Err(Error::rule(format!(
            "{key} is {}, not held; `uzhkh-ledger alma plan` shows what is",
            row.state.word()
        )));
    }
    let reason = row.reason.clone().unwrap_or_default();
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
/// [`Error::Refused`] where the object is of another kind, or not in Alma yet.
pub fn block(tx: &Tx<'_>, key: &AlmaKey, is_blocked: bool) -> Result<i64, Error> {
    if !key.kind.is_rental() {
        return Err(Error::rule(format!("a {} cannot be blocked, a unit or a room can", key.kind)));
    }
    let Some(alma_id) = row(tx, key)?.alma_id else {
        return Err(Error::rule(format!(
            "{key} is not in Alma yet; `uzhkh-ledger alma plan` says why"
        )));
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
