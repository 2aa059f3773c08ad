//! Keeps the line in `systemctl status` up to date.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::line::line;
use crate::clock::SharedClock;
use crate::config::Config;
use crate::ledger::{self, AlmaCount, LastPoll, Ledger, Reader, Standing};
use crate::registry;
use crate::runtime::pace::until;
use crate::watchdog::Heartbeats;

/// How often the line is made.
const EVERY: Duration = Duration::from_secs(2);
/// The numbers are read again after so many times as long as reading them took, so that they
/// cost next to nothing in a large ledger. A full disk or a stalled task is told without.
const REST: u32 = 50;

/// What is read from the ledger for the line.
type Numbers = (Standing, Vec<AlmaCount>);

/// What the line is made of.
pub(crate) struct Status {
    config: Config,
    ledger: Arc<Ledger>,
    clock: SharedClock,
    heartbeats: Heartbeats,
}

impl Status {
    /// The line of a service that runs by this config.
    pub(crate) fn new(
        config: &Config,
        ledger: Arc<Ledger>,
        clock: SharedClock,
        heartbeats: Heartbeats,
    ) -> Self {
        Self { config: config.clone(), ledger, clock, heartbeats }
    }

    /// Tells the line whenever it has changed, until stopped.
    pub(crate) async fn keep_telling(self, stop: CancellationToken) {
        if !super::is_heard() {
            return;
        }
        let mut told = String::new();
        let (mut numbers, mut took) = self.read_timed().await;
        let mut read_at = Instant::now();
        loop {
            if read_at.elapsed() >= took * REST {
                (numbers, took) = self.read_timed().await;
                read_at = Instant::now();
            }
            let line = match &numbers {
                Ok((standing, alma)) => {
                    let stalled = self.heartbeats.stalled(Instant::now());
                    let is_full = self.ledger.is_disk_full();
                    line(standing, alma, is_full, &stalled, self.clock.now())
                }
                Err(error) => format!("the ledger cannot be read: {error}"),
            };
            // A line that comes after the one about the stop would hide it.
            if line != told && !stop.is_cancelled() {
                super::status(&line).await;
                told = line;
            }
            if !until(&stop, tokio::time::sleep(EVERY)).await {
                break;
            }
        }
    }

    /// As [`Status::read`], with the time that it took.
    async fn read_timed(&self) -> (Result<Numbers, ledger::Error>, Duration) {
        let began = Instant::now();
        (self.read().await, began.elapsed())
    }

    /// Reads the numbers, by a reader of its own that nothing waits for.
    async fn read(&self) -> Result<Numbers, ledger::Error> {
        let path = self.config.ledger.path.clone();
        let now = self.clock.now();
        let reading = tokio::task::spawn_blocking(move || {
            let reader = Reader::open(&path)?;
            Ok::<_, ledger::Error>((reader.standing(now)?, reader.alma_counts()?))
        });
        let (mut standing, alma) = reading.await.map_err(|_| ledger::Error::Closed)??;
        self.ledger.complete(&mut standing);
        let is_on = |poll: &LastPoll| registry::has_feed(&self.config, &poll.source, &poll.feed);
        standing.polls.retain(is_on);
        Ok((standing, alma))
    }
}
