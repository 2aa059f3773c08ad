//! The states of an object, `alma_object.state`: pure rules, so that every transition can be
//! read in one place.
//!
//! Two events change an object: its records are projected anew ([`after_projection`]), and
//! it was synced to Alma ([`after_sync`]). Where a projection came while a sync was under
//! way, what was learnt of Alma is kept, and the object goes on as the ledger wants it now.

mod over;

use jiff::Timestamp;

pub(super) use self::over::{is_end_alone, over};
use super::fields::Fields;
use super::held::why_held;
use super::projection::Wanted;
use crate::clock::stamp;
use crate::config::Archive;
use crate::ledger::{ALMA_AGAIN_AFTER, AlmaKey, AlmaKind, AlmaRow, AlmaState, AlmaWait};

/// What a transition writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Write {
    /// Nothing: the object's state is as it was.
    Nothing,
    /// The object's row.
    Row(AlmaRow),
    /// The object's row is removed.
    Remove,
}

/// The result of syncing an object to Alma.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    /// Alma holds what is wanted, under this id.
    Synced { alma_id: i64, sent: Fields },
    /// Alma holds what is wanted, under this id, but for some fields.
    Partial { alma_id: i64, sent: Fields, cause: Cause, reason: String },
    /// The object is over; `sent`: what Alma holds of it, where that has changed.
    Ended { alma_id: Option<i64>, sent: Option<Fields>, reason: String },
    /// The object waits until another one is in Alma.
    Waiting(AlmaKey, String),
    /// Another object has what this one needs, until that one changes.
    Clash(AlmaKey, String),
    /// The object cannot be sent as it is.
    Blocked(String),
    /// Alma refused the object.
    Rejected(String),
    /// The operator must decide; `alma_id` is `None` where Alma no longer has the object.
    /// What Alma holds is read before anything is sent. `stands`: what a contract that is in force
    /// there is about, which stays known.
    Held { alma_id: Option<i64>, stands: Fields, reason: String },
    /// The object is archived in Alma, or nothing more can be done about it there.
    Archived { alma_id: i64, reason: String },
    /// The object should not be in Alma, and is not.
    Absent,
    /// The attempt failed and is repeated at this time.
    Retry { next: Timestamp, error: String },
}

/// Why Alma does not hold some fields of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause {
    /// The source lacks one, or people have to put something right.
    Lacks,
    /// This file is not uploaded yet.
    File(String),
    /// This object has what it needs, until it changes.
    Object(AlmaKey),
    /// Alma refused them.
    Refused,
    /// They can be sent now: what was in their way has moved.
    Again,
}

/// The transition after a projection; `row`: the object before.
pub(super) fn after_projection(
    key: &AlmaKey,
    row: Option<AlmaRow>,
    wanted: Wanted,
    archive: Archive,
) -> Write {
    match wanted {
        Wanted::No => match row {
            None => Write::Nothing,
            Some(row) => unwanted(row, archive),
        },
        Wanted::Blocked(reason) => {
            let row = row.unwrap_or_else(|| AlmaRow::new(key.clone()));
            if row.desired.is_none()
                && row.state == AlmaState::Blocked
                && row.reason.as_ref() == Some(&reason)
            {
                return Write::Nothing;
            }
            let mut row = reset(undesired(row), AlmaState::Blocked);
            row.reason = Some(reason);
            Write::Row(row)
        }
        Wanted::Excluded { reason, is_itself } => excluded(key, row, reason, is_itself),
        Wanted::Yes(fields) => {
            let row = row.unwrap_or_else(|| AlmaRow::new(key.clone()));
            let desired = fields.text();
            if row.desired.as_ref() == Some(&desired) {
                return Write::Nothing;
            }
            let mut row = reset(unsure(row, &fields), AlmaState::Pending);
            row.desired = Some(desired);
            if is_sent(&row) {
                row.state = AlmaState::Synced;
            }
            Write::Row(row)
        }
    }
}

/// The transition of an object that is left out. What Alma was sent stays known, so that the
/// whole difference goes out once it is wanted again.
fn excluded(key: &AlmaKey, row: Option<AlmaRow>, reason: String, is_itself: bool) -> Write {
    let Some(row) = row.or_else(|| is_itself.then(|| AlmaRow::new(key.clone()))) else {
        return Write::Nothing;
    };
    if row.state == AlmaState::Excluded && row.reason.as_ref() == Some(&reason) {
        return Write::Nothing;
    }
    let sent = row.sent.clone().filter(|_| !may_be_archived(&row));
    let row = undesired(AlmaRow { sent, ..row });
    Write::Row(AlmaRow { reason: Some(reason), ..reset(row, AlmaState::Excluded) })
}

/// The transition of an object that should no longer be in Alma.
fn unwanted(row: AlmaRow, archive: Archive) -> Write {
    if is_unwanted(&row) {
        return Write::Nothing;
    }
    let kind = row.key.kind;
    if row.state == AlmaState::Ended {
        return left_ended(row);
    }
    if row.alma_id.is_none() && kind == AlmaKind::Building {
        // Without a name there is nothing to look for, and an empty building does no harm.
        return Write::Remove;
    }
    // A contract that was held for what Alma has of it is read there first: it may be archived.
    let is_read_first = kind.is_contract()
        && row.state == AlmaState::Held
        && sent(&row).get("start_date").is_none();
    let is_to_be_held = archive == Archive::Manual && row.alma_id.is_some() && !is_read_first;
    let mut row = reset(undesired(row), AlmaState::Pending);
    if is_to_be_held {
        row.state = AlmaState::Held;
        row.reason = Some(why_held(&row.key));
    }
    Write::Row(row)
}

/// The transition of an object that is over and leaves the ledger: nothing is left to do.
fn left_ended(row: AlmaRow) -> Write {
    match row.alma_id {
        None => Write::Remove,
        Some(_) => Write::Row(reset_with(
            AlmaRow { desired: None, ..row },
            AlmaState::Ended,
            "over, and no longer in the ledger".to_owned(),
        )),
    }
}

/// Whether the last projection wanted an object out of Alma. A blocked object has no
/// `desired` either: it is one that leaves only while it waits for another object. Nor has one
/// that is left out.
fn is_unwanted(row: &AlmaRow) -> bool {
    row.desired.is_none()
        && match row.state {
            AlmaState::Blocked => row.waits_for.is_some(),
            AlmaState::Excluded => false,
            _ => true,
        }
}

/// Whether an unwanted object may have been archived without our knowing, the answer lost.
pub(super) fn may_be_archived(row: &AlmaRow) -> bool {
    let is_archivable = !matches!(row.key.kind, AlmaKind::Building | AlmaKind::Client);
    is_archivable && row.alma_id.is_some() && is_unwanted(row) && row.state != AlmaState::Held
}

/// The object with `wanted` as the new desire. A request for the old one may have arrived, and
/// its answer been lost: of a field that goes back to what was sent before it, it counts as sent.
fn unsure(mut row: AlmaRow, wanted: &Fields) -> AlmaRow {
    if may_be_archived(&row) {
        row.sent = None;
    }
    let mut sent = sent(&row);
    let changed = wanted.changed_from(&sent);
    let under_way = row.desired.as_deref().and_then(Fields::parse).unwrap_or_default();
    for (field, value) in under_way.changed_from(&sent.clone()).iter() {
        if changed.get(field).is_none() {
            // Sent, as far as is known: what it is now is read before it is written.
            sent.set(field, value);
        }
    }
    row.sent = row.sent.map(|_| sent.text());
    row
}

/// The object with nothing desired. The unit that a contract was sent to stays known: it must
/// not be archived before the contract has left it.
fn undesired(row: AlmaRow) -> AlmaRow {
    let mut row = row;
    let mut sent = sent(&row);
    let under_way = row.desired.as_deref().and_then(Fields::parse);
    for (field, _) in under_way.unwrap_or_default().changed_from(&sent.clone()).iter() {
        // What was under way may have arrived.
        if !["unit_id", "rental_object"].contains(&field) {
            sent.remove(field);
        }
    }
    row.sent = row.sent.map(|_| sent.text());
    AlmaRow { desired: None, ..row }
}

fn sent(row: &AlmaRow) -> Fields {
    let sent = row.sent.as_deref().and_then(Fields::parse);
    sent.unwrap_or_default()
}

/// The transition after a sync; `row`: the object now; `desired`: what was wanted when the
/// sync began.
pub(super) fn after_sync(
    row: AlmaRow,
    desired: Option<&str>,
    outcome: Outcome,
    now: Timestamp,
) -> Write {
    // One that is left out by now has no more desire than one that leaves.
    let is_as_wanted = row.desired.as_deref() == desired && row.state != AlmaState::Excluded;
    let mut row = row;
    match &outcome {
        Outcome::Synced { alma_id, sent } | Outcome::Partial { alma_id, sent, .. } => {
            row.alma_id = Some(*alma_id);
            row.sent = Some(sent.text());
        }
        Outcome::Held { alma_id, stands, .. } => {
            row.alma_id = *alma_id;
            // An unwanted object keeps what it was sent; any other is read in Alma first. What a
            // contract is about stays known: it must not be archived before the contract has left it.
            if desired.is_some() {
                row.sent = (!stands.is_empty()).then(|| stands.text());
            }
        }
        Outcome::Archived { alma_id, .. } => {
            row.alma_id = Some(*alma_id);
            row.sent = None;
        }
        Outcome::Ended { alma_id, sent, .. } => {
            row.alma_id = *alma_id;
            if let Some(sent) = sent {
                row.sent = Some(sent.text());
            }
        }
        _ => {}
    }
    if !is_as_wanted {
        // What was recorded above may differ from what is wanted by now.
        if row.state == AlmaState::Synced && !is_sent(&row) {
            row.state = AlmaState::Pending;
        }
        return Write::Row(row);
    }
    let was_released = row.is_released;
    let attempts = row.attempts;
    let mut row = reset(row, AlmaState::Pending);
    // A release holds until what was released happened, or must be asked for anew.
    row.is_released = was_released && !ends_release(row.key.kind, &outcome);
    let again = now.checked_add(ALMA_AGAIN_AFTER).ok().map(stamp);
    match outcome {
        Outcome::Synced { .. } => row.state = AlmaState::Synced,
        Outcome::Waiting(key, reason) => {
            row.state = AlmaState::Blocked;
            row.waits_for = Some(AlmaWait::Object(key));
            row.reason = Some(reason);
            // The release holds when the object goes on.
            row.is_released = was_released;
        }
        Outcome::Clash(key, reason) => {
            row.state = AlmaState::Blocked;
            row.waits_for = Some(AlmaWait::Object(key));
            row.reason = Some(reason);
            row.is_released = was_released;
            row.next_attempt_at = again;
        }
        Outcome::Partial { cause, reason, .. } => {
            row.reason = Some(reason);
            row.state = AlmaState::Blocked;
            match cause {
                Cause::Lacks => row.next_attempt_at = again,
                Cause::File(file) => row.waits_for = Some(AlmaWait::File(file)),
                Cause::Object(key) => {
                    row.waits_for = Some(AlmaWait::Object(key));
                    row.next_attempt_at = again;
                }
                Cause::Refused => {
                    row.state = AlmaState::Rejected;
                    row.next_attempt_at = again;
                }
                Cause::Again => row.state = AlmaState::Pending,
            }
        }
        Outcome::Blocked(reason) => {
            row.state = AlmaState::Blocked;
            row.reason = Some(reason);
            row.next_attempt_at = again;
        }
        Outcome::Rejected(reason) => {
            row.state = AlmaState::Rejected;
            row.reason = Some(reason);
            row.next_attempt_at = again;
        }
        Outcome::Ended { reason, .. } => {
            row.state = AlmaState::Ended;
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
        Outcome::Absent => return Write::Remove,
        Outcome::Retry { next, error } => {
            row.attempts = attempts + 1;
            row.next_attempt_at = Some(stamp(next));
            row.reason = Some(error);
        }
    }
    Write::Row(row)
}

/// Whether nothing is left of what an object was released for. A contract that waits for another
/// one is still to exchange its flat with it.
fn ends_release(kind: AlmaKind, outcome: &Outcome) -> bool {
    if let Outcome::Partial { cause: Cause::Object(other), .. } = outcome
        && kind == AlmaKind::TenantContract
    {
        return other.kind != kind;
    }
    matches!(
        outcome,
        Outcome::Synced { .. }
            | Outcome::Partial { .. }
            | Outcome::Held { .. }
            | Outcome::Archived { .. }
            | Outcome::Ended { .. }
            | Outcome::Absent
    )
}

/// The object in a state with a reason, and nothing else.
fn reset_with(row: AlmaRow, state: AlmaState, reason: String) -> AlmaRow {
    AlmaRow { reason: Some(reason), ..reset(row, state) }
}

/// The object in a state, without reason, attempts, wait and release.
pub(super) fn reset(row: AlmaRow, state: AlmaState) -> AlmaRow {
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

/// Whether Alma was sent everything that is wanted.
fn is_sent(row: &AlmaRow) -> bool {
    let fields = |text: &Option<String>| text.as_deref().and_then(Fields::parse);
    match (row.alma_id, fields(&row.desired), fields(&row.sent)) {
        (Some(_), Some(desired), Some(sent)) => desired.changed_from(&sent).is_empty(),
        _ => false,
    }
}
