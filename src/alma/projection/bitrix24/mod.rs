//! From the records of Bitrix24 to what Alma should hold: an apartment becomes a unit,
//! its building a building, the units of a shared apartment rooms, the contacts of
//! contracts clients, and contracts contracts.
//!
//! Source: «Alma External API Documentation», field by field; what it leaves out (which
//! fields tie the kinds together) is in the config. Bodies are what Bitrix24 sent: any
//! member may be missing, or of another type, or spelled `UF_CRM_6_…`, which costs at
//! most the object that needs it. Reasons name ids, fields and the ids of choices, and no
//! other value, since they are shown and logged.

mod about;
mod building;
mod client;
mod co_tenant;
mod contract;
pub(super) mod dates;
mod form;
mod item;
mod left_out;
mod owner_contract;
mod phones;
mod photos;
mod price;
mod room;
mod stations;
mod table;
mod tables;
mod target;
mod tenant_contract;
#[cfg(test)]
mod tests;
mod touched;
mod unit;
mod until;
mod world;

use jiff::civil::Date;

use self::world::World;
use super::{Link, Projection, Records, Wanted};
use crate::config::{Bitrix24Fields, Bitrix24Only, PhoneCountry, TenantContractNames};
use crate::ledger::{AlmaKey, AlmaKind, AlmaTaken, Error};

pub(crate) use self::tables::Tables;
pub(crate) use self::target::EntityTypes;

/// The version of the rules here: a change of them that changes an outcome raises it, so
/// that all objects are projected anew.
const RULES: u32 = 8;

/// The kinds of records that are read, as the ledger has them.
const APARTMENT: &str = "apartment";
const UNIT: &str = "unit";
const OWNER_CONTRACT: &str = "owner_contract";
const TENANT_CONTRACT: &str = "tenant_contract";
const CONTACT: &str = "contact";

/// The settings that decide the outcome besides the records.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Alma's id of the project that all buildings are in.
    pub(crate) project: i64,
    /// The end of a contract that has none.
    pub(crate) open_ended_date: Date,
    /// The kind of object that a tenant contract names.
    pub(crate) tenant_contract_names: TenantContractNames,
    /// The entityTypeIds of the kinds.
    pub(crate) types: EntityTypes,
    /// The codes of the portal's fields.
    pub(crate) fields: Bitrix24Fields,
    /// Which items are wanted.
    pub(crate) only: Bitrix24Only,
    /// The words of Alma for choices.
    pub(crate) tables: Tables,
    /// The country of phones without `+`.
    pub(crate) phone_country: PhoneCountry,
    /// The last name of a client who has none.
    pub(crate) blank_last_name: String,
}

impl Settings {
    /// Whether any item may be left out.
    fn leaves_out(&self) -> bool {
        !self.only.is_empty() || self.tables.leave_out()
    }
}

/// The projection of Bitrix24's records.
#[derive(Debug)]
pub(crate) struct Bitrix24 {
    settings: Settings,
}

impl Bitrix24 {
    /// The projection with these settings.
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Projection for Bitrix24 {
    fn source(&self) -> &'static str {
        "bitrix24"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[APARTMENT, UNIT, OWNER_CONTRACT, TENANT_CONTRACT, CONTACT]
    }

    fn settings(&self) -> String {
        let Settings {
            project,
            open_ended_date,
            tenant_contract_names,
            types,
            fields,
            only,
            tables,
            phone_country,
            blank_last_name,
        } = &self.settings;
        format!(
            "rules {RULES}; project {project}; open_ended_date {open_ended_date}; \
             tenant_contract_names {tenant_contract_names:?}; {types:?}; {fields:?}; {only:?}; {tables:?}; \
             phone_country {phone_country}; blank_last_name {blank_last_name:?}"
        )
    }

    fn links(&self, kind: &str, _id: &str, body: &str) -> Vec<Link> {
        touched::links(kind, body, &self.settings)
    }

    fn is_renamed(
        &self,
        from: &AlmaKey,
        to: &AlmaKey,
        units: &[String],
        records: &dyn Records,
    ) -> Result<bool, Error> {
        let (from, to) = (&from.external_id, &to.external_id);
        building::is_renamed(from, to, units, &self.world(records))
    }

    fn touched(
        &self,
        kind: &str,
        id: &str,
        links: &[(String, String)],
        records: &dyn Records,
    ) -> Result<Vec<AlmaKey>, Error> {
        touched::touched(kind, id, links, &self.world(records))
    }

    fn project(&self, key: &AlmaKey, records: &dyn Records) -> Result<Wanted, Error> {
        let (id, world) = (key.external_id.as_str(), self.world(records));
        match key.kind {
            AlmaKind::Building => building::project(id, &world),
            AlmaKind::Unit => unit::project(id, &world),
            AlmaKind::Room => room::project(id, &world),
            AlmaKind::Client => client::project(id, &world),
            AlmaKind::OwnerContract => owner_contract::project(id, &world),
            AlmaKind::TenantContract => tenant_contract::project(id, &world),
        }
    }

    fn until(&self, key: &AlmaKey, records: &dyn Records) -> Result<Option<Date>, Error> {
        until::until(key, &self.world(records))
    }

    fn takes(&self, key: &AlmaKey, records: &dyn Records) -> Result<Option<AlmaTaken>, Error> {
        match key.kind {
            AlmaKind::TenantContract => about::takes(&key.external_id, &self.world(records)),
            _ => Ok(None),
        }
    }
}

impl Bitrix24 {
    fn world<'w>(&'w self, records: &'w dyn Records) -> World<'w> {
        World { settings: &self.settings, records }
    }
}
