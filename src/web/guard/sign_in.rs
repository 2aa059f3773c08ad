//! Names and passwords. A name that there is not looks and takes as a wrong password does.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::HeaderMap;
use sha2::{Digest, Sha256};

use super::session::LASTS;
use super::throttle::Who;
use super::{Guard, cookie};
use crate::config::WebUser;

/// What came of an attempt to sign in.
pub(in crate::web) enum Signed {
    /// The header that gives the browser its session.
    In(String),
    /// Name or password is wrong.
    Wrong,
    /// It is too early for another attempt.
    Wait(Duration),
    /// The system failed; it is logged.
    Failed,
}

impl Guard {
    /// Signs in.
    pub(in crate::web) async fn sign_in(
        &self,
        name: &str,
        password: String,
        peer: Option<IpAddr>,
        headers: &HeaderMap,
    ) -> Signed {
        let mut who = vec![Who::name(name)];
        who.extend(self.address(peer, headers).map(Who::address));
        let attempt = match self.throttle.begin(who, &self.clock).await {
            Ok(attempt) => attempt,
            Err(wait) => return Signed::Wait(wait),
        };
        let user = self.users.iter().find(|user| user.name == name);
        let Some(verified) = user.or_else(|| self.stand_in(name)) else { return Signed::Wrong };
        let Ok(_place) = self.verifying.acquire().await else { return Signed::Failed };
        let hash = verified.password.clone();
        let verifying = tokio::task::spawn_blocking(move || hash.is_of(&password));
        let is_right = verifying.await.unwrap_or(false);
        let Some(user) = user.filter(|_| is_right) else {
            tracing::warn!("a sign-in to the console failed");
            return Signed::Wrong;
        };
        attempt.right();
        match self.sessions.begin(&user.name, user.role, self.clock.now()) {
            Ok(token) => Signed::In(cookie::session(&token, self.is_secure, LASTS.as_secs())),
            Err(error) => {
                tracing::error!(%error, "a session needs random numbers, and the system gives none");
                Signed::Failed
            }
        }
    }

    /// A user whose hash takes as long to verify as that of a user of this name would; the same
    /// each time.
    fn stand_in(&self, name: &str) -> Option<&WebUser> {
        let [first, ..] = <[u8; 32]>::from(Sha256::digest(name));
        self.users.get(usize::from(first) % self.users.len().max(1))
    }

    /// Ends the session of a browser; answers the header that takes the cookie away.
    pub(in crate::web) fn sign_out(&self, headers: &HeaderMap) -> String {
        if let Some(text) = cookie::read(headers, cookie::session_name(self.is_secure)) {
            self.sessions.end(text);
        }
        cookie::no_session(self.is_secure)
    }
}
