//! A tenant contract: the first person of an account with IsEmployer, the document's
//! word for a tenant. The others are named in it.

use super::account::Account;
use super::contract;
use super::world::World;
use crate::alma::objects::{Reference, TenantContract};
use crate::alma::projection::Wanted;
use crate::alma::{Fields, notes};
use crate::ledger::Error;

/// UZhKH knows no rent.
const PRICE: &str = "0.00";

/// The contract wanted for `ACCOUNT:RESIDENT`.
pub(super) fn project(id: &str, world: &World<'_>) -> Result<Wanted, Error> {
    let parties = contract::parties(
        id,
        |account, listed| account.tenants.first() == Some(&listed.id),
        world,
    )?;
    let Some(parties) = parties else {
        return Ok(Wanted::No);
    };
    let terms = match contract::terms(&parties, world.settings.open_ended_date) {
        Ok(terms) => terms,
        Err(reason) => return Ok(Wanted::Blocked(reason)),
    };
    let co_tenant = co_tenants(&parties.account, world)?;
    let mut fields = Fields::of(&TenantContract {
        external_id: id.to_owned(),
        unit_id: Reference::External(parties.object),
        client_id: Reference::External(parties.resident),
        name: terms.name,
        start_date: Some(terms.start_date),
        end_date: Some(terms.end_date),
        price: Some(PRICE.to_owned()),
        contract_scan: None,
        co_tenant: Some(co_tenant),
        history: None,
        type_contract: Some(world.settings.type_contract.clone()),
        co_tenant_id_scan: None,
        co_tenant_id: None,
    });
    // A rent that Alma has was typed in there.
    notes::set_blank(&mut fields, &["price"]);
    Ok(Wanted::Yes(fields))
}

/// The full names of the further tenants, as their `resident` records have them, or,
/// where there is none, the account.
fn co_tenants(account: &Account, world: &World<'_>) -> Result<String, Error> {
    let mut names = Vec::new();
    for id in account.tenants.iter().skip(1) {
        let name = match world.resident(id)? {
            Some(person) => person.full_name(),
            None => account.person(id).and_then(|listed| listed.person.full_name()),
        };
        names.extend(name);
    }
    Ok(names.join("; "))
}
