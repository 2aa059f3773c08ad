//! Why a request to Bitrix24 did not do what it should.
//!
//! The text of an error goes into the log. What Bitrix24 itself said stands apart from
//! it: it may name people, and is for the ledger and the command line alone.

use std::time::Duration;

use crate::http::{self, Class};

/// A request that failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// It brought no answer that could be used.
    #[error(transparent)]
    Http(#[from] http::Error),
    /// The portal has had enough of us for now.
    #[error("bitrix24: {operation}: {limit}")]
    Busy {
        /// What was asked for.
        operation: &'static str,
        /// What it has had enough of.
        limit: Limit,
    },
    /// It was answered, with a no.
    #[error("bitrix24: {operation}: refused{}{}", coded(.code), advice(*.status, .code))]
    No {
        /// What was asked for.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
        /// `error`, where it is a word.
        code: Option<String>,
        /// `error_description`.
        said: Option<String>,
    },
    /// It was answered, with something that is not documented.
    #[error("bitrix24: {operation}: an answer that is not documented (HTTP {status}): {problem}")]
    Undocumented {
        /// What was asked for.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
        /// Why it is not.
        problem: &'static str,
    },
    /// By our own end.
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
    /// `OPERATION_TIME_LIMIT`: the method has used up its time, for so long where that is
    /// known.
    #[error(
        "the method has used up the time that the portal gives it (OPERATION_TIME_LIMIT){}",
        until(.0)
    )]
    Time(Option<Duration>),
    /// `OVERLOAD_LIMIT`: the portal is shut to us by hand.
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

/// What an operator can do.
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
    /// What Bitrix24 said, made fit to be kept; not for the log.
    pub fn said(&self) -> Option<&str> {
        match self {
            Error::No { said, .. } => said.as_deref().filter(|said| !said.is_empty()),
            _ => None,
        }
    }

    /// The text with what Bitrix24 said; not for the log.
    pub fn in_full(&self) -> String {
        match self.said() {
            Some(said) => format!("{self}: {said}"),
            None => self.to_string(),
        }
    }

    /// How to react.
    pub fn class(&self) -> Class {
        match self {
            Error::Http(error) => error.class(),
            Error::Busy { .. } => Class::Retry { after: None },
            Error::No { status: 401 | 403, .. } => Class::Unauthorized,
            Error::No { .. } | Error::Undocumented { .. } | Error::Stopped => Class::Reject,
        }
    }
}
