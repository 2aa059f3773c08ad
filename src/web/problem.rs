//! What is said where a request is not carried out: `application/problem+json` (RFC 9457).
//!
//! A detail goes to the client alone, never to the log: it may quote what was sent.

use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use hyper::header::{self, HeaderName, HeaderValue};
use serde_json::{Map, Value};

use crate::ledger;

/// How long a client waits where the disk is full, in seconds.
const WHEN_FULL: u16 = 10;

/// Why a request was not carried out.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem of this status; `detail` says what is wrong and what to do next.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), members: Map::new(), headers: Vec::new() }
    }

    /// 400: a parameter or the body is wrong; `detail` names it.
    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 404: there is no such thing.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 409: the ledger's state forbids it.
    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// 429: so many ask for the same already.
    pub(crate) fn too_many(what: &str) -> Self {
        let detail = format!("too many clients ask for {what} at once; ask again in a second");
        Self::new(StatusCode::TOO_MANY_REQUESTS, detail)
            .header(header::RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// With a further member.
    #[must_use]
    pub(crate) fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }

    /// With a header.
    #[must_use]
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut problem = Map::new();
        problem.insert("type".to_owned(), "about:blank".into());
        problem.insert("title".to_owned(), self.status.canonical_reason().into());
        problem.insert("status".to_owned(), self.status.as_u16().into());
        problem.insert("detail".to_owned(), self.detail.into());
        problem.extend(self.members);
        let text = Value::Object(problem).to_string();
        let mut response = (self.status, text).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response.headers_mut().extend(self.headers);
        response
    }
}

/// A failure of the ledger that the client cannot mend. What it can, such as a cursor of no
/// use, is told apart where it is asked.
impl From<ledger::Error> for Problem {
    fn from(error: ledger::Error) -> Self {
        match error {
            ledger::Error::DiskFull => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
                    .header(header::RETRY_AFTER, HeaderValue::from(WHEN_FULL))
            }
            ledger::Error::Closed => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "the service is stopping; ask again")
                    .header(header::RETRY_AFTER, HeaderValue::from(WHEN_FULL))
            }
            ledger::Error::Refused(refusal) => match refusal {
                ledger::Refusal::NoSuchCall { .. } | ledger::Refusal::NotQuarantined { .. } => {
                    Self::not_found(refusal.to_string())
                }
                refusal => Self::conflict(refusal.to_string()),
            },
            error => {
                tracing::error!(%error, "a request over HTTP failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
            }
        }
    }
}
