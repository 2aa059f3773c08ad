//! What the tests with a real process share: UZhKH simulated in this process, the
//! program as another one that can be killed, and the judgement afterwards.
//!
//! The simulator goes on living while the program dies, as UZhKH would. Nothing
//! here waits by sleeping for a time: [`until`] looks for a condition.

#![allow(dead_code, unused_imports, reason = "each test program uses its own part")]

mod bench;
mod body;
mod promises;
mod replay;
mod witness;

use std::time::{Duration, Instant};

pub(crate) use bench::{Bench, Ended, SECRETS, signal};
pub(crate) use body::Body;

/// Longer than anything here may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until a condition holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "never came about: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The chance of a test: its seed is printed, and set by `SEED` to repeat a run.
pub(crate) fn chance(test: &str) -> fastrand::Rng {
    let seed = match std::env::var("SEED") {
        Ok(text) => text.parse().expect("SEED is a number"),
        Err(_) => fastrand::u64(..),
    };
    println!("{test}: SEED={seed}");
    fastrand::Rng::with_seed(seed)
}
