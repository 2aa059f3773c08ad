//! MACRO: the flats whose keys can be handed over, and the booking of a time for it.
//!
//! [`Macrocrm`] holds the modules together: [`api`] is the HTTP client, with every request
//! signed ([`sign`]) and every answer read in PHP's shapes ([`answer`]); [`ready_flats`] parses
//! the list, [`lists`] mirrors it; [`keys`] asks for free times and books one, which [`calls`]
//! sends.
//!
//! Source: «API Передача ключей».

mod answer;
mod api;
mod calls;
mod check;
mod error;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod keys;
mod lists;
mod ready_flats;
mod replaced;
mod sign;
mod system;

use std::sync::Arc;
use std::time::{Duration, Instant};

pub use check::AskError;
use check::{check_access, check_config};
pub use keys::{AlreadyBooked, Booking, HandoverTime, TransferDate, book, free_times};
pub(crate) use system::System;

use crate::clock::SharedClock;
use crate::http::BuildError;
use crate::ledger::{self, Ledger};
use crate::mirror;
use crate::runtime::outbox::Outbox;
use crate::runtime::system::Context;
use api::{ADD, Api};
use calls::Calls;
use lists::List;
use replaced::Replaced;

/// `record.source` and `call.target` of this system.
pub const SOURCE: &str = "macrocrm";
/// `record.kind` of a ready flat.
pub const KIND: &str = "ready_flat";

/// The lists of MACRO and its outbox.
pub struct Macrocrm {
    api: Arc<Api>,
    ledger: Arc<Ledger>,
    clock: SharedClock,
    schedule: String,
    lists: Vec<List>,
    replaced: Replaced,
    outbox: Outbox<Calls>,
    longest_wait: Duration,
}

impl Macrocrm {
    /// Sets the system up; `None` where the config switches it off.
    ///
    /// # Errors
    /// The HTTP client could not be built.
    pub(crate) fn new(context: &Context<'_>) -> Result<Option<Self>, BuildError> {
        let Context { config, ledger, clock, stop, deadline, .. } = *context;
        let Some(macrocrm) = &config.macrocrm else {
            return Ok(None);
        };
        let api = Arc::new(Api::new(macrocrm, &config.http, deadline, clock)?);
        let calls = Arc::new(Calls { api: Arc::clone(&api), clock: Arc::clone(clock) });
        let outbox =
            Outbox::new(Arc::clone(ledger), Arc::clone(clock), calls, deadline, stop.clone());
        Ok(Some(Self {
            lists: List::all(context, macrocrm, &api),
            replaced: Replaced::by(macrocrm),
            api,
            ledger: Arc::clone(ledger),
            clock: Arc::clone(clock),
            schedule: macrocrm.schedule.clone(),
            outbox,
            longest_wait: config.http.longest_wait(),
        }))
    }

    /// Marks bookings whose outcome was not recorded before the last end as `unknown`. True when
    /// there were none.
    async fn doubt_unrecorded(&self) -> Result<bool, ledger::Error> {
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

    /// Reads every list. True when none failed.
    async fn poll(&self) -> Result<bool, ledger::Error> {
        let mut is_well = true;
        for list in &self.lists {
            is_well &= mirror::poll(list, &self.clock).await?;
        }
        if is_well {
            self.replaced.delete(&self.ledger).await?;
        }
        Ok(is_well)
    }

    fn paused_until(&self) -> Option<Instant> {
        self.api.upstream().paused_until()
    }
}
