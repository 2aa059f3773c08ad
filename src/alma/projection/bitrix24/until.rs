//! How long contracts run, and contacts are needed: what is over makes no clients.

use jiff::civil::Date;

use super::item::{Field, Item, field};
use super::world::World;
use super::{CONTACT, OWNER_CONTRACT, TENANT_CONTRACT, dates};
use crate::ledger::{AlmaKey, AlmaKind, Error};

/// The start and the end of a contract.
type Term = (Field<'static>, Field<'static>);

const OWNERS: Term = (field("owner_contract_start", "start"), field("owner_contract_end", "end"));
const TENANTS: Term =
    (field("tenant_contract_start", "start"), field("tenant_contract_end", "end"));

/// The day on which a contract ends, or the last of a contact's contracts does.
pub(super) fn until(key: &AlmaKey, world: &World<'_>) -> Result<Option<Date>, Error> {
    let id = key.external_id.as_str();
    match key.kind {
        AlmaKind::OwnerContract => of_contract(OWNER_CONTRACT, OWNERS, id, world),
        AlmaKind::TenantContract => of_contract(TENANT_CONTRACT, TENANTS, id, world),
        AlmaKind::Client => of_contact(id, world),
        AlmaKind::Building | AlmaKind::Unit | AlmaKind::Room => Ok(None),
    }
}

fn of_contract(kind: &str, term: Term, id: &str, world: &World<'_>) -> Result<Option<Date>, Error> {
    let body = world.records.record(kind, id)?;
    Ok(world.item(&body).and_then(|item| end(&item, term)))
}

/// The latest end of the contracts that name a contact; `None` where one has none.
fn of_contact(id: &str, world: &World<'_>) -> Result<Option<Date>, Error> {
    let link = field("contract_contact", "contact");
    let mut latest = None;
    for (kind, term) in [(OWNER_CONTRACT, OWNERS), (TENANT_CONTRACT, TENANTS)] {
        for contract in world.records.naming(kind, "contact", id)? {
            let body = world.records.record(kind, &contract)?;
            let Some(item) = world.item(&body) else { continue };
            let named = world.settings.types.named(&item, link, CONTACT);
            let is_named = named.is_ok_and(|named| named.as_deref() == Some(id));
            // One that is left out needs no client.
            if !is_named || world.contract_left_out(kind, &contract, &item)?.is_some() {
                continue;
            }
            let Some(day) = end(&item, term) else {
                return Ok(None);
            };
            latest = latest.max(Some(day));
        }
    }
    Ok(latest)
}

/// The day of an end that is there and can be read; `None` where the dates contradict each other.
fn end(item: &Item<'_>, (start, end): Term) -> Option<Date> {
    let day = |field: Field<'_>| item.value(field.code).and_then(|value| dates::day(value).ok()?);
    let (start, end) = (day(start), day(end)?);
    Some(end).filter(|end| start.is_none_or(|start| start < *end))
}
