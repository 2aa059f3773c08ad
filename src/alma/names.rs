//! Names that Alma has once in their place: who has which, and what becomes of one that Alma
//! refuses since another object has it still.

use std::collections::HashSet;

use super::fields::Fields;
use super::state::{Cause, Outcome};
use super::task::{PARENT_UNIT, Task};
use crate::ledger::{AlmaKey, AlmaKind, AlmaName, AlmaRow, AlmaState, Error, Tx};

/// The names that objects have given up in a pass.
pub(super) type GivenUp = HashSet<AlmaName>;

/// The longest ring of names that is followed.
const RING: usize = 64;

/// The field that says what an object's name is unique in.
pub(super) fn place(kind: AlmaKind) -> Option<&'static str> {
    match kind {
        AlmaKind::Building => Some("project"),
        AlmaKind::Unit => Some("building"),
        AlmaKind::Room => Some(PARENT_UNIT),
        AlmaKind::Client | AlmaKind::OwnerContract | AlmaKind::TenantContract => None,
    }
}

/// The name that fields give to an object.
pub(super) fn of(kind: AlmaKind, fields: &Fields) -> Option<AlmaName> {
    let place = place(kind)?;
    let within = fields.string(place).or_else(|| fields.get(place).map(str::to_owned))?;
    Some(AlmaName { kind, within, name: fields.string("name")? })
}

/// The name that a row's fields, desired or sent, give to its object.
fn of_text(kind: AlmaKind, fields: Option<&String>) -> Option<AlmaName> {
    of(kind, &Fields::parse(fields?)?)
}

/// A name that no object has, for the way from one name to another.
pub(super) fn temporary(name: &str, key: &AlmaKey) -> String {
    format!("{name} ({})", key.external_id)
}

/// The object that has a name and is to be called otherwise.
fn making_way<'r>(key: &AlmaKey, name: &AlmaName, holders: &'r [AlmaRow]) -> Option<&'r AlmaRow> {
    holders.iter().find(|holder| {
        holder.key != *key && of_text(name.kind, holder.desired.as_ref()).as_ref() != Some(name)
    })
}

/// Whether the objects that are to make way for each other wait in a ring: the one that has
/// `wanted` is to have the name of another one, and so on, until one is to have `has`.
/// `holders`: the objects that Alma was last sent with a name.
pub(super) fn is_ring(
    key: &AlmaKey,
    has: &AlmaName,
    wanted: &AlmaName,
    mut holders: impl FnMut(&AlmaName) -> Result<Vec<AlmaRow>, Error>,
) -> Result<bool, Error> {
    let mut at = wanted.clone();
    for _ in 0..RING {
        let rows = holders(&at)?;
        let Some(holder) = making_way(key, &at, &rows).filter(|row| moves(row)) else {
            return Ok(false);
        };
        let Some(next) = of_text(at.kind, holder.desired.as_ref()) else {
            return Ok(false);
        };
        if next == *has {
            return Ok(true);
        }
        at = next;
    }
    Ok(false)
}

/// Whether an object takes its next name as soon as it may.
fn moves(row: &AlmaRow) -> bool {
    match row.state {
        AlmaState::Pending | AlmaState::Rejected => true,
        AlmaState::Blocked => row.waits_for.is_some(),
        _ => false,
    }
}

/// Alma refuses a name while another object has it: where that one is to be called otherwise or
/// archived, the refusal becomes a wait for it. `None`: the name was given up while the task
/// was under way, and the object stays pending.
pub(super) fn settle(
    tx: &Tx<'_>,
    task: &Task,
    outcome: Outcome,
    given_up: &mut GivenUp,
) -> Result<Option<Outcome>, Error> {
    let key = task.key();
    let has = task.sent.as_ref().and_then(|sent| of(key.kind, sent));
    let wanted = task.desired.as_ref().and_then(|desired| of(key.kind, desired));
    let left = match &outcome {
        Outcome::Synced { sent, .. } | Outcome::Partial { sent, .. } => of(key.kind, sent),
        _ => None,
    };
    given_up.extend(has.clone().filter(|has| left.as_ref().is_some_and(|left| left != has)));
    let Some(wanted) = wanted.filter(|wanted| left.as_ref() != Some(wanted)) else {
        return Ok(Some(outcome));
    };
    let words = match &outcome {
        Outcome::Rejected(words) => words,
        Outcome::Partial { cause: Cause::Refused, reason, .. } => reason,
        _ => return Ok(Some(outcome)),
    };
    if given_up.contains(&wanted) || is_in_ring(tx, key, left.or(has), &wanted)? {
        return Ok(again(outcome));
    }
    let holders = tx.alma_named(&wanted)?;
    let Some(other) = making_way(key, &wanted, &holders) else {
        return Ok(Some(outcome));
    };
    let reason = format!("its name is still that of {}: {words}", other.key);
    Ok(Some(wait_for(outcome, other.key.clone(), reason)))
}

fn is_in_ring(
    tx: &Tx<'_>,
    key: &AlmaKey,
    has: Option<AlmaName>,
    wanted: &AlmaName,
) -> Result<bool, Error> {
    has.map_or(Ok(false), |has| is_ring(key, &has, wanted, |name| tx.alma_named(name)))
}

/// The outcome of an object that is to be sent again at once.
fn again(outcome: Outcome) -> Option<Outcome> {
    match outcome {
        Outcome::Partial { alma_id, sent, reason, .. } => {
            Some(Outcome::Partial { alma_id, sent, cause: Cause::Again, reason })
        }
        _ => None,
    }
}

/// The outcome of an object that waits for another one.
fn wait_for(outcome: Outcome, other: AlmaKey, reason: String) -> Outcome {
    match outcome {
        Outcome::Partial { alma_id, sent, .. } => {
            Outcome::Partial { alma_id, sent, cause: Cause::Object(other), reason }
        }
        _ => Outcome::Clash(other, reason),
    }
}
