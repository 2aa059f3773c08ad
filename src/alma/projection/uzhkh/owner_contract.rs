//! An owner contract: a person of an account with IsOwner.

use super::contract;
use super::world::World;
use crate::alma::Fields;
use crate::alma::objects::{OwnerContract, Reference};
use crate::alma::projection::Wanted;
use crate::ledger::Error;

/// The contract wanted for `ACCOUNT:RESIDENT`.
pub(super) fn project(id: &str, world: &World<'_>) -> Result<Wanted, Error> {
    let Some(parties) = contract::parties(id, |_, listed| listed.is_owner, world)? else {
        return Ok(Wanted::No);
    };
    let terms = match contract::terms(&parties, world.settings.open_ended_date) {
        Ok(terms) => terms,
        Err(reason) => return Ok(Wanted::Blocked(reason)),
    };
    Ok(Wanted::Yes(Fields::of(&OwnerContract {
        external_id: id.to_owned(),
        unit_id: Reference::External(parties.object),
        client_id: Reference::External(parties.resident),
        name: terms.name,
        start_date: Some(terms.start_date),
        end_date: Some(terms.end_date),
        contract_with_client_scan: None,
        property_title_deed_scan: None,
        property_management_letter_scan: None,
        dtcm_permit_scan: None,
        pml_start_date: None,
        pml_end_date: None,
        work_model: Some(world.settings.work_model.clone()),
    })))
}
