//! Answers, as far as they are the same whatever was asked.

use serde::de::IgnoredAny;

use super::ANSWER;
use super::error::Error;
use super::refusal;
use crate::http::{Class, Response};
use crate::json::{self, Members};

/// The byte order mark.
const BOM: char = '\u{feff}';

/// The status and the text of an answer. An answer that is no text, or too long for
/// one, is not documented.
pub(super) async fn read(
    operation: &'static str,
    answer: Response,
) -> Result<(u16, String), Error> {
    let status = answer.status();
    let undocumented = Error::on(operation, status);
    let body = match answer.bytes(ANSWER).await {
        Ok(body) => body,
        // What was asked for is done all the same.
        Err(error) if error.class() == Class::Reject => return Err(undocumented("it is too long")),
        Err(error) => return Err(error.into()),
    };
    Ok((status, text(body).map_err(undocumented)?))
}

/// The text of a body, without the mark that some servers put before it.
pub(super) fn text(body: Vec<u8>) -> Result<String, &'static str> {
    let mut text = String::from_utf8(body).map_err(|_| "it is not UTF-8")?;
    if text.starts_with(BOM) {
        text.drain(..BOM.len_utf8());
    }
    Ok(text)
}

/// The status and the text of an answer that says yes and has something to say.
pub(super) async fn found(
    operation: &'static str,
    answer: Response,
) -> Result<(u16, String), Error> {
    match read(operation, answer).await? {
        (status @ 200..=201, body) => Ok((status, body)),
        (status, body) => Err(unexpected(operation, status, &body)),
    }
}

/// The same of something that may not be there: `None` where it is not.
pub(super) async fn sought(
    operation: &'static str,
    answer: Response,
) -> Result<Option<(u16, String)>, Error> {
    match read(operation, answer).await? {
        (status @ 200..=201, body) => Ok(Some((status, body))),
        (404, body) if is_of_the_api(&body) => Ok(None),
        (status, body) => Err(untold(operation, status, &body)),
    }
}

/// Whether a 404 speaks of an object: one of the API is JSON, if anything; one of another
/// place, or of a proxy in front, is a page.
fn is_of_the_api(body: &str) -> bool {
    let body = body.trim_start();
    body.is_empty() || body.starts_with('{')
}

/// The id in the answer to something that was made.
pub(super) async fn id(operation: &'static str, answer: Response) -> Result<i64, Error> {
    let (status, body) = found(operation, answer).await?;
    let made = Members::parse(&body);
    let id = made.and_then(|made| made.get("id")?.parse().ok());
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
        // From something in front of Alma, which may have taken nothing.
        return Err(Error::on(operation, status)(trouble(body, "")));
    }
    let number = |value: &str| json::string(value).unwrap_or(value.into()).parse().ok();
    let made = Members::parse(body).unwrap_or_default();
    let mut names = ["id", "external_file_id", "file_id"].into_iter();
    let named = names.find_map(|name| number(made.get(name)?));
    let id = named.or_else(|| number(body));
    id.ok_or(Error::Nameless { operation, status })
}

/// Whether something was done. The document does not show what is answered then: the
/// object, it seems, and nothing that is read here.
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

/// An answer with a status that nobody wants: a refusal, or what the document does not
/// know. The ways of [`crate::http`] have taken out what may pass.
fn unexpected(operation: &'static str, status: u16, body: &str) -> Error {
    refusal_of(operation, status, body, is_of_what_was_sent(status))
}

/// The same of something that was only asked for: that says nothing about the object.
pub(super) fn untold(operation: &'static str, status: u16, body: &str) -> Error {
    refusal_of(operation, status, body, false)
}

/// Whether a refusal is about what was sent, and not about the place it was sent to.
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

/// Reads an answer that does not matter, so that its connection can be used again.
pub(super) async fn forget(answer: Response) {
    // What goes wrong does not matter either.
    drop(answer.text(ANSWER).await);
}

/// Why a text is not what was expected, which `otherwise` says of JSON.
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
