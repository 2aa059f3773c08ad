//! The configuration file.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

/// `[http]`: how requests leave this host.
#[derive(Clone)]
pub struct Http {
    /// How long to wait for the head of an answer, connecting included.
    pub timeout: Duration,
    /// How long to wait for a connection: name lookup, TCP and TLS.
    pub connect_timeout: Duration,
    /// How long a body may pause between two pieces.
    pub idle_timeout: Duration,
    /// The largest body that is read.
    pub max_body_bytes: u64,
    /// The proxy all requests go through; may carry a password.
    pub proxy: Option<Url>,
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
            idle_timeout: Duration::from_secs(30),
            max_body_bytes: 4 << 30,
            proxy: None,
            ca_file: None,
            local_address: None,
        }
    }
}
