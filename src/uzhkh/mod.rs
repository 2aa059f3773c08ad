//! Umnoe ZhKH (UZhKH): its queues drained, its ids assigned, its lists re-read.
//!
//! [`Uzhkh`] ties the parts together: [`queue`] drains, [`acknowledge`] tells UZhKH
//! to forget, [`calls`] carries out what else must be said, [`identities`]
//! announces ids that nothing else does, [`resync`] reads everything anew. All of
//! them decide from the ledger alone, so a restart needs nothing but the file.
//!
//! Source: «Отправка данных от "Умное ЖКХ"».

mod access;
mod acknowledge;
mod api;
mod apply;
mod batch;
mod calls;
mod check;
mod decisions;
mod decode;
mod fields;
mod identities;
mod lists;
mod model;
mod queue;
mod repair;
mod replay;
mod resync;
mod wording;

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

pub use access::{AccessError, check_access, check_config};
pub use decisions::{Decision, Ruling, decide};
pub use model::Kind;
pub use repair::{Texts, retry};
pub use replay::{ReplayError, lists, replay_list, replay_queue};

use crate::clock::SharedClock;
use crate::config::Config;
use crate::http::{Backoff, BuildError, Patience};
use crate::ledger::{self, Ledger, Queue};
use crate::runtime::outbox::Outbox;
use crate::runtime::pace::{self, Attempts, Cooldown, ONCE_PASSES, ONCE_PAUSE, TICK};
use crate::runtime::poll_log::PollLog;
use crate::watchdog::{Heartbeats, idle};
use acknowledge::Acknowledger;
use api::Api;
use calls::Calls;

/// `record.source` and `call.target` of this system.
const SOURCE: &str = "uzhkh";
/// `call.op`, in the document's words.
const SET_ID: &str = "SetId";
const HANDLE_REGISTER: &str = "HandleRequestToRegister";
const HANDLE_OBJECT_ADDING: &str = "HandleRequestToObjectAdding";

/// The queues, in the order in which a pass drains them.
const QUEUES: [Queue; 2] = [Queue::Requests, Queue::Deleted];

/// The place of a queue in [`QUEUES`].
fn index(queue: Queue) -> usize {
    match queue {
        Queue::Requests => 0,
        Queue::Deleted => 1,
    }
}

/// When each poller is due; whoever keeps the schedules notifies.
#[derive(Debug, Default)]
pub struct Schedule {
    /// `To1c/Requests` is due.
    pub requests: Arc<Notify>,
    /// `To1c/DeletedItems` is due.
    pub deleted: Arc<Notify>,
    /// Reserved ids are to be looked at.
    pub identities: Arc<Notify>,
}

/// UZhKH as this process sees it.
pub struct Uzhkh {
    api: Arc<Api>,
    ledger: Arc<Ledger>,
    clock: SharedClock,
    patience: Patience,
    stop: CancellationToken,
    /// One for each of [`QUEUES`].
    acknowledgers: [Acknowledger; 2],
    outbox: Outbox<Calls>,
    /// Woken when there may be calls to send.
    calls: Notify,
    max_envelope_bytes: usize,
    max_pages: u32,
    announce_after: SignedDuration,
    longest_wait: Duration,
    polls: PollLog,
    /// Each of [`QUEUES`] is drained by one at a time.
    draining: [tokio::sync::Mutex<()>; 2],
}

impl Uzhkh {
    /// Sets the system up; `None` where the config switches it off.
    ///
    /// # Errors
    /// The way out cannot be built (see [`BuildError`]).
    pub fn new(
        config: &Config,
        ledger: Arc<Ledger>,
        clock: SharedClock,
        patience: Patience,
        stop: CancellationToken,
    ) -> Result<Option<Self>, BuildError> {
        let Some(uzhkh) = &config.uzhkh else {
            return Ok(None);
        };
        let api = Arc::new(Api::new(uzhkh, &config.http, patience)?);
        let calls = Arc::new(Calls {
            api: Arc::clone(&api),
            clock: Arc::clone(&clock),
            concurrency: uzhkh.acknowledge_concurrency,
        });
        let permits = Arc::new(Semaphore::new(uzhkh.acknowledge_concurrency));
        let acknowledger = |queue| Acknowledger {
            queue,
            api: Arc::clone(&api),
            ledger: Arc::clone(&ledger),
            clock: Arc::clone(&clock),
            patience,
            concurrency: uzhkh.acknowledge_concurrency,
            stop: stop.clone(),
            wake: Notify::new(),
            attempts: Attempts::new(patience),
            cooldown: Cooldown::default(),
            permits: Arc::clone(&permits),
        };
        let acknowledgers = QUEUES.map(acknowledger);
        let announce_after = config.identity.announce_after;
        Ok(Some(Self {
            api,
            outbox: Outbox::new(
                Arc::clone(&ledger),
                Arc::clone(&clock),
                calls,
                patience,
                stop.clone(),
            ),
            calls: Notify::new(),
            ledger,
            clock,
            patience,
            stop,
            acknowledgers,
            max_envelope_bytes: uzhkh.max_envelope_bytes,
            max_pages: uzhkh.max_pages,
            announce_after: announce_after.try_into().unwrap_or(SignedDuration::MAX),
            longest_wait: config.http.longest_wait(),
            polls: PollLog::new(SOURCE),
            draining: Default::default(),
        }))
    }

    /// At a start: what was sent before the last end, and whose outcome was not
    /// noted, is marked as such. True when there was no decision among it.
    ///
    /// # Errors
    /// The ledger's.
    pub async fn recover(&self) -> Result<bool, ledger::Error> {
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
    ///
    /// # Errors
    /// The ledger's.
    pub async fn once(&self, full_resync: bool) -> Result<bool, ledger::Error> {
        let mut sent = Sent::default();
        let mut drained = Vec::new();
        for queue in QUEUES {
            while self.poll(queue).await? {
                // What waited for its calls is told to forget after them, and may have
                // stood in the way of more.
                if self.send(&[queue], &mut sent).await? == 0 {
                    drained.push(queue);
                    break;
                }
            }
        }
        let mut all_well = drained.len() == QUEUES.len();
        if all_well {
            if full_resync {
                self.begin_resync().await?;
            }
            if self.resync_under_way().await? {
                all_well &= self.resync().await?;
            }
        }
        self.announce_reserved().await?;
        for attempt in 1.. {
            sent.failed = 0;
            self.send(&drained, &mut sent).await?;
            if sent.failed == 0 || attempt == ONCE_PASSES || self.stop.is_cancelled() {
                break;
            }
            tokio::time::sleep(ONCE_PAUSE).await;
        }
        let waiting = self
            .ledger
            .read(|reader| {
                let mut waiting = !reader.due_calls(SOURCE, 0, None, 1)?.is_empty();
                for queue in QUEUES {
                    waiting |= !reader.due(queue, 0, None, 1)?.is_empty();
                }
                Ok(waiting)
            })
            .await?;
        Ok(all_well && !waiting && sent.unsuccessful == 0 && !self.stop.is_cancelled())
    }

    /// Sends what waits, once; answers how many entries UZhKH has forgotten by it.
    async fn send(&self, queues: &[Queue], sent: &mut Sent) -> Result<u64, ledger::Error> {
        let calls = self.outbox.pass().await?;
        sent.failed += calls.failed;
        sent.unsuccessful += calls.unsuccessful;
        let mut acknowledged = 0;
        for queue in queues {
            let pass = self.acknowledger(*queue).pass_over_all().await?;
            sent.failed += pass.failed;
            acknowledged += pass.acknowledged;
        }
        Ok(acknowledged)
    }

    /// Works until stopped: drains whenever a queue is due, carries on a resync, and
    /// takes up in time what failed before.
    ///
    /// # Errors
    /// The ledger's, which end the service.
    pub async fn run(
        &self,
        schedule: &Schedule,
        full_resync: bool,
        heartbeats: &Heartbeats,
    ) -> Result<(), ledger::Error> {
        if full_resync {
            self.begin_resync().await?;
        }
        let heartbeat = |name| heartbeats.register(name, self.longest_wait);
        tokio::try_join!(
            heartbeat("uzhkh Requests").of(self.keep_polling(Queue::Requests, &schedule.requests)),
            heartbeat("uzhkh DeletedItems")
                .of(self.keep_polling(Queue::Deleted, &schedule.deleted)),
            heartbeat("uzhkh resync").of(self.keep_resyncing()),
            heartbeat("uzhkh identities").of(self.keep_announcing(&schedule.identities)),
            heartbeat("uzhkh calls").of(self.keep_sending(&schedule.requests)),
        )?;
        Ok(())
    }

    async fn keep_polling(&self, queue: Queue, due: &Notify) -> Result<(), ledger::Error> {
        while self.until(due.notified()).await {
            // While UZhKH refuses us there is nothing to be had, and it is said already.
            if self.api.upstream().paused().is_none() {
                self.poll(queue).await?;
            }
        }
        Ok(())
    }

    /// Carries on with a resync that is under way, after both queues.
    async fn keep_resyncing(&self) -> Result<(), ledger::Error> {
        let mut attempt = 0;
        while self.resync_under_way().await? {
            if self.poll(Queue::Requests).await? && self.poll(Queue::Deleted).await? {
                self.resync().await?;
            }
            attempt += 1;
            let pause = Backoff::default().delay(attempt, &mut fastrand::Rng::new());
            if self.stop.is_cancelled() || !self.until(tokio::time::sleep(pause)).await {
                break;
            }
        }
        Ok(())
    }

    async fn keep_announcing(&self, due: &Notify) -> Result<(), ledger::Error> {
        while self.until(due.notified()).await {
            self.announce_reserved().await?;
        }
        Ok(())
    }

    /// Sends calls: those that were just made, that waited for their time, or were
    /// added by a command. What they have freed is acknowledged by the next drain,
    /// which is due at once.
    async fn keep_sending(&self, freed: &Notify) -> Result<(), ledger::Error> {
        let woken = || async {
            tokio::select! {
                () = self.calls.notified() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        };
        while self.until(woken()).await {
            if self.api.upstream().paused().is_none() && self.outbox.pass().await?.settled > 0 {
                freed.notify_one();
            }
        }
        Ok(())
    }

    /// Drains a queue, unless somebody is at it; then waits for them instead.
    async fn poll(&self, queue: Queue) -> Result<bool, ledger::Error> {
        let draining = &self.draining[usize::from(queue == Queue::Deleted)];
        let _alone = idle(draining.lock()).await;
        Ok(self.drain(queue).await?.error.is_none())
    }

    fn acknowledger(&self, queue: Queue) -> &Acknowledger {
        &self.acknowledgers[index(queue)]
    }

    /// Waits for something, or for the end; false at the end.
    async fn until(&self, event: impl Future<Output = ()>) -> bool {
        pace::until(&self.stop, event).await
    }
}

/// What a pass of `--once` has not managed to send.
#[derive(Debug, Default)]
struct Sent {
    failed: u64,
    unsuccessful: u64,
}
