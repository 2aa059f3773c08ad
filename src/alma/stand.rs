//! How an object stands after something happened to it: pure rules, so that what the
//! reconciler may do can be read in one place.
//!
//! Two things happen to an object: its records are projected anew ([`projected`]), and
//! the reconciler has dealt with it ([`settled`]). In between the ledger may have
//! changed its mind; then what was learnt of Alma is noted, and the object goes on as the
//! ledger wants it now.

use jiff::Timestamp;

use super::fields::Fields;
use super::projection::Wanted;
use crate::clock::stamp;
use crate::config::Archive;
use crate::ledger::{AlmaKey, AlmaKind, AlmaRow, AlmaState, AlmaWait};

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Write {
    /// Nothing: it stands as it stood.
    Nothing,
    /// This.
    Row(AlmaRow),
    /// The object is forgotten.
    Forget,
}

/// What came of dealing with an object.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    /// Alma holds it so, under this id.
    Synced { alma_id: i64, sent: Fields },
    /// Alma holds it so, under this id, but for fields whose files are not there yet: it
    /// waits for this one.
    Partly { alma_id: i64, sent: Fields, file: String, reason: String },
    /// It waits until another object is in Alma.
    Waiting(AlmaKey, String),
    /// Another object has what it needs, until that one changes.
    Clash(AlmaKey, String),
    /// It cannot be sent as it is.
    Blocked(String),
    /// Alma said no.
    Rejected(String),
    /// A person must decide; `alma_id` is `None` where Alma has it no more. What Alma
    /// holds is looked at before anything is sent.
    Held { alma_id: Option<i64>, reason: String },
    /// It is archived in Alma, or nothing more can be done about it there.
    Archived { alma_id: i64, reason: String },
    /// It never came to Alma and should not be there.
    Gone,
    /// It is to be tried again at this time.
    Again { next: Timestamp, error: String },
}

/// After a projection. `row`: how the object stood.
pub(super) fn projected(
    key: &AlmaKey,
    row: Option<AlmaRow>,
    wanted: Wanted,
    archive: Archive,
) -> Write {
    match wanted {
        Wanted::No => match row {
            None => Write::Nothing,
            Some(row) => leaving(row, archive),
        },
        Wanted::Blocked(reason) => {
            let row = row.unwrap_or_else(|| AlmaRow::new(key.clone()));
            if row.desired.is_none()
                && row.state == AlmaState::Blocked
                && row.reason.as_ref() == Some(&reason)
            {
                return Write::Nothing;
            }
            let mut row = afresh(undesired(row), AlmaState::Blocked);
            row.reason = Some(reason);
            Write::Row(row)
        }
        Wanted::Yes(fields) => {
            let row = row.unwrap_or_else(|| AlmaRow::new(key.clone()));
            let desired = fields.text();
            if row.desired.as_ref() == Some(&desired) {
                return Write::Nothing;
            }
            let mut row = afresh(unsure(row, &fields), AlmaState::Pending);
            row.desired = Some(desired);
            if is_sent(&row) {
                row.state = AlmaState::Synced;
            }
            Write::Row(row)
        }
    }
}

/// An object that should no longer be there.
fn leaving(row: AlmaRow, archive: Archive) -> Write {
    if is_leaving(&row) {
        return Write::Nothing;
    }
    let kind = row.key.kind;
    if row.alma_id.is_none() && kind == AlmaKind::Building {
        // Without a name there is nothing to look for, and an empty building harms nobody.
        return Write::Forget;
    }
    let is_to_be_held = archive == Archive::Manual && row.alma_id.is_some();
    let mut row = afresh(undesired(row), AlmaState::Pending);
    if is_to_be_held {
        row.state = AlmaState::Held;
        row.reason = Some(why_held(&row.key));
    }
    Write::Row(row)
}

/// Whether an object should no longer be there, by what was last said of it. Of what is
/// blocked that can be said only while it waits for another object.
fn is_leaving(row: &AlmaRow) -> bool {
    row.desired.is_none() && (row.state != AlmaState::Blocked || row.waits_for.is_some())
}

/// Whether an object has been leaving, and was more than held: it may have been archived,
/// and the answer lost.
pub(super) fn may_be_archived(row: &AlmaRow) -> bool {
    let has_archive = !matches!(row.key.kind, AlmaKind::Building | AlmaKind::Client);
    has_archive && row.alma_id.is_some() && is_leaving(row) && row.state != AlmaState::Held
}

/// The same object, of which `wanted` is wanted from now on. What was to be sent may have
/// arrived, and the answer been lost: a field that goes back to what was sent before is
/// looked at.
fn unsure(mut row: AlmaRow, wanted: &Fields) -> AlmaRow {
    if may_be_archived(&row) {
        row.sent = None;
    }
    let changed = wanted.changed_from(&sent(&row));
    forget(row, |field| changed.get(field).is_none())
}

/// The same object, of which nothing is wanted from now on. Where a contract was sent to
/// last stays known: what is there must not be archived before it has left.
fn undesired(row: AlmaRow) -> AlmaRow {
    let row = forget(row, |field| !["unit_id", "rental_object"].contains(&field));
    AlmaRow { desired: None, ..row }
}

/// Forgets what was sent of these fields, as far as something else was to be sent.
fn forget(mut row: AlmaRow, is_meant: impl Fn(&str) -> bool) -> AlmaRow {
    let mut sent = sent(&row);
    let under_way = row.desired.as_deref().and_then(Fields::parse);
    for (field, _) in under_way.unwrap_or_default().changed_from(&sent).iter() {
        if is_meant(field) {
            sent.remove(field);
        }
    }
    row.sent = row.sent.map(|_| sent.text());
    row
}

fn sent(row: &AlmaRow) -> Fields {
    let sent = row.sent.as_deref().and_then(Fields::parse);
    sent.unwrap_or_default()
}

/// Why an object that leaves the ledger waits for the operator, and what to do.
pub(super) fn why_held(key: &AlmaKey) -> String {
    let release = format!("uzhkh-ledger alma release {}", key.typed());
    match key.kind {
        AlmaKind::Unit => format!(
            "no longer in the ledger; `{release}` archives it in Alma, with its rooms and, for good, its contracts"
        ),
        AlmaKind::Room => format!(
            "no longer in the ledger; `{release}` archives it in Alma and, for good, its contracts"
        ),
        AlmaKind::OwnerContract | AlmaKind::TenantContract => format!(
            "no longer in the ledger, and still in force in Alma, whose API cannot end it: end it in Alma's web \
             interface, then `{release}`"
        ),
        AlmaKind::Building | AlmaKind::Client => format!(
            "no longer in the ledger; Alma's API cannot archive it: `{release}` leaves it there and asks no more"
        ),
    }
}

/// After the reconciler. `row`: how the object stands now; `desired`: what was wanted
/// when it was dealt with.
pub(super) fn settled(row: AlmaRow, desired: Option<&str>, outcome: Outcome) -> Write {
    let is_as_wanted = row.desired.as_deref() == desired;
    let mut row = row;
    match &outcome {
        Outcome::Synced { alma_id, sent } | Outcome::Partly { alma_id, sent, .. } => {
            row.alma_id = Some(*alma_id);
            row.sent = Some(sent.text());
        }
        Outcome::Held { alma_id, .. } => {
            row.alma_id = *alma_id;
            // Of what leaves it stays known what it was; else Alma is to be looked at.
            row.sent = row.sent.filter(|_| desired.is_none());
        }
        Outcome::Archived { alma_id, .. } => {
            row.alma_id = Some(*alma_id);
            row.sent = None;
        }
        _ => {}
    }
    if !is_as_wanted {
        // What was noted above may have turned the ledger's new wish into a difference.
        if row.state == AlmaState::Synced && !is_sent(&row) {
            row.state = AlmaState::Pending;
        }
        return Write::Row(row);
    }
    let was_released = row.is_released;
    let attempts = row.attempts;
    let mut row = afresh(row, AlmaState::Pending);
    // What the operator has let happen may happen, until it did or must be asked for anew.
    row.is_released = was_released && !is_settled(&outcome);
    match outcome {
        Outcome::Synced { .. } => row.state = AlmaState::Synced,
        Outcome::Waiting(key, reason) | Outcome::Clash(key, reason) => {
            row.state = AlmaState::Blocked;
            row.waits_for = Some(AlmaWait::Object(key));
            row.reason = Some(reason);
            // What the operator said holds when it goes on.
            row.is_released = was_released;
        }
        Outcome::Partly { file, reason, .. } => {
            row.state = AlmaState::Blocked;
            row.waits_for = Some(AlmaWait::File(file));
            row.reason = Some(reason);
        }
        Outcome::Blocked(reason) => {
            row.state = AlmaState::Blocked;
            row.reason = Some(reason);
        }
        Outcome::Rejected(reason) => {
            row.state = AlmaState::Rejected;
            row.reason = Some(reason);
        }
        Outcome::Held { reason, .. } => {
            row.state = AlmaState::Held;
            row.reason = Some(reason);
        }
        Outcome::Archived { reason, .. } => {
            row.state = AlmaState::Archived;
            row.reason = Some(reason);
        }
        Outcome::Gone => return Write::Forget,
        Outcome::Again { next, error } => {
            row.attempts = attempts + 1;
            row.next_attempt_at = Some(stamp(next));
            row.reason = Some(error);
        }
    }
    Write::Row(row)
}

/// Whether nothing is left of what an object was released for.
fn is_settled(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Synced { .. }
            | Outcome::Partly { .. }
            | Outcome::Held { .. }
            | Outcome::Archived { .. }
            | Outcome::Gone
    )
}

/// The same object, with nothing against it.
fn afresh(row: AlmaRow, state: AlmaState) -> AlmaRow {
    AlmaRow {
        state,
        reason: None,
        attempts: 0,
        next_attempt_at: None,
        waits_for: None,
        is_released: false,
        ..row
    }
}

/// Whether Alma was sent all that is wanted.
fn is_sent(row: &AlmaRow) -> bool {
    let fields = |text: &Option<String>| text.as_deref().and_then(Fields::parse);
    match (row.alma_id, fields(&row.desired), fields(&row.sent)) {
        (Some(_), Some(desired), Some(sent)) => desired.changed_from(&sent).is_empty(),
        _ => false,
    }
}
