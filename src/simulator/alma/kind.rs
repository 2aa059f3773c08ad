//! The kinds of objects that Alma keeps.

use std::fmt;

/// A kind of objects, by the ledger's word for it. Alma's `units` are the document's
/// apartments, its `rooms` the document's units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlmaKind {
    /// `realty/buildings/`
    Building,
    /// `realty/units/`
    Unit,
    /// `realty/rooms/`
    Room,
    /// `users/clients/`
    Client,
    /// `realty/contracts/owner_contracts/`
    OwnerContract,
    /// `realty/contracts/tenant_contracts/`
    TenantContract,
}

impl AlmaKind {
    /// All of them, parents before children.
    pub const ALL: [Self; 6] = [
        Self::Building,
        Self::Unit,
        Self::Room,
        Self::Client,
        Self::OwnerContract,
        Self::TenantContract,
    ];

    /// The word, such as `owner_contract`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Unit => "unit",
            Self::Room => "room",
            Self::Client => "client",
            Self::OwnerContract => "owner_contract",
            Self::TenantContract => "tenant_contract",
        }
    }

    pub(super) fn is_contract(self) -> bool {
        matches!(self, Self::OwnerContract | Self::TenantContract)
    }

    /// True for a kind that can be archived, blocked and rented.
    pub(super) fn is_rental(self) -> bool {
        matches!(self, Self::Unit | Self::Room)
    }
}

impl fmt::Display for AlmaKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
