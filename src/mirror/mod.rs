//! Lists that are read whole, again and again, kept in the ledger: what is new or
//! changed is recorded, what a full read lacks is deleted.
//!
//! A [`Reading`] is fed with items as they arrive. Each is hashed and looked up; one
//! that is as it was when the list was last read is passed over, so a read that brings
//! nothing new writes nothing. What differs goes into a [`Spool`], and into the ledger
//! only when the list has been read to its end: a read that fails changes nothing, and
//! of two items with one id only the last counts. What is held in memory is the ids.
//!
//! A crash while a list is being recorded leaves some of it recorded; the next read
//! finds the rest to differ.
//!
//! The guard: a list that suddenly lacks more than `max_shrink` of what it showed, or
//! everything, is more likely broken than true. Nothing is deleted then, the read
//! fails, and an operator decides.

mod record;
mod report;
mod spool;

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use crate::ledger::{self, Feed, ItemSha, Ledger, NewItem, Reader, Share};
pub(crate) use report::Failure;
pub(crate) use spool::{Spool, Unspooled};

/// The most items of a list: their ids are held in memory.
const MAX_ITEMS: usize = 2_000_000;
/// The most items of a read that cannot be understood, and their bytes: beyond that
/// the list is not what it is taken for.
const MAX_BAD: usize = 1000;
const MAX_BAD_BYTES: usize = 16 << 20;

/// A list as this process keeps it.
pub(crate) struct Mirror {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) feed: Feed,
    /// The other configured lists that show records of the same kind.
    pub(crate) others: Vec<String>,
    /// How much of the list may vanish at once, in percent.
    pub(crate) max_shrink: u8,
    /// Where what does not fit into memory goes.
    pub(crate) directory: PathBuf,
    /// The members whose values a change shows as text.
    pub(crate) decimals: &'static [&'static str],
    pub(crate) compose: Arc<dyn Compose>,
    /// Ends what is under way.
    pub(crate) stop: CancellationToken,
}

/// Makes the text of a record from an item as it came.
pub(crate) trait Compose: Send + Sync {
    /// What the outcome depends on beside the item: where that differs, all items count
    /// as changed.
    fn settings(&self) -> &[u8];

    /// The body of the record and remarks on the item.
    fn compose(&self, text: &str, around: &str) -> Composed;
}

/// Keeps an item as it came.
pub(crate) struct AsItCame;

impl Compose for AsItCame {
    fn settings(&self) -> &[u8] {
        b""
    }

    fn compose(&self, text: &str, _: &str) -> Composed {
        Composed {
            body: text.to_owned(),
            ..Composed::default()
        }
    }
}

/// The directory that a ledger is in: what does not fit into memory goes there too.
pub(crate) fn directory(ledger: &Path) -> &Path {
    match ledger.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The text of a record.
#[derive(Debug, Default)]
pub(crate) struct Composed {
    pub(crate) body: String,
    pub(crate) findings: Vec<ledger::Finding>,
}

/// An item of a list.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) id: Box<str>,
    /// As it came.
    pub(crate) text: Box<str>,
    /// What it stood in, as far as that belongs to it.
    pub(crate) around: Arc<str>,
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
    /// The newest change when it was asked for.
    as_of: i64,
    seen: HashMap<Box<str>, Place>,
    twice: BTreeSet<Box<str>>,
    bad: Vec<NewItem>,
    bad_bytes: usize,
    spool: Option<Spool>,
    fetched: u64,
}

impl Reading {
    /// Begins; call it before the list is asked for.
    pub(crate) async fn begin(mirror: &Arc<Mirror>) -> Result<Self, ledger::Error> {
        Ok(Self {
            mirror: Arc::clone(mirror),
            as_of: mirror.ledger.read(Reader::newest_change).await?,
            seen: HashMap::new(),
            twice: BTreeSet::new(),
            bad: Vec::new(),
            bad_bytes: 0,
            spool: None,
            fetched: 0,
        })
    }

    /// Takes items as they come.
    pub(crate) async fn take(&mut self, items: Vec<Item>) -> Result<(), Error> {
        self.fetched += items.len() as u64;
        let mirror = Arc::clone(&self.mirror);
        let compared = self
            .mirror
            .ledger
            .read(move |reader| compare(reader, &mirror, items));
        let mut changed = Vec::new();
        let mut ids = Vec::new();
        for (item, sha256) in compared.await? {
            ids.push((item.id.clone(), sha256.is_some()));
            changed.extend(sha256.map(|sha256| (item, sha256)));
        }
        let mut places = self.spool(changed).await?.into_iter();
        for (id, is_changed) in ids {
            let spooled = if is_changed { places.next() } else { None };
            self.place(id, spooled.map_or(Place::Passed, Place::Spooled))?;
        }
        Ok(())
    }

    /// Puts items into the spool; answers where each of them stands.
    async fn spool(&mut self, items: Vec<(Item, ItemSha)>) -> Result<Vec<u64>, Error> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let spool = self.spool.take();
        let directory = self.mirror.directory.clone();
        let spooling = tokio::task::spawn_blocking(move || {
            let mut spool = match spool {
                Some(spool) => spool,
                None => Spool::new(&directory)?,
            };
            let places = items.iter().map(|(item, sha256)| {
                spool.append([
                    item.id.as_bytes(),
                    sha256.as_slice(),
                    item.text.as_bytes(),
                    item.around.as_bytes(),
                ])
            });
            let places = places.collect::<io::Result<_>>()?;
            io::Result::Ok((spool, places))
        });
        let (spool, places) = spooling.await.map_err(io::Error::other)??;
        self.spool = Some(spool);
        Ok(places)
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
        if let Some(known) = self.seen.get_mut(&id) {
            *known = place;
            self.twice.insert(id);
            return Ok(());
        }
        if self.seen.len() == MAX_ITEMS {
            return Err(Error::TooMany);
        }
        self.seen.insert(id, place);
        Ok(())
    }
}

/// Which items differ from what the list showed when it was last read: those get
/// their hash.
fn compare(
    reader: &Reader,
    mirror: &Mirror,
    items: Vec<Item>,
) -> Result<Vec<(Item, Option<ItemSha>)>, ledger::Error> {
    let salted = Sha256::new_with_prefix(mirror.compose.settings());
    let compared = items.into_iter().map(|item| {
        let mut hasher = salted.clone();
        hasher.update(item.text.as_bytes());
        if !item.around.is_empty() {
            hasher.update(b"\n");
            hasher.update(item.around.as_bytes());
        }
        let sha256: ItemSha = hasher.finalize().into();
        let known = reader.item_sha256(&mirror.feed, &item.id)?;
        Ok((item, (known != Some(sha256)).then_some(sha256)))
    });
    compared.collect()
}
