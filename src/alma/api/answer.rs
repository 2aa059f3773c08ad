//! What all answers have in common: status, text, and what a status means.

use serde::de::IgnoredAny;

use super::ANSWER;
use super::error::Error;
use super::refusal;
use crate::http::{Class, Response};
use crate::json::{self, Members};

/// The byte order mark.
const BOM: char = '\u{feff}';

/// The status and the text of an answer; one that is not UTF-8, or too long, is not
/// documented.
pub(super) async fn read(
    operation: &'static str,
    answer: Response,
) -> Result<(u16, String), Error> {
    let status = answer.status();
    let body = match answer.bytes(ANSWER).await {
        // What was asked for may be done all the same.
        Err(error) if error.class() == Class::Reject => None,
        body => Some(body?),
    };
    Ok((status, told(operation, status, body)?))
}

/// The text of an answer; `None` for a body that was too long.
pub(super) fn told(
    operation: &'static str,
    status: u16,
    body: Option<Vec<u8>>,
) -> Result<String, Error> {
    body.ok_or("it is too long").and_then(text).map_err(Error::on(operation, status))
}

/// The text of a body, without a byte order mark.
pub(super) fn text(body: Vec<u8>) -> Result<String, &'static str> {
    let mut text = String::from_utf8(body).map_err(|_| "it is not UTF-8")?;
    if text.starts_with(BOM) {
        text.drain(..BOM.len_utf8());
    }
    Ok(text)
}

/// The status and the text of a successful answer that has a body.
pub(super) async fn found(
    operation: &'static str,
    answer: Response,
) -> Result<(u16, String), Error> {
    match read(operation, answer).await? {
        (status @ 200..=201, body) => Ok((status, body)),
        (status, body) => Err(unexpected(operation, status, &body)),
    }
}

/// The status and the text of an answer about an object; `None` where it does not exist.
pub(super) fn sought(
    operation: &'static str,
    status: u16,
    body: String,
) -> Result<Option<(u16, String)>, Error> {
    match (status, body) {
        (status @ 200..=201, body) => Ok(Some((status, body))),
        (404, body) if is_of_the_api(&body) => Ok(None),
        (status, body) => Err(untold(operation, status, &body)),
    }
}

/// Whether a 404 comes from the API, whose body is JSON or empty. One from a proxy, or from
/// another path, is an HTML page.
fn is_of_the_api(body: &str) -> bool {
    let body = body.trim_start();
    body.is_empty() || body.starts_with('{')
}

/// The id in the answer to a create.
pub(super) async fn id(operation: &'static str, answer: Response) -> Result<i64, Error> {
    let (status, body) = found(operation, answer).await?;
    let id = Members::parse(&body).and_then(|object| object.get("id")?.parse().ok());
    id.ok_or_else(|| Error::on(operation, status)(trouble(&body, "it has no id")))
}

/// The id in the answer to an upload, whose form is not documented.
pub(super) async fn file_id(operation: &'static str, answer: Response) -> Result<i64, Error> {
    let (status, body) = read(operation, answer).await?;
    if !(200..300).contains(&status) {
        return Err(unexpected(operation, status, &body));
    }
    let body = body.trim();
    if !body.is_empty() && serde_json::from_str::<IgnoredAny>(body).is_err() {
        // From a proxy in front of Alma: the file may not have arrived.
        return Err(Error::on(operation, status)(trouble(body, "")));
    }
    let number = |value: &str| json::string(value).unwrap_or(value.into()).parse().ok();
    let object = Members::parse(body).unwrap_or_default();
    let names = ["id", "external_file_id", "file_id"];
    let id = names.iter().find_map(|name| number(object.get(name)?)).or_else(|| number(body));
    id.ok_or(Error::Nameless { operation, status })
}

/// Success of a request whose answer is not read. The document does not show it; it seems
/// to be the object.
pub(super) async fn done(operation: &'static str, answer: Response) -> Result<(), Error> {
    let (status, body) = read(operation, answer).await?;
    if !(200..300).contains(&status) {
        return Err(unexpected(operation, status, &body));
    }
    if matches!(body.trim(), "" | "true") || Members::parse(&body).is_some() {
        return Ok(());
    }
    Err(Error::on(operation, status)(trouble(&body, "it is not an object")))
}

/// The error for an unexpected status: a refusal, or one that is not documented. Statuses
/// that may pass were made errors by [`crate::http`].
fn unexpected(operation: &'static str, status: u16, body: &str) -> Error {
    refusal_of(operation, status, body, is_of_what_was_sent(status))
}

/// The error for an unexpected status of a GET, which says nothing about the object.
pub(super) fn untold(operation: &'static str, status: u16, body: &str) -> Error {
    refusal_of(operation, status, body, false)
}

/// Whether a refusal is about what was sent, and not about the path.
fn is_of_what_was_sent(status: u16) -> bool {
    !matches!(status, 404 | 405)
}

fn refusal_of(operation: &'static str, status: u16, body: &str, is_final: bool) -> Error {
    if status < 400 {
        return Error::on(operation, status)("its status is another");
    }
    if status == 404 && !is_of_the_api(body) {
        return Error::on(operation, status)("nothing is there; is alma.base_url right?");
    }
    let (words, fields) = refusal::read(body);
    Error::Refused { operation, status, words, fields, is_final }
}

/// Why a text is not what was expected; `otherwise`: where it is JSON.
pub(super) fn trouble(body: &str, otherwise: &'static str) -> &'static str {
    let body = body.trim_start();
    if body.is_empty() {
        "it is empty"
    } else if body.starts_with('<') {
        "it is a page for people"
    } else if serde_json::from_str::<IgnoredAny>(body).is_err() {
        "it is not JSON"
    } else {
        otherwise
    }
}
