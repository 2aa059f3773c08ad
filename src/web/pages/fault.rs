//! Pages of what went wrong. A fault travels to the guard as it is, and becomes a page there,
//! in the language of the request.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::Frame;
use crate::ledger::Error;

/// Why there is no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) enum Fault {
    /// There is no such page.
    NotFound,
    /// There is no such record.
    NoRecord,
    /// The role does not allow it.
    Forbidden,
    /// What was sent did not come from our pages.
    Forged,
    /// A form lacks something, or has too much.
    BadForm,
    /// A form did not come in time.
    Late,
    /// The disk is full.
    DiskFull,
    /// Something failed; it is logged.
    Failed,
}

#[derive(Template)]
#[template(path = "fault.html")]
struct Page<'p> {
    f: &'p Frame,
    status: u16,
    words: &'static str,
}

impl Fault {
    fn status(self) -> StatusCode {
        match self {
            Fault::NotFound | Fault::NoRecord => StatusCode::NOT_FOUND,
            Fault::Forbidden | Fault::Forged => StatusCode::FORBIDDEN,
            Fault::BadForm => StatusCode::BAD_REQUEST,
            Fault::Late => StatusCode::REQUEST_TIMEOUT,
            Fault::DiskFull => StatusCode::SERVICE_UNAVAILABLE,
            Fault::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The page that tells of it.
    pub(in crate::web) fn page(self, frame: &Frame) -> Response {
        let w = frame.w;
        let words = match self {
            Fault::NotFound => w.not_found,
            Fault::NoRecord => w.no_record,
            Fault::Forbidden => w.forbidden,
            Fault::Forged => w.forged,
            Fault::BadForm => w.bad_form,
            Fault::Late => w.late_form,
            Fault::DiskFull => w.disk_full,
            Fault::Failed => w.failed_page,
        };
        let page = Page { f: frame, status: self.status().as_u16(), words };
        let html = page.render().unwrap_or_else(|_| words.to_owned());
        let mut response = (self.status(), Html(html)).into_response();
        if self == Fault::DiskFull {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        }
        if self == Fault::Late {
            // What is still to come of it is no request.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::DiskFull => Fault::DiskFull,
            Error::Closed => Fault::Failed,
            error => {
                tracing::error!(%error, "a page of the console failed");
                Fault::Failed
            }
        }
    }
}

/// There is no such page.
pub(super) async fn not_found() -> Fault {
    Fault::NotFound
}
