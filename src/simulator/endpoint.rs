//! The parts of the systems that can be asked, and how.

use std::str::FromStr;

use hyper::Method;

/// An addressable part of a system, by the name its document gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// `To1c/Requests`
    Requests,
    /// `To1c/DeletedItems`
    DeletedItems,
    /// `To1c/Delete`
    Delete,
    /// `SetId`
    SetId,
    /// `Synchronization/Download…`, all six lists
    Download,
    /// `Synchronization/HandleRequestToRegister`
    HandleRequestToRegister,
    /// `Synchronization/HandleRequestToObjectAdding`
    HandleRequestToObjectAdding,
    /// A feed of Domoplaner, whatever it holds
    Feed,
    /// MACRO's `estate/transfer/getReadyFlats/`
    GetReadyFlats,
    /// MACRO's `estate/transfer/getFreeTimes/`
    GetFreeTimes,
    /// MACRO's `estate/transfer/add/`
    Add,
    /// Alma's `realty/buildings/…`
    AlmaBuildings,
    /// Alma's `realty/units/…`
    AlmaUnits,
    /// Alma's `realty/rooms/…`
    AlmaRooms,
    /// Alma's `users/clients/…`
    AlmaClients,
    /// Alma's `realty/contracts/owner_contracts/…`
    AlmaOwnerContracts,
    /// Alma's `realty/contracts/tenant_contracts/…`
    AlmaTenantContracts,
    /// Alma's `realty/rental_object/…`
    AlmaRentalObject,
    /// Alma's `…/archive/`, of units and rooms
    AlmaArchive,
    /// Alma's `…/block/`, of units and rooms
    AlmaBlock,
    /// Alma's `external-image/`
    AlmaImage,
    /// Bitrix24's `crm.item.list` and `crm.contact.list`
    BitrixList,
    /// Bitrix24's `crm.item.get` and `crm.contact.get`
    BitrixGet,
    /// Bitrix24's `crm.item.fields` and `crm.type.list`
    BitrixFields,
    /// Bitrix24's `batch`
    BitrixBatch,
    /// A file of Bitrix24
    BitrixFile,
}

impl Endpoint {
    /// Every endpoint.
    pub const ALL: [Self; 26] = [
        Self::Requests,
        Self::DeletedItems,
        Self::Delete,
        Self::SetId,
        Self::Download,
        Self::HandleRequestToRegister,
        Self::HandleRequestToObjectAdding,
        Self::Feed,
        Self::GetReadyFlats,
        Self::GetFreeTimes,
        Self::Add,
        Self::AlmaBuildings,
        Self::AlmaUnits,
        Self::AlmaRooms,
        Self::AlmaClients,
        Self::AlmaOwnerContracts,
        Self::AlmaTenantContracts,
        Self::AlmaRentalObject,
        Self::AlmaArchive,
        Self::AlmaBlock,
        Self::AlmaImage,
        Self::BitrixList,
        Self::BitrixGet,
        Self::BitrixFields,
        Self::BitrixBatch,
        Self::BitrixFile,
    ];

    pub(super) fn is_bitrix(self) -> bool {
        matches!(
            self,
            Self::BitrixList
                | Self::BitrixGet
                | Self::BitrixFields
                | Self::BitrixBatch
                | Self::BitrixFile
        )
    }

    /// Name, as in the report and in a fault's text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requests => "Requests",
            Self::DeletedItems => "DeletedItems",
            Self::Delete => "Delete",
            Self::SetId => "SetId",
            Self::Download => "Download",
            Self::HandleRequestToRegister => "HandleRequestToRegister",
            Self::HandleRequestToObjectAdding => "HandleRequestToObjectAdding",
            Self::Feed => "Feed",
            Self::GetReadyFlats => "getReadyFlats",
            Self::GetFreeTimes => "getFreeTimes",
            Self::Add => "add",
            Self::AlmaBuildings => "AlmaBuildings",
            Self::AlmaUnits => "AlmaUnits",
            Self::AlmaRooms => "AlmaRooms",
            Self::AlmaClients => "AlmaClients",
            Self::AlmaOwnerContracts => "AlmaOwnerContracts",
            Self::AlmaTenantContracts => "AlmaTenantContracts",
            Self::AlmaRentalObject => "AlmaRentalObject",
            Self::AlmaArchive => "AlmaArchive",
            Self::AlmaBlock => "AlmaBlock",
            Self::AlmaImage => "AlmaImage",
            Self::BitrixList => "BitrixList",
            Self::BitrixGet => "BitrixGet",
            Self::BitrixFields => "BitrixFields",
            Self::BitrixBatch => "BitrixBatch",
            Self::BitrixFile => "BitrixFile",
        }
    }
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|endpoint| endpoint.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| {
                let names: Vec<&str> = Self::ALL.iter().map(|known| known.name()).collect();
                format!("unknown endpoint {text:?}; there are {}", names.join(", "))
            })
    }
}

/// HTTP method of a request, or a group of methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PATCH`
    Patch,
    /// Anything but GET. `WRITE`
    Write,
}

impl Way {
    const ALL: [(&'static str, Self); 4] =
        [("GET", Self::Get), ("POST", Self::Post), ("PATCH", Self::Patch), ("WRITE", Self::Write)];

    /// True if a request is of this way.
    pub(super) fn fits(self, method: &Method) -> bool {
        match self {
            Self::Get => method == Method::GET,
            Self::Post => method == Method::POST,
            Self::Patch => method == Method::PATCH,
            Self::Write => method != Method::GET,
        }
    }
}

impl FromStr for Way {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        let known = all.find(|(word, _)| word.eq_ignore_ascii_case(text));
        known
            .map(|(_, way)| way)
            .ok_or_else(|| format!("unknown way {text:?}: GET, POST, PATCH or WRITE"))
    }
}
