//! Builds the HTTP client of one upstream from `[http]`.

use std::path::PathBuf;
use std::sync::Once;
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Proxy};
use rustls::crypto::ring;
use secrecy::ExposeSecret;

use super::Authorization;
use super::deadline::Limits;
use crate::config::{self, SecretUrl};

/// As many idle connections are kept as may be in use at once
/// (`acknowledge_concurrency` goes no higher).
const MAX_IDLE: usize = 256;

/// Chatty servers and the proxies before them add up to more than the library's 100. Room for all
/// of them is cleared for each answer.
const MAX_HEADERS: usize = 256;

/// Shorter than servers usually keep a connection, so that a request seldom
/// meets one that is just being closed.
const IDLE_CONNECTION: Duration = Duration::from_secs(30);

/// Why the HTTP client could not be built. Holds no secret.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The token cannot stand in a header.
    #[error(
        "{0}: the token has characters that an HTTP header cannot hold; check it for line breaks"
    )]
    Token(&'static str),
    /// `http.ca_file` cannot be read.
    #[error("http.ca_file: {} cannot be read: {error}", path.display())]
    CaUnreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// `http.ca_file` holds no usable certificate.
    #[error("http.ca_file: {} is not a PEM bundle of certificates", path.display())]
    CaInvalid {
        /// The file.
        path: PathBuf,
    },
    /// Certificates that another section names cannot be used.
    #[error("{key}: {problem}")]
    Certificates {
        /// The key of the config.
        key: &'static str,
        /// What is wrong with them.
        problem: String,
    },
    /// `http.proxy` is not the address of a proxy.
    #[error("http.proxy is not the address of an HTTP proxy (http://HOST:PORT)")]
    Proxy,
    /// The client could not be made, most often for want of root certificates.
    #[error(
        "{0}: no HTTP client could be made; are this host's CA certificates installed (package ca-certificates)?"
    )]
    Client(&'static str),
}

/// The header as it is sent, marked so that no library prints it.
pub(super) fn header(
    system: &'static str,
    authorization: Authorization,
) -> Result<(HeaderName, HeaderValue), BuildError> {
    let mut value = HeaderValue::from_str(authorization.value.expose_secret())
        .map_err(|_| BuildError::Token(system))?;
    value.set_sensitive(true);
    Ok((authorization.header, value))
}

/// How connections are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connections {
    /// Kept for the next request.
    Pooled,
    /// Made for one request, and not kept.
    SingleUse,
}

pub(super) fn build(
    system: &'static str,
    base_url: &SecretUrl,
    http: &config::Http,
    limits: &Limits,
    connections: Connections,
) -> Result<Client, BuildError> {
    provide_cryptography();
    let most_idle = match connections {
        Connections::Pooled => MAX_IDLE,
        Connections::SingleUse => 0,
    };
    let mut builder = Client::builder()
        .user_agent(concat!("uzhkh-ledger/", env!("CARGO_PKG_VERSION")))
        .http1_only()
        .redirect(Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        .connect_timeout(limits.connect)
        .http1_max_headers(MAX_HEADERS)
        .pool_max_idle_per_host(most_idle)
        .pool_idle_timeout(IDLE_CONNECTION)
        .local_address(http.local_address);
    builder = match &http.proxy {
        Some(url) => {
            builder.proxy(Proxy::all(url.expose_secret().as_str()).map_err(|_| BuildError::Proxy)?)
        }
        None => builder.no_proxy(),
    };
    let extra = extra_certificates(http)?;
    let is_https = |url: &SecretUrl| url.expose_secret().scheme() == "https";
    let uses_tls = is_https(base_url) || http.proxy.as_ref().is_some_and(is_https);
    builder = if uses_tls {
        builder.tls_certs_merge(extra)
    } else {
        // A host without root certificates can still talk plain HTTP.
        builder.tls_certs_only(extra)
    };
    builder.build().map_err(|error| match &http.ca_file {
        // The file's certificates are looked into only here.
        Some(path) if error.is_builder() => BuildError::CaInvalid { path: path.clone() },
        _ => BuildError::Client(system),
    })
}

/// Names ring as what does the cryptography of TLS; reqwest brings none of its own.
fn provide_cryptography() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error says that this process has named another one already, which then serves.
        drop(ring::default_provider().install_default());
    });
}

fn extra_certificates(http: &config::Http) -> Result<Vec<Certificate>, BuildError> {
    let Some(path) = &http.ca_file else {
        return Ok(Vec::new());
    };
    let pem = std::fs::read(path)
        .map_err(|error| BuildError::CaUnreadable { path: path.clone(), error })?;
    // Editors of Windows begin a text with a byte order mark.
    let pem = pem.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&pem);
    let certificates = Certificate::from_pem_bundle(pem).unwrap_or_default();
    if certificates.is_empty() {
        return Err(BuildError::CaInvalid { path: path.clone() });
    }
    Ok(certificates)
}
