//! UZhKH over HTTP: the calls of its document and their answers.
//!
//! Source: «Отправка данных от "Умное ЖКХ"». Every call is a GET; Delete, SetId
//! and the two decisions change state all the same.

use secrecy::{ExposeSecret, SecretString};

use crate::config;
use crate::http::{self, Authorization, BuildError, Deadline, Response, Upstream};
use crate::ledger::{Due, Queue};

/// The most bytes read of a short answer.
const ANSWER: usize = 1024;

/// The documented words of a refusal.
pub(super) const NOT_FOUND: &str = "notFound";
pub(super) const UNKNOWN_TYPE: &str = "unknownType";
pub(super) const NO_DATA: &str = "noData";
const NOT_AUTHORIZED: &str = "notAuthorized";
const ERROR: &str = "error";

/// The status of an answer without a body: nothing waits.
pub(super) const NO_CONTENT: u16 = 204;

/// UZhKH's side of the wire.
#[derive(Debug)]
pub(super) struct Api {
    upstream: Upstream,
    /// What no answer may quote.
    secrets: Vec<SecretString>,
}

/// An answer to a call that changes something.
#[derive(Debug)]
pub(super) struct Told<T> {
    pub(super) outcome: Result<T, Error>,
    /// The HTTP status, where an answer came.
    pub(super) status: Option<u16>,
    /// UZhKH's own words, without secrets.
    pub(super) said: Option<String>,
}

/// The result of a Delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deleted {
    /// UZhKH has forgotten the entry.
    Done,
    /// UZhKH no longer knew it.
    Unknown,
}

/// The documented answers of SetId that are not a reason to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SetId {
    /// `success`
    Success,
    /// `notFound`: no object has this UZhKH id (any more).
    NotFound,
    /// `unknownType`
    UnknownType,
    /// `noData`: a parameter was missing.
    NoData,
}

/// A failed call.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Http(#[from] http::Error),
    /// HTTP 404.
    #[error(
        "uzhkh: {operation}: not found (HTTP 404); is uzhkh.base_url the internal link that UZhKH's support gave out?"
    )]
    NotThere { operation: &'static str },
    /// One of the documented words for a refusal.
    #[error("uzhkh: {operation}: refused: {word}")]
    Refused { operation: &'static str, status: u16, word: &'static str },
    /// An answer that the document does not have.
    #[error("uzhkh: {operation}: an answer that is not documented (HTTP {status})")]
    Undocumented { operation: &'static str, status: u16 },
}

impl Error {
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Error::Http(error) => error.status(),
            Error::NotThere { .. } => Some(404),
            Error::Refused { status, .. } | Error::Undocumented { status, .. } => Some(*status),
        }
    }

    /// The status of an answer that no document has, and that may be the same next time.
    pub(super) fn undocumented_status(&self) -> Option<u16> {
        match self {
            Error::Undocumented { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The status of an answer that will be the same next time: the request is refused.
    pub(super) fn refused_status(&self) -> Option<u16> {
        match self {
            Error::Undocumented { status: status @ 400..=499, .. } => Some(*status),
            _ => None,
        }
    }

    pub(super) fn class(&self) -> http::Class {
        match self {
            Error::Http(error) => error.class(),
            Error::Refused { .. } => http::Class::Reject,
            Error::NotThere { .. } | Error::Undocumented { .. } => {
                http::Class::Retry { after: None }
            }
        }
    }

    pub(super) fn sent(&self) -> http::Sent {
        match self {
            Error::Http(error) => error.sent(),
            Error::NotThere { .. } | Error::Refused { .. } | Error::Undocumented { .. } => {
                http::Sent::Answered
            }
        }
    }
}

impl Api {
    pub(super) fn new(
        config: &config::Uzhkh,
        http: &config::Http,
        deadline: &Deadline,
    ) -> Result<Self, BuildError> {
        let token: &SecretString = &config.token;
        let link = config.base_url.expose_secret();
        let parts = [link.as_str(), link.path().trim_matches('/'), link.host_str().unwrap_or("")];
        let secrets = parts.into_iter().chain([token.expose_secret()]);
        Ok(Self {
            secrets: secrets.filter(|secret| !secret.is_empty()).map(Into::into).collect(),
            upstream: Upstream::new(
                "uzhkh",
                &config.base_url,
                Some(Authorization::bearer(token)),
                http,
                deadline,
                config.unauthorized_pause,
            )?,
        })
    }

    pub(super) fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// `To1c/Requests` or `To1c/DeletedItems`, to be read as a stream.
    pub(super) async fn queue(&self, queue: Queue) -> Result<Response, Error> {
        let operation = match queue {
            Queue::Requests => "To1c/Requests",
            Queue::Deleted => "To1c/DeletedItems",
        };
        let answer = self.upstream.get_patiently(operation, operation, &[]).await?;
        expect_success(operation, answer)
    }

    /// A page of a Download list, to be read as a stream; pages begin at 1.
    pub(super) async fn page(&self, list: &'static str, page: u32) -> Result<Response, Error> {
        let path = format!("Synchronization/{list}");
        let page = page.to_string();
        let query = [("page", page.as_str())];
        let answer = self.upstream.get_patiently(list, &path, &query).await?;
        expect_success(list, answer)
    }

    /// `To1c/Delete`: UZhKH forgets a committed envelope, and takes over the permanent id
    /// that it announces, if any. Only the ledger makes a [`Due`], from a row read back after
    /// its commit: nothing else can be acknowledged.
    pub(super) async fn delete(&self, due: &Due) -> Result<Deleted, Error> {
        let operation = "To1c/Delete";
        let mut query = vec![("guid", due.guid())];
        query.extend(due.object_id().map(|id| ("objectId", id)));
        let answer = self.upstream.get(operation, operation, &query).await?;
        let status = answer.status();
        // Read to its end, so that the connection can be used again.
        let body = answer.text(ANSWER).await;
        match status {
            200..=299 => self.deleted(operation, status, &body?),
            404 => Ok(Deleted::Unknown),
            status => Err(Error::Undocumented { operation, status }),
        }
    }

    /// The result that a success of Delete stands for. Its text is not documented: a word that
    /// SetId has for a refusal is taken for one here, too, since an id that went with it would
    /// count as told for ever.
    fn deleted(&self, operation: &'static str, status: u16, body: &str) -> Result<Deleted, Error> {
        match word(body) {
            NOT_FOUND => Ok(Deleted::Unknown),
            NOT_AUTHORIZED => Err(self.upstream.unauthorized(operation, status).into()),
            NO_DATA | UNKNOWN_TYPE | ERROR => Err(Error::Undocumented { operation, status }),
            _ if is_page(body) => Err(Error::Undocumented { operation, status }),
            _ => Ok(Deleted::Done),
        }
    }

    /// `SetId`: UZhKH takes over `external_id` in the place of `uzhk_id`. The word
    /// in the body tells the answers apart, plain or as a JSON string.
    pub(super) async fn set_id(
        &self,
        uzhk_id: &str,
        external_id: &str,
        type_word: &str,
    ) -> Told<SetId> {
        let operation = "SetId";
        let query = [("uzhkId", uzhk_id), ("externalId", external_id), ("type", type_word)];
        let answer = match self.upstream.get_any_status(operation, operation, &query).await {
            Ok(answer) => answer,
            Err(error) => return self.untold(error),
        };
        let status = answer.status();
        let unclear = answer.as_error();
        let body = match answer.text(ANSWER).await {
            Ok(body) => body,
            Err(error) => return Told { status: Some(status), ..self.untold(error) },
        };
        let outcome = match word(&body) {
            "success" => Ok(SetId::Success),
            NOT_FOUND => Ok(SetId::NotFound),
            UNKNOWN_TYPE => Ok(SetId::UnknownType),
            NO_DATA => Ok(SetId::NoData),
            NOT_AUTHORIZED => Err(self.upstream.unauthorized(operation, status).into()),
            _ if matches!(status, 401 | 403) => {
                Err(self.upstream.unauthorized(operation, status).into())
            }
            _ if status >= 500 || status == 429 || status == 408 => Err(unclear.into()),
            _ => Err(Error::Undocumented { operation, status }),
        };
        self.told(outcome, status, &body)
    }

    /// One of the two decisions, with its documented parameters. The answer is not documented:
    /// a word that SetId has for a refusal is taken for one here, too.
    pub(super) async fn decide(&self, operation: &'static str, query: &[(&str, &str)]) -> Told<()> {
        let path = format!("Synchronization/{operation}");
        let answer = match self.upstream.get_apart(operation, &path, query).await {
            Ok(answer) => answer,
            Err(error) => return self.untold(error),
        };
        let status = answer.status();
        // A success is one whatever becomes of its body.
        let body = answer.text(ANSWER).await.unwrap_or_default();
        let refused = |word| Err(Error::Refused { operation, status, word });
        let outcome = match word(&body) {
            NOT_FOUND => refused(NOT_FOUND),
            UNKNOWN_TYPE => refused(UNKNOWN_TYPE),
            NO_DATA => refused(NO_DATA),
            NOT_AUTHORIZED => Err(self.upstream.unauthorized(operation, status).into()),
            ERROR => Err(Error::Undocumented { operation, status }),
            // A login page is not an answer of UZhKH.
            _ if matches!(status, 200..=299) && !is_page(&body) => Ok(()),
            _ => Err(Error::Undocumented { operation, status }),
        };
        self.told(outcome, status, &body)
    }

    fn told<T>(&self, outcome: Result<T, Error>, status: u16, body: &str) -> Told<T> {
        let secrets: Vec<&str> = self.secrets.iter().map(ExposeSecret::expose_secret).collect();
        Told { outcome, status: Some(status), said: http::words(body, &secrets) }
    }

    /// No usable answer came; what was said with a refusal is kept.
    fn untold<T>(&self, error: http::Error) -> Told<T> {
        let secrets: Vec<&str> = self.secrets.iter().map(ExposeSecret::expose_secret).collect();
        let said = error.said().and_then(|said| http::words(said, &secrets));
        Told { status: error.status(), said, outcome: Err(error.into()) }
    }
}

/// The word that an answer is, plain or as a JSON string.
fn word(body: &str) -> &str {
    body.trim_start_matches('\u{FEFF}').trim().trim_matches('"')
}

/// Whether a short answer is a page of HTML: it was not UZhKH that answered.
fn is_page(body: &str) -> bool {
    body.trim_start_matches('\u{FEFF}').trim_start().starts_with('<')
}

fn expect_success(operation: &'static str, answer: Response) -> Result<Response, Error> {
    match answer.status() {
        200..=299 => Ok(answer),
        404 => Err(Error::NotThere { operation }),
        status => Err(Error::Undocumented { operation, status }),
    }
}
