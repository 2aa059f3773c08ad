//! Why a request to MACRO did not do what it should.
//!
//! The text of an error goes into the log. What MACRO itself said stands apart from
//! it, since it may hold somebody's telephone number: [`Error::in_full`] has both, for
//! the ledger and the command line.

use crate::http::{self, Class, Sent};

/// A request that failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It brought no answer that could be used.
    #[error(transparent)]
    Http(#[from] http::Error),
    /// It was answered, with a no.
    #[error("macrocrm: {operation}: refused{}{advice}", coded(.code))]
    No {
        /// What was asked for.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
        /// `status_code`, where there is one.
        code: Option<i64>,
        /// What an operator can do.
        advice: &'static str,
        /// What MACRO said of it.
        said: Option<String>,
    },
    /// It was answered, with something that the document does not know.
    #[error("macrocrm: {operation}: an answer that is not documented (HTTP {status}): {problem}")]
    Undocumented {
        /// What was asked for.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
        /// Why it is not.
        problem: &'static str,
    },
}

fn coded(code: &Option<i64>) -> String {
    code.map_or_else(String::new, |code| format!(" (status_code {code})"))
}

impl Error {
    /// What MACRO said, made fit to be kept; not for the log.
    pub(crate) fn said(&self) -> Option<&str> {
        match self {
            Error::No { said, .. } => said.as_deref().filter(|said| !said.is_empty()),
            Error::Http(_) | Error::Undocumented { .. } => None,
        }
    }

    /// The text with what MACRO said; not for the log.
    pub(crate) fn in_full(&self) -> String {
        match self.said() {
            Some(said) => format!("{self}: {said}"),
            None => self.to_string(),
        }
    }

    /// How to react.
    pub(crate) fn class(&self) -> Class {
        match self {
            Error::Http(error) => error.class(),
            Error::No { .. } | Error::Undocumented { .. } => Class::Reject,
        }
    }

    /// What MACRO can have seen of the request.
    pub(super) fn sent(&self) -> Sent {
        match self {
            Error::Http(error) => error.sent(),
            Error::No { .. } | Error::Undocumented { .. } => Sent::Answered,
        }
    }

    /// The HTTP status, where an answer came.
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Error::Http(error) => error.status(),
            Error::No { status, .. } | Error::Undocumented { status, .. } => Some(*status),
        }
    }
}
