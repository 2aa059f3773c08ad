//! The paths of Alma's document.

use super::error::Error;
use crate::http::segment;
use crate::ledger::AlmaKind;

/// The path of uploads.
pub(super) const FILES: &str = "external_api/external-image/";

/// The key of an object in a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// By Alma's id.
    Id(i64),
    /// By the id in the source.
    ExternalId(String),
}

/// The name of a request in errors: a verb and a kind.
macro_rules! operation {
    ($verb:literal, $kind:expr) => {
        match $kind {
            AlmaKind::Building => concat!($verb, " building"),
            AlmaKind::Unit => concat!($verb, " unit"),
            AlmaKind::Room => concat!($verb, " room"),
            AlmaKind::Client => concat!($verb, " client"),
            AlmaKind::OwnerContract => concat!($verb, " owner contract"),
            AlmaKind::TenantContract => concat!($verb, " tenant contract"),
        }
    };
}
pub(super) use operation;

/// The list of a kind.
pub(super) fn all(kind: AlmaKind) -> &'static str {
    match kind {
        AlmaKind::Building => "external_api/realty/buildings/",
        AlmaKind::Unit => "external_api/realty/units/",
        AlmaKind::Room => "external_api/realty/rooms/",
        AlmaKind::Client => "external_api/users/clients/",
        AlmaKind::OwnerContract => "external_api/realty/contracts/owner_contracts/",
        AlmaKind::TenantContract => "external_api/realty/contracts/tenant_contracts/",
    }
}

/// One object.
pub(super) fn one(operation: &'static str, kind: AlmaKind, at: &At) -> Result<String, Error> {
    let all = all(kind);
    match at {
        At::Id(id) => Ok(format!("{all}{id}/")),
        At::ExternalId(id) => Ok(format!("{all}external_id/{}/", named(operation, id)?)),
    }
}

/// An action on a unit or a room, the only kinds that have any.
pub(super) fn of_rental(
    operation: &'static str,
    kind: AlmaKind,
    at: &At,
    what: &str,
) -> Result<String, Error> {
    match kind {
        AlmaKind::Unit | AlmaKind::Room => Ok(format!("{}{what}/", one(operation, kind, at)?)),
        _ => Err(Error::NotSent {
            operation,
            why: "Alma has no such call; it is done in its web interface",
        }),
    }
}

/// The rental object that Alma finds under an external id.
pub(super) fn rental_object(operation: &'static str, external_id: &str) -> Result<String, Error> {
    let id = named(operation, external_id)?;
    Ok(format!("external_api/realty/rental_object/{id}/"))
}

fn named(operation: &'static str, external_id: &str) -> Result<String, Error> {
    segment(external_id).ok_or(Error::NotSent {
        operation,
        why: "the external id is empty, . or .., which no address can name",
    })
}
