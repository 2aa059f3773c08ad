//! Why a call of Alma did not do what it should.
//!
//! The text of an error goes into the log. What Alma itself said stands apart from it,
//! since it may quote somebody's e-mail: [`Error::in_full`] has both, for the ledger and
//! the command line.

use percent_encoding::percent_decode_str;

use super::paths::operation;
use crate::http::{self, Class, Sent};
use crate::ledger::AlmaKind;

/// A part of a link of so many bytes tells something of it.
const TELLING: usize = 6;

/// A call that failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It brought no answer that could be used.
    #[error(transparent)]
    Http(#[from] http::Error),
    /// It was refused.
    #[error("alma: {operation}: refused with HTTP {status}")]
    Refused {
        /// What was asked for.
        operation: &'static str,
        /// The HTTP status, 4xx.
        status: u16,
        /// Alma's words in one line; they may quote what we sent.
        words: String,
        /// The fields that the words are about, as Alma names them.
        fields: Vec<String>,
        /// Whether it is about what was sent, so that the same will be refused again.
        /// Otherwise it is about the place it was sent to, or about asking: that is put
        /// right elsewhere.
        is_final: bool,
    },
    /// It was answered, with something that the document does not know. What was asked
    /// for may be done.
    #[error("alma: {operation}: an answer that is not documented (HTTP {status}): {what}")]
    Undocumented {
        /// What was asked for.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
        /// Why it is not.
        what: &'static str,
    },
    /// It was done, it seems, and what came of it is called nothing that is known: again
    /// would be another one.
    #[error("alma: {operation}: taken with HTTP {status}, and no id of it in the answer")]
    Nameless {
        /// What was asked for.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
    },
    /// There is no way to ask for it.
    #[error("alma: {operation}: not sent: {why}")]
    NotSent {
        /// What was asked for.
        operation: &'static str,
        /// Why not, and what to do.
        why: &'static str,
    },
}

impl Error {
    /// Makes errors of an answer that is not documented, from why it is not.
    pub(super) fn on(operation: &'static str, status: u16) -> impl Fn(&'static str) -> Self + Copy {
        move |what| Error::Undocumented { operation, status, what }
    }

    /// An object that the list has, and that is not there all the same.
    pub(in crate::alma) fn missing_though_listed(kind: AlmaKind) -> Self {
        Self::on(operation!("read", kind), 404)("the list has it")
    }

    /// The same without what Alma said where that quotes a link, whole or in part.
    pub(super) fn without_link(mut self, link: &str) -> Self {
        let plain = percent_decode_str(link).decode_utf8_lossy();
        let quotes = |words: &str, link: &str| {
            let mut parts = link.split(['/', '?', '&', '=', '|']);
            parts.any(|part| part.len() >= TELLING && words.contains(part))
        };
        if let Error::Refused { words, .. } = &mut self
            && (quotes(words, link) || quotes(words, &plain))
        {
            *words = "its words quote the link, and are not kept".to_owned();
        }
        self
    }

    /// Whether there is no such place, or a page for people says that something is not there.
    pub fn is_no_place(&self) -> bool {
        matches!(self, Error::Undocumented { status: 404, .. })
    }

    /// The text with what Alma said; not for the log.
    pub fn in_full(&self) -> String {
        match self {
            Error::Refused { words, .. } if !words.is_empty() => format!("{self}: {words}"),
            _ => self.to_string(),
        }
    }

    /// How to react.
    pub fn class(&self) -> Class {
        match self {
            Error::Http(error) => error.class(),
            Error::Undocumented { .. } => Class::Retry { after: None },
            Error::Refused { .. } | Error::Nameless { .. } | Error::NotSent { .. } => Class::Reject,
        }
    }

    /// What Alma can have seen of the call.
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

    /// Whether Alma said no, or there is no way to ask.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Error::Refused { .. } | Error::NotSent { .. })
    }

    /// Whether it is a refusal of what was sent, which will be refused again as it is. Other
    /// calls may do well.
    pub fn is_final(&self) -> bool {
        match self {
            Error::Refused { is_final, .. } => *is_final,
            Error::NotSent { .. } | Error::Nameless { .. } => true,
            Error::Http(_) | Error::Undocumented { .. } => false,
        }
    }

    /// Whether Alma said no because of this field, by its name there.
    pub fn refused_field(&self, name: &str) -> bool {
        match self {
            Error::Refused { fields, .. } => fields.iter().any(|field| field == name),
            _ => false,
        }
    }
}
