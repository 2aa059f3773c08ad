//! The fields of each kind as GET reads them back, in the order in which they are written.
//! Members that cannot be written (`status`, of a unit its `project`, of a client its
//! `passport`…) are passed over.
//!
//! Source: «Alma External API Documentation», the GET examples.

use super::members::Shape::{self, Choice, Flag, Id, Photos, Plain, Reference};
use crate::ledger::AlmaKind;

/// The member of a contract that says what it is about, whose it is, and whether it is
/// archived.
pub(super) const USAGE: &str = "unit_usage";

/// A field of a kind.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// Whether it stands in [`USAGE`].
    pub(super) is_in_usage: bool,
}

const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, is_in_usage: false }
}

const fn plain(name: &'static str) -> Field {
    field(name, Plain)
}

const fn usage(name: &'static str) -> Field {
    Field { name, shape: Id, is_in_usage: true }
}

/// The fields of a kind.
pub(super) fn of(kind: AlmaKind) -> &'static [Field] {
    match kind {
        AlmaKind::Building => BUILDING,
        AlmaKind::Unit => UNIT,
        AlmaKind::Room => ROOM,
        AlmaKind::Client => CLIENT,
        AlmaKind::OwnerContract => OWNER_CONTRACT,
        AlmaKind::TenantContract => TENANT_CONTRACT,
    }
}

/// `realty/buildings/{id}/`
const BUILDING: &[Field] = &[
    plain("name"),
    field("project", Reference),
    plain("address"),
    plain("number"),
    plain("external_id"),
];

/// `realty/units/{id}/`
const UNIT: &[Field] = &[
    plain("external_id"),
    plain("additional_external_id"),
    field("is_used_additional_external_id", Flag),
    plain("name"),
    plain("header"),
    field("building", Reference),
    field("property_type", Choice),
    plain("number"),
    plain("internal_area"),
    field("photos", Photos),
    plain("goal_rent_cost"),
    plain("address"),
    plain("number_of_bedrooms"),
    plain("number_of_baths"),
    field("is_roof_garden", Flag),
    field("parking", Choice),
    field("is_swimming_pool", Flag),
    plain("total_buildable_area"),
    plain("floor"),
    plain("internet_login"),
    plain("internet_password"),
    plain("subway_station"),
    plain("parking_number"),
    plain("keybox_code"),
    plain("electronic_lock_password"),
];

/// `realty/rooms/{id}/`
const ROOM: &[Field] = &[
    plain("external_id"),
    plain("name"),
    plain("header"),
    plain("goal_rent_cost"),
    field("parent_unit", Reference),
    field("property_type", Choice),
    plain("number"),
    plain("internal_area"),
    field("photos", Photos),
    plain("keybox_code"),
    plain("electronic_lock_password"),
];

/// `users/clients/{id}/`
const CLIENT: &[Field] = &[
    plain("external_id"),
    plain("first_name"),
    plain("last_name"),
    plain("email"),
    plain("phone"),
    field("country", Choice),
    plain("passport_scan"),
    plain("id_scan"),
    plain("birthday"),
];

/// `realty/contracts/owner_contracts/{id}/`
const OWNER_CONTRACT: &[Field] = &[
    plain("external_id"),
    usage("unit_id"),
    usage("client_id"),
    plain("name"),
    plain("start_date"),
    plain("end_date"),
    plain("contract_with_client_scan"),
    plain("property_title_deed_scan"),
    plain("property_management_letter_scan"),
    plain("dtcm_permit_scan"),
    plain("pml_start_date"),
    plain("pml_end_date"),
    plain("work_model"),
];

/// `realty/contracts/tenant_contracts/{id}/`
const TENANT_CONTRACT: &[Field] = &[
    plain("external_id"),
    usage("unit_id"),
    usage("client_id"),
    plain("name"),
    plain("start_date"),
    plain("end_date"),
    plain("price"),
    plain("contract_scan"),
    plain("co_tenant"),
    plain("history"),
    plain("type_contract"),
    plain("co_tenant_id_scan"),
    plain("co_tenant_id"),
];
