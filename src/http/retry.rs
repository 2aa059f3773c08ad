//! When to try again: the backoff, and what an upstream asks for itself.
//!
//! Two sources speak about the next attempt: our own exponential backoff with
//! full jitter, and the upstream's Retry-After. The later of the two wins, so
//! jitter never shortens what the upstream asked for. Retry-After is capped:
//! a mistaken date ten years ahead must not stop a system for ten years.

use std::time::Duration;

use fastrand::Rng;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// The longest Retry-After that is believed.
pub const RETRY_AFTER_CAP: Duration = Duration::from_secs(15 * 60);

/// Exponential backoff with full jitter: attempt `n` waits a random time from
/// nothing to `base * 2^n`, and never more than `cap`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The most that the first retry waits.
    pub base: Duration,
    /// The most that any retry waits.
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Backoff {
        Backoff { base: Duration::from_millis(500), cap: Duration::from_secs(300) }
    }
}

impl Backoff {
    /// The most that retry number `attempt` (from 0) can wait.
    pub fn ceiling(&self, attempt: u32) -> Duration {
        // 2^31 times anything of use is beyond every cap.
        self.base.saturating_mul(1 << attempt.min(31)).min(self.cap)
    }

    /// How long to wait before retry number `attempt`, counted from 0.
    pub fn delay(&self, attempt: u32, rng: &mut Rng) -> Duration {
        let ceiling = u64::try_from(self.ceiling(attempt).as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(rng.u64(0..=ceiling))
    }

    /// As [`Backoff::delay`], but never sooner than the upstream asked for.
    pub fn delay_after(
        &self,
        attempt: u32,
        retry_after: Option<Duration>,
        rng: &mut Rng,
    ) -> Duration {
        self.delay(attempt, rng).max(retry_after.unwrap_or_default())
    }
}

/// Reads Retry-After, as seconds or as an HTTP date, capped at
/// [`RETRY_AFTER_CAP`]; None when it is absent or makes no sense.
///
/// A date is measured against the answer's own Date header, so that it means
/// the same whatever our clock says; our clock is asked only without one.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit mean the cap as well.
        let seconds = text.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(RETRY_AFTER_CAP));
    }
    let until = http_date(text)?;
    let now = headers.get(DATE).and_then(|date| http_date(date.to_str().ok()?)).unwrap_or_else(now);
    // A moment that has passed means: now.
    let wait = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    Some(wait.min(RETRY_AFTER_CAP))
}

fn http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

#[expect(
    clippy::disallowed_methods,
    reason = "compared with a foreign clock at once, never stored"
)]
fn now() -> Timestamp {
    Timestamp::now()
}
