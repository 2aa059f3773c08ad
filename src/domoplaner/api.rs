//! A feed over HTTP. The link is the credential: it appears in no error.
//!
//! Source: «Фиды данных для 1С».

use std::time::Duration;

use crate::config;
use crate::http::{self, BuildError, Class, Deadline, Response, Upstream};
use crate::json::stream::Malformed;
use crate::mirror::{self, Failure};

/// The name of the request in errors.
const OPERATION: &str = "feed";

/// The reason why a feed could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Http(#[from] http::Error),
    /// HTTP 404.
    #[error(
        "domoplaner: feed: not found (HTTP 404); is the feed still there in Domoplaner, and the link right?"
    )]
    NotThere,
    #[error("domoplaner: feed: {}{}", .0, hint(.0))]
    Malformed(Malformed),
    #[error(
        "domoplaner: feed: it was not read to its end within {}",
        humantime::format_duration(*.0)
    )]
    Slow(Duration),
}

impl Error {
    fn class(&self) -> Class {
        match self {
            Error::Http(error) => error.class(),
            Error::NotThere | Error::Malformed(_) | Error::Slow(_) => Class::Reject,
        }
    }

    /// Whether the feed had begun, and did not come whole.
    pub(super) fn is_broken_body(&self) -> bool {
        match self {
            Error::Http(error) => error.is_broken_body(),
            Error::Malformed(problem) => matches!(problem, Malformed::Cut(_)),
            Error::NotThere | Error::Slow(_) => false,
        }
    }
}

impl From<Error> for mirror::Error {
    fn from(error: Error) -> Self {
        let is_broken_body = error.is_broken_body();
        Failure::of_request(&error, error.class(), None).with_body(is_broken_body).into()
    }
}

/// Advice where the answer is something else altogether.
fn hint(problem: &Malformed) -> &'static str {
    match problem {
        Malformed::Markup | Malformed::Compressed | Malformed::NotAList => {
            "; is it a feed of the format JSON?"
        }
        _ => "",
    }
}

/// The HTTP client of one feed's link.
#[derive(Debug)]
pub(super) struct Api {
    upstream: Upstream,
}

impl Api {
    pub(super) fn new(
        feed: &config::Feed,
        http: &config::Http,
        deadline: &Deadline,
    ) -> Result<Self, BuildError> {
        let pause = http::UNAUTHORIZED_PAUSE;
        Ok(Self { upstream: Upstream::new("domoplaner", &feed.url, None, http, deadline, pause)? })
    }

    pub(super) fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// Asks for the feed with these filters, to be read as a stream.
    pub(super) async fn feed(&self, filters: &config::Filters) -> Result<Response, Error> {
        let filters = filters.query();
        let mut query = vec![("date_format", "YYYY-MM-DD")];
        query.extend(filters.iter().map(|(name, value)| (*name, value.as_str())));
        let response = self.upstream.get_patiently(OPERATION, "", &query).await?;
        match response.status() {
            200..=299 => Ok(response),
            404 => Err(Error::NotThere),
            _ => Err(response.as_error().into()),
        }
    }
}
