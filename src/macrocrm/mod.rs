//! MACRO: the flats whose keys can be handed over, and the booking of a time for it.
//!
//! [`Macrocrm`] ties the parts together: [`api`] is the wire, with every request signed
//! ([`sign`]) and every answer read in PHP's shapes ([`answer`]); [`ready_flats`] takes
//! the list apart; [`keys`] asks for free times and books one, which [`calls`] sends.
//!
//! Source: «API Передача ключей».

mod answer;
mod api;
mod calls;
mod check;
mod error;
mod keys;
mod lists;
mod ready_flats;
mod sign;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub use check::{AskError, check_access, check_config};
pub use keys::{Booking, TransferDate, book, free_times};

use crate::clock::SharedClock;
use crate::config::Config;
use crate::http::{BuildError, Patience};
use crate::ledger::{self, Ledger};
use crate::runtime::outbox::Outbox;
use crate::runtime::pace::{TICK, until};
use crate::runtime::poll_log::PollLog;
use crate::watchdog::Heartbeats;
use api::{ADD, Api};
use calls::Calls;
use lists::List;

/// `record.source` and `call.target` of this system.
pub const SOURCE: &str = "macrocrm";
/// `record.kind` of a ready flat.
pub const KIND: &str = "ready_flat";

/// MACRO as this process sees it.
pub struct Macrocrm {
    api: Arc<Api>,
    ledger: Arc<Ledger>,
    clock: SharedClock,
    stop: CancellationToken,
    lists: Vec<List>,
    polls: PollLog,
    outbox: Outbox<Calls>,
    longest_wait: Duration,
}

impl Macrocrm {
    /// Sets the system up; `None` where the config switches it off.
    ///
    /// # Errors
    /// The way out cannot be built (see [`BuildError`]).
    pub fn new(
        config: &Config,
        ledger: &Arc<Ledger>,
        clock: &SharedClock,
        patience: Patience,
        stop: &CancellationToken,
    ) -> Result<Option<Self>, BuildError> {
        let Some(macrocrm) = &config.macrocrm else {
            return Ok(None);
        };
        let api = Arc::new(Api::new(macrocrm, &config.http, patience, clock)?);
        let calls = Arc::new(Calls { api: Arc::clone(&api), clock: Arc::clone(clock) });
        let outbox =
            Outbox::new(Arc::clone(ledger), Arc::clone(clock), calls, patience, stop.clone());
        Ok(Some(Self {
            api,
            ledger: Arc::clone(ledger),
            clock: Arc::clone(clock),
            stop: stop.clone(),
            lists: List::all(config, macrocrm, ledger, stop),
            polls: PollLog::new(SOURCE),
            outbox,
            longest_wait: config.http.longest_wait(),
        }))
    }

    /// At a start: bookings that were sent before the last end, and whose outcome was
    /// not noted, become `unknown`. True when there were none.
    ///
    /// # Errors
    /// The ledger's.
    pub async fn recover(&self) -> Result<bool, ledger::Error> {
        let recovered = self.ledger.write(|tx| tx.doubt_sent_calls(SOURCE, &[ADD]));
        let unknown = recovered.await?;
        if unknown > 0 {
            tracing::error!(
                unknown,
                "bookings were being sent when the program last ended and may have been made; \
                 look at the rows of call with state unknown"
            );
        }
        Ok(unknown == 0)
    }

    /// One pass: every list, then the bookings that wait. True when nothing failed.
    ///
    /// # Errors
    /// The ledger's.
    pub async fn once(&self) -> Result<bool, ledger::Error> {
        let is_well = self.poll().await?;
        Ok(is_well & self.outbox.passes().await?)
    }

    /// Reads the lists whenever they are due, and sends bookings as soon as they are
    /// there, until stopped.
    ///
    /// # Errors
    /// The ledger's, which end the service.
    pub async fn run(&self, due: &Notify, heartbeats: &Heartbeats) -> Result<(), ledger::Error> {
        let heartbeat = |name| heartbeats.register(name, self.longest_wait);
        tokio::try_join!(
            heartbeat("macrocrm ready flats").of(self.keep_polling(due)),
            heartbeat("macrocrm calls").of(self.keep_sending()),
        )?;
        Ok(())
    }

    async fn keep_polling(&self, due: &Notify) -> Result<(), ledger::Error> {
        while until(&self.stop, due.notified()).await {
            // While MACRO refuses us there is nothing to be had, and it is said already.
            if !self.is_paused() {
                self.poll().await?;
            }
        }
        Ok(())
    }

    async fn keep_sending(&self) -> Result<(), ledger::Error> {
        while until(&self.stop, tokio::time::sleep(TICK)).await {
            if !self.is_paused() {
                self.outbox.pass().await?;
            }
        }
        Ok(())
    }

    /// Reads every list. True when none failed.
    async fn poll(&self) -> Result<bool, ledger::Error> {
        let mut is_well = true;
        for list in &self.lists {
            is_well &= list.poll(&self.api, &self.clock, &self.polls).await?;
        }
        Ok(is_well)
    }

    fn is_paused(&self) -> bool {
        self.api.upstream().paused().is_some()
    }
}
