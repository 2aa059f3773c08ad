//! The kinds of items, and the portal's numbers for them.

use std::fmt;

/// Kind of an item, by the ledger's word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BitrixKind {
    /// Smart process 144: what Alma calls a unit.
    Apartment,
    /// Smart process 167: what Alma calls a room.
    Unit,
    /// Smart process 148.
    OwnerContract,
    /// Smart process 183.
    TenantContract,
    /// Type 3 of every portal.
    Contact,
}

impl BitrixKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Apartment, Self::Unit, Self::OwnerContract, Self::TenantContract, Self::Contact];

    /// `apartment`, `unit`, `owner_contract`, `tenant_contract` or `contact`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Apartment => "apartment",
            Self::Unit => "unit",
            Self::OwnerContract => "owner_contract",
            Self::TenantContract => "tenant_contract",
            Self::Contact => "contact",
        }
    }

    /// `entityTypeId`
    pub fn entity_type_id(self) -> u32 {
        match self {
            Self::Apartment => 144,
            Self::Unit => 167,
            Self::OwnerContract => 148,
            Self::TenantContract => 183,
            Self::Contact => 3,
        }
    }

    /// The id of a smart process among the types, which the names of its own fields hold.
    pub(super) fn type_id(self) -> Option<u32> {
        match self {
            Self::Apartment => Some(6),
            Self::Unit => Some(8),
            Self::OwnerContract => Some(10),
            Self::TenantContract => Some(20),
            Self::Contact => None,
        }
    }

    /// The portal's name of the kind.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Apartment => "Apartments",
            Self::Unit => "Units",
            Self::OwnerContract => "LL Contracts",
            Self::TenantContract => "Tenant Contracts",
            Self::Contact => "Contacts",
        }
    }

    pub(super) fn of_type(entity_type_id: u64) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|kind| u64::from(kind.entity_type_id()) == entity_type_id)
    }
}

impl fmt::Display for BitrixKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
