//! What a tenant's contract is about: a unit, or an apartment.
//!
//! The document calls the field the apartment, and portals hold units in it. A value with a mark
//! says it itself. A bare number is the unit's, where there is or ever was one; the apartment's
//! only when the units have been read since the contract changed, and none had the number. What
//! it was taken for is kept, so that a unit made later does not take the contract over.

use super::form::Form;
use super::item::{Field, Item, field};
use super::target::{self, Target};
use super::world::{Letting, World, told, waits_for_apartment, waits_for_unit};
use super::{APARTMENT, TENANT_CONTRACT, UNIT};
use crate::alma::projection::Wanted;
use crate::config::TenantContractNames;
use crate::ledger::{AlmaKey, AlmaKind, AlmaTaken, Error, TakenFor};

/// What the field of a contract names.
#[derive(Debug, PartialEq, Eq)]
enum Named {
    Unit(String),
    Apartment(String),
    /// The units must be read before it can be told.
    Undecided(String),
    /// An item of another kind: the reason.
    Foreign(String),
}

/// The field that says what a contract is about.
const UNIT_FIELD: Field<'_> = field("tenant_contract_unit", "unit");

/// The external id and the object that a contract is about; the inner error blocks it.
pub(super) fn rental(
    id: &str,
    item: &Item<'_>,
    world: &World<'_>,
) -> Result<Result<Option<(String, AlmaKey)>, Wanted>, Error> {
    let blocked = |reason| Ok(Err(Wanted::Blocked(reason)));
    let Some(target) = target::first(item, UNIT_FIELD.code) else {
        return Ok(Ok(None));
    };
    let found = match named(id, item, &target, world)? {
        Named::Unit(unit) => match world.rental(&unit)? {
            Ok(rental) => (unit, rental),
            Err(reason) => return blocked(reason),
        },
        Named::Apartment(apartment) => {
            if let Err(reason) = apartment_is_let(&apartment, world)? {
                return blocked(reason);
            }
            let rental = AlmaKey::new(AlmaKind::Unit, apartment.as_str());
            (apartment, rental)
        }
        Named::Undecided(unit) => return blocked(waits_for_unit(&unit)),
        Named::Foreign(reason) => return blocked(format!("{TENANT_CONTRACT} {id} has {reason}")),
    };
    Ok(Ok(Some(found)))
}

/// The kind and the number of the item that a contract is about, as far as that is told.
pub(super) fn numbered(
    id: &str,
    item: &Item<'_>,
    world: &World<'_>,
) -> Result<Option<(&'static str, String)>, Error> {
    let Some(target) = target::first(item, UNIT_FIELD.code) else {
        return Ok(None);
    };
    Ok(match named(id, item, &target, world)? {
        Named::Unit(unit) => Some((UNIT, unit)),
        Named::Apartment(apartment) => Some((APARTMENT, apartment)),
        Named::Undecided(_) | Named::Foreign(_) => None,
    })
}

/// What the bare number in a contract is taken for, where that is to be kept.
pub(super) fn takes(id: &str, world: &World<'_>) -> Result<Option<AlmaTaken>, Error> {
    let body = world.records.record(TENANT_CONTRACT, id)?;
    let item = world.item(&body);
    let is_either = world.settings.tenant_contract_names == TenantContractNames::Either;
    let Some(item) = item.filter(|_| is_either) else {
        return Ok(None);
    };
    let target = target::first(&item, UNIT_FIELD.code);
    let Some(target) = target.filter(|target| !target.is_marked()) else {
        return Ok(None);
    };
    let taken = match named(id, &item, &target, world)? {
        Named::Unit(unit) if world.records.record(UNIT, &unit)?.is_some() => Some(TakenFor::Unit),
        Named::Apartment(apartment) if is_whole(&apartment, world)? => Some(TakenFor::Apartment),
        Named::Undecided(_) => None,
        _ => return Ok(None),
    };
    let taken = AlmaTaken { number: target.id, taken };
    let known = world.records.taken(id)?;
    Ok((known.as_ref() != Some(&taken)).then_some(taken))
}

fn named(id: &str, item: &Item<'_>, target: &Target, world: &World<'_>) -> Result<Named, Error> {
    let (types, names) = (world.settings.types, world.settings.tenant_contract_names);
    let (is_unit, is_apartment) = (types.may_be(target, UNIT), types.may_be(target, APARTMENT));
    let number = target.id.clone();
    Ok(match names {
        TenantContractNames::Unit if is_unit => Named::Unit(number),
        TenantContractNames::Apartment if is_apartment => Named::Apartment(number),
        TenantContractNames::Either if is_unit && is_apartment => either(id, number, world)?,
        TenantContractNames::Either if is_unit => Named::Unit(number),
        TenantContractNames::Either if is_apartment => Named::Apartment(number),
        _ => {
            let kinds: &[&str] = match names {
                TenantContractNames::Unit => &[UNIT],
                TenantContractNames::Apartment => &[APARTMENT],
                TenantContractNames::Either => &[UNIT, APARTMENT],
            };
            Named::Foreign(types.is_foreign(item, target, UNIT_FIELD, kinds))
        }
    })
}

/// A bare number, which may be a unit's or an apartment's.
fn either(id: &str, number: String, world: &World<'_>) -> Result<Named, Error> {
    let records = world.records;
    let taken = records.taken(id)?.filter(|taken| taken.number == number);
    if let Some(taken) = taken.and_then(|taken| taken.taken) {
        return Ok(match taken {
            TakenFor::Unit => Named::Unit(number),
            TakenFor::Apartment => Named::Apartment(number),
        });
    }
    if records.record(UNIT, &number)?.is_some() || records.is_deleted(UNIT, &number)? {
        return Ok(Named::Unit(number));
    }
    if !records.is_read_since(UNIT, TENANT_CONTRACT, id)? {
        return Ok(Named::Undecided(number));
    }
    Ok(Named::Apartment(number))
}

fn is_whole(apartment: &str, world: &World<'_>) -> Result<bool, Error> {
    Ok(world.letting_of(apartment)? == Some(Letting::Whole))
}

/// Whether an apartment that a contract names is let as a whole; else why not.
fn apartment_is_let(apartment: &str, world: &World<'_>) -> Result<Result<(), String>, Error> {
    let body = world.records.record(APARTMENT, apartment)?;
    let item = world.item(&body);
    if world.settings.tenant_contract_names == TenantContractNames::Apartment {
        // The config says that it is the apartment, shared or not.
        return Ok(item.map(drop).ok_or_else(|| waits_for_apartment(apartment)));
    }
    let Some(item) = item else {
        return Ok(Err(waits_for_unit(apartment)));
    };
    let mut form = Form::new(&item);
    let letting = world.letting(&mut form);
    if letting == Some(Letting::Rooms) {
        return Ok(Err(format!(
            "it is about apartment {apartment}, which is shared: name the room in {} in Bitrix24",
            item.code(UNIT_FIELD.code)
        )));
    }
    Ok(told(form, apartment))
}
