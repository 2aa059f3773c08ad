//! Rules for contracts.
//!
//! A contract is live until its last day is over or it is archived.

use jiff::civil::Date;

use super::kind::AlmaKind;
use super::object::Object;
use super::refusal::{Refusal, no_such};
use super::state::{Key, Memory};

const ARCHIVED: &str = "It is forbidden to edit the archive usage.";
const OVER: &str = "Rental period end date must be greater than today.";
const BACKWARDS: &str = "Rental period start date must be less than end date.";
const BLOCKED: &str = "The unit is blocked and renting is prohibited.";
const DIVIDED: &str = "It is not possible to rent a unit divided into rooms";
const ON_A_ROOM: &str = "The owner contract can only be created for a unit.";
const OTHER_CLIENT: &str = "It is forbidden to change the client of the usage.";

impl Memory {
    /// Checks a new contract, or `old` after a change.
    pub(super) fn may_hold(&self, new: &Object, old: Option<&Object>) -> Result<(), Refusal> {
        if let Some(old) = old {
            if old.is_archived {
                return Err(Refusal::whole(ARCHIVED));
            }
            if old.reference("client_id") != new.reference("client_id") {
                return Err(Refusal::field("client_id", OTHER_CLIENT));
            }
        }
        let (Some(start), Some(end)) = (new.day("start_date"), new.day("end_date")) else {
            return Err(Refusal::whole(BACKWARDS));
        };
        if end <= self.today() {
            return Err(Refusal::whole(OVER));
        }
        if start >= end {
            return Err(Refusal::whole(BACKWARDS));
        }
        let id = new.reference("unit_id");
        let moved = old.is_none_or(|old| old.reference("unit_id") != id);
        let there = self.rental(id).filter(|there| !moved || !there.is_archived);
        let Some(there) = there else {
            return Err(Refusal::field("unit_id", no_such(id)));
        };
        match new.kind {
            AlmaKind::OwnerContract if there.kind == AlmaKind::Room => {
                Err(Refusal::whole(ON_A_ROOM))
            }
            AlmaKind::OwnerContract => Ok(()),
            _ => {
                if moved {
                    self.may_be_rented(there)?;
                }
                self.is_vacant(new, start, end)
            }
        }
    }

    fn may_be_rented(&self, there: &Object) -> Result<(), Refusal> {
        let unit = self.get(AlmaKind::Unit, there.reference("parent_unit"));
        if there.block.is_some() || unit.is_some_and(|unit| unit.block.is_some()) {
            return Err(Refusal::whole(BLOCKED));
        }
        let mut rooms = self.rooms(there);
        match rooms.any(|room| !room.is_archived) {
            true => Err(Refusal::whole(DIVIDED)),
            false => Ok(()),
        }
    }

    /// True if no other contract covers the time. A tenant may come on the day that another goes.
    fn is_vacant(&self, new: &Object, start: Date, end: Date) -> Result<(), Refusal> {
        let others = self.live_rents(new.reference("unit_id"));
        let mut met = others.filter(|other| {
            let begins = other.day("start_date").is_some_and(|day| day < end);
            let ends = other.day("end_date").is_some_and(|day| day > start);
            other.id != new.id && begins && ends
        });
        match met.next() {
            Some(other) => Err(intersection(other.usage, "tenant")),
            None => Ok(()),
        }
    }

    /// The rooms of a unit; a room has none.
    pub(super) fn rooms(&self, there: &Object) -> impl Iterator<Item = &Object> {
        let of_unit = (there.kind == AlmaKind::Unit).then_some(there.id);
        let rooms = of_unit.map(|unit| self.by(&Key::Inside(AlmaKind::Room, unit)));
        rooms.into_iter().flatten()
    }

    /// Tenants' contracts on a unit or a room that are active or planned.
    pub(super) fn live_rents(&self, id: i64) -> impl Iterator<Item = &Object> {
        let today = self.today();
        let contracts = self.by(&Key::On(id));
        contracts.filter(move |contract| {
            contract.kind == AlmaKind::TenantContract && is_live(contract, today)
        })
    }
}

/// True if a contract is active or planned.
pub(super) fn is_live(contract: &Object, today: Date) -> bool {
    let is_over = contract.day("end_date").is_some_and(|end| end < today);
    !contract.is_archived && !is_over
}

/// Refusal for an overlapping usage.
pub(super) fn intersection(usage: i64, kind: &str) -> Refusal {
    Refusal::whole(format!(
        "There are intersections in the use of the unit. Nearest intersection usage id:{usage} \
         usage type={kind}."
    ))
}
