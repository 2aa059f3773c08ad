//! The errors of requests to MACRO.
//!
//! The text of an error goes into the log. MACRO's own words stand apart from it, since they
//! may hold a telephone number: [`Error::in_full`] has both, for the ledger and the command
//! line.

use crate::http::{self, Class, Sent};

/// A request that failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No usable answer.
    #[error("{error}")]
    Http {
        /// The failure.
        error: http::Error,
        /// MACRO's own words, where it said any.
        said: Option<String>,
    },
    /// MACRO refused.
    #[error("macrocrm: {operation}: refused{}{advice}", coded(.code))]
    No {
        /// The call.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
        /// `status_code`, where there is one.
        code: Option<i64>,
        /// The advice to the operator.
        advice: &'static str,
        /// MACRO's own words.
        said: Option<String>,
    },
    /// An answer that the document does not have.
    #[error("macrocrm: {operation}: an answer that is not documented (HTTP {status}): {problem}")]
    Undocumented {
        /// The call.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
        /// The deviation from the document.
        problem: &'static str,
        /// MACRO's own words, where they are kept.
        said: Option<String>,
    },
}

impl From<http::Error> for Error {
    fn from(error: http::Error) -> Self {
        Error::Http { error, said: None }
    }
}

fn coded(code: &Option<i64>) -> String {
    code.map_or_else(String::new, |code| format!(" (status_code {code})"))
}

impl Error {
    /// MACRO's own words, fit to be kept; not for the log.
    pub(crate) fn said(&self) -> Option<&str> {
        match self {
            Error::No { said, .. }
            | Error::Http { said, .. }
            | Error::Undocumented { said, .. } => said.as_deref().filter(|said| !said.is_empty()),
        }
    }

    /// The text with MACRO's own words; not for the log.
    pub(crate) fn in_full(&self) -> String {
        match (self, self.said()) {
            (Error::No { .. }, Some(said)) => format!("{self}: {said}"),
            _ => self.to_string(),
        }
    }

    /// The reaction.
    pub(crate) fn class(&self) -> Class {
        match self {
            Error::Http { error, .. } => error.class(),
            Error::No { .. } | Error::Undocumented { .. } => Class::Reject,
        }
    }

    /// The part of the request that MACRO may have seen.
    pub(super) fn sent(&self) -> Sent {
        match self {
            Error::Http { error, .. } => error.sent(),
            Error::No { .. } | Error::Undocumented { .. } => Sent::Answered,
        }
    }

    /// The HTTP status, where an answer came.
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Error::Http { error, .. } => error.status(),
            Error::No { status, .. } | Error::Undocumented { status, .. } => Some(*status),
        }
    }
}
