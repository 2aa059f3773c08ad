//! The one thread that writes.
//!
//! All other threads send it closures and get each answer after the commit that holds the work,
//! so many small writes share one `fsync`. Closures of one group run in one transaction, each in
//! its own savepoint where one of them fails: it takes back only its own work.
//!
//! A full disk is waited out: the transaction is rolled back, nothing is answered, and the
//! same closures run again until there is room. So a closure is an `Fn` that speaks to its [`Tx`].
//! What it wants done outside ([`Tx::after_commit`]) happens once, after the commit.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use futures_channel::oneshot;
use rusqlite::{Connection, TransactionBehavior};

use super::guard::Guard;
use super::owner::Ownership;
use super::schema::KEEPS_WAL;
use super::{Effect, Error, Refusal, Tx, disk_space, memory, wal};
use crate::clock::SharedClock;
use crate::watchdog::Heartbeat;

/// The most closures that share a transaction.
const GROUP: usize = 256;
/// How long to wait before a full disk is tried again.
const FULL_DISK_PAUSE: Duration = Duration::from_millis(500);
/// How long the last checkpoint waits for readers.
const READERS_AT_THE_END: Duration = Duration::from_secs(2);

/// What happens to a write when the disk is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenFull {
    /// It waits for room.
    Wait,
    /// It fails with [`Error::DiskFull`].
    Fail,
}

/// The sending side of the writer thread.
pub(super) struct Writer {
    work: Option<Sender<Task>>,
    thread: Option<JoinHandle<(Connection, Option<Ownership>)>>,
    state: Arc<State>,
    heartbeat: Heartbeat,
    guard: Arc<Guard>,
}

#[derive(Default)]
struct State {
    full: AtomicBool,
    closing: AtomicBool,
    writing: AtomicBool,
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        owner: Option<Ownership>,
        guard: &Arc<Guard>,
        clock: SharedClock,
        when_full: WhenFull,
    ) -> Result<Self, Error> {
        let (work, inbox) = channel();
        let state = Arc::new(State::default());
        let heartbeat = Heartbeat::new("ledger writer", Duration::ZERO);
        let mut thread = Thread {
            connection,
            owner,
            guard: Arc::clone(guard),
            clock,
            when_full,
            state: Arc::clone(&state),
            heartbeat: heartbeat.clone(),
            dead: None,
        };
        let spawned =
            std::thread::Builder::new().name("ledger-writer".to_owned()).spawn(move || {
                thread.run(&inbox);
                (thread.connection, thread.owner)
            });
        let thread = spawned.map_err(|error| Error::from(Refusal::NoThread(Arc::new(error))))?;
        let guard = Arc::clone(guard);
        Ok(Self { work: Some(work), thread: Some(thread), state, heartbeat, guard })
    }

    /// Hands a closure to the thread; the answer comes after the commit.
    pub(super) fn send<T: Send + 'static>(
        &self,
        work: impl Fn(&Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, Error>> {
        let (reply, answer) = oneshot::channel();
        let typed = Typed { work, outcome: None, effects: Vec::new(), reply };
        if let Some(sender) = &self.work {
            // A dead thread drops the reply, which the receiver sees as closed.
            drop(sender.send(Task::Write(Box::new(typed))));
        }
        answer
    }

    /// Hands over what cannot be done inside a transaction: `job` has the connection for
    /// itself, once, and leaves it as it was. A full disk fails it.
    pub(super) fn maintain<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, Error>> {
        let (reply, answer) = oneshot::channel();
        let job = move |connection: &mut Connection| {
            // The task that asked may have been dropped.
            drop(reply.send(job(connection)));
        };
        if let Some(sender) = &self.work {
            drop(sender.send(Task::Maintain(Box::new(job))));
        }
        answer
    }

    /// The thread's heartbeat: it stalls while a write does not come back.
    pub(super) fn heartbeat(&self) -> &Heartbeat {
        &self.heartbeat
    }

    pub(super) fn is_disk_full(&self) -> bool {
        self.state.full.load(Ordering::Relaxed)
    }

    pub(super) fn is_writing(&self) -> bool {
        self.state.writing.load(Ordering::Relaxed)
    }

    /// Finishes what was sent, moves the WAL into the file and closes it.
    pub(super) fn close(&mut self) -> Result<(), Error> {
        self.state.closing.store(true, Ordering::Relaxed);
        self.work = None;
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        // The ledger is owned until it is closed.
        let (connection, mut owner) = thread.join().map_err(|_| Error::Closed)?;
        if let Err(displaced) = self.guard.check_contents(owner.as_mut()) {
            if self.guard.has_no_other_wal() && !displaced.is_overwritten() {
                // What is committed is saved for those who find the file again.
                drop(wal::truncate_wal(&connection));
            }
            connection.set_db_config(KEEPS_WAL, true)?;
            return Err(displaced);
        }
        // Readers are not waited for long: the next start moves the rest.
        connection.busy_timeout(READERS_AT_THE_END)?;
        let last = "PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)";
        let tidied = connection.execute_batch(last).map_err(Error::from);
        match tidied.map_err(|error| explained(error, &connection)) {
            Err(Error::DiskFull | Error::Busy) => {
                tracing::warn!("WAL not truncated at shutdown: disk full or ledger busy");
            }
            tidied => tidied?,
        }
        let path = connection.path().map(PathBuf::from);
        connection.close().map_err(|(_, error)| error)?;
        if let Some(path) = path {
            wal::leave_empty(&path);
        }
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // There is no caller left to hear of a failure; the next open recovers the WAL.
        drop(self.close());
    }
}

/// What the thread is sent.
enum Task {
    /// A part of a transaction.
    Write(Box<dyn Work>),
    /// What stands between two transactions.
    Maintain(Box<dyn FnOnce(&mut Connection) + Send>),
}

/// A closure with the place for its answer.
trait Work: Send {
    /// Runs it; the error, if any, is kept for the answer and returned.
    fn run(&mut self, tx: &Tx<'_>) -> Result<(), Error>;
    /// Keeps what is to happen once the run is durable.
    fn keep(&mut self, effects: Vec<Effect>);
    /// Answers the task that waits, with the outcome of the commit.
    fn answer(self: Box<Self>, commit: Result<(), Error>);
}

struct Typed<T, F> {
    work: F,
    outcome: Option<Result<T, Error>>,
    /// Of the last run.
    effects: Vec<Effect>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<T: Send, F: Fn(&Tx<'_>) -> Result<T, Error> + Send> Work for Typed<T, F> {
    fn run(&mut self, tx: &Tx<'_>) -> Result<(), Error> {
        let outcome = (self.work)(tx);
        let result = outcome.as_ref().map(drop).map_err(Clone::clone);
        self.outcome = Some(outcome);
        result
    }

    fn keep(&mut self, effects: Vec<Effect>) {
        self.effects = effects;
    }

    fn answer(self: Box<Self>, commit: Result<(), Error>) {
        let answer = match (commit, self.outcome) {
            (Ok(()), Some(Ok(value))) => {
                self.effects.into_iter().for_each(|effect| effect());
                Ok(value)
            }
            (Ok(()), Some(Err(error))) => Err(error),
            (Ok(()), None) => Err(Error::Closed),
            (Err(error), _) => Err(error),
        };
        // The task that asked may have been dropped; the work is done all the same.
        drop(self.reply.send(answer));
    }
}

struct Thread {
    connection: Connection,
    /// `None` for a command that writes beside the owner.
    owner: Option<Ownership>,
    guard: Arc<Guard>,
    clock: SharedClock,
    when_full: WhenFull,
    state: Arc<State>,
    heartbeat: Heartbeat,
    /// Set once the ledger failed for good: everything after fails the same way.
    dead: Option<Error>,
}

impl Thread {
    fn run(&mut self, inbox: &Receiver<Task>) {
        while let Some(first) = self.next(inbox) {
            let mut group = Vec::new();
            let mut next = Some(first);
            while let Some(Task::Write(work)) = next {
                group.push(work);
                next = match group.len() < GROUP {
                    true => inbox.try_recv().ok(),
                    false => None,
                };
            }
            if !group.is_empty() {
                let outcome = self.commit_patiently(&mut group);
                for work in group {
                    work.answer(outcome.clone());
                }
            }
            if let Some(Task::Maintain(job)) = next {
                self.heartbeat.beat();
                job(&mut self.connection);
            }
        }
    }

    /// Waits for work; `None` once the sending side is dropped.
    fn next(&self, inbox: &Receiver<Task>) -> Option<Task> {
        inbox.try_recv().ok().or_else(|| {
            let _resting = self.heartbeat.idling();
            self.state.writing.store(false, Ordering::Relaxed);
            let task = inbox.recv().ok();
            self.state.writing.store(true, Ordering::Relaxed);
            task
        })
    }

    /// Runs a group until it is committed or cannot be.
    fn commit_patiently(&mut self, group: &mut [Box<dyn Work>]) -> Result<(), Error> {
        if let Some(error) = &self.dead {
            return Err(error.clone());
        }
        loop {
            // Waiting for room on the disk is no standstill.
            self.heartbeat.beat();
            // Before as well: what is committed may be read and told at once.
            self.check_in_place()?;
            let error = match self.commit(group) {
                Ok(()) => {
                    self.check_in_place()?;
                    if self.state.full.swap(false, Ordering::Relaxed) {
                        self.tell("");
                        tracing::info!("the disk has room again, the ledger goes on");
                    }
                    return Ok(());
                }
                Err(error) => explained(error, &self.connection),
            };
            match self.judge(&error) {
                ControlFlow::Continue(()) => std::thread::sleep(FULL_DISK_PAUSE),
                ControlFlow::Break(()) => return Err(error),
            }
        }
    }

    /// A commit to a file that is no longer the ledger is none.
    fn check_in_place(&mut self) -> Result<(), Error> {
        let checked = self.guard.check_contents(self.owner.as_mut());
        checked.inspect_err(|error| self.dead = Some(error.clone()))
    }

    fn tell(&self, how: &str) {
        if let Some(owner) = &self.owner {
            owner.tell(how);
        }
    }

    /// Whether a failed group is worth another try.
    fn judge(&mut self, error: &Error) -> ControlFlow<()> {
        let closing = self.state.closing.load(Ordering::Relaxed);
        match error {
            Error::DiskFull if self.when_full == WhenFull::Wait && !closing => {
                if !self.state.full.swap(true, Ordering::Relaxed) {
                    self.tell(", waits: the disk is full");
                    tracing::error!(
                        "the disk that holds the ledger is full: nothing is committed and nothing \
                         acknowledged until there is room"
                    );
                }
                ControlFlow::Continue(())
            }
            Error::Busy if !closing => {
                tracing::warn!("another process has been writing the ledger for long, waiting");
                ControlFlow::Continue(())
            }
            error => {
                if error.is_fatal() {
                    self.dead = Some(error.clone());
                }
                ControlFlow::Break(())
            }
        }
    }

    /// Runs a group in one transaction. Closures seldom fail, and a savepoint makes
    /// SQLite copy every page before it is changed: so the group runs without, and
    /// once more with savepoints when one of them has failed by itself.
    fn commit(&mut self, group: &mut [Box<dyn Work>]) -> Result<(), Error> {
        match self.attempt(group, false)? {
            Attempt::Over => Ok(()),
            Attempt::OneFailed => self.attempt(group, true).map(drop),
        }
    }

    fn attempt(&mut self, group: &mut [Box<dyn Work>], isolated: bool) -> Result<Attempt, Error> {
        let now = self.clock.now();
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for work in group {
            let tx = Tx::new(&transaction, now);
            let outcome = if isolated { tx.isolated(|tx| work.run(tx)) } else { work.run(&tx) };
            work.keep(tx.into_effects());
            match outcome {
                Err(error) if ends_the_group(&error) => return Err(error),
                Err(_) if !isolated => return Ok(Attempt::OneFailed),
                Ok(()) | Err(_) => {}
            }
        }
        let numbers = memory::numbers(&transaction)?;
        transaction.commit()?;
        if let Some(owner) = &mut self.owner {
            owner.remember_numbers(numbers);
        }
        Ok(Attempt::Over)
    }
}

/// A failure, told as a full disk where it is no more than that.
fn explained(error: Error, connection: &Connection) -> Error {
    match connection.path() {
        Some(path) => disk_space::explained(error, Path::new(path)),
        None => error,
    }
}

/// What running a group came to.
enum Attempt {
    /// It is committed, all but those that failed again.
    Over,
    /// A closure failed by itself, and all of the group is taken back.
    OneFailed,
}

/// Failures of the file, not of one closure's work.
fn ends_the_group(error: &Error) -> bool {
    error.is_fatal() || matches!(error, Error::DiskFull | Error::Busy)
}
