//! A tenant contract: of a contact who rents a unit.

use super::contract::{self, nullable_scan};
use super::form::{Form, texts};
use super::item::{Field, Item, field};
use super::world::World;
use super::{TENANT_CONTRACT, about, co_tenant};
use crate::alma::objects::{Reference, TenantContract};
use crate::alma::projection::Wanted;
use crate::alma::{Fields, notes};
use crate::ledger::{AlmaKey, Error};

const START: Field<'_> = field("tenant_contract_start", "start");
const END: Field<'_> = field("tenant_contract_end", "end");
const PRICE: Field<'_> = field("tenant_contract_price", "amount");
const CONTRACT: Field<'_> = field("tenant_contract_scan", "contract");
const HISTORY: Field<'_> = field("tenant_contract_history", "history");
const CO_TENANT_ID: Field<'_> = field("tenant_contract_co_tenant_id", "co-tenant's document");
const CO_TENANT_SCAN: Field<'_> = field("tenant_contract_co_tenant_id_scan", "co-tenant's scan");
pub(super) const TYPE: Field<'_> = field("tenant_contract_type", "type");

/// What a tenant's contract should be.
pub(super) fn project(id: &str, world: &World<'_>) -> Result<Wanted, Error> {
    let body = world.records.record(TENANT_CONTRACT, id)?;
    let Some(item) = world.item(&body) else {
        return Ok(Wanted::No);
    };
    if let Some(out) = contract::not_wanted(TENANT_CONTRACT, id, &item, world)? {
        return Ok(out);
    }
    let rental = match about::rental(id, &item, world)? {
        Ok(rental) => rental,
        Err(blocked) => return Ok(blocked),
    };
    let co_tenant = co_tenant::names(&item, world)?;
    Ok(match tenant_contract(id, &item, rental, co_tenant, world) {
        Ok(fields) => Wanted::Yes(fields),
        Err(reason) => Wanted::Blocked(reason),
    })
}

/// The contract, or all that is missing for it. `rental`: the number of what it is about, and
/// that object; `co_tenant`: who rents beside the contact, or why that cannot be told.
fn tenant_contract(
    id: &str,
    item: &Item<'_>,
    rental: Option<(String, AlmaKey)>,
    co_tenant: Option<Result<String, String>>,
    world: &World<'_>,
) -> Result<Fields, String> {
    let settings = world.settings;
    let mut form = Form::new(item);
    if rental.is_none() {
        form.lacks(field("tenant_contract_unit", "unit"));
    }
    let terms = contract::terms(&mut form, (START, END), world);
    let has_price = form.has_needed(PRICE);
    let is_price_blank = has_price && form.is_blank_amount(PRICE);
    let price = form.price(PRICE);
    let type_contract = form.choice_of_new(TYPE, &settings.tables.type_contract);
    let name = format!("tenant_contract {id}");
    let why_not_new = form.why_not_new(&name);
    form.check(&name)?;
    let Some((named, rental)) = rental else {
        return Err(format!("tenant_contract {id} is about nothing"));
    };
    let mut fields = Fields::of(&TenantContract {
        external_id: id.to_owned(),
        unit_id: Reference::External(named),
        client_id: Reference::External(terms.client),
        name: terms.name,
        start_date: terms.start_date,
        end_date: terms.end_date,
        price,
        contract_scan: nullable_scan(TENANT_CONTRACT, id, item, CONTRACT),
        co_tenant: co_tenant.as_ref().and_then(|names| names.clone().ok()),
        history: item.has(HISTORY.code).then(|| texts(item, HISTORY).join("; ")),
        type_contract,
        co_tenant_id_scan: nullable_scan(TENANT_CONTRACT, id, item, CO_TENANT_SCAN),
        co_tenant_id: co_tenant::document(&Form::new(item), CO_TENANT_ID),
    });
    notes::set(&mut fields, notes::NOT_NEW, why_not_new);
    // Alma cannot be without a price, and keeps the one that it has.
    let price = is_price_blank.then(|| {
        format!("{name} has no {} ({}): give it in Bitrix24", PRICE.name, item.code(PRICE.code))
    });
    let co_tenant = co_tenant.and_then(Result::err).map(|problem| format!("{name} {problem}"));
    let lacks: Vec<String> = price.into_iter().chain(co_tenant).collect();
    notes::set(&mut fields, notes::LACKS, (!lacks.is_empty()).then(|| lacks.join("; and ")));
    Ok(contract::about(fields, &rental))
}
