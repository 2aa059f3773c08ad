//! The errors that end a read of a list early.

use std::io;

use super::reading::{MAX_BAD, MAX_ITEMS};
use crate::http::Class;
use crate::ledger;

/// The reason why a list could not be read or recorded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The upstream did not hand the list out whole.
    #[error(transparent)]
    Upstream(#[from] Failure),
    #[error("it has more than {MAX_ITEMS} items; narrow it down with filters, or split it")]
    TooMany,
    #[error(
        "more than {MAX_BAD} of its items cannot be understood, the first one because: {0}; is it the right list, \
         and id_field right?"
    )]
    TooManyBad(String),
    #[error("the directory of the ledger cannot take what was read: {0}")]
    Spool(#[from] io::Error),
    #[error("the service stops")]
    Stopped,
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
}

/// A failed read as its poll records it.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub(crate) struct Failure {
    pub(super) outcome: ledger::Outcome,
    /// Our own words, for the ledger and the log.
    pub(super) error: String,
    /// The upstream's words, for the ledger alone: they may name people.
    pub(super) said: Option<String>,
    /// Whether the list had begun, and did not come whole.
    pub(crate) is_broken_body: bool,
}

impl Failure {
    pub(super) fn new(error: impl ToString) -> Self {
        Self {
            outcome: ledger::Outcome::Failed,
            error: error.to_string(),
            said: None,
            is_broken_body: false,
        }
    }

    /// The failure of a request to the upstream.
    pub(crate) fn of_request(error: &impl ToString, class: Class, said: Option<&str>) -> Self {
        let outcome = match class {
            Class::Unauthorized => ledger::Outcome::Unauthorized,
            Class::Retry { .. } | Class::Reject => ledger::Outcome::Failed,
        };
        Self { outcome, said: said.map(str::to_owned), ..Self::new(error.to_string()) }
    }

    /// The failure, with whether the list had begun and did not come whole.
    pub(crate) fn with_body(self, is_broken_body: bool) -> Self {
        Self { is_broken_body, ..self }
    }
}
