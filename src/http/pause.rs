//! The pause of an upstream that refuses us: a person has to act, and asking on would only get
//! our address, or the proxy's user, locked out.

use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Upstream;
use super::error::{Error, Problem};

impl Upstream {
    /// How long the pause after a 401 or 403 still lasts.
    pub fn paused(&self) -> Option<Duration> {
        self.paused_until().map(|until| until.saturating_duration_since(Instant::now()))
    }

    /// When that pause ends, while it lasts.
    pub(crate) fn paused_until(&self) -> Option<Instant> {
        (*self.lock_pause()).filter(|until| *until > Instant::now())
    }

    /// Takes note that the upstream refused us, which starts the pause, and
    /// gives the error to hand on.
    pub fn unauthorized(&self, operation: &'static str, status: u16) -> Error {
        if self.pause() {
            tracing::warn!(
                system = self.system,
                operation,
                status,
                pause = %humantime::format_duration(self.unauthorized_pause),
                "refused, all requests to this system are paused: check the token, secret or link, and that this host's address is on its allow-list"
            );
        }
        self.error(operation, Problem::Unauthorized(status))
    }

    /// The proxy refuses us: asked again and again it would lock its user out.
    pub(super) fn refused_by_proxy(&self, operation: &'static str) -> Error {
        if self.pause() {
            tracing::warn!(
                system = self.system,
                operation,
                pause = %humantime::format_duration(self.unauthorized_pause),
                "the proxy refuses its user or password, all requests to this system are paused: check http.proxy"
            );
        }
        self.error(operation, Problem::ProxyRefused)
    }

    /// Begins the pause; false where it lasts already. Requests that were under way when it
    /// began are refused during it; they neither lengthen it nor say it again.
    fn pause(&self) -> bool {
        let now = Instant::now();
        let mut until = self.lock_pause();
        let begins = until.is_none_or(|until| until <= now);
        if begins {
            *until = Some(now + self.unauthorized_pause);
        }
        begins
    }

    fn lock_pause(&self) -> MutexGuard<'_, Option<Instant>> {
        // The value is one word; a panic elsewhere cannot have left it half written.
        self.paused_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
