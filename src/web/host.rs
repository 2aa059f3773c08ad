//! The names that the service may be asked by.
//!
//! A page of another site can have a browser ask this address, but only by the name of that
//! site: so no other name than those in the config and loopback's own is answered.

use std::net::IpAddr;

use hyper::header::HOST;
use hyper::{Request, StatusCode};

use super::problem::Problem;

/// The names that are answered to.
#[derive(Debug)]
pub(super) struct Hosts(Vec<String>);

impl Hosts {
    /// Those of the config, beside loopback's.
    pub(super) fn new(names: &[String]) -> Self {
        Self(names.to_vec())
    }

    /// Fails where a request asks for another name, or for none.
    pub(super) fn check<B>(&self, request: &Request<B>) -> Result<(), Problem> {
        let mut given = request.headers().get_all(HOST).iter();
        let (Some(host), None) = (given.next(), given.next()) else {
            return Err(Problem::bad_request(
                "send one header Host, with the name of this service",
            ));
        };
        let host = host.to_str().unwrap_or_default();
        if host.trim().is_empty() {
            return Err(Problem::bad_request(
                "send the header Host, with the name of this service",
            ));
        }
        // A request may also name the host in its first line.
        let authority = request.uri().authority().map(|authority| authority.as_str());
        if [Some(host), authority].into_iter().flatten().all(|host| self.has(host)) {
            return Ok(());
        }
        let detail =
            "this service does not answer to that name; web.hosts lists the names that it does";
        Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, detail))
    }

    fn has(&self, host: &str) -> bool {
        let Some(name) = name(host) else { return false };
        let is_loopback = name == "localhost"
            || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        is_loopback || self.0.contains(&name)
    }
}

/// A host without its port, brackets and case; None where it is none.
fn name(host: &str) -> Option<String> {
    let host = host.trim();
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let (name, rest) = rest.split_once(']')?;
            name.parse::<std::net::Ipv6Addr>().ok()?;
            (name, rest.strip_prefix(':').or_else(|| rest.is_empty().then_some("")))
        }
        None => match host.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, Some("")),
        },
    };
    let is_port = port?.bytes().all(|byte| byte.is_ascii_digit());
    is_port.then(|| name.strip_suffix('.').unwrap_or(name).to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_whatever_its_port_and_case() {
        let hosts = Hosts::new(&["ledger.example.ru".to_owned(), "192.0.2.7".to_owned()]);
        for host in [
            "ledger.example.ru",
            "Ledger.Example.RU:443",
            "ledger.example.ru.",
            "192.0.2.7:8464",
            "localhost",
            "LOCALHOST:1",
            "127.0.0.1",
            "127.8.0.1:80",
            "[::1]",
            "[::1]:8464",
        ] {
            assert!(hosts.has(host), "{host}");
        }
        for host in [
            "example.ru",
            "ledger.example.ru.evil.example",
            "evil.example:127.0.0.1",
            "127.0.0.1.evil.example",
            "192.0.2.8",
            "::1",
            "[::1",
            "[::2]",
            "user@localhost",
            "localhost:x",
        ] {
            assert!(!hosts.has(host), "{host}");
        }
    }
}
