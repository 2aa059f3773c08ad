//! The ledger: one SQLite file, and the only code that speaks SQL.
//!
//! `schema.sql` at the top of the repository is the specification. One [`Ledger`]
//! owns the file: a thread writes ([`Ledger::write`]), another reads
//! ([`Ledger::read`]). Commands of the same program read with a [`Reader`] of
//! their own and change rows through [`edit`] while the daemon runs or not.
//!
//! Nothing here knows HTTP. What may be acknowledged upstream is a [`Due`], which
//! is made only by reading a committed row back.

mod act;
mod alma;
mod announcement;
mod answer;
mod backup;
mod bitrix_views;
mod call;
mod calls;
mod chain;
mod change;
mod console;
mod differences;
mod disk_space;
mod due;
mod envelope;
mod error;
mod feed;
mod finding;
mod guard;
mod hash;
mod history;
mod identity;
mod idle;
mod item;
mod key;
mod memory;
mod meta;
mod migrate;
mod naming;
mod overwritten;
mod owner;
mod pages;
mod poll;
mod poll_wanted;
mod progress;
mod quarantine;
mod reader;
mod readers;
mod record;
mod refusal;
mod relay;
mod restore;
mod resync;
mod retention;
mod schema;
mod search;
mod span;
mod standing;
mod statements;
mod tally;
mod verify;
mod wal;
mod word;
mod writer;

use std::cell::RefCell;
use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};

pub use act::{ActRow, NewAct, Verb, Via};
pub use alma::{
    ALMA_AGAIN_AFTER, AlmaCount, AlmaCursor, AlmaFile, AlmaKey, AlmaKind, AlmaName, AlmaParted,
    AlmaPhoto, AlmaRecords, AlmaRow, AlmaShown, AlmaStanding, AlmaState, AlmaTaken, AlmaWait,
    AsPhoto, DueAlmaFile, Phase, RecordId, TakenFor,
};
pub(crate) use answer::ANSWERS_KEPT;
pub use answer::{Earlier, KeptAnswer, RequestKey};
pub use backup::{Backup, CancelFlag, back_up};
pub use bitrix_views::{BitrixColumn, BitrixReference};
pub use call::{Call, CallState, NewCall, Verdict};
pub(crate) use calls::CallDetail;
pub use change::{Change, ChangePage, Wanted};
pub(crate) use console::{
    AlmaFilter, BookingLine, CallFilter, EnvelopeText, FoundEnvelope, Lines, Listed,
    QuarantineFilter, ReadyFlatLine, RecordBody, RequestLine, Waiting, WaitingKind,
};
pub use differences::{Comparison, FRACTIONS};
pub use envelope::{Due, Known, NewEnvelope, Queue};
pub use error::Error;
pub use feed::{Feed, FeedRead, FeedState, ItemSha, Missing, Share, UNKNOWN_SHA};
pub use finding::{Finding, FindingCount};
pub use hash::hex;
pub use history::{
    CameBy, HistoricCall, HistoricChange, HistoricEnvelope, HistoricFinding, History,
    IdentityDates, RecordDates,
};
pub use identity::{Assign, Identity, IdentityState};
pub use item::NewItem;
pub use key::{ChangeSeq, EnvelopeSeq, PermanentId, RecordKey, TemporaryId};
pub(crate) use meta::Trusted;
pub use naming::Renamed;
pub use owner::owner;
pub(crate) use pages::{
    AlmaObject, AlmaWanted, CallsWanted, DecidedRequest, DecisionsWanted, IdentitiesWanted,
    NamedRecord, RecordPage, RecordRow, RecordsWanted,
};
pub use poll::{Outcome, Poll};
pub use progress::Progress;
pub use quarantine::{Quarantined, QuarantinedItem};
pub use reader::Reader;
pub use readers::Readers;
pub use record::{Entity, Op, Origin, Part, Put, Slot, Template};
pub use refusal::{NotRestored, Refusal};
pub use relay::{
    RelayAct, RelayChange, RelayChanges, RelayKey, RelayRecord, RelayRecords, RelayStanding,
    RelayState, RelayStuck, RelayTold,
};
pub(crate) use restore::{Present, Restore, Restored};
pub use resync::{ListProgress, ListState};
pub(crate) use retention::{LOOSE, Loose};
pub(crate) use search::{Hit, Indexer, Searcher, Step};
pub use span::LedgerSpan;
pub use standing::{LastPoll, Pairs, ResyncList, Standing, Tallies, sum};
pub use verify::{EnvelopeParser, Promise};
pub(crate) use wal::wal_bytes;
pub use writer::WhenFull;

use crate::clock::{SharedClock, stamp};
use crate::watchdog::{Heartbeat, idle};
use guard::Guard;
use memory::Memory;
use owner::Ownership;
use reader::ReaderThread;
use writer::Writer;

/// The ledger of this process.
pub struct Ledger {
    writer: Mutex<Writer>,
    reader: ReaderThread,
    guard: Arc<Guard>,
    last_used_at: Option<Timestamp>,
    idle_polls: Mutex<idle::IdlePolls>,
    clock: SharedClock,
}

impl Ledger {
    /// Opens the ledger at `path`, making it when there is none, and owns it until
    /// the value is dropped.
    ///
    /// # Errors
    /// [`Error::Owned`], [`Error::Newer`], [`Error::Older`], [`Error::NotALedger`], a file
    /// that is not the one which the service had last ([`Error::Emptied`],
    /// [`Error::Missing`], [`Error::ForeignWal`], [`Error::AnotherFile`],
    /// [`Error::OlderFile`]), or one that cannot be opened or written.
    pub fn open(path: &Path, clock: SharedClock, when_full: WhenFull) -> Result<Self, Error> {
        let mut owner = Ownership::take(path)?;
        owner.admit(path)?;
        let connection = schema::open_or_create(path)?;
        owner.take_database(path)?;
        let last_used_at = meta::last_used_at(&connection)?;
        begin_generation(&connection, &mut owner, path)?;
        owner.mark(&connection)?;
        let guard = Arc::new(Guard::of(path)?);
        let reader = ReaderThread::start(Reader::open(path)?, &guard)?;
        let writers_clock = SharedClock::clone(&clock);
        let writer = Writer::start(connection, Some(owner), &guard, writers_clock, when_full)?;
        Ok(Self::of(writer, reader, guard, last_used_at, clock))
    }

    fn of(
        writer: Writer,
        reader: ReaderThread,
        guard: Arc<Guard>,
        last_used_at: Option<Timestamp>,
        clock: SharedClock,
    ) -> Self {
        let writer = Mutex::new(writer);
        Self { writer, reader, guard, last_used_at, idle_polls: Mutex::default(), clock }
    }

    /// Makes the ledger when there is none yet: for a command that need not wait for the
    /// first start of the service.
    ///
    /// # Errors
    /// As of [`Ledger::open`].
    pub fn make(path: &Path, clock: &SharedClock) -> Result<(), Error> {
        if path.exists() {
            return Ok(());
        }
        Self::open(path, SharedClock::clone(clock), WhenFull::Fail)?.close()
    }

    /// Opens a ledger that there is already, beside the daemon that may own it: for a
    /// command that writes more than [`edit`] does. A full disk fails it.
    ///
    /// # Errors
    /// [`Error::Absent`] and what [`Ledger::open`] knows, but for the owner.
    pub fn beside(path: &Path, clock: SharedClock) -> Result<Self, Error> {
        let reader = Reader::open(path)?;
        let connection = schema::open_existing(path)?;
        let guard = Arc::new(Guard::of(path)?);
        let last_used_at = meta::last_used_at(&connection)?;
        let writers_clock = SharedClock::clone(&clock);
        let writer = Writer::start(connection, None, &guard, writers_clock, WhenFull::Fail)?;
        let reader = ReaderThread::start(reader, &guard)?;
        Ok(Self::of(writer, reader, guard, last_used_at, clock))
    }

    /// Runs `work` on the writer thread and answers once it is durable.
    ///
    /// `work` may run more than once (see [`writer`]), so it is an `Fn`, and has no effect
    /// outside the ledger but by [`Tx::after_commit`].
    ///
    /// # Errors
    /// What `work` returned, or the failure of the commit.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.submit(work).await
    }

    /// As [`Ledger::write`], but `work` is on its way once this returns, behind all that was
    /// sent before.
    pub fn submit<T: Send + 'static, F: Fn(&Tx<'_>) -> Result<T, Error> + Send + 'static>(
        &self,
        work: F,
    ) -> impl Future<Output = Result<T, Error>> + use<T, F> {
        let answer = self.lock().send(work);
        async { idle(answer).await.unwrap_or(Err(Error::Closed)) }
    }

    /// Runs `question` on the reader thread.
    ///
    /// # Errors
    /// What `question` returned.
    pub async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let answer = self.reader.ask(question);
        idle(answer).await.unwrap_or(Err(Error::Closed))
    }

    /// The heartbeats of the ledger's threads: a task that waits for the ledger is not watched
    /// itself.
    pub(crate) fn heartbeats(&self) -> [Heartbeat; 2] {
        [self.lock().heartbeat().clone(), self.reader.heartbeat().clone()]
    }

    /// When the ledger had last been in use as it was opened.
    pub(crate) fn last_used_at(&self) -> Option<Timestamp> {
        self.last_used_at
    }

    /// Fails where the files are not those that were opened: to be asked before something
    /// is sent that was read a while ago. Cheap enough to ask each time.
    ///
    /// # Errors
    /// [`Error::Displaced`].
    pub fn check_in_place(&self) -> Result<(), Error> {
        self.guard.check_often()
    }

    /// Whether the writer waits for room on the disk.
    pub fn is_disk_full(&self) -> bool {
        self.lock().is_disk_full()
    }

    /// Finishes what was sent to the writer and closes the file. Blocks.
    ///
    /// # Errors
    /// The WAL could not be moved into the file; the next start does it.
    pub fn close(&self) -> Result<(), Error> {
        self.write_idle_polls();
        self.reader.close();
        self.lock().close()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Writer> {
        // A panic elsewhere leaves the sender as usable as it was.
        self.writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Begins a generation of the ledger, once all that an earlier one left in the WAL is in
/// the file: then the WAL holds nothing but what is written from now on. Where a reader
/// keeps it from being moved, the earlier generation goes on.
///
/// After a kill anywhere in here the lock file knows the ledger and also the database as
/// it is without its WAL.
fn begin_generation(
    connection: &Connection,
    owner: &mut Ownership,
    path: &Path,
) -> Result<(), Error> {
    let is_moved = wal::truncate_wal(connection)?;
    let before = Memory::of(connection, path)?;
    owner.remember_beside(before.clone());
    if !is_moved {
        return Ok(());
    }
    let generation = uuid::Uuid::now_v7().to_string();
    owner.expect(&Memory { generation: generation.clone(), ..before });
    match memory::set_generation(connection, &generation) {
        Ok(()) => {}
        Err(error) if error.is_fatal() => return Err(error),
        // A full disk is waited out by the next write; the earlier generation goes on.
        Err(_) => return Ok(()),
    }
    owner.remember_expected(Memory::of(connection, path)?);
    if wal::truncate_wal(connection)? {
        owner.remember(Memory::of(connection, path)?);
    }
    Ok(())
}

/// Changes an existing ledger from a command, whether a daemon runs or not. A
/// running daemon takes it up within a second.
///
/// # Errors
/// What `work` returned, or the ledger cannot be opened or written.
pub fn edit<T>(
    path: &Path,
    clock: &SharedClock,
    work: impl FnOnce(&Tx<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    // A ledger is made by its owner only.
    drop(Reader::open(path)?);
    let mut connection = schema::open_existing(path)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let tx = Tx::new(&transaction, clock.now());
    let outcome = work(&tx)?;
    let effects = tx.into_effects();
    transaction.commit()?;
    effects.into_iter().for_each(|effect| effect());
    drop(connection);
    wal::leave_empty(path);
    Ok(outcome)
}

/// A transaction under way: what may be written is a method of it, one file for
/// each family of tables.
pub struct Tx<'c> {
    connection: &'c Connection,
    at: Timestamp,
    now: String,
    effects: RefCell<Vec<Effect>>,
}

/// What happens outside the ledger once a transaction is durable.
type Effect = Box<dyn FnOnce() + Send>;

impl<'c> Tx<'c> {
    fn new(connection: &'c Connection, at: Timestamp) -> Self {
        Self { connection, at, now: stamp(at), effects: RefCell::default() }
    }

    /// Has `effect` happen once what is written here is durable, and not at all where it
    /// is taken back: a log line, a count. It runs on the thread that commits, and must
    /// not wait for anything.
    pub fn after_commit(&self, effect: impl FnOnce() + Send + 'static) {
        self.effects.borrow_mut().push(Box::new(effect));
    }

    fn into_effects(self) -> Vec<Effect> {
        self.effects.into_inner()
    }

    /// The time of this transaction.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Runs `work` so that its failure takes back its own writes and nothing else.
    ///
    /// # Errors
    /// What `work` returned.
    pub fn isolated<T>(&self, work: impl FnOnce(&Self) -> Result<T, Error>) -> Result<T, Error> {
        self.connection.prepare_cached("SAVEPOINT isolated")?.execute([])?;
        let effects_before = self.effects.borrow().len();
        match work(self) {
            Ok(value) => {
                self.connection.prepare_cached("RELEASE isolated")?.execute([])?;
                Ok(value)
            }
            Err(error) => {
                self.effects.borrow_mut().truncate(effects_before);
                // SQLite has already rolled everything back after some failures.
                if !self.connection.is_autocommit() {
                    self.connection.execute_batch("ROLLBACK TO isolated; RELEASE isolated")?;
                }
                Err(error)
            }
        }
    }
}
