//! How often one thing is asked for, and when again: the backoff, and what an upstream asks
//! for itself.
//!
//! Two sources speak about the next attempt: our own exponential backoff with
//! full jitter, and the upstream's Retry-After. The later of the two wins, so
//! jitter never shortens what the upstream asked for. Retry-After is capped:
//! a mistaken date ten years ahead must not stop a system for ten years.

use std::time::{Duration, SystemTime};

use fastrand::Rng;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::{Class, Deadline, Error, Upstream};
use crate::watchdog::idle;

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

/// How often a body that breaks is asked for again in the same pass.
const REREADS: u32 = 2;

/// How often a pass of `run --once` does one thing: once, and two retries.
pub(crate) const PASS_ATTEMPTS: u32 = 3;

/// How often one thing is asked for, and when again: the one policy of all systems.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retries {
    /// The first time included.
    attempts: u32,
    backoff: Backoff,
    /// The longest Retry-After that is sat out.
    longest: Duration,
}

impl Retries {
    pub(super) fn within(deadline: &Deadline) -> Retries {
        if deadline.is_of_pass() {
            Retries {
                attempts: PASS_ATTEMPTS,
                backoff: Backoff { base: Duration::from_millis(250), cap: Duration::from_secs(1) },
                longest: Duration::from_secs(5),
            }
        } else {
            Retries { attempts: 5, backoff: Backoff::default(), longest: Duration::MAX }
        }
    }

    /// How long to wait after attempt number `attempt` (from 0) has failed, and never less than
    /// the upstream asks for; `None`: that was the last.
    pub(crate) fn delay(self, attempt: u32, after: Option<Duration>) -> Option<Duration> {
        let is_over =
            attempt + 1 >= self.attempts || after.is_some_and(|after| after > self.longest);
        (!is_over).then(|| self.backoff.delay_after(attempt, after, &mut fastrand::Rng::new()))
    }
}

impl Upstream {
    /// Asks, and again while that fails with what is worth repeating, with exponential backoff
    /// and full jitter and never sooner than a Retry-After says. Where `ask` reads the body
    /// too, one that breaks is asked for again like an answer that did not come. Only for
    /// requests that may arrive more than once.
    pub(crate) async fn repeat<T, F: Future<Output = Result<T, Error>>>(
        &self,
        operation: &'static str,
        ask: impl Fn() -> F,
    ) -> Result<T, Error> {
        let mut attempt = 0;
        loop {
            let error = match ask().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let Some(delay) = self.delay_after(&error, attempt) else {
                // Where bodies break, there is still something that answers.
                if error.is_transport() && !error.is_broken_body() {
                    self.budget.give_up();
                }
                return Err(error);
            };
            attempt += 1;
            tracing::debug!(system = self.system, operation, attempt, ?delay, %error, "trying again");
            idle(tokio::time::sleep(delay)).await;
            self.budget.lose(delay);
        }
    }

    /// How long to wait before asking again; `None` when it is of no use.
    pub(crate) fn delay_after(&self, error: &Error, attempt: u32) -> Option<Duration> {
        let Class::Retry { after } = error.class() else {
            return None;
        };
        if error.is_broken_body() {
            return self.delay_after_broken(attempt);
        }
        let is_of_use = error.is_worth_repeating() && !self.budget.is_used_up();
        self.retries().delay(attempt, after).filter(|_| is_of_use)
    }

    /// How long to wait before asking again for a body that did not come whole; `None` when
    /// that was the last time. `attempt` counts from 0.
    pub(crate) fn delay_after_broken(&self, attempt: u32) -> Option<Duration> {
        let is_of_use = attempt < REREADS && !self.budget.is_used_up();
        self.retries().delay(attempt, None).filter(|_| is_of_use)
    }

    /// Waits before a body that broke is asked for again, which is counted; false when that was
    /// the last time.
    pub(crate) async fn may_read_again(
        &self,
        operation: &'static str,
        attempt: &mut u32,
        problem: &(dyn std::fmt::Display + Sync),
    ) -> bool {
        let Some(delay) = self.delay_after_broken(*attempt) else { return false };
        *attempt += 1;
        tracing::debug!(system = self.system, operation, attempt, ?delay, %problem, "answer broken off: asking again");
        idle(tokio::time::sleep(delay)).await;
        self.budget.lose(delay);
        true
    }

    /// How often one thing is asked for here.
    pub(crate) fn retries(&self) -> Retries {
        Retries::within(&self.deadline)
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
    let wait = until.duration_since(now).unwrap_or_default();
    Some(wait.min(RETRY_AFTER_CAP))
}

/// A date in one of the three forms of RFC 9110 (IMF-fixdate, RFC 850, asctime), or with an
/// offset, as mail has it.
fn http_date(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    let with_offset = || DateTimeParser::new().parse_timestamp(text).ok()?.try_into().ok();
    httpdate::parse_http_date(text).ok().or_else(with_offset)
}

#[expect(
    clippy::disallowed_methods,
    reason = "compared with a foreign clock at once, never stored"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_retries_twice_within_a_second_each() {
        let once = Retries::within(&Deadline::of_pass());
        for attempt in [0, 1] {
            assert!(once.delay(attempt, None).is_some_and(|delay| delay.as_secs() <= 1));
        }
        assert_eq!(once.delay(2, None), None);
    }

    #[test]
    fn a_pass_sits_out_no_more_than_five_seconds() {
        let once = Retries::within(&Deadline::of_pass());
        let five = Duration::from_secs(5);
        assert_eq!(once.delay(0, Some(five)), Some(five));
        assert_eq!(once.delay(0, Some(Duration::from_secs(6))), None);
        let service = Retries::within(&Deadline::none());
        assert_eq!(service.delay(0, Some(RETRY_AFTER_CAP)), Some(RETRY_AFTER_CAP));
    }
}
