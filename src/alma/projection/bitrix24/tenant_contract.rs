//! A tenant contract: of a contact who rents a unit.

use super::TENANT_CONTRACT;
use super::contract::{self, about, scan};
use super::form::{Form, texts};
use super::item::{Field, Item, field};
use super::world::World;
use crate::alma::Fields;
use crate::alma::objects::{Reference, TenantContract};
use crate::alma::projection::Wanted;
use crate::config::TenantContractNames;
use crate::ledger::{AlmaKey, AlmaKind, Error};

const START: Field<'_> = field("ufCrm20ContractStartDate", "start");
const END: Field<'_> = field("ufCrm20ContractEndDate", "end");
const PRICE: Field<'_> = field("opportunity", "amount");
const CONTRACT: Field<'_> = field("ufCrm20Contract", "contract");
const HISTORY: Field<'_> = field("ufCrm20ContractHistory", "history");
const TYPE: Field<'_> = field("ufCrm20_1693561495", "type");

/// What a tenant's contract should be.
pub(super) fn project(id: &str, world: &World<'_>) -> Result<Wanted, Error> {
    let body = world.records.record(TENANT_CONTRACT, id)?;
    let Some(item) = body.as_deref().and_then(Item::parse) else {
        return Ok(Wanted::No);
    };
    let named = item.id(&world.settings.fields.tenant_contract_unit);
    let rental = match (&named, world.settings.tenant_contract_names) {
        (None, _) => None,
        (Some(unit), TenantContractNames::Unit) => match world.rental(unit)? {
            Ok(rental) => Some(rental),
            Err(reason) => return Ok(Wanted::Blocked(reason)),
        },
        (Some(apartment), TenantContractNames::Apartment) => {
            Some(AlmaKey::new(AlmaKind::Unit, apartment))
        }
    };
    Ok(match tenant_contract(id, &item, rental, world) {
        Ok(fields) => Wanted::Yes(fields),
        Err(reason) => Wanted::Blocked(reason),
    })
}

/// The contract, or all that is missing for it. `rental`: what it is about.
fn tenant_contract(
    id: &str,
    item: &Item<'_>,
    rental: Option<AlmaKey>,
    world: &World<'_>,
) -> Result<Fields, String> {
    let settings = world.settings;
    let mut form = Form::new(item);
    let named = form.reference(field(&settings.fields.tenant_contract_unit, "unit"));
    let terms = contract::terms(&mut form, (START, END), world);
    let price = form.price(PRICE);
    let type_contract = form.needed_choice(TYPE, &settings.tables.type_contract);
    form.check(format_args!("tenant_contract {id}"))?;
    let fields = Fields::of(&TenantContract {
        external_id: id.to_owned(),
        unit_id: Reference::External(named),
        client_id: Reference::External(terms.client),
        name: terms.name,
        start_date: terms.start_date,
        end_date: terms.end_date,
        price,
        contract_scan: scan(TENANT_CONTRACT, id, item, CONTRACT),
        // Nothing in Bitrix24 is known to name them.
        co_tenant: None,
        history: Some(texts(item, HISTORY).join("; ")),
        type_contract,
        co_tenant_id_scan: None,
        co_tenant_id: None,
    });
    Ok(match rental {
        Some(rental) => about(fields, &rental),
        None => fields,
    })
}
