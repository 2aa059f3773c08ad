//! Syncs pending objects to Alma: kind by kind, since each depends on the one before, and
//! phase by phase. Existing objects are updated before new ones are created, which may take
//! the name, the e-mail or the flat that is given up. Rooms and units are archived last:
//! Alma archives their contracts with them.
//!
//! Outcomes are recorded while other objects are still under way, many in one transaction.
//! A crash before that leaves the object pending; the next start finds it in Alma and adopts
//! it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::{StreamExt, stream};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use super::api::{self, Api};
use super::follow::Follower;
use super::lists::Lists;
use super::lookup::Lookup;
use super::merged::Merged;
use super::names::GivenUp;
use super::outcome;
use super::state::{Cause, Outcome};
use super::sync::Syncer;
use super::task::Task;
use super::term;
use crate::clock::{SharedClock, later, stamp};
use crate::config::{Archive, EndContracts};
use crate::http::{Backoff, Class, Sent};
use crate::ledger::{AlmaKey, AlmaKind, Error, Ledger, Phase};
use crate::runtime::pace::{FAILURES_IN_A_ROW, Pace};

/// The most objects that are read from the ledger at once.
const CHUNK: usize = 2000;
/// So many objects that may be in Alma are asked for one by one; of more the list is read.
const ONE_BY_ONE: usize = 2;
/// The most outcomes that are recorded in one transaction.
const RECORDED: usize = 128;

/// The counts of a pass.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Pass {
    /// Objects that were synced or tried.
    pub(super) looked_at: u64,
    /// Objects that Alma holds as wanted.
    pub(super) synced: u64,
    pub(super) archived: u64,
    pub(super) blocked: u64,
    pub(super) rejected: u64,
    pub(super) held: u64,
    /// Attempts that failed and are to be repeated.
    pub(super) failed: u64,
    /// The first of their errors: later ones may not even have been sent. A refusal of our
    /// key takes precedence.
    pub(super) error: Option<String>,
    /// Alma refuses our key, or does not answer: the pass ended early.
    pub(super) is_halted: bool,
    pub(super) is_unauthorized: bool,
}

/// Syncs pending objects to Alma.
pub(super) struct Reconciler {
    pub(super) api: Arc<Api>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) clock: SharedClock,
    pub(super) stop: CancellationToken,
    pub(super) archive: Archive,
    pub(super) end_contracts: EndContracts,
    /// Whether clients are Bitrix24's contacts.
    pub(super) are_contacts: bool,
    pub(super) timezone: TimeZone,
    pub(super) concurrency: usize,
    pub(super) lists: Lists,
    pub(super) pace: Pace<AlmaKey>,
}

/// An object, and the outcome of its sync.
type Synced = (Task, Result<Outcome, api::Error>);

/// The objects that are synced side by side: a kind and a phase.
type Turn = (AlmaKind, Phase);

/// All turns, in order.
fn turns() -> impl Iterator<Item = Turn> {
    let stay = [Phase::Update, Phase::Create];
    let stay = AlmaKind::ALL.map(|kind| stay.map(|turn| (kind, turn)));
    let leave = [AlmaKind::Room, AlmaKind::Unit].map(|kind| (kind, Phase::Archive));
    stay.into_iter().flatten().chain(leave)
}

impl Reconciler {
    /// Syncs every object that is due, once.
    pub(super) async fn pass(&self, follower: &Follower) -> Result<Pass, Error> {
        let mut pass = Pass::default();
        if self.pace.is_cooling_down() {
            return Ok(pass);
        }
        for turn in turns() {
            let mut after = String::new();
            while !pass.is_halted && !self.stop.is_cancelled() {
                if turn.1 == Phase::Archive {
                    // An object that has come back since the pass began must not be archived.
                    follower.catch_up().await?;
                }
                let began_at = stamp(self.clock.now());
                let tasks = self.due(turn, after).await?;
                let Some(last) = tasks.last() else { break };
                after = last.key().external_id.clone();
                self.sync(turn.0, tasks, &began_at, &mut pass).await?;
            }
            if turn == (AlmaKind::TenantContract, Phase::Update) {
                self.exchange(&mut pass).await?;
            }
        }
        self.pace.end_pass(pass.is_halted);
        Ok(pass)
    }

    /// Whether an object is pending that this process may still try.
    pub(super) async fn has_more(&self) -> Result<bool, Error> {
        for turn in turns() {
            let tasks = self.due(turn, String::new()).await?;
            if tasks.iter().any(|task| !self.pace.is_used_up(task.key())) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether an object is pending.
    pub(super) async fn has_pending(&self) -> Result<bool, Error> {
        self.ledger.read(|reader| reader.has_pending_alma()).await
    }

    async fn due(&self, turn: Turn, after: String) -> Result<Vec<Task>, Error> {
        let now = self.pace.due_by(&self.clock);
        self.ledger
            .read(move |reader| {
                reader.at_one_moment(|reader| {
                    let due = reader.due_alma(turn, &after, now, CHUNK)?.into_iter();
                    due.map(|row| Task::read(row, reader)).collect()
                })
            })
            .await
    }

    /// Syncs objects side by side, and records their outcomes. They were read at `began_at`,
    /// or later.
    async fn sync(
        &self,
        kind: AlmaKind,
        tasks: Vec<Task>,
        began_at: &str,
        pass: &mut Pass,
    ) -> Result<(), Error> {
        let buildings = match kind {
            AlmaKind::Building => self.ledger.read(|reader| reader.alma_buildings()).await?,
            _ => HashMap::new(),
        };
        let (outcomes, mut inbox) = mpsc::unbounded_channel::<Synced>();
        let (halt, failures) = (AtomicBool::new(false), AtomicUsize::new(0));
        let syncer = Syncer {
            api: &self.api,
            lookup: Lookup {
                api: &self.api,
                lists: &self.lists,
                merged: Merged::of(self.are_contacts, &self.ledger),
                are_many: tasks.iter().filter(|task| task.row.alma_id.is_none()).count()
                    > ONE_BY_ONE,
                buildings,
            },
            ledger: &self.ledger,
            clock: &self.clock,
            archive: self.archive,
            end_contracts: self.end_contracts,
            today: self.today(),
            adopting: Mutex::default(),
            given_up: Mutex::default(),
        };
        let wanted = tasks.into_iter().filter(|task| !self.pace.is_used_up(task.key()));
        let syncs = async {
            let mut synced = stream::iter(wanted)
                .map(|task| async {
                    if halt.load(Ordering::Relaxed) || self.stop.is_cancelled() {
                        return None;
                    }
                    let outcome = syncer.sync(&task).await;
                    Some((task, outcome))
                })
                .buffer_unordered(self.concurrency);
            while let Some(synced) = synced.next().await {
                let Some(synced) = synced else { continue };
                if self.is_the_end(&synced.1, &failures) {
                    halt.store(true, Ordering::Relaxed);
                }
                // The receiver lives until all senders are gone.
                drop(outcomes.send(synced));
            }
            drop(outcomes);
        };
        let records = async {
            let mut pass = Pass::default();
            let (mut batch, mut given_up) = (Vec::new(), GivenUp::new());
            while inbox.recv_many(&mut batch, RECORDED).await > 0 {
                let synced = std::mem::take(&mut batch);
                self.record(synced, began_at, &mut given_up, &mut pass).await?;
            }
            Ok::<Pass, Error>(pass)
        };
        let ((), recorded) = tokio::join!(syncs, records);
        pass.add(recorded?);
        pass.is_halted |= halt.into_inner();
        Ok(())
    }

    /// Whether the pass ends after one more outcome: Alma refuses our key, or does not answer.
    fn is_the_end(&self, outcome: &Result<Outcome, api::Error>, failures: &AtomicUsize) -> bool {
        let Err(error) = outcome else {
            failures.store(0, Ordering::Relaxed);
            return false;
        };
        if error.is_final() {
            failures.store(0, Ordering::Relaxed);
            return false;
        }
        let in_a_row = failures.fetch_add(1, Ordering::Relaxed) + 1;
        error.class() == Class::Unauthorized
            || error.sent() == Sent::No
            || in_a_row >= self.concurrency.max(FAILURES_IN_A_ROW)
    }

    /// Records the outcomes of objects.
    async fn record(
        &self,
        synced: Vec<Synced>,
        began_at: &str,
        given_up: &mut GivenUp,
        pass: &mut Pass,
    ) -> Result<(), Error> {
        let mut outcomes = Vec::with_capacity(synced.len());
        for (task, outcome) in synced {
            let outcome = match outcome {
                Ok(outcome) => outcome,
                Err(error) => self.failure(&task, &error, pass),
            };
            if let Outcome::Retry { error, .. } = &outcome {
                // An error of the ledger; those of Alma are there already.
                pass.error.get_or_insert_with(|| error.clone());
            }
            pass.count(&outcome);
            outcomes.push((task, outcome));
        }
        let (began_at, before, today) = (began_at.to_owned(), given_up.clone(), self.today());
        let recorded = self.ledger.write(move |tx| {
            let mut given_up = before.clone();
            for (task, outcome) in &outcomes {
                outcome::record(tx, task, outcome.clone(), (&began_at, today), &mut given_up)?;
            }
            Ok(given_up)
        });
        *given_up = recorded.await?;
        Ok(())
    }

    /// The outcome after an error: what Alma has refused is not sent again.
    pub(super) fn failure(&self, task: &Task, error: &api::Error, pass: &mut Pass) -> Outcome {
        if error.is_final() {
            return Outcome::Rejected(error.in_full());
        }
        self.pace.count_failure(task.key().clone());
        let after = match error.class() {
            Class::Retry { after } => after,
            Class::Unauthorized | Class::Reject => None,
        };
        pass.add(Pass {
            error: Some(error.to_string()),
            is_unauthorized: error.class() == Class::Unauthorized,
            ..Pass::default()
        });
        let attempts = task.row.attempts;
        let delay = Backoff::default().delay_after(attempts, after, &mut fastrand::Rng::new());
        Outcome::Retry { next: later(self.clock.now(), delay), error: error.to_string() }
    }

    pub(super) fn today(&self) -> Date {
        term::today(self.clock.now(), &self.timezone)
    }
}

impl Pass {
    fn count(&mut self, outcome: &Outcome) {
        self.looked_at += 1;
        let counter = match outcome {
            Outcome::Synced { .. } | Outcome::Ended { .. } => &mut self.synced,
            Outcome::Archived { .. } | Outcome::Absent => &mut self.archived,
            Outcome::Rejected(_) | Outcome::Partial { cause: Cause::Refused, .. } => {
                &mut self.rejected
            }
            Outcome::Partial { .. }
            | Outcome::Waiting(..)
            | Outcome::Clash(..)
            | Outcome::Blocked(_) => &mut self.blocked,
            Outcome::Held { .. } => &mut self.held,
            Outcome::Retry { .. } => &mut self.failed,
        };
        *counter += 1;
    }

    pub(super) fn add(&mut self, other: Pass) {
        self.looked_at += other.looked_at;
        self.synced += other.synced;
        self.archived += other.archived;
        self.blocked += other.blocked;
        self.rejected += other.rejected;
        self.held += other.held;
        self.failed += other.failed;
        if self.error.is_none() || other.is_unauthorized && !self.is_unauthorized {
            self.error = other.error.or(self.error.take());
        }
        self.is_halted |= other.is_halted;
        self.is_unauthorized |= other.is_unauthorized;
    }
}
