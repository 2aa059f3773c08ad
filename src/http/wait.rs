//! Waiting by the time in which this process runs.
//!
//! A process that is stopped (SIGSTOP, a paused machine) finds its deadlines passed when it
//! goes on, and the answer that came meanwhile still in the socket: timers are looked at first.
//! What stood still does not count here, and before a deadline does, the socket is looked into.

use std::pin::Pin;
use std::time::{Duration, Instant};

use tokio::time::timeout;

/// The most that is counted of one stretch of time, however long it took.
const SLICE: Duration = Duration::from_secs(1);
/// A stretch that takes so much longer than it should was not spent running.
const STANDSTILL: Duration = Duration::from_millis(50);
/// The time in which what has arrived comes out of the socket.
const LOOK: Duration = Duration::from_millis(250);

/// The output of a future that is done within this time; `None` otherwise.
pub(super) async fn within<F: Future>(
    time: Duration,
    mut future: Pin<&mut F>,
) -> Option<F::Output> {
    let mut left = time;
    loop {
        let slice = left.min(SLICE);
        let began = Instant::now();
        if let Ok(output) = timeout(slice, future.as_mut()).await {
            return Some(output);
        }
        left -= slice;
        if left.is_zero() {
            let has_stood_still = began.elapsed() > slice + STANDSTILL;
            let look = if has_stood_still { LOOK } else { Duration::ZERO };
            return timeout(look, future).await.ok();
        }
    }
}
