//! Keeps the line in `systemctl status` up to date.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::line::line;
use crate::clock::SharedClock;
use crate::config::Config;
use crate::ledger::{self, Glance, Ledger, Reader};
use crate::registry;
use crate::runtime::pace::until;
use crate::watchdog::Heartbeats;

/// How often the line is made.
const EVERY: Duration = Duration::from_secs(2);
/// In a large ledger so many times as long as it took to read, so that it costs next to
/// nothing.
const REST: u32 = 50;

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
        loop {
            let began = Instant::now();
            let line = match self.glance().await {
                Ok(glance) => {
                    let silent = self.heartbeats.stalled(Instant::now());
                    line(&glance, self.ledger.is_disk_full(), &silent, self.clock.now())
                }
                Err(error) => format!("the ledger cannot be read: {error}"),
            };
            let pause = EVERY.max(began.elapsed() * REST);
            // A line that comes after the one about the stop would hide it.
            if line != told && !stop.is_cancelled() {
                super::status(&line).await;
                told = line;
            }
            if !until(&stop, tokio::time::sleep(pause)).await {
                break;
            }
        }
    }

    /// Reads the numbers, by a reader of its own that nobody waits for.
    async fn glance(&self) -> Result<Glance, ledger::Error> {
        let path = self.config.ledger.path.clone();
        let reading = tokio::task::spawn_blocking(move || Reader::open(&path)?.glance());
        let mut glance = reading.await.map_err(|_| ledger::Error::Closed)??;
        glance.parts.retain(|part| registry::has_feed(&self.config, &part.source, &part.feed));
        Ok(glance)
    }
}
