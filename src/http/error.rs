//! What went wrong on the way, in our own words.
//!
//! An error is told apart by the reaction it asks for ([`Class`]) and by what
//! the upstream may have done already ([`Sent`]): a booking whose answer was
//! lost must not be repeated, one that never left may. Both follow from one
//! private list of problems, so they cannot contradict each other.
//!
//! The text is put together here from fixed words and numbers. Nothing of a
//! URL, a header, a body or a library's message gets in: the base URL of UZhKH
//! is secret, and the libraries like to quote it.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use humantime::format_duration;

/// The bytes a second that an answer has to bring while it is waited for.
pub(super) const LEAST_RATE: u64 = 128;

/// Why a request brought no usable answer. Holds no secret.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{system}: {operation}: {problem}")]
pub struct Error {
    system: &'static str,
    operation: &'static str,
    problem: Problem,
    said: Said,
}

/// The upstream's own words, which may name people.
#[derive(Clone, Default)]
struct Said(Option<Box<str>>);

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "[some words]" } else { "[no words]" })
    }
}

/// How to react to an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It may work later, not before `after` if the upstream named a time.
    Retry {
        /// What the upstream asked for by Retry-After, capped.
        after: Option<Duration>,
    },
    /// The token or our address is not accepted: stop asking for a while.
    Unauthorized,
    /// The same request will not do better.
    Reject,
}

/// What the upstream can have seen of a request that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It certainly never got there.
    No,
    /// It may have been received and acted on; the answer was lost.
    Maybe,
    /// It was answered.
    Answered,
}

/// Everything that can go wrong, each with the words for it.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("not sent: paused for another {} after we were refused", short(.left))]
    Paused { left: Duration },
    #[error("not sent: given up for this pass, since earlier requests failed")]
    GivenUp,
    #[error("not sent: the request could not be built; check the configured URL")]
    Unbuildable,
    #[error("cannot connect: {0}")]
    Connect(&'static str),
    #[error("no answer within {}; the request may have been received", short(.0))]
    NoAnswer(Duration),
    #[error("no answer: {0}; the request may have been received")]
    Broken(&'static str),
    #[error("the answer stopped: nothing more came within {}", short(.0))]
    Stalled(Duration),
    #[error("the answer took longer than {} to read", short(.0))]
    Slow(Duration),
    #[error(
        "the answer came too slowly: less than {LEAST_RATE} bytes a second over {}",
        short(.0)
    )]
    Dripping(Duration),
    #[error("the answer had no end: it was waited for {} in all", short(.0))]
    Endless(Duration),
    #[error("the answer was cut short: {0}")]
    Cut(&'static str),
    #[error("the encoding of the answer is not understood: {0}; only gzip was asked for")]
    Encoded(&'static str),
    #[error("the proxy refuses its user or password (HTTP 407); check http.proxy")]
    ProxyRefused,
    #[error("the answer is larger than http.max_body_bytes ({0} bytes)")]
    TooLarge(u64),
    #[error("the answer is larger than the {0} bytes that it could have")]
    TooLong(u64),
    #[error(
        "redirected (HTTP {0}); redirects are not followed, the configured URL must be the final address"
    )]
    Redirect(u16),
    #[error(
        "refused with HTTP {0}; check the token, secret or link, and that our address is on the allow-list"
    )]
    Unauthorized(u16),
    #[error("HTTP {status}{}", asked(.after))]
    Status { status: u16, after: Option<Duration> },
}

impl Error {
    pub(super) fn new(system: &'static str, operation: &'static str, problem: Problem) -> Error {
        Error { system, operation, problem, said: Said::default() }
    }

    /// The error with the text of its answer.
    pub(super) fn saying(self, text: Option<String>) -> Error {
        Error { said: Said(text.map(Into::into)), ..self }
    }

    /// The text of the answer that it is about, as it came; not for the log.
    pub(crate) fn said(&self) -> Option<&str> {
        self.said.0.as_deref()
    }

    /// Classifies a status that the caller did not expect.
    ///
    /// A 401 or 403 seen this way does not start the pause; that is what
    /// `Upstream::unauthorized` is for.
    pub fn from_status(
        system: &'static str,
        operation: &'static str,
        status: u16,
        retry_after: Option<Duration>,
    ) -> Error {
        let problem = match status {
            300..=399 => Problem::Redirect(status),
            401 | 403 => Problem::Unauthorized(status),
            _ => Problem::Status { status, after: retry_after },
        };
        Error::new(system, operation, problem)
    }

    /// The reaction it asks for.
    pub fn class(&self) -> Class {
        match &self.problem {
            Problem::Paused { .. } | Problem::Unauthorized(_) | Problem::ProxyRefused => {
                Class::Unauthorized
            }
            Problem::Unbuildable | Problem::TooLarge(_) | Problem::TooLong(_) => Class::Reject,
            Problem::Status { status, after } if is_transient(*status) => {
                Class::Retry { after: *after }
            }
            Problem::Status { .. } => Class::Reject,
            // A redirect is a wrong URL or a maintenance page:
            // work that waits must survive until that is put right.
            Problem::Redirect(_)
            | Problem::Encoded(_)
            | Problem::GivenUp
            | Problem::Connect(_)
            | Problem::NoAnswer(_)
            | Problem::Broken(_)
            | Problem::Stalled(_)
            | Problem::Slow(_)
            | Problem::Dripping(_)
            | Problem::Endless(_)
            | Problem::Cut(_) => Class::Retry { after: None },
        }
    }

    /// The HTTP status, if it was the status that failed the request.
    pub fn status(&self) -> Option<u16> {
        match self.problem {
            Problem::Redirect(status)
            | Problem::Unauthorized(status)
            | Problem::Status { status, .. } => Some(status),
            Problem::ProxyRefused => Some(407),
            _ => None,
        }
    }

    /// A word for what came in the place of an answer, or for its status.
    pub(super) fn outcome(&self) -> &'static str {
        match self.problem {
            Problem::Paused { .. } | Problem::GivenUp | Problem::Unbuildable => "not_sent",
            Problem::Connect(_) => "no_connection",
            Problem::NoAnswer(_) => "no_answer",
            Problem::Broken(_) => "broken",
            Problem::Stalled(_) => "stalled",
            Problem::Slow(_) | Problem::Dripping(_) | Problem::Endless(_) => "slow",
            Problem::Cut(_) => "cut",
            Problem::TooLarge(_) | Problem::TooLong(_) => "too_large",
            Problem::Encoded(_) => "encoded",
            Problem::ProxyRefused => "unauthorized",
            Problem::Redirect(status)
            | Problem::Unauthorized(status)
            | Problem::Status { status, .. } => status_class(status),
        }
    }

    /// What the upstream can have seen of it.
    pub fn sent(&self) -> Sent {
        match self.problem {
            Problem::Paused { .. }
            | Problem::GivenUp
            | Problem::Unbuildable
            | Problem::ProxyRefused
            | Problem::Connect(_) => Sent::No,
            Problem::NoAnswer(_) | Problem::Broken(_) => Sent::Maybe,
            _ => Sent::Answered,
        }
    }

    /// Whether asking again at once can help: not after a redirect, nor after an answer that
    /// took all the time there is, nor where nothing is sent any more.
    pub(super) fn is_worth_repeating(&self) -> bool {
        matches!(self.class(), Class::Retry { .. })
            && !matches!(
                self.problem,
                Problem::Redirect(_) | Problem::Encoded(_) | Problem::Endless(_) | Problem::GivenUp
            )
    }

    /// Whether the connection failed, rather than the upstream's answer.
    pub(super) fn is_transport(&self) -> bool {
        matches!(
            self.problem,
            Problem::Connect(_)
                | Problem::NoAnswer(_)
                | Problem::Broken(_)
                | Problem::Stalled(_)
                | Problem::Slow(_)
                | Problem::Dripping(_)
                | Problem::Cut(_)
        )
    }

    /// Whether an answer had begun, and did not come whole.
    pub(crate) fn is_broken_body(&self) -> bool {
        matches!(
            self.problem,
            Problem::Stalled(_) | Problem::Slow(_) | Problem::Dripping(_) | Problem::Cut(_)
        )
    }

    /// Whether it was the proxy that did not let us out.
    pub(super) fn is_of_proxy(&self) -> bool {
        matches!(self.problem, Problem::ProxyRefused)
    }
}

impl Problem {
    /// Puts a failure to send, or to receive the head of an answer, into words.
    pub(super) fn of_sending(error: &reqwest::Error) -> Problem {
        if error.is_builder() {
            Problem::Unbuildable
        } else if sources(error).any(|cause| cause.to_string().contains(PROXY_REFUSED)) {
            Problem::ProxyRefused
        } else if error.is_connect() {
            Problem::Connect(connect_words(error))
        } else {
            Problem::Broken(broken_words(error))
        }
    }

    /// Puts a failure to read the body into words.
    pub(super) fn of_reading(error: &reqwest::Error) -> Problem {
        Problem::Cut(broken_words(error))
    }
}

/// hyper's words for the 407 of a proxy that is asked for a tunnel; its type is private.
const PROXY_REFUSED: &str = "proxy authorization required";

/// A word for a status: its class, and by itself what stops all requests.
pub(super) fn status_class(status: u16) -> &'static str {
    match status {
        401 | 403 => "unauthorized",
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

/// Whether a status speaks of the moment rather than of the request.
pub(super) fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..=599)
}

fn connect_words(error: &reqwest::Error) -> &'static str {
    if error.is_dns() {
        return "the host name was not found; check the configured URL and the name server";
    }
    if let Some(words) = certificate_words(error) {
        return words;
    }
    if error.is_timeout() {
        return "timed out; check the configured URL, the firewall and the proxy";
    }
    match io_kind(error) {
        Some(io::ErrorKind::ConnectionRefused) => {
            "connection refused; check the configured URL, its port and http.proxy"
        }
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof) => {
            "the connection was closed while it was being set up"
        }
        Some(io::ErrorKind::AddrNotAvailable) => {
            "the local address is not one of this host's; check http.local_address"
        }
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            "no route to the host; check the network and http.local_address"
        }
        // The host has addresses, and none is left.
        Some(io::ErrorKind::NotConnected) => {
            "the host has no address that http.local_address reaches: one is IPv4, the other IPv6"
        }
        Some(io::ErrorKind::InvalidData) => {
            "the TLS handshake failed; check the configured URL and the port"
        }
        _ => {
            "the connection could not be set up; check the configured URL, http.proxy and the network"
        }
    }
}

/// rustls names its reasons in its text alone; the text also names the host,
/// so only the reason is taken.
fn certificate_words(error: &reqwest::Error) -> Option<&'static str> {
    let text = sources(error).map(ToString::to_string).find(|text| text.contains("certificate"))?;
    Some(if text.contains("UnknownIssuer") {
        "the server's certificate is of an unknown issuer; http.ca_file can add one"
    } else if text.contains("CaUsedAsEndEntity") {
        "the server's certificate is self-signed; it needs one issued by a CA, which http.ca_file can name"
    } else if text.contains("xpired") {
        "the server's certificate has expired"
    } else if text.contains("NotValidForName") || text.contains("not valid for name") {
        "the server's certificate is for another host name"
    } else {
        "the server's certificate was not accepted"
    })
}

fn broken_words(error: &reqwest::Error) -> &'static str {
    let speaks_http = !sources(error)
        .filter_map(|cause| cause.downcast_ref::<hyper::Error>())
        .any(hyper::Error::is_parse);
    match io_kind(error) {
        _ if !speaks_http => "something came that is not HTTP",
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => {
            "the connection was reset"
        }
        Some(io::ErrorKind::TimedOut) => "the connection timed out",
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => {
            "it cannot be decompressed"
        }
        _ => "the connection was closed",
    }
}

fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    // The innermost one knows best; the outer ones wrap it.
    sources(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).map(innermost).last()
}

/// An I/O error made of another one hides it from `source`.
fn innermost(error: &io::Error) -> io::ErrorKind {
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(inner) => innermost(inner),
        None => error.kind(),
    }
}

fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

fn short(duration: &Duration) -> impl std::fmt::Display {
    // Milliseconds are enough to read, and not even those beside minutes.
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    format_duration(match duration.as_secs() {
        0..10 => Duration::from_millis(millis),
        seconds => Duration::from_secs(seconds),
    })
}

fn asked(after: &Option<Duration>) -> String {
    after.map_or_else(String::new, |after| format!("; it asks to wait {}", short(&after)))
}
