//! The methods of the portal.

use crate::endpoint::Endpoint;

/// A method that the simulator knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    ItemList,
    ItemGet,
    ItemFields,
    ContactList,
    ContactGet,
    ContactFields,
    TypeList,
    Batch,
    GetFile,
}

impl Method {
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "crm.item.list" => Self::ItemList,
            "crm.item.get" => Self::ItemGet,
            "crm.item.fields" => Self::ItemFields,
            "crm.contact.list" => Self::ContactList,
            "crm.contact.get" => Self::ContactGet,
            "crm.contact.fields" => Self::ContactFields,
            "crm.type.list" => Self::TypeList,
            "batch" => Self::Batch,
            "crm.controller.item.getFile" => Self::GetFile,
            _ => return None,
        })
    }

    pub(super) fn endpoint(self) -> Endpoint {
        match self {
            Self::ItemList | Self::ContactList => Endpoint::BitrixList,
            Self::ItemGet | Self::ContactGet => Endpoint::BitrixGet,
            Self::ItemFields | Self::ContactFields | Self::TypeList => Endpoint::BitrixFields,
            Self::Batch => Endpoint::BitrixBatch,
            Self::GetFile => Endpoint::BitrixFile,
        }
    }
}
