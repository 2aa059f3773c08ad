//! The way out, against servers on loopback that misbehave.

mod answers;
mod bodies;
mod parameters;
mod patience;
pub(crate) mod server;
pub(crate) mod tls;
mod transport;
mod ways;

use std::fmt::Display;
use std::net::SocketAddr;
use std::time::Duration;

use secrecy::SecretString;
use uzhkh_ledger::config::Http;
use uzhkh_ledger::http::{Authorization, Class, Deadline, Upstream};

use server::Server;

pub(crate) const TOKEN: &str = "t0ken";
pub(crate) const BASE: &str = "/s3cret-base/";
pub(crate) const PAUSE: Duration = Duration::from_secs(600);

pub(crate) fn upstream_of(server: &Server, http: &Http, deadline: &Deadline) -> Upstream {
    upstream(server.address, http, deadline)
}

pub(crate) fn upstream(address: SocketAddr, http: &Http, deadline: &Deadline) -> Upstream {
    let base = format!("http://{address}{BASE}").parse().unwrap();
    let token = Authorization::bearer(&SecretString::from(TOKEN));
    Upstream::new("uzhkh", &base, Some(token), http, deadline, PAUSE).unwrap()
}

/// Waits short enough for a test to see their end.
pub(crate) fn hasty() -> Http {
    let short = Duration::from_millis(200);
    Http { timeout: short, idle_timeout: short, ..Http::default() }
}

/// Waits that no test sees the end of.
pub(crate) fn calm() -> Http {
    Http::default()
}

/// An error's text, after a look that neither it nor `Debug` says too much.
pub(crate) fn words(error: &(impl Display + std::fmt::Debug)) -> String {
    let text = format!("{error}\n{error:?}");
    for secret in [TOKEN, "s3cret", "127.0.0.1", "http://", "q-value", "b0dy"] {
        assert!(!text.contains(secret), "{text} shows {secret}");
    }
    error.to_string()
}

pub(crate) const QUERY: &[(&str, &str)] = &[("guid", "q-value")];
pub(crate) const RETRY: Class = Class::Retry { after: None };

/// A certificate that nobody uses.
pub(crate) const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBfDCCASGgAwIBAgIUJTX/kMKwdgH7h2vwwO085yvLl9MwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHZXhhbXBsZTAgFw0yNjExMjIwOTU4NDBaGA8yMTI2MTAyOTA5
NTg0MFowEjEQMA4GA1UEAwwHZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABNri05eEBHb6+XGJ7zv6VDFxcgQ7136PilgZMpuNPWf9TEV3OdTXUuro6ZFz
lTBMX7EahqEJzIev9MnTtQ/b3WOjUzBRMB0GA1UdDgQWBBRokli+oa7GV4YwkXd5
lfvqYDIklTAfBgNVHSMEGDAWgBRokli+oa7GV4YwkXd5lfvqYDIklTAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQCCpjUQzUKYc5BgvpoBzP7WOUCA
Z9PWuuRJ2JWQYvngWgIhAJq4bWf+pY/uDtEHa9ZhS37rjFy+sTsGno/WBPO10nEI
-----END CERTIFICATE-----
";
