//! A pass of `run --once`: all that the ledger has, and then the end. What PostgreSQL does
//! not answer costs it no more than a few seconds.

use std::time::{Duration, Instant};

use super::Relay;
use super::failure::Failure;
use super::step::Progress;
use crate::ledger;
use crate::runtime::driver::Next;

/// How often a pass tries, and what it may lose before that.
const TRIES: u32 = 3;
const LOSES: Duration = Duration::from_secs(7);
/// What it may lose at the least, however late it comes.
const LEAST: Duration = Duration::from_secs(1);

impl Relay {
    /// Brings everything, for a pass of `run --once`; true when it came to the end.
    pub(super) async fn pass(&self) -> Result<bool, ledger::Error> {
        let mut live = self.live.lock().await;
        let mut lost = Duration::ZERO;
        let left = self.deadline.left().unwrap_or(LOSES);
        let budget = left.clamp(LEAST, LOSES);
        let mut failures = 0;
        loop {
            let began = Instant::now();
            let outcome = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Ok(false),
                outcome = self.advance(&mut live) => outcome,
            };
            let failure = match outcome {
                Ok(Progress::More) => continue,
                Ok(Progress::End) => {
                    self.tell(&mut live, None, true).await?;
                    live.session = None;
                    return Ok(true);
                }
                Err(failure) => failure,
            };
            let is_away = failure.is_away();
            let has_moved = matches!(failure, Failure::Moved);
            let next = self.fail(&mut live, failure).await?;
            lost += began.elapsed();
            failures += 1;
            let may_go_on = (is_away || has_moved) && failures < TRIES && lost < budget;
            if !may_go_on {
                return Ok(false);
            }
            if let Next::Within(pause) = next {
                tokio::time::sleep(pause).await;
            }
        }
    }
}
