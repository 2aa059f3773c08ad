//! What goes wrong in PostgreSQL, told apart by what to do about it.
//!
//! The words hold SQLSTATE, message and constraint: DETAIL, CONTEXT and WHERE quote rows, and so does
//! the message where a value has not the form of its type.

use std::error::Error as _;

use tokio_postgres::Error;

use crate::ledger;

/// What comes before a value in a message of PostgreSQL, whatever language that is in.
const BEFORE_VALUE: [char; 6] = [':', '"', '«', '»', '“', '„'];

/// Why a step did not come to its end.
#[derive(Debug)]
pub(super) enum Failure {
    /// The ledger failed.
    Ledger(ledger::Error),
    /// PostgreSQL does not take a row of it.
    Row(String),
    /// It is to be tried again soon.
    Away(String),
    /// The same: PostgreSQL did not answer in time, and may be at it still.
    Late(String),
    /// A person must act.
    Paused(String),
    /// Another relay writes there.
    Refused(String),
    /// The cursor is not what it was when it was last seen: it is to be looked at anew.
    Moved,
}

impl Failure {
    /// Whether it may be otherwise soon, without a person.
    pub(super) fn is_away(&self) -> bool {
        matches!(self, Self::Away(_) | Self::Late(_))
    }
}

impl From<ledger::Error> for Failure {
    fn from(error: ledger::Error) -> Self {
        Failure::Ledger(error)
    }
}

impl From<Error> for Failure {
    /// Of what is not about rows: where a row's own fault shows, a person must act.
    fn from(error: Error) -> Self {
        match of_rows(&error) {
            Failure::Row(words) => Failure::Paused(words),
            other => other,
        }
    }
}

/// A failure of statements that bring rows.
pub(super) fn of_rows(error: &Error) -> Failure {
    let words = words(error);
    if let Some(database) = error.as_db_error() {
        let class = database.code().code().get(..2).unwrap_or_default();
        return match class {
            "22" | "23" | "54" | "P0" => Failure::Row(words),
            "08" | "53" | "57" | "40" => Failure::Away(words),
            _ => Failure::Paused(words),
        };
    }
    if error.is_closed() {
        return Failure::Away(words);
    }
    let text = error.to_string();
    if text.starts_with("error encoding message") || text.starts_with("error serializing") {
        return Failure::Row(words);
    }
    if text.contains("TLS") && !has_lost_the_connection(error) {
        return Failure::Paused(words);
    }
    let is_away = ["error communicating", "error connecting", "error performing", "timeout"];
    match is_away.iter().any(|beginning| text.starts_with(beginning)) {
        true => Failure::Away(words),
        false => Failure::Paused(words),
    }
}

/// Whether a handshake broke off, not by anything that either side said.
fn has_lost_the_connection(error: &Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return io.get_ref().is_none_or(|inner| !inner.is::<rustls::Error>());
        }
        cause = error.source();
    }
    false
}

/// A message without the value that those of SQLSTATE 22 quote, as `invalid input syntax for type bigint: "…"`.
fn without_value(code: &str, message: &str) -> String {
    match message.split_once(BEFORE_VALUE) {
        Some((before, _)) if code.starts_with("22") => format!("{}…", before.trim_end()),
        _ => message.to_owned(),
    }
}

/// The failure in words.
fn words(error: &Error) -> String {
    if let Some(database) = error.as_db_error() {
        let code = database.code().code();
        let message = without_value(code, database.message());
        return match database.constraint() {
            Some(constraint) => format!("{code} {message} (constraint {constraint})"),
            None => format!("{code} {message}"),
        };
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = error.source();
    }
    text
}
