//! `[http]`: how requests leave this host.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::reader::Section;
use super::secret_url::SecretUrl;
use super::value;

/// `[http]`: how requests leave this host.
#[derive(Clone, Debug)]
pub struct Http {
    /// Time-out for the head of an answer, connecting included.
    pub timeout: Duration,
    /// Time-out for connecting: name lookup, TCP and TLS.
    pub connect_timeout: Duration,
    /// Time-out between two pieces of a body.
    pub idle_timeout: Duration,
    /// Time-out for the whole of a large answer, as far as it is waited for.
    pub answer_timeout: Duration,
    /// The largest body that is read.
    pub max_body_bytes: u64,
    /// The proxy all requests go through; may carry a password.
    pub proxy: Option<SecretUrl>,
    /// A PEM bundle, trusted besides the system's roots.
    pub ca_file: Option<PathBuf>,
    /// The address requests are sent from.
    pub local_address: Option<IpAddr>,
}

impl Default for Http {
    fn default() -> Http {
        Http {
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(30 * 60),
            max_body_bytes: 4 << 30,
            proxy: None,
            ca_file: None,
            local_address: None,
        }
    }
}

impl Http {
    /// The longest that anything of a request is waited for.
    pub(crate) fn longest_wait(&self) -> Duration {
        self.timeout.max(self.connect_timeout).max(self.idle_timeout)
    }
}

/// All keys of the section; each has a default.
pub(super) fn read(section: Section<'_>) -> Http {
    let default = Http::default();
    let duration = |name, default| section.or(name, default, value::positive_duration);
    let largest = u64::try_from(i64::MAX).unwrap_or(u64::MAX);
    let http = Http {
        timeout: duration("timeout", default.timeout),
        connect_timeout: duration("connect_timeout", default.connect_timeout),
        idle_timeout: duration("idle_timeout", default.idle_timeout),
        answer_timeout: duration("answer_timeout", default.answer_timeout),
        max_body_bytes: section.or(
            "max_body_bytes",
            default.max_body_bytes,
            value::whole(1..=largest),
        ),
        proxy: section.optional("proxy", value::proxy).map(SecretUrl::from),
        ca_file: section.optional("ca_file", value::certificates),
        local_address: section.optional("local_address", value::ip_address),
    };
    section.finish();
    http
}
