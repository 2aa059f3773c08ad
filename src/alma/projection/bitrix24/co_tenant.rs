//! The second tenant of a contract: a name as text, or a contact of the portal.

use super::form::{Form, texts};
use super::item::{Field, Item, field};
use super::target::{self, Target};
use super::world::World;
use super::{CONTACT, Settings, client};
use crate::ledger::Error;

/// Who rents beside the contact of the contract.
pub(super) const CO_TENANT: Field<'_> = field("tenant_contract_co_tenant", "co-tenant");

/// What the links of contracts to their second tenants lead to.
pub(super) const LINK: &str = "co_tenant";

/// The names, in one line; the inner error: why they cannot be told. `None`: the item lacks the
/// field, or the portal has none.
pub(super) fn names(
    item: &Item<'_>,
    world: &World<'_>,
) -> Result<Option<Result<String, String>>, Error> {
    if !item.has(CO_TENANT.code) {
        return Ok(None);
    }
    let contacts = contacts(item, world.settings);
    if contacts.is_empty() {
        return Ok(Some(Ok(texts(item, CO_TENANT).join("; "))));
    }
    let mut names = Vec::new();
    for id in contacts {
        let body = world.records.record(CONTACT, &id)?;
        let name = world.item(&body).and_then(|contact| client::full_name(&contact));
        let Some(name) = name else {
            return Ok(Some(Err(format!(
                "names contact {id} as its co-tenant ({}), whose name the ledger does not have",
                item.code(CO_TENANT.code)
            ))));
        };
        names.push(name);
    }
    Ok(Some(Ok(names.join("; "))))
}

/// The contacts that the field names: by their marks, or by nothing but a number, which is
/// no person's name.
pub(super) fn contacts(item: &Item<'_>, settings: &Settings) -> Vec<String> {
    let targets = target::all(item, CO_TENANT.code).into_iter();
    let of_contacts = targets.filter(|target: &Target| settings.types.may_be(target, CONTACT));
    of_contacts.map(|target| target.id).collect()
}

/// The number of the second tenant's identity document.
pub(super) fn document(form: &Form<'_, '_>, of: Field<'_>) -> Option<String> {
    form.item.has(of.code).then(|| texts(form.item, of).join("; "))
}
