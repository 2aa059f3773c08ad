//! Contacts that were merged into others: the portal has deleted them, and their clients in Alma
//! go to the contacts with the same e-mails.

use std::path::{Path, PathBuf};

use crate::ledger::{Ledger, Reader};

/// Where it is looked up which contacts are gone.
pub(super) enum Merged<'l> {
    /// In the ledger of the service.
    Ledger(&'l Ledger),
    /// In a ledger that another process may write.
    File(PathBuf),
    /// Clients are no contacts of Bitrix24.
    Never,
}

impl<'l> Merged<'l> {
    /// In the ledger of the service, where clients are contacts.
    pub(super) fn of(are_contacts: bool, ledger: &'l Ledger) -> Self {
        if are_contacts { Self::Ledger(ledger) } else { Self::Never }
    }

    /// In the ledger at a path, where clients are contacts.
    pub(super) fn of_file(are_contacts: bool, path: &Path) -> Self {
        if are_contacts { Self::File(path.to_owned()) } else { Self::Never }
    }

    /// Whether the portal has deleted a contact, and no live contract is with it any more. What
    /// cannot be read is not certain: no.
    pub(super) async fn is_gone(&self, contact: &str) -> bool {
        let id = contact.to_owned();
        let is_gone = match self {
            Self::Ledger(ledger) => ledger.read(move |reader| reader.is_contact_gone(&id)).await,
            Self::File(path) => Reader::open(path).and_then(|reader| reader.is_contact_gone(&id)),
            Self::Never => Ok(false),
        };
        matches!(is_gone, Ok(true))
    }
}
