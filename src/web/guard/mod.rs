//! Who may open the pages, and who may act on them.
//!
//! Every request for a page passes [`pass`]: a page that is sent to comes from our own pages
//! ([`origin`]), the browser has a session ([`session`]), and the answer tells the browser what
//! it may load ([`headers`]). A handler gets a [`Visitor`], and one that acts an [`Operator`]:
//! nothing but this module makes either.
//!
//! ```text
//! pass       the one way in          sign_in    passwords, in constant time
//! origin     forged posts            throttle   wrong passwords are slowed down
//! session    who has signed in       visitor    what a handler is given
//! headers    what the browser may    cookie     cookies, read and written
//! ```

mod cookie;
mod headers;
mod origin;
mod pass;
mod session;
mod sign_in;
mod throttle;
mod visitor;

use std::net::IpAddr;

use axum::http::{HeaderMap, Uri, header};
use tokio::sync::Semaphore;

use crate::clock::SharedClock;
use crate::config::{Web, WebUser};
use session::Sessions;
use throttle::Throttle;

pub(super) use cookie::{LANGUAGE, set_language};
pub(super) use pass::pass;
pub(super) use sign_in::Signed;
pub(super) use visitor::{Operator, Visitor};

/// So many passwords are verified at once: each takes memory and a core.
const VERIFYING: usize = 2;

/// Who may come in, and who is in.
pub(super) struct Guard {
    users: Vec<WebUser>,
    sessions: Sessions,
    throttle: Throttle,
    verifying: Semaphore,
    clock: SharedClock,
    /// Whether the browser speaks TLS: to us, or to the proxy.
    is_secure: bool,
    behind_proxy: bool,
}

impl Guard {
    /// The guard of these users.
    pub(super) fn new(web: &Web, clock: &SharedClock) -> Self {
        Self {
            users: web.users.clone(),
            sessions: Sessions::default(),
            throttle: Throttle::default(),
            verifying: Semaphore::new(VERIFYING),
            clock: SharedClock::clone(clock),
            is_secure: web.tls.is_some() || web.behind_proxy,
            behind_proxy: web.behind_proxy,
        }
    }

    /// The address that counts: that of the connection, or the last that a proxy has noted.
    fn address(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        if !self.behind_proxy {
            return peer;
        }
        let noted = headers.get_all("x-forwarded-for").iter().next_back();
        let noted = noted.and_then(|value| value.to_str().ok()?.rsplit(',').next());
        noted.and_then(|hop| hop.trim().parse().ok()).or(peer)
    }
}

/// The host that a request asks for, as it was sent.
fn host<'r>(uri: &'r Uri, headers: &'r HeaderMap) -> Option<&'r str> {
    let named = uri.authority().map(axum::http::uri::Authority::as_str);
    named.or_else(|| headers.get(header::HOST)?.to_str().ok())
}
