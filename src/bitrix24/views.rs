//! Which field of the config each column of the views `bitrix_*` shows, and of which kind an id
//! there is.

use super::{KINDS, names};
use crate::config::{Bitrix24Fields, SHORT_MARKS};
use crate::ledger::{self, BitrixColumn, BitrixReference, Ledger};

/// View, column and key.
const COLUMNS: &[(&str, &str, &str)] = &[
    ("bitrix_apartment", "building", "apartment_building"),
    ("bitrix_apartment", "apartment_number", "apartment_number"),
    ("bitrix_apartment", "address", "apartment_address"),
    ("bitrix_apartment", "floor", "apartment_floor"),
    ("bitrix_apartment", "type", "apartment_type"),
    ("bitrix_apartment", "metro", "apartment_metro"),
    ("bitrix_apartment", "wifi_name", "apartment_wifi_name"),
    ("bitrix_apartment", "wifi_password", "apartment_wifi_password"),
    ("bitrix_apartment", "parking_number", "apartment_parking"),
    ("bitrix_apartment", "lock_password", "apartment_lock"),
    ("bitrix_apartment", "keybox_code", "apartment_keybox"),
    ("bitrix_apartment", "sharing", "apartment_sharing"),
    ("bitrix_apartment", "unit_id", "apartment_unit"),
    ("bitrix_apartment", "area", "apartment_area"),
    ("bitrix_apartment", "target_rent", "apartment_rent"),
    ("bitrix_apartment", "baths", "apartment_bathrooms"),
    ("bitrix_apartment", "swimming_pool", "apartment_pool"),
    ("bitrix_apartment", "photos", "apartment_photos"),
    ("bitrix_unit", "number_of_unit", "unit_room"),
    ("bitrix_unit", "number", "unit_number"),
    ("bitrix_unit", "housing_type", "unit_type"),
    ("bitrix_unit", "target_rent", "unit_rent"),
    ("bitrix_unit", "area", "unit_area"),
    ("bitrix_unit", "apartment_id", "unit_apartment"),
    ("bitrix_owner_contract", "start_date", "owner_contract_start"),
    ("bitrix_owner_contract", "end_date", "owner_contract_end"),
    ("bitrix_owner_contract", "apartment_id", "owner_contract_apartment"),
    ("bitrix_owner_contract", "contact_id", "contract_contact"),
    ("bitrix_owner_contract", "work_model", "owner_contract_work_model"),
    ("bitrix_owner_contract", "pml_start_date", "pml_start"),
    ("bitrix_owner_contract", "pml_end_date", "pml_end"),
    ("bitrix_owner_contract", "contract_with_client_scan", "owner_contract_scan"),
    ("bitrix_owner_contract", "property_title_deed_scan", "owner_contract_title_deed"),
    ("bitrix_owner_contract", "property_management_letter_scan", "owner_contract_letter"),
    ("bitrix_owner_contract", "dtcm_permit_scan", "owner_contract_permit"),
    ("bitrix_owner_contract", "passport_scan", "owner_contract_passport"),
    ("bitrix_tenant_contract", "start_date", "tenant_contract_start"),
    ("bitrix_tenant_contract", "end_date", "tenant_contract_end"),
    ("bitrix_tenant_contract", "unit_id", "tenant_contract_unit"),
    ("bitrix_tenant_contract", "contact_id", "contract_contact"),
    ("bitrix_tenant_contract", "price", "tenant_contract_price"),
    ("bitrix_tenant_contract", "type_contract", "tenant_contract_type"),
    ("bitrix_tenant_contract", "history", "tenant_contract_history"),
    ("bitrix_tenant_contract", "passport_scan", "tenant_contract_passport"),
    ("bitrix_tenant_contract", "contract_scan", "tenant_contract_scan"),
    ("bitrix_contact", "email", "contact_email"),
    ("bitrix_contact", "birthdate", "contact_birthday"),
    ("bitrix_contact", "phone", "contact_phone"),
];

/// View and column of each id, and the kind that it is of.
const REFERENCES: &[(&str, &str, &str)] = &[
    ("bitrix_apartment", "unit_id", "unit"),
    ("bitrix_unit", "apartment_id", "apartment"),
    ("bitrix_owner_contract", "apartment_id", "apartment"),
    ("bitrix_owner_contract", "contact_id", "contact"),
    ("bitrix_tenant_contract", "unit_id", "unit"),
    ("bitrix_tenant_contract", "contact_id", "contact"),
];

/// Makes the views show what the config says, and has the ledger remember which fields it says
/// hold secrets. `types`: the entityTypeIds of the [`KINDS`].
pub(super) async fn remake(
    ledger: &Ledger,
    fields: &Bitrix24Fields,
    types: [u32; 5],
) -> Result<(), ledger::Error> {
    let spelled = |codes: &[String]| -> Vec<[String; 2]> {
        codes.iter().map(|code| [names::camel(code), names::original(code)]).collect()
    };
    let default = Bitrix24Fields::default();
    let others = COLUMNS.iter().filter(|(_, _, key)| fields.codes(key) != default.codes(key));
    let codes: Vec<_> = others
        .map(|(view, column, key)| (*view, *column, spelled(fields.codes(key).unwrap_or_default())))
        .collect();
    let secret: Vec<String> = fields.secret_codes().map(str::to_owned).collect();
    let marks = KINDS.iter().zip(types.map(marks));
    ledger
        .write(move |tx| {
            tx.remember_secret_codes(&secret)?;
            let columns: Vec<BitrixColumn<'_>> = codes
                .iter()
                .map(|(view, column, codes)| BitrixColumn { view, column, codes })
                .collect();
            let references = REFERENCES.iter().flat_map(|(view, column, kind)| {
                let of_kind = marks.clone().filter(move |(known, _)| *known == kind);
                of_kind.map(|(_, marks)| BitrixReference { view, column, marks })
            });
            tx.remake_bitrix_views(&columns, &references.collect::<Vec<_>>())
        })
        .await
}

/// What may stand before an id of a kind, in capitals.
fn marks(entity_type: u32) -> Vec<String> {
    let short = SHORT_MARKS.iter().filter(|(_, known)| *known == entity_type);
    let short = short.map(|(mark, _)| format!("{mark}_"));
    short.chain([format!("T{entity_type:X}_")]).collect()
}
