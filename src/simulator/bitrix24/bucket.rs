//! Rate limit of the portal: a leaky bucket.

use std::time::Instant;

/// A bucket that requests fill and time empties.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// Requests that leak out per second.
    pub per_second: f64,
    /// Capacity in requests.
    pub burst: f64,
}

impl Bucket {
    /// Two a second, fifty at once: what every portal has but the largest.
    pub const USUAL: Self = Self { per_second: 2.0, burst: 50.0 };
}

/// Fill level of a bucket.
#[derive(Default)]
pub(super) struct Level {
    requests: f64,
    at: Option<Instant>,
}

impl Level {
    /// Takes a request, or says that it is one too many.
    pub(super) fn take(&mut self, bucket: Bucket) -> bool {
        let now = Instant::now();
        if let Some(before) = self.at.replace(now) {
            let leaked = (now - before).as_secs_f64() * bucket.per_second;
            self.requests = (self.requests - leaked).max(0.0);
        }
        let room = self.requests + 1.0 <= bucket.burst;
        if room {
            self.requests += 1.0;
        }
        room
    }
}
