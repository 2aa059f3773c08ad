//! Umnoe ZhKH (UZhKH): its queues drained, its ids assigned, its lists re-read.
//!
//! [`Uzhkh`] holds the tasks together: [`queue`] drains, [`acknowledge`] acknowledges what is
//! committed, [`calls`] sends the calls that wait in the ledger, [`identities`] announces the
//! ids that no envelope of their own announces, [`resync`] reads the full lists. All of them
//! decide from the ledger alone, so a restart needs nothing but the file.
//!
//! Source: «Отправка данных от "Умное ЖКХ"».

mod access;
mod acknowledge;
mod ahead;
mod api;
mod apply;
mod batch;
mod calls;
mod check;
mod concurrency;
mod decisions;
mod decode;
mod fields;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod gate;
mod identities;
mod lists;
mod model;
mod naming;
mod portions;
mod queue;
mod repair;
mod replay;
mod resync;
mod system;
mod wording;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use access::{check_access, check_config};
pub use decisions::{AlreadyDecided, Decision, Ruling, decide};
pub use model::Kind;
pub use naming::{Naming, name};
pub use repair::{Parser, retry};
pub use replay::{ReplayError, lists, replay_list, replay_queue};
pub(crate) use system::System;

use crate::clock::SharedClock;
use crate::http::{BuildError, Deadline};
use crate::ledger::{self, Assign, Ledger, Queue};
use crate::runtime::driver::{Next, Rounds};
use crate::runtime::outbox::Outbox;
use crate::runtime::pace::Pace;
use crate::runtime::poll_log::PollLog;
use crate::runtime::system::Context;
use crate::watchdog::idle;
use acknowledge::Acknowledger;
use api::Api;
use calls::Calls;
use gate::Gate;

/// `record.source` and `call.target` of this system.
pub const SOURCE: &str = "uzhkh";
/// `call.op`, in the document's words.
const SET_ID: &str = "SetId";
const HANDLE_REGISTER: &str = "HandleRequestToRegister";
const HANDLE_OBJECT_ADDING: &str = "HandleRequestToObjectAdding";

/// How many calls are under way at once, unless `uzhkh.acknowledge_concurrency` says it.
const CALLS_AT_ONCE: usize = 16;

/// The queues, in the order in which a pass drains them.
const QUEUES: [Queue; 2] = [Queue::Requests, Queue::Deleted];

/// The place of a queue in [`QUEUES`].
fn index(queue: Queue) -> usize {
    match queue {
        Queue::Requests => 0,
        Queue::Deleted => 1,
    }
}

/// The tasks of UZhKH and what they share.
pub struct Uzhkh {
    api: Arc<Api>,
    ledger: Arc<Ledger>,
    clock: SharedClock,
    deadline: Deadline,
    stop: CancellationToken,
    /// One for each of [`QUEUES`].
    acknowledgers: [Acknowledger; 2],
    outbox: Outbox<Calls>,
    /// Notified when there may be calls to send.
    calls: Arc<Notify>,
    /// Notified when `To1c/Requests` is due.
    requests_due: Arc<Notify>,
    requests_schedule: String,
    deleted_schedule: String,
    /// Whether a full resync is still to be begun.
    wants_resync: AtomicBool,
    max_envelope_bytes: usize,
    max_pages: u32,
    /// Who names what is new.
    assign: Assign,
    /// How long an id waits for its name before it gets a UUID; `None`: for ever.
    external_timeout: Option<SignedDuration>,
    last_look: std::sync::Mutex<identities::LastLook>,
    announce_after: SignedDuration,
    longest_wait: Duration,
    polls: PollLog,
    /// Held while one of [`QUEUES`] is drained: never twice at once.
    draining: [tokio::sync::Mutex<()>; 2],
}

impl Uzhkh {
    /// Sets the system up; `None` where the config switches it off.
    ///
    /// # Errors
    /// The HTTP client could not be built.
    pub(crate) fn new(context: &Context<'_>) -> Result<Option<Self>, BuildError> {
        let Context { config, deadline, .. } = *context;
        let Some(uzhkh) = &config.uzhkh else {
            return Ok(None);
        };
        let ledger = Arc::clone(context.ledger);
        let clock = Arc::clone(context.clock);
        let stop = context.stop.clone();
        let api = Arc::new(Api::new(uzhkh, &config.http, deadline)?);
        let calls = Arc::new(Calls {
            api: Arc::clone(&api),
            clock: Arc::clone(&clock),
            concurrency: uzhkh.acknowledge_concurrency.unwrap_or(CALLS_AT_ONCE),
        });
        let gate = Arc::new(Gate::new(uzhkh.acknowledge_concurrency));
        let acknowledger = |queue| Acknowledger {
            queue,
            api: Arc::clone(&api),
            ledger: Arc::clone(&ledger),
            clock: Arc::clone(&clock),
            stop: stop.clone(),
            wake: Notify::new(),
            pace: Pace::new(deadline),
            gate: Arc::clone(&gate),
        };
        let acknowledgers = QUEUES.map(acknowledger);
        let announce_after = config.identity.announce_after;
        let assign = Assign::from(config.identity.assign);
        let external_timeout = match assign {
            // What waits from a time when others named it is named here too.
            Assign::Uuid => Some(Duration::ZERO),
            Assign::External => config.identity.external_timeout,
        };
        Ok(Some(Self {
            api,
            outbox: Outbox::new(
                Arc::clone(&ledger),
                Arc::clone(&clock),
                calls,
                deadline,
                stop.clone(),
            ),
            calls: Arc::default(),
            requests_due: Arc::default(),
            requests_schedule: uzhkh.requests_schedule.clone(),
            deleted_schedule: uzhkh.deleted_schedule.clone(),
            wants_resync: AtomicBool::new(context.full_resync),
            ledger,
            clock,
            deadline: deadline.clone(),
            stop,
            acknowledgers,
            max_envelope_bytes: uzhkh.max_envelope_bytes,
            max_pages: uzhkh.max_pages,
            assign,
            external_timeout: external_timeout
                .map(|timeout| timeout.try_into().unwrap_or(SignedDuration::MAX)),
            last_look: Default::default(),
            announce_after: announce_after.try_into().unwrap_or(SignedDuration::MAX),
            longest_wait: config.http.longest_wait(),
            polls: PollLog::new(SOURCE),
            draining: Default::default(),
        }))
    }

    /// Marks the calls whose outcome was not recorded before the last end as unknown. True when
    /// no decision is among them.
    async fn doubt_unrecorded(&self) -> Result<bool, ledger::Error> {
        let recovered = self.ledger.write(|tx| {
            tx.doubt_unsent_ids()?;
            tx.doubt_sent_calls(SOURCE, &[HANDLE_REGISTER, HANDLE_OBJECT_ADDING])
        });
        let unknown = recovered.await?;
        if unknown > 0 {
            tracing::error!(
                unknown,
                "decisions were being sent when the program last ended and may have arrived; \
                 look at the rows of call with state unknown"
            );
        }
        Ok(unknown == 0)
    }

    /// One pass of everything: both queues, a full resync where one is wanted or
    /// under way, the calls. True when nothing failed.
    async fn pass(&self) -> Result<bool, ledger::Error> {
        let mut drained = Vec::new();
        for queue in QUEUES {
            while self.poll(queue).await? {
                // Envelopes that waited for their calls are acknowledged after them, and may
                // have held back more in UZhKH.
                if self.send(&[queue]).await?.acknowledged == 0 {
                    drained.push(queue);
                    break;
                }
            }
        }
        let mut all_well = drained.len() == QUEUES.len();
        if all_well {
            self.begin_wanted_resync().await?;
            if self.resync_under_way().await? {
                all_well &= self.resync().await?;
            }
        }
        self.look_at_identities().await?;
        let mut rounds = Rounds::default();
        loop {
            let has_failed = self.send(&drained).await?.failed > 0;
            if !rounds.go_on(&self.stop, has_failed, has_failed).await {
                break;
            }
        }
        let waiting = self.ledger.read(|reader| {
            let mut waiting = reader.has_pending_call(SOURCE)?;
            for queue in QUEUES {
                waiting |= !reader.due(queue, Default::default(), None, false, 1)?.is_empty();
            }
            let reasons = if waiting { reader.reasons_of_waiting(SOURCE)? } else { Vec::new() };
            Ok((waiting, reasons))
        });
        let (waiting, reasons) = waiting.await?;
        for error in reasons {
            tracing::warn!(%error, "calls or acknowledgements are left for the next pass");
        }
        let all_sent = !waiting && self.outbox.all_succeeded();
        Ok(all_well && all_sent && !self.stop.is_cancelled())
    }

    /// Sends the calls and acknowledgements that wait, once.
    async fn send(&self, queues: &[Queue]) -> Result<Sent, ledger::Error> {
        let mut sent = Sent { acknowledged: 0, failed: self.outbox.pass().await?.failed };
        for queue in queues {
            let pass = self.acknowledger(*queue).pass_over_all().await?;
            sent.acknowledged += pass.acknowledged;
            sent.failed += pass.failed;
        }
        Ok(sent)
    }

    /// Begins the full resync that this process was started with, once, or was asked for. One
    /// that is under way ends first.
    async fn begin_wanted_resync(&self) -> Result<(), ledger::Error> {
        let is_asked_for = self.ledger.read(ledger::Reader::resync_wanted).await?;
        if self.wants_resync.swap(false, Ordering::Relaxed) || is_asked_for {
            self.begin_resync().await?;
        }
        Ok(())
    }

    /// Carries on with a resync that is under way, after both queues.
    async fn carry_on_resync(&self) -> Result<Next, ledger::Error> {
        self.begin_wanted_resync().await?;
        if !self.resync_under_way().await? {
            return Ok(Next::WhenDue);
        }
        if self.poll(Queue::Requests).await? && self.poll(Queue::Deleted).await? {
            self.resync().await?;
        }
        Ok(if self.resync_under_way().await? { Next::Again } else { Next::WhenDue })
    }

    fn paused_until(&self) -> Option<Instant> {
        self.api.upstream().paused_until()
    }

    /// Drains a queue, after a drain of it that is under way.
    async fn poll(&self, queue: Queue) -> Result<bool, ledger::Error> {
        let draining = &self.draining[usize::from(queue == Queue::Deleted)];
        let _alone = idle(draining.lock()).await;
        Ok(self.drain(queue).await?.error.is_none())
    }

    fn acknowledger(&self, queue: Queue) -> &Acknowledger {
        &self.acknowledgers[index(queue)]
    }
}

/// What became of the calls and acknowledgements that waited.
#[derive(Debug)]
struct Sent {
    /// Envelopes that were acknowledged.
    acknowledged: u64,
    /// What failed, of both.
    failed: u64,
}
