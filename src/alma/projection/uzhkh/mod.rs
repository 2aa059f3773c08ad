//! From the records of UZhKH to what Alma should hold: a house becomes a building, an
//! object a unit, a person of an account a client, and what ties the two a contract.
//!
//! Sources: «Alma External API Documentation» for what is written, the description of
//! the exchange with Umnoe ZhKH for what is read. Bodies are what UZhKH sent: any member
//! may be missing or of another type, which costs at most the object that needs it.
//! Reasons name ids and fields and never a value, since they are shown and logged.

mod account;
mod body;
mod building;
mod client;
mod contract;
pub(super) mod dates;
mod names;
mod numbers;
mod object;
mod owner_contract;
mod person;
mod tenant_contract;
#[cfg(test)]
mod tests;
mod touched;
mod unit;
mod until;
mod world;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use self::world::World;
use super::{Link, Projection, Records, Wanted};
use crate::config::PhoneCountry;
use crate::ledger::{AlmaKey, AlmaKind, Error};

/// The version of the rules here: a change of them that changes an outcome raises it, so
/// that all objects are projected anew.
const RULES: u32 = 3;

/// Why an object waits whose record has a temporary id still.
const WAITS_FOR_NAME: &str = "waits for its name: the accounting system gives it, or \
    `uzhkh-ledger identity set`";

/// The kinds of records that are read, as the ledger has them.
const OBJECT: &str = "object";
const ACCOUNT: &str = "account";
const RESIDENT: &str = "resident";

/// The settings that decide the outcome besides the records.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Alma's id of the project that all buildings are in.
    pub(crate) project: i64,
    /// The values of TypeObject that become units.
    pub(crate) unit_types: Vec<String>,
    /// The end of a contract whose account has no DateTimeClose.
    pub(crate) open_ended_date: Date,
    /// The work model of every owner contract.
    pub(crate) work_model: String,
    /// The type of every tenant contract.
    pub(crate) type_contract: String,
    /// The time zone that decides the day of a moment with an offset.
    pub(crate) timezone: TimeZone,
    /// The country of phones without `+`.
    pub(crate) phone_country: PhoneCountry,
    /// The last name of a company, which has none.
    pub(crate) blank_last_name: String,
}

impl Settings {
    /// Whether objects of this type become units.
    fn is_unit_type(&self, type_object: &str) -> bool {
        let mut types = self.unit_types.iter();
        types.any(|known| known.trim() == type_object.trim())
    }
}

/// The projection of UZhKH's records.
#[derive(Debug)]
pub(crate) struct Uzhkh {
    settings: Settings,
}

impl Uzhkh {
    /// The projection with these settings.
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Projection for Uzhkh {
    fn source(&self) -> &'static str {
        "uzhkh"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[OBJECT, ACCOUNT, RESIDENT]
    }

    fn of_premises(&self) -> &'static [&'static str] {
        &[OBJECT]
    }

    fn settings(&self) -> String {
        let Settings {
            project,
            unit_types,
            open_ended_date,
            work_model,
            type_contract,
            timezone,
            phone_country,
            blank_last_name,
        } = &self.settings;
        let timezone = match (timezone.iana_name(), timezone.to_fixed_offset()) {
            (Some(name), _) => name.to_owned(),
            (None, Ok(offset)) => offset.to_string(),
            (None, Err(_)) => format!("{timezone:?}"),
        };
        format!(
            "rules {RULES}; project {project}; unit_types {unit_types:?}; \
             open_ended_date {open_ended_date}; work_model {work_model:?}; \
             type_contract {type_contract:?}; timezone {timezone}; \
             phone_country {phone_country}; blank_last_name {blank_last_name:?}"
        )
    }

    fn links(&self, kind: &str, _id: &str, body: &str) -> Vec<Link> {
        touched::links(kind, body, &self.settings)
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
        let wanted = match key.kind {
            AlmaKind::Building => building::project(id, &world),
            AlmaKind::Unit => unit::project(id, &world),
            // UZhKH knows no parts of an object.
            AlmaKind::Room => Ok(Wanted::No),
            AlmaKind::Client => client::project(id, &world),
            AlmaKind::OwnerContract => owner_contract::project(id, &world),
            AlmaKind::TenantContract => tenant_contract::project(id, &world),
        }?;
        // Alma would keep the temporary id as its external_id.
        let waits = key.kind != AlmaKind::Building && (id.starts_with("--") || id.contains(":--"));
        Ok(match wanted {
            Wanted::Yes(_) if waits => Wanted::Blocked(WAITS_FOR_NAME.to_owned()),
            wanted => wanted,
        })
    }

    fn until(&self, key: &AlmaKey, records: &dyn Records) -> Result<Option<Date>, Error> {
        until::until(key, &self.world(records))
    }
}

impl Uzhkh {
    fn world<'w>(&'w self, records: &'w dyn Records) -> World<'w> {
        World { settings: &self.settings, records }
    }
}
