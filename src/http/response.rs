//! An answer whose head has arrived; the body is read piece by piece.
//!
//! A body can stall, be cut short or never end, so each piece has a time limit,
//! and the whole has one for how long it is waited for, and a size limit. A connection is used again only after the
//! body has been read to its end: read even an answer that does not matter,
//! with [`Response::text`].

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::charset::{self, Charset};
use super::deadline::{Budget, Limits};
use super::error::{Error, LEAST_RATE, Problem};
use super::retry::retry_after;
use super::wait::within;
use crate::json;
use crate::metrics::{self, Metric};
use crate::watchdog;

/// An answer, its body not yet read.
#[derive(Debug)]
pub struct Response {
    system: &'static str,
    operation: &'static str,
    inner: Inner,
    limits: Limits,
    budget: Arc<Budget>,
    charset: Charset,
    read: u64,
    /// How long the body was waited for.
    waited: Duration,
    pace: Pace,
}

/// How fast the body comes while it is waited for, so that one that drips comes to an end.
#[derive(Debug, Default)]
struct Pace {
    waited: Duration,
    came: u64,
}

impl Pace {
    /// A piece came after this wait; whether all of the last `window` of waiting brought too
    /// little.
    fn is_too_slow(&mut self, wait: Duration, length: usize, window: Duration) -> bool {
        self.waited += wait;
        self.came += length as u64;
        if self.waited < window {
            return false;
        }
        let least = u128::from(LEAST_RATE) * self.waited.as_millis() / 1000;
        let is_too_slow = u128::from(self.came) < least;
        *self = Pace::default();
        is_too_slow
    }
}

/// The library's response; its own `Debug` would show the URL.
struct Inner(reqwest::Response);

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HTTP {}", self.0.status().as_u16())
    }
}

impl Response {
    pub(super) fn new(
        system: &'static str,
        operation: &'static str,
        inner: reqwest::Response,
        limits: Limits,
        budget: Arc<Budget>,
    ) -> Response {
        let limits = budget.limits(limits);
        let charset = Charset::of(inner.headers());
        let inner = Inner(inner);
        let (waited, pace) = (Duration::ZERO, Pace::default());
        Response { system, operation, inner, limits, budget, charset, read: 0, waited, pace }
    }

    /// The answer with a file in it, whose bytes are handed on as they come. It may be so large
    /// that it takes any time.
    pub(super) fn of_file(mut self) -> Response {
        self.charset = Charset::none();
        self.limits.large = Duration::MAX;
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.inner.0.status().as_u16()
    }

    /// The media type as the upstream names it.
    pub fn content_type(&self) -> Option<&str> {
        self.inner.0.headers().get(CONTENT_TYPE)?.to_str().ok()
    }

    /// The name under which the upstream hands a file out, by Content-Disposition; what
    /// it says in UTF-8 (RFC 6266) goes before.
    pub fn file_name(&self) -> Option<String> {
        let text = self.inner.0.headers().get(CONTENT_DISPOSITION)?;
        file_name(std::str::from_utf8(text.as_bytes()).ok()?)
    }

    /// What the upstream asks for by Retry-After, capped at 15 minutes.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(self.inner.0.headers())
    }

    /// This answer as the error that its status means, for a caller that did
    /// not expect it.
    pub fn as_error(&self) -> Error {
        Error::from_status(self.system, self.operation, self.status(), self.retry_after())
    }

    /// The next piece of the body, None at its end. What is not UTF-8 is decoded by the charset
    /// that the head names.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let limit = self.limits.body_bytes;
        if self.inner.0.content_length().is_some_and(|length| length > limit) {
            return Err(self.error(Problem::TooLarge(limit)));
        }
        if let Some(name) = charset::not_understood(self.inner.0.headers()) {
            return Err(self.error(Problem::Encoded(name)));
        }
        let began = Instant::now();
        let idle = self.limits.idle;
        let chunk = within(idle, std::pin::pin!(self.inner.0.chunk())).await;
        watchdog::beat();
        let wait = began.elapsed();
        self.waited += wait;
        let problem = match chunk {
            Some(Ok(Some(bytes))) => {
                self.read = self.read.saturating_add(bytes.len() as u64);
                if self.read > limit {
                    return Err(self.error(Problem::TooLarge(limit)));
                }
                if self.pace.is_too_slow(wait, bytes.len(), idle) {
                    Problem::Dripping(idle)
                } else if self.waited >= self.limits.large {
                    self.budget.never_ended();
                    return Err(self.error(Problem::Endless(self.limits.large)));
                } else {
                    return Ok(Some(self.charset.decode(bytes)));
                }
            }
            Some(Ok(None)) => return Ok(self.charset.finish()),
            Some(Err(error)) => Problem::of_reading(&error),
            None => Problem::Stalled(idle),
        };
        let lost = if let Problem::Dripping(window) = problem { window } else { wait };
        self.budget.body_broke(lost);
        Err(self.error(problem))
    }

    /// A small answer as text: at most `limit` bytes of it, what is not UTF-8
    /// replaced. It has to arrive within `http.timeout` as a whole, so that no
    /// upstream can hold us up by dripping.
    pub async fn text(mut self, limit: usize) -> Result<String, Error> {
        let (text, _) = self.read_within_time(limit).await?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// A small answer as it came, within the time that [`Response::text`] has; an
    /// error of class `Reject` where it is larger than `limit` bytes.
    pub async fn bytes(mut self, limit: usize) -> Result<Vec<u8>, Error> {
        match self.read_within_time(limit).await? {
            (bytes, true) => Ok(bytes),
            (_, false) => Err(self.error(Problem::TooLong(limit as u64))),
        }
    }

    /// A large answer as it came; each piece of it has `http.idle_timeout`, and all of it
    /// `http.answer_timeout`. An error of class `Reject` where it is larger than `limit` bytes.
    pub async fn large(mut self, limit: usize) -> Result<Vec<u8>, Error> {
        match self.read_up_to(limit).await? {
            (bytes, true) => Ok(bytes),
            (_, false) => Err(self.error(Problem::TooLong(limit as u64))),
        }
    }

    /// As [`Response::bytes`], for JSON: a success that breaks off within it did not come
    /// whole, although it says that it did.
    pub async fn json(mut self, limit: usize) -> Result<Vec<u8>, Error> {
        match self.read_within_time(limit).await? {
            (bytes, true) => self.unbroken(bytes),
            (_, false) => Err(self.error(Problem::TooLong(limit as u64))),
        }
    }

    /// As [`Response::large`], for JSON as [`Response::json`] has it.
    pub async fn large_json(mut self, limit: usize) -> Result<Vec<u8>, Error> {
        match self.read_up_to(limit).await? {
            (bytes, true) => self.unbroken(bytes),
            (_, false) => Err(self.error(Problem::TooLong(limit as u64))),
        }
    }

    fn unbroken(&self, bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
        if (200..300).contains(&self.status()) && json::breaks_off(&bytes) {
            self.budget.body_broke(Duration::ZERO);
            return Err(self.error(Problem::Cut("its JSON breaks off")));
        }
        Ok(bytes)
    }

    async fn read_within_time(&mut self, limit: usize) -> Result<(Vec<u8>, bool), Error> {
        let time = self.limits.head;
        let began = Instant::now();
        if let Some(read) = within(time, std::pin::pin!(self.read_up_to(limit))).await {
            return read;
        }
        self.budget.body_broke(began.elapsed());
        Err(self.error(Problem::Slow(time)))
    }

    /// At most `limit` bytes of the body, and whether that is all of it.
    async fn read_up_to(&mut self, limit: usize) -> Result<(Vec<u8>, bool), Error> {
        let mut body = Vec::new();
        while let Some(bytes) = self.chunk().await? {
            let room = limit - body.len();
            body.extend_from_slice(&bytes[..bytes.len().min(room)]);
            if bytes.len() > room {
                return Ok((body, false));
            }
        }
        Ok((body, true))
    }

    /// The body did not come whole.
    fn error(&self, problem: Problem) -> Error {
        let error = Error::new(self.system, self.operation, problem);
        let labels = [self.system, self.operation, error.outcome()];
        metrics::count(Metric::HttpBrokenAnswers, &labels, 1);
        error
    }
}

pub(super) fn file_name(disposition: &str) -> Option<String> {
    let parameter = |name: &str| {
        let mut parameters = disposition.split(';').map(str::trim);
        parameters.find_map(|parameter| parameter.strip_prefix(name))
    };
    let in_utf8 = parameter("filename*=").and_then(|value| {
        let (charset, name) = value.split_once("''")?;
        let name = percent_decode_str(name).decode_utf8().ok()?;
        charset.eq_ignore_ascii_case("utf-8").then(|| name.into_owned())
    });
    let plain = || Some(parameter("filename=")?.trim_matches('"').to_owned());
    in_utf8.or_else(plain).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_file_has_the_name_that_it_is_handed_out_under() {
        for (disposition, name) in [
            ("attachment; filename=\"a b.jpg\"", Some("a b.jpg")),
            ("attachment;filename=a.jpg", Some("a.jpg")),
            ("attachment; filename*=utf-8''%D0%B2.jpg", Some("в.jpg")),
            ("inline; filename=\"x.jpg\"; filename*=UTF-8''y%20z.jpg", Some("y z.jpg")),
            ("inline; filename=\"x.jpg\"; filename*=latin1''y.jpg", Some("x.jpg")),
            ("attachment; filename=\"\"", None),
            ("attachment", None),
        ] {
            assert_eq!(file_name(disposition).as_deref(), name, "{disposition}");
        }
    }
}
