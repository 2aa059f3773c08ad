//! Lists that are read whole, again and again, kept in the ledger: what is new or
//! changed is recorded, what a full read lacks is deleted.
//!
//! A [`Reading`] is fed with items as they arrive. Each is hashed and looked up: one
//! whose very text the list showed when it was last read is passed over, not even taken
//! apart, so a read that brings nothing new writes nothing and costs little. What
//! differs goes into a [`Spool`], and into the ledger only when the list has been read
//! to its end: a read that fails changes nothing, and of two items with one id only the
//! last counts. What is held in memory is the ids.
//!
//! A crash while a list is being recorded leaves some of it recorded; the next read
//! finds the rest to differ.
//!
//! The guard: a list that suddenly lacks more than `max_shrink` of what it showed, or
//! everything, is more likely broken than true. Nothing is deleted then, the read
//! fails, and an operator decides.

mod batch;
mod compare;
mod record;
mod report;
mod spool;

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

pub(crate) use batch::Batch;
pub(crate) use report::Failure;
pub(crate) use spool::{Spool, Unspooled};

use crate::ledger::{self, Feed, Ledger, NewItem, Reader, Share};
use compare::{Compared, Seen};

/// The most items of a list: their ids are held in memory.
const MAX_ITEMS: usize = 2_000_000;
/// The most items of a read that cannot be understood, and their bytes: beyond that
/// the list is not what it is taken for.
const MAX_BAD: usize = 1000;
const MAX_BAD_BYTES: usize = 16 << 20;

/// How long an operator's word lasts that a list may shrink: what it shows much later
/// is not what was meant.
const ACCEPTED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// A list as this process keeps it.
pub(crate) struct Mirror {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) feed: Feed,
    /// What an operator calls it.
    pub(crate) called: String,
    /// The other configured lists that show records of the same kind.
    pub(crate) others: Vec<String>,
    /// How much of the list may vanish at once, in percent.
    pub(crate) max_shrink: u8,
    /// The ledger's file; what does not fit into memory goes beside it.
    pub(crate) path: PathBuf,
    /// The members whose values a change shows as text.
    pub(crate) decimals: &'static [&'static str],
    pub(crate) form: Arc<dyn Form>,
    /// Ends what is under way.
    pub(crate) stop: CancellationToken,
}

/// Knows what the items of a list look like.
pub(crate) trait Form: Send + Sync {
    /// What the outcome depends on beside the item: where that differs, all items count
    /// as changed.
    fn settings(&self) -> &[u8];

    /// The id of an item that was handed over without one; the error says why there is
    /// none.
    fn identify(&self, bytes: &[u8], depth: usize) -> Result<String, String>;

    /// The id that an item seems to have which cannot be taken apart.
    fn salvage(&self, bytes: &[u8]) -> Option<String>;

    /// The body of the record and remarks on the item.
    fn compose(&self, text: &str, around: &str) -> Composed;
}

/// The text of a record.
#[derive(Debug, Default)]
pub(crate) struct Composed {
    pub(crate) body: String,
    pub(crate) findings: Vec<ledger::Finding>,
}

impl Mirror {
    /// The directory that the ledger is in.
    fn directory(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }

    /// The reader of a read, opened where it is not yet. Blocks.
    fn reader(&self, open: Option<Reader>) -> Result<Reader, ledger::Error> {
        open.map_or_else(|| Reader::open_for_much(&self.path), Ok)
    }

    /// A new spool beside the ledger.
    pub(crate) fn spool(&self) -> io::Result<Spool> {
        Spool::new(self.directory())
    }
}

/// Whether what is not in a list is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The list has everything that there is.
    Full,
    /// It has a part.
    Part,
}

/// Why a list cannot be kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("it has more than {MAX_ITEMS} items; narrow it down with filters, or split it")]
    TooMany,
    #[error(
        "more than {MAX_BAD} of its items cannot be understood, the first one because: {0}; is it the right list, \
         and id_field right?"
    )]
    TooManyBad(String),
    #[error("the directory of the ledger cannot take what was read: {0}")]
    Spool(#[from] io::Error),
    #[error("the service stops")]
    Stopped,
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
}

/// What a read came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Items that came.
    pub(crate) fetched: u64,
    /// Records that are new.
    pub(crate) new: u64,
    /// Rows of `change`.
    pub(crate) changed: u64,
    /// Items that were quarantined and had not been before.
    pub(crate) quarantined: u64,
    /// It shrank too much: nothing was deleted.
    pub(crate) shrunk: Option<Shrunk>,
}

/// How a list shrank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shrunk {
    /// It came empty, and showed so many before.
    Empty(u64),
    /// It lacks too much of what it showed before.
    Lacks(Share),
}

/// Where the last item with an id is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// As it was when the list was last read, or not understood: nothing to record.
    Passed,
    /// It differs, and stands here in the spool.
    Spooled(u64),
}

/// A list while it is being read.
pub(crate) struct Reading {
    mirror: Arc<Mirror>,
    began_at: Timestamp,
    /// The newest change when it was asked for.
    as_of: i64,
    /// Of this read alone: nobody else waits while it looks items up. None before it is
    /// needed.
    reader: Option<Reader>,
    seen: HashMap<Box<str>, Place>,
    twice: BTreeSet<Box<str>>,
    bad: Vec<NewItem>,
    bad_bytes: usize,
    spool: Option<Spool>,
    fetched: u64,
}

impl Reading {
    /// Begins; call it before the list is asked for.
    pub(crate) async fn begin(
        mirror: &Arc<Mirror>,
        began_at: Timestamp,
    ) -> Result<Self, ledger::Error> {
        Ok(Self {
            mirror: Arc::clone(mirror),
            began_at,
            as_of: mirror.ledger.read(Reader::newest_change).await?,
            reader: None,
            seen: HashMap::new(),
            twice: BTreeSet::new(),
            bad: Vec::new(),
            bad_bytes: 0,
            spool: None,
            fetched: 0,
        })
    }

    /// Takes items as they come.
    pub(crate) async fn take(&mut self, batch: Batch) -> Result<(), Error> {
        let mirror = Arc::clone(&self.mirror);
        let (reader, spool) = (self.reader.take(), self.spool.take());
        let comparing =
            tokio::task::spawn_blocking(move || compare::compare(&mirror, reader, spool, &batch));
        let Compared { reader, spool, items } = comparing.await.map_err(io::Error::other)??;
        (self.reader, self.spool) = (Some(reader), spool);
        for item in items {
            match item {
                Seen::Known(id) => self.place(id, Place::Passed)?,
                Seen::Differs(id, at) => self.place(id, Place::Spooled(at))?,
                Seen::Bad(item, id) => self.take_bad(item, id)?,
            }
        }
        Ok(())
    }

    /// Takes an item that cannot be understood, and the id that it seems to have.
    pub(crate) fn take_bad(&mut self, item: NewItem, id: Option<String>) -> Result<(), Error> {
        self.fetched += 1;
        self.bad_bytes += item.body.len();
        self.bad.push(item);
        if self.bad.len() > MAX_BAD || self.bad_bytes > MAX_BAD_BYTES {
            let first = self.bad.swap_remove(0);
            return Err(Error::TooManyBad(first.reason));
        }
        // It is not understood, but it is not missing either.
        if let Some(id) = id {
            self.seen.entry(id.into()).or_insert(Place::Passed);
        }
        Ok(())
    }

    fn place(&mut self, id: Box<str>, place: Place) -> Result<(), Error> {
        self.fetched += 1;
        if let Some(known) = self.seen.get_mut(&id) {
            *known = place;
            self.twice.insert(id);
            return Ok(());
        }
        if self.seen.len() >= MAX_ITEMS {
            return Err(Error::TooMany);
        }
        self.seen.insert(id, place);
        Ok(())
    }
}
