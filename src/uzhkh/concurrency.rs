//! How many acknowledgements are under way at once, found out from the answers.
//!
//! A server that has room answers as quickly however much it is asked; once it has none, what
//! more it is sent only waits there. So the latency tells: of `limit` requests under way
//! `limit × (1 − quickest / now)` wait in line. While hardly any do, more are sent; when many
//! do, fewer. An answer that says "too much" (429, 5xx, none at all) halves the limit, which
//! stays below what was refused for a while.
//! This is TCP Vegas, with two differences. Latencies are medians of a window of answers, for a
//! single quick one says nothing. And what UZhKH is capable of is not believed for ever: now
//! and then half as many are sent, and what is quickest then counts from there on.
//!
//! Nothing here waits or looks at a clock: [`Gate`](super::gate::Gate) does.

use std::time::{Duration, Instant};

/// The fewest that are under way, while more are due.
pub(super) const LEAST: usize = 4;
/// The most that ever are.
pub(super) const MOST: usize = 64;
/// What it begins with.
const FIRST: usize = 16;
/// A window has at least so many answers as the limit is, and takes so long at least.
const WINDOW: Duration = Duration::from_millis(50);
/// So many may always wait in line, and an eighth of the limit: a machine that is busy itself
/// answers by fits and starts, and must not run dry meanwhile.
const FEW: usize = 6;
/// So many are too many, and a quarter of the limit.
const MANY: usize = 8;
/// After so many windows half as many are sent, for one window.
const BELIEVED: u32 = 64;

/// What an answer says of the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Load {
    /// It came after a while, which tells.
    Borne,
    /// UZhKH has too much to do, or does not answer.
    TooMuch,
    /// The request was not sent, or was ended by us.
    Unknown,
}

/// The limit, and what has been seen of it.
#[derive(Debug)]
pub(super) struct Concurrency {
    limit: usize,
    /// What it may grow to: less than was refused lately.
    ceiling: usize,
    /// Whether it doubles, and does not grow by an eighth: how much UZhKH bears has not been
    /// seen yet.
    doubles: bool,
    /// What UZhKH takes for an answer while it is asked for little.
    quickest: Option<Duration>,
    /// Windows since that was last found out.
    windows: u32,
    /// The limit to go back to, while half as many are sent.
    halved_from: Option<usize>,
    under_way: usize,
    window: Window,
}

/// Answers to what was sent since one moment, under one limit.
#[derive(Debug)]
struct Window {
    began: Instant,
    latencies: Vec<Duration>,
    /// Whether the limit was ever reached: else the latency tells nothing of it.
    is_full: bool,
}

impl Window {
    fn new(began: Instant) -> Self {
        Self { began, latencies: Vec::new(), is_full: false }
    }
}

impl Concurrency {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            limit: FIRST,
            ceiling: MOST,
            doubles: true,
            quickest: None,
            windows: 0,
            halved_from: None,
            under_way: 0,
            window: Window::new(now),
        }
    }

    /// How many may be under way.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// A request is sent.
    pub(super) fn begun(&mut self) {
        self.under_way += 1;
        self.window.is_full |= self.under_way >= self.limit;
    }

    /// The request that was sent at `sent` has ended.
    pub(super) fn ended(&mut self, sent: Instant, now: Instant, load: Load) {
        self.under_way = self.under_way.saturating_sub(1);
        if sent <= self.window.began {
            // It was sent under another limit.
            return;
        }
        match load {
            Load::Unknown => {}
            Load::TooMuch => {
                let refused = self.halved_from.take().unwrap_or(self.limit);
                self.ceiling = self.ceiling.min((refused - refused / 8).max(LEAST));
                self.limit = (self.limit / 2).max(LEAST);
                self.doubles = false;
                self.window = Window::new(now);
            }
            Load::Borne => {
                let window = &mut self.window;
                window.latencies.push(now.duration_since(sent));
                if window.latencies.len() >= self.limit && now - window.began >= WINDOW {
                    self.judge();
                    self.window = Window::new(now);
                }
            }
        }
    }

    /// Draws the conclusion from a window that has ended.
    fn judge(&mut self) {
        let middle = self.window.latencies.len() / 2;
        let (_, latency, _) = self.window.latencies.select_nth_unstable(middle);
        let latency = *latency;
        if let Some(before) = self.halved_from.take() {
            self.limit = before;
            self.believe(latency);
            return;
        }
        let quickest = self.quickest.map_or(latency, |quickest| quickest.min(latency));
        self.quickest = Some(quickest);
        if self.window.is_full {
            self.adjust(quickest, latency);
        }
        self.windows += 1;
        if self.windows < BELIEVED {
            return;
        }
        match self.limit {
            LEAST => self.believe(latency),
            limit => {
                self.halved_from = Some(limit);
                self.limit = (limit / 2).max(LEAST);
            }
        }
    }

    fn believe(&mut self, quickest: Duration) {
        self.quickest = Some(quickest);
        self.ceiling = MOST;
        self.windows = 0;
    }

    /// More, fewer or as many, by how many wait in line.
    fn adjust(&mut self, quickest: Duration, latency: Duration) {
        let eighth = (self.limit / 8).max(1);
        let waiting = waiting(self.limit, quickest, latency);
        if waiting <= FEW + eighth {
            let more = if self.doubles { self.limit } else { eighth };
            self.limit = (self.limit + more).min(self.ceiling).max(self.limit);
            return;
        }
        self.doubles = false;
        if waiting > MANY + self.limit / 4 {
            self.limit = (self.limit - eighth).max(LEAST);
        }
    }
}

/// How many of `limit` wait in line.
fn waiting(limit: usize, quickest: Duration, latency: Duration) -> usize {
    let served = quickest.as_nanos().saturating_mul(limit as u128) / latency.as_nanos().max(1);
    limit.saturating_sub(usize::try_from(served).unwrap_or(limit))
}

#[cfg(test)]
#[path = "concurrency_tests.rs"]
mod tests;
