//! What an outcome lets go on elsewhere: what Alma refused since this object stood in its way,
//! and rings of clients that wait for each other's e-mails.

use super::fields::Fields;
use super::task::PARENT_UNIT;
use super::{fields, names, term};
use crate::ledger::{AlmaKey, AlmaKind, AlmaRow, AlmaWait, Error, Tx};

/// The longest ring of e-mails that is followed.
const RING: usize = 64;

/// Has looked at again what Alma refused because of the object: it held `before`, and holds
/// `after` now; `None`: nothing that is in anything's way.
pub(super) fn moved(
    tx: &Tx<'_>,
    key: &AlmaKey,
    before: Option<&Fields>,
    after: Option<&Fields>,
) -> Result<(), Error> {
    let Some(before) = before else {
        return Ok(());
    };
    match key.kind {
        AlmaKind::OwnerContract | AlmaKind::TenantContract => {
            if after.is_none_or(|after| terms(before) != terms(after)) {
                tx.wake_rejected_on(&place(before).into_iter().collect::<Vec<_>>())?;
            }
        }
        AlmaKind::Room if after.is_none() => {
            // A unit that is divided into rooms is not let.
            let unit = before.string(PARENT_UNIT);
            let unit = unit.map(|unit| AlmaKey::new(AlmaKind::Unit, unit));
            tx.wake_rejected_on(&unit.into_iter().collect::<Vec<_>>())?;
        }
        AlmaKind::Client => {
            let email = |fields: &Fields| fields.string("email");
            if let Some(email) =
                email(before).filter(|was| after.and_then(email).as_ref() != Some(was))
            {
                tx.wake_rejected_email(&email)?;
            }
        }
        AlmaKind::Building | AlmaKind::Unit | AlmaKind::Room => {}
    }
    if let Some(name) = names::of(key.kind, before)
        && after.is_some_and(|after| names::of(key.kind, after).as_ref() != Some(&name))
    {
        tx.wake_rejected_named(&name)?;
    }
    Ok(())
}

/// Has contracts looked at again that Alma refused since what they are about, or what that is
/// in, was blocked.
pub(super) fn unblocked(tx: &Tx<'_>, key: &AlmaKey) -> Result<(), Error> {
    let mut places = vec![key.clone()];
    if key.kind == AlmaKind::Unit {
        let rooms = tx.alma_rooms_of(&key.external_id)?.into_iter();
        places.extend(rooms.map(|room| AlmaKey::new(AlmaKind::Room, room)));
    }
    tx.wake_rejected_on(&places)
}

/// What a contract is about, and when.
fn terms(contract: &Fields) -> (Option<AlmaKey>, [Option<jiff::civil::Date>; 2]) {
    (place(contract), [term::day(contract, "start_date"), term::day(contract, "end_date")])
}

/// The object that a contract is about.
pub(super) fn place(contract: &Fields) -> Option<AlmaKey> {
    let place = match contract.string(super::task::RENTAL_OBJECT) {
        Some(place) => place,
        None => format!("unit {}", contract.string("unit_id")?),
    };
    let (kind, id) = place.split_once(' ')?;
    Some(AlmaKey::new(AlmaKind::from_word(kind)?, id))
}

/// Where clients wait for each other's e-mails in a ring, all of them say so.
pub(super) fn tell_ring(tx: &Tx<'_>, key: &AlmaKey) -> Result<(), Error> {
    if key.kind != AlmaKind::Client {
        return Ok(());
    }
    let mut ring: Vec<AlmaRow> = Vec::new();
    let mut at = key.clone();
    while ring.len() < RING {
        let Some(row) = tx.alma_row(&at)? else { return Ok(()) };
        let Some(AlmaWait::Object(next)) = row.waits_for.clone() else { return Ok(()) };
        if next.kind != AlmaKind::Client {
            return Ok(());
        }
        ring.push(row);
        at = next;
        if at == *key {
            break;
        }
    }
    if at != *key {
        return Ok(());
    }
    let members: Vec<String> = ring.iter().map(|row| row.key.to_string()).collect();
    let reason = format!(
        "{} are each to have the e-mail of the next: e-mails are logins, so none goes by way of another one; give \
         one of them an e-mail of its own first",
        members.join(", ")
    );
    for row in ring {
        tx.put_alma_row(&AlmaRow { reason: Some(reason.clone()), ..row })?;
    }
    Ok(())
}

/// Whether two sets of fields say the same of an object.
pub(super) fn is_same(before: Option<&Fields>, after: &Fields) -> bool {
    before.is_some_and(|before| {
        let is_in = |one: &Fields, other: &Fields| {
            one.iter().all(|(name, value)| {
                other.get(name).is_some_and(|known| fields::same(name, value, known))
            })
        };
        is_in(before, after) && is_in(after, before)
    })
}
