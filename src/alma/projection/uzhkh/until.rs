//! How long contracts run, and residents are needed: what is over makes no clients.

use jiff::civil::Date;

use super::account::Account;
use super::contract;
use super::world::World;
use crate::ledger::{AlmaKey, AlmaKind, Error};

/// The day on which a contract ends, or the last account by which a resident is a client is
/// closed.
pub(super) fn until(key: &AlmaKey, world: &World<'_>) -> Result<Option<Date>, Error> {
    let id = key.external_id.as_str();
    let parties = match key.kind {
        AlmaKind::OwnerContract => contract::parties(id, |_, listed| listed.is_owner, world)?,
        AlmaKind::TenantContract => {
            contract::parties(id, |account, listed| account.tenants.contains(&listed.id), world)?
        }
        AlmaKind::Client => return of_resident(id, world),
        AlmaKind::Building | AlmaKind::Unit | AlmaKind::Room => None,
    };
    Ok(parties.and_then(|parties| closed(&parties.account)))
}

/// The day on which an account is closed; `None` where its dates contradict each other.
fn closed(account: &Account) -> Option<Date> {
    let closed = account.closed.ok().flatten()?;
    let opened = account.opened.ok().flatten();
    Some(closed).filter(|closed| opened.is_none_or(|opened| opened < *closed))
}

/// The day on which the last of a resident's accounts is closed; `None` where one is open.
fn of_resident(id: &str, world: &World<'_>) -> Result<Option<Date>, Error> {
    let mut latest = None;
    for account in world.accounts_of(id)? {
        let Some((account, _)) = world.account_of_unit(&account)? else { continue };
        let is_client =
            account.person(id).is_some_and(|listed| listed.is_owner || listed.is_tenant);
        if !is_client {
            continue;
        }
        let Some(day) = closed(&account) else {
            return Ok(None);
        };
        latest = latest.max(Some(day));
    }
    Ok(latest)
}
