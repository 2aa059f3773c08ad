//! One read of a list: its items are compared as they arrive, and recorded at its end
//! ([`super::record`]).

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::Arc;

use jiff::Timestamp;

use super::compare::{self, Compared, Seen};
use super::{Batch, Error, Mirror, Spool};
use crate::ledger::{ChangeSeq, NewItem, Reader, Share};

/// The most items of a list: their ids are held in memory.
pub(super) const MAX_ITEMS: usize = 2_000_000;
/// The most unreadable items of a read, and their bytes: beyond that it is the wrong list, or
/// has another format.
pub(super) const MAX_BAD: usize = 1000;
const MAX_BAD_BYTES: usize = 16 << 20;

/// The result of a read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Items received.
    pub(crate) fetched: u64,
    /// Records inserted.
    pub(crate) new: u64,
    /// Rows of `change`.
    pub(crate) changed: u64,
    /// Items quarantined that were not before.
    pub(crate) quarantined: u64,
    /// Set where the list shrank too much: nothing was deleted.
    pub(crate) shrunk: Option<Shrunk>,
}

/// The way in which a list shrank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shrunk {
    /// Empty now, with this many items before.
    Empty(u64),
    /// Without too large a share of the earlier items.
    Lacks(Share),
}

/// The place of the last item with an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Unchanged since the list was last read, or unreadable: nothing to record.
    Passed,
    /// Changed: at this offset of the spool.
    Spooled(u64),
}

/// A list while it is being read.
pub(crate) struct Reading {
    pub(super) mirror: Arc<Mirror>,
    pub(super) began_at: Timestamp,
    /// The newest change when the list was asked for.
    pub(super) as_of: ChangeSeq,
    /// A connection of this read alone, so that no other waits while items are looked up;
    /// opened when first needed.
    pub(super) reader: Option<Reader>,
    pub(super) seen: HashMap<Box<str>, Place>,
    pub(super) twice: BTreeSet<Box<str>>,
    pub(super) bad: Vec<NewItem>,
    bad_bytes: usize,
    pub(super) spool: Option<Spool>,
    pub(super) fetched: u64,
}

impl Reading {
    /// A read that begins before its list is asked for, `as_of` being the newest change then.
    pub(super) fn new(mirror: &Arc<Mirror>, began_at: Timestamp, as_of: ChangeSeq) -> Self {
        Self {
            mirror: Arc::clone(mirror),
            began_at,
            as_of,
            reader: None,
            seen: HashMap::new(),
            twice: BTreeSet::new(),
            bad: Vec::new(),
            bad_bytes: 0,
            spool: None,
            fetched: 0,
        }
    }

    /// Forgets what has been taken: the list did not come whole, and is asked for again.
    pub(crate) fn begin_again(&mut self) {
        let reader = self.reader.take();
        *self = Self { reader, ..Self::new(&self.mirror, self.began_at, self.as_of) };
    }

    /// Takes items as they arrive.
    pub(crate) async fn take(&mut self, batch: Batch) -> Result<(), Error> {
        let mirror = Arc::clone(&self.mirror);
        let (reader, spool) = (self.reader.take(), self.spool.take());
        let compared =
            tokio::task::spawn_blocking(move || compare::compare(&mirror, reader, spool, &batch))
                .await;
        let Compared { reader, spool, items } = compared.map_err(io::Error::other)??;
        (self.reader, self.spool) = (Some(reader), spool);
        for item in items {
            match item {
                Seen::Known(id) => self.place(id, Place::Passed)?,
                Seen::Differs(id, at) => self.place(id, Place::Spooled(at))?,
                Seen::Bad(item, id) => self.quarantine(item, id)?,
            }
        }
        Ok(())
    }

    /// Takes an unreadable item that was received whole, with the reason, and the id that it
    /// seems to have.
    pub(crate) fn take_bad(
        &mut self,
        bytes: &[u8],
        reason: String,
        id: Option<String>,
    ) -> Result<(), Error> {
        let item = self.mirror.unreadable(bytes, reason);
        self.quarantine(item, id)
    }

    /// Sets an item aside for quarantine, with the id that it seems to have.
    pub(crate) fn quarantine(&mut self, item: NewItem, id: Option<String>) -> Result<(), Error> {
        self.fetched += 1;
        self.bad_bytes += item.body.len();
        self.bad.push(item);
        if self.bad.len() > MAX_BAD || self.bad_bytes > MAX_BAD_BYTES {
            let first = self.bad.swap_remove(0);
            return Err(Error::TooManyBad(first.reason));
        }
        // Unreadable, but not missing either.
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
