//! An owner contract: of a contact who owns an apartment.

use super::contract::{self, about, nullable_scan};
use super::dates::midnight;
use super::form::Form;
use super::item::{Field, Item, field};
use super::world::{World, waits_for_apartment};
use super::{APARTMENT, OWNER_CONTRACT};
use crate::alma::objects::{OwnerContract, Reference};
use crate::alma::projection::Wanted;
use crate::alma::{Fields, notes};
use crate::ledger::{AlmaKey, AlmaKind, Error};

/// The apartment that a contract is about.
pub(super) const APARTMENT_FIELD: Field<'_> = field("owner_contract_apartment", "apartment");
const START: Field<'_> = field("owner_contract_start", "start");
const END: Field<'_> = field("owner_contract_end", "end");
pub(super) const WORK_MODEL: Field<'_> = field("owner_contract_work_model", "work model");
const CONTRACT: Field<'_> = field("owner_contract_scan", "contract");
const TITLE_DEED: Field<'_> = field("owner_contract_title_deed", "title deed");
const MANAGEMENT_LETTER: Field<'_> = field("owner_contract_letter", "management letter");
const PERMIT: Field<'_> = field("owner_contract_permit", "DTCM permit");

/// What an owner's contract should be.
pub(super) fn project(id: &str, world: &World<'_>) -> Result<Wanted, Error> {
    let body = world.records.record(OWNER_CONTRACT, id)?;
    let Some(item) = world.item(&body) else {
        return Ok(Wanted::No);
    };
    if let Some(out) = contract::not_wanted(OWNER_CONTRACT, id, &item, world)? {
        return Ok(out);
    }
    // Said here in the words of Bitrix24: a unit is something else there.
    let apartment = world.settings.types.named(&item, APARTMENT_FIELD, APARTMENT);
    if let Ok(Some(apartment)) = apartment
        && world.records.record(APARTMENT, &apartment)?.is_none()
    {
        return Ok(Wanted::Blocked(waits_for_apartment(&apartment)));
    }
    Ok(match owner_contract(id, &item, world) {
        Ok(fields) => Wanted::Yes(fields),
        Err(reason) => Wanted::Blocked(reason),
    })
}

/// The contract, or all that is missing for it.
fn owner_contract(id: &str, item: &Item<'_>, world: &World<'_>) -> Result<Fields, String> {
    let settings = world.settings;
    let mut form = Form::new(item);
    let apartment = form.reference(APARTMENT_FIELD, APARTMENT, settings.types);
    let terms = contract::terms(&mut form, (START, END), world);
    let pml_start = form.nullable_day(field("pml_start", "management letter's start"));
    let pml_end = form.nullable_day(field("pml_end", "management letter's end"));
    let work_model = form.choice_of_new(WORK_MODEL, &settings.tables.work_model);
    let why_not_new = form.why_not_new(format_args!("owner_contract {id}"));
    form.check(format_args!("owner_contract {id}"))?;
    let rental = AlmaKey::new(AlmaKind::Unit, apartment.as_str());
    let scan = |of| nullable_scan(OWNER_CONTRACT, id, item, of);
    let mut fields = Fields::of(&OwnerContract {
        external_id: id.to_owned(),
        unit_id: Reference::External(apartment),
        client_id: Reference::External(terms.client),
        name: terms.name,
        start_date: terms.start_date,
        end_date: terms.end_date,
        contract_with_client_scan: scan(CONTRACT),
        property_title_deed_scan: scan(TITLE_DEED),
        property_management_letter_scan: scan(MANAGEMENT_LETTER),
        dtcm_permit_scan: scan(PERMIT),
        pml_start_date: pml_start.map(|day| day.map(midnight)),
        pml_end_date: pml_end.map(|day| day.map(midnight)),
        work_model,
    });
    notes::set(&mut fields, notes::NOT_NEW, why_not_new);
    Ok(about(fields, &rental))
}
