//! The errors of requests to Bitrix24.
//!
//! The text of an error goes into the log. Bitrix24's own words stand apart from it: they may
//! name people, and are for the ledger and the command line alone.

use std::time::Duration;

use crate::http::{self, Class};

/// A request that failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// No usable answer.
    #[error(transparent)]
    Http(#[from] http::Error),
    /// A limit of the portal is reached.
    #[error("bitrix24: {operation}: {limit}")]
    Busy {
        /// The method.
        operation: &'static str,
        /// The limit.
        limit: Limit,
    },
    /// Bitrix24 refused.
    #[error("bitrix24: {operation}: refused{}{}", coded(.code), advice(*.status, .code))]
    No {
        /// The method.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
        /// `error`, where it is a word.
        code: Option<String>,
        /// `error_description`.
        said: Option<String>,
    },
    /// An answer that is not documented.
    #[error("bitrix24: {operation}: an answer that is not documented (HTTP {status}): {problem}")]
    Undocumented {
        /// The method.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
        /// The deviation from the documentation.
        problem: &'static str,
    },
    /// The service stops.
    #[error("bitrix24: the service stops")]
    Stopped,
}

/// A limit of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Limit {
    /// `QUERY_LIMIT_EXCEEDED`: the bucket is full.
    #[error(
        "too many requests for the portal (QUERY_LIMIT_EXCEEDED); does another program ask from this address?"
    )]
    Queries,
    /// `OPERATION_TIME_LIMIT`: the method has used up its time; the time until it has some
    /// again, where known.
    #[error(
        "the method has used up the time that the portal gives it (OPERATION_TIME_LIMIT){}",
        until(.0)
    )]
    Time(Option<Duration>),
    /// `OVERLOAD_LIMIT`: Bitrix24 has blocked REST for the portal by hand.
    #[error(
        "the portal has shut REST for overload (OVERLOAD_LIMIT); it is left alone for a while, ask Bitrix24's support"
    )]
    Overload,
}

fn until(left: &Option<Duration>) -> String {
    left.map_or_else(String::new, |left| {
        let seconds = Duration::from_secs(left.as_secs());
        format!("; it has some again in {}", humantime::format_duration(seconds))
    })
}

fn coded(code: &Option<String>) -> String {
    code.as_ref().map_or_else(String::new, |code| format!(" ({code})"))
}

/// The advice to the operator.
fn advice(status: u16, code: &Option<String>) -> &'static str {
    match (status, code.as_deref()) {
        (401 | 403, _) => {
            "; check bitrix24.webhook_url, that the webhook has the right \"crm\", and its user's access"
        }
        (_, Some("ACCESS_DENIED")) => "; check the access of the webhook's user",
        (_, Some("NOT_FOUND")) => {
            "; are the numbers of the smart processes in [bitrix24] those of this portal?"
        }
        (_, Some("ERROR_METHOD_NOT_FOUND")) => "; does the webhook have the right \"crm\"?",
        _ => "",
    }
}

impl Error {
    /// Bitrix24's own words, fit to be kept; not for the log.
    pub fn said(&self) -> Option<&str> {
        match self {
            Error::No { said, .. } => said.as_deref().filter(|said| !said.is_empty()),
            _ => None,
        }
    }

    /// The text with Bitrix24's own words; not for the log.
    pub fn in_full(&self) -> String {
        match self.said() {
            Some(said) => format!("{self}: {said}"),
            None => self.to_string(),
        }
    }

    /// The reaction.
    pub fn class(&self) -> Class {
        match self {
            Error::Http(error) => error.class(),
            Error::Busy { .. } => Class::Retry { after: None },
            Error::No { status: 401 | 403, .. } => Class::Unauthorized,
            Error::No { .. } | Error::Undocumented { .. } | Error::Stopped => Class::Reject,
        }
    }
}
