//! Errors of requests to Alma.
//!
//! The text of an error goes into the log. Alma's own words stand apart from it, since they
//! may quote a person's e-mail: [`Error::in_full`] has both, for the ledger and the command
//! line.

use percent_encoding::percent_decode_str;

use super::paths::operation;
use crate::http::{self, Class, Sent};
use crate::ledger::AlmaKind;

/// A part of a link with so many bytes gives away something of it.
const REVEALING: usize = 6;

/// A request that failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No usable answer came.
    #[error(transparent)]
    Http(#[from] http::Error),
    /// Alma refused the request.
    #[error("alma: {operation}: refused with HTTP {status}")]
    Refused {
        /// A verb and a kind: `create unit`.
        operation: &'static str,
        /// The HTTP status, 4xx.
        status: u16,
        /// Alma's words in one line; they may quote what we sent.
        words: String,
        /// The fields that the words are about, as Alma names them.
        fields: Vec<String>,
        /// Whether the refusal is about the body, which will be refused again as it is.
        /// Otherwise it is about the path, or about a GET.
        is_final: bool,
    },
    /// The answer is none that the document has. The request may have been carried out.
    #[error("alma: {operation}: an answer that is not documented (HTTP {status}): {what}")]
    Undocumented {
        /// A verb and a kind: `create unit`.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The upload seems done, and the answer does not tell its id: a repetition would be a
    /// second one.
    #[error("alma: {operation}: taken with HTTP {status}, and no id of it in the answer")]
    Nameless {
        /// A verb and a kind: `create unit`.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
    },
    /// Alma has no such request.
    #[error("alma: {operation}: not sent: {why}")]
    NotSent {
        /// A verb and a kind: `create unit`.
        operation: &'static str,
        /// Why not, and what to do.
        why: &'static str,
    },
}

impl Error {
    /// A function from what is wrong with an answer to its [`Error::Undocumented`].
    pub(super) fn on(operation: &'static str, status: u16) -> impl Fn(&'static str) -> Self + Copy {
        move |what| Error::Undocumented { operation, status, what }
    }

    /// The error for an object that the list has, and that cannot be read.
    pub(in crate::alma) fn missing_though_listed(kind: AlmaKind) -> Self {
        Self::on(operation!("read", kind), 404)("the list has it")
    }

    /// The error without Alma's words where they quote a link, whole or in part.
    pub(super) fn without_link(mut self, link: &str) -> Self {
        let plain = percent_decode_str(link).decode_utf8_lossy();
        let quotes = |words: &str, link: &str| {
            let mut parts = link.split(['/', '?', '&', '=', '|']);
            parts.any(|part| part.len() >= REVEALING && words.contains(part))
        };
        if let Error::Refused { words, .. } = &mut self
            && (quotes(words, link) || quotes(words, &plain))
        {
            *words = "its words quote the link, and are not kept".to_owned();
        }
        self
    }

    /// Whether the path does not exist: a 404 that is not the API's.
    pub fn is_no_place(&self) -> bool {
        matches!(self, Error::Undocumented { status: 404, .. })
    }

    /// What Alma said, where it said anything; not for the log.
    pub fn said(&self) -> Option<String> {
        match self {
            Error::Refused { words, .. } => http::words(words, &[]),
            Error::Http(error) => http::words(error.said()?, &[]),
            Error::Undocumented { .. } | Error::Nameless { .. } | Error::NotSent { .. } => None,
        }
    }

    /// The text with what Alma said; not for the log.
    pub fn in_full(&self) -> String {
        match self {
            Error::Refused { words, .. } if !words.is_empty() => format!("{self}: {words}"),
            _ => self.to_string(),
        }
    }

    /// The reaction to it.
    pub fn class(&self) -> Class {
        match self {
            Error::Http(error) => error.class(),
            Error::Undocumented { .. } => Class::Retry { after: None },
            Error::Refused { .. } | Error::Nameless { .. } | Error::NotSent { .. } => Class::Reject,
        }
    }

    /// Whether Alma can have seen the request.
    pub fn sent(&self) -> Sent {
        match self {
            Error::Http(error) => error.sent(),
            Error::Refused { .. } | Error::Undocumented { .. } | Error::Nameless { .. } => {
                Sent::Answered
            }
            Error::NotSent { .. } => Sent::No,
        }
    }

    /// The HTTP status, where an answer came.
    pub fn status(&self) -> Option<u16> {
        match self {
            Error::Http(error) => error.status(),
            Error::Refused { status, .. }
            | Error::Undocumented { status, .. }
            | Error::Nameless { status, .. } => Some(*status),
            Error::NotSent { .. } => None,
        }
    }

    /// Whether Alma refused the request, or has no such request.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Error::Refused { .. } | Error::NotSent { .. })
    }

    /// Whether the same request would fail again. Others may succeed.
    pub fn is_final(&self) -> bool {
        match self {
            Error::Refused { is_final, .. } => *is_final,
            Error::NotSent { .. } | Error::Nameless { .. } => true,
            Error::Http(_) | Error::Undocumented { .. } => false,
        }
    }

    /// The fields that Alma refused the request for, as it names them.
    pub fn refused_fields(&self) -> &[String] {
        match self {
            Error::Refused { fields, .. } => fields,
            _ => &[],
        }
    }

    /// Whether Alma refused the request because of this field.
    pub fn refused_field(&self, name: &str) -> bool {
        match self {
            Error::Refused { fields, .. } => fields.iter().any(|field| field == name),
            _ => false,
        }
    }
}
