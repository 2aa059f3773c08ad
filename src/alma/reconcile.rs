//! Syncs pending objects to Alma: kind by kind, since each depends on the one before, and
//! phase by phase. Existing objects are updated before new ones are created, which may take
//! the name, the e-mail or the flat that is given up. Rooms and units are archived last:
//! Alma archives their contracts with them.
//!
//! While objects are under way, the next are read from the ledger, and outcomes are recorded,
//! many in one transaction. A crash before that leaves the object pending; the next start finds
//! it in Alma and adopts it.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use super::api::{self, Api};
use super::follow::{self, Follower};
use super::lists::Lists;
use super::lookup::Lookup;
use super::merged::Merged;
use super::names::GivenUp;
use super::outcome;
use super::pass::Pass;
use super::state::Outcome;
use super::sync::Syncer;
use super::task::Task;
use super::term;
use crate::clock::{SharedClock, later, stamp};
use crate::config::{Archive, EndContracts};
use crate::http::{Backoff, Class};
use crate::ledger::{AlmaKey, AlmaKind, Error, Ledger, Phase};
use crate::runtime::gather::gather;
use crate::runtime::pace::{Pace, Sign};

/// The most objects that are read from the ledger at once, and of a turn that begins: few, so that
/// the first go out soon.
const CHUNK: usize = 250;
const FIRST_CHUNK: usize = 32;
/// So many objects that may be in Alma are asked for one by one; of more the list is read.
const ONE_BY_ONE: usize = 2;
/// The most outcomes that are recorded in one transaction.
const RECORDED: usize = 128;

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

/// Objects that were read together: no earlier than at this time.
struct Chunk {
    read_at: Arc<str>,
    tasks: Vec<Task>,
}

/// The outcome of an object's sync.
struct Synced {
    read_at: Arc<str>,
    task: Task,
    outcome: Result<Outcome, api::Error>,
}

/// The objects that are synced side by side: a kind and a phase.
type Turn = (AlmaKind, Phase);

/// How far the objects of a turn have been read: the attempts and the id of the last one.
pub(super) type Place = (u32, String);

/// What an error of Alma says of others.
pub(super) fn sign(error: &api::Error) -> Sign {
    Sign::of(error.class(), error.sent(), error.is_final())
}

/// The turns of what stays in Alma, in order.
fn staying() -> impl Iterator<Item = Turn> {
    AlmaKind::ALL.into_iter().flat_map(|kind| [(kind, Phase::Update), (kind, Phase::Create)])
}

/// The turns of what leaves Alma, in order.
fn leaving() -> impl Iterator<Item = Turn> {
    [(AlmaKind::Room, Phase::Archive), (AlmaKind::Unit, Phase::Archive)].into_iter()
}

impl Reconciler {
    /// Syncs every object that is due, once, and finishes what the follower has begun.
    pub(super) async fn pass(&self, follower: &Follower) -> Result<Pass, Error> {
        let mut pass = Pass::default();
        if self.pace.is_cooling_down() {
            follower.finish().await?;
            return Ok(pass);
        }
        let (first, rest): (Vec<_>, Vec<_>) =
            staying().partition(|(kind, _)| follow::FIRST.contains(kind));
        let (went, finished) =
            tokio::join!(self.take(first, follower, &mut pass), follower.finish());
        finished.and(went)?;
        self.take(rest.into_iter().chain(leaving()), follower, &mut pass).await?;
        self.pace.end_pass();
        Ok(pass)
    }

    /// Takes turns one after the other.
    async fn take(
        &self,
        turns: impl IntoIterator<Item = Turn>,
        follower: &Follower,
        pass: &mut Pass,
    ) -> Result<(), Error> {
        for turn in turns {
            if !self.is_over() {
                self.sync(turn, follower, pass).await?;
            }
            if turn == (AlmaKind::TenantContract, Phase::Update) {
                self.exchange(pass).await?;
            }
        }
        Ok(())
    }

    /// Whether an object is pending that this process may still try.
    pub(super) async fn has_more(&self) -> Result<bool, Error> {
        for turn in staying().chain(leaving()) {
            let mut after = Place::default();
            loop {
                let due = self.due(turn, after).await?.tasks;
                if due.iter().any(|task| !self.pace.is_used_up(task.key())) {
                    return Ok(true);
                }
                let Some(last) = due.last() else { break };
                after = last.place();
            }
        }
        Ok(false)
    }

    /// Whether an object is pending.
    pub(super) async fn has_pending(&self) -> Result<bool, Error> {
        self.ledger.read(|reader| reader.has_pending_alma()).await
    }

    async fn due(&self, turn: Turn, after: Place) -> Result<Chunk, Error> {
        let (read_at, now) = (stamp(self.clock.now()).into(), self.pace.due_by(&self.clock));
        let limit = if after == Place::default() { FIRST_CHUNK } else { CHUNK };
        let read = self.ledger.read(move |reader| {
            reader.at_one_moment(|reader| {
                let due = reader.due_alma(turn, after, now, limit)?.into_iter();
                due.map(|row| Task::read(row, reader)).collect()
            })
        });
        Ok(Chunk { read_at, tasks: read.await? })
    }

    /// Syncs the objects of a turn that are due side by side, and records their outcomes.
    async fn sync(&self, turn: Turn, follower: &Follower, pass: &mut Pass) -> Result<(), Error> {
        let first = self.next(turn, follower, Place::default()).await?;
        if first.tasks.is_empty() {
            return Ok(());
        }
        let buildings = match turn.0 {
            AlmaKind::Building => self.ledger.read(|reader| reader.alma_buildings()).await?,
            _ => HashMap::new(),
        };
        let syncer = Syncer {
            api: &self.api,
            lookup: Lookup {
                api: &self.api,
                lists: &self.lists,
                merged: Merged::of(self.are_contacts, &self.ledger),
                are_many: first.tasks.iter().filter(|task| task.row.alma_id.is_none()).count()
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
        let (due, tasks) = mpsc::channel(CHUNK);
        let reads = async {
            let (due, mut chunk) = (due, first);
            while let Some(last) = chunk.tasks.last().filter(|_| !self.is_over()) {
                let after = last.place();
                for task in chunk.tasks {
                    // The receiver lives until all senders are gone.
                    drop(due.send((Arc::clone(&chunk.read_at), task)).await);
                }
                chunk = self.next(turn, follower, after).await?;
            }
            Ok::<(), Error>(())
        };
        let (outcomes, mut inbox) = mpsc::channel::<Synced>(RECORDED);
        let tasks = Mutex::new(tasks);
        let syncs = async {
            let outcomes = outcomes;
            // Each goes on with its next object at once, whatever came for the others meanwhile.
            let lane = || async {
                loop {
                    let next = tasks.lock().await.recv().await;
                    let Some((read_at, task)) = next else { break };
                    if self.is_over() || self.pace.is_used_up(task.key()) {
                        continue;
                    }
                    let outcome = syncer.sync(&task).await;
                    self.pace.count(
                        outcome.as_ref().map_or_else(sign, |_| Sign::Takes),
                        self.concurrency,
                    );
                    // Who records is gone where that has failed, which ends the pass.
                    drop(outcomes.send(Synced { read_at, task, outcome }).await);
                }
            };
            let lanes: FuturesUnordered<_> = (0..self.concurrency).map(|_| lane()).collect();
            lanes.collect::<()>().await;
        };
        let records = async {
            let mut pass = Pass::default();
            let (mut batch, mut given_up) = (Vec::new(), GivenUp::new());
            while gather(&mut inbox, &mut batch, RECORDED).await {
                self.record(std::mem::take(&mut batch), &mut given_up, &mut pass).await?;
            }
            Ok::<Pass, Error>(pass)
        };
        let (read, (), recorded) = tokio::join!(reads, syncs, records);
        pass.add(recorded?);
        read
    }

    /// Reads the next objects of a turn.
    async fn next(&self, turn: Turn, follower: &Follower, after: Place) -> Result<Chunk, Error> {
        if turn.1 == Phase::Archive {
            // An object that has come back since the pass began must not be archived.
            follower.catch_up().await?;
        }
        let mut seen = after.1.clone();
        while turn == (AlmaKind::Unit, Phase::Create)
            && let Some(to) = follower.units_beyond(&seen).await
        {
            let mut chunk = self.due(turn, after.clone()).await?;
            chunk.tasks.retain(|task| task.key().external_id <= to);
            // So few would be asked for one by one, and many may come.
            if chunk.tasks.len() > ONE_BY_ONE {
                return Ok(chunk);
            }
            seen = to;
        }
        self.due(turn, after).await
    }

    /// Whether nothing else is begun.
    pub(super) fn is_over(&self) -> bool {
        self.pace.is_halted() || self.stop.is_cancelled()
    }

    /// Records the outcomes of objects.
    async fn record(
        &self,
        synced: Vec<Synced>,
        given_up: &mut GivenUp,
        pass: &mut Pass,
    ) -> Result<(), Error> {
        let mut outcomes = Vec::with_capacity(synced.len());
        for Synced { read_at, task, outcome } in synced {
            let outcome = match outcome {
                Ok(outcome) => outcome,
                Err(error) => self.failure(&task, &error, pass),
            };
            if let Outcome::Retry { error, .. } = &outcome {
                // An error of the ledger; those of Alma are there already.
                pass.error.get_or_insert_with(|| error.clone());
            }
            pass.count(&outcome);
            outcomes.push((read_at, task, outcome));
        }
        let (before, today) = (given_up.clone(), self.today());
        let recorded = self.ledger.write(move |tx| {
            let mut given_up = before.clone();
            for (read_at, task, outcome) in &outcomes {
                outcome::record(tx, task, outcome.clone(), (read_at, today), &mut given_up)?;
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
