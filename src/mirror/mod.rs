//! Lists that are read whole, again and again, kept in the ledger: what is new or
//! changed is recorded, what a full read lacks is deleted.
//!
//! A [`Poll`] asks the ledger how far the list has been read, lets a [`Source`] ask the
//! upstream and records the end.
//!
//! A [`Reading`] is fed with items as they arrive. Each is hashed and looked up: one
//! whose very text the list showed when it was last read is passed over without being
//! parsed, so a read that brings nothing new writes nothing and costs little. What
//! differs goes into a [`Spool`], and into the ledger only when the list has been read
//! to its end: a read that fails changes nothing, and of two items with one id only the
//! last counts. Only the ids are held in memory.
//!
//! A crash while a list is being recorded leaves some of it recorded; the next read
//! finds the rest to differ.
//!
//! The guard: a list that suddenly lacks more than `max_shrink` of what it showed, or
//! everything, is more likely broken than true. Then nothing is deleted, the poll
//! fails, and an operator decides.

mod batch;
mod compare;
mod error;
mod poll;
mod reading;
mod record;
mod spool;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

pub(crate) use batch::Batch;
pub(crate) use error::{Error, Failure};
pub(crate) use poll::{Coverage, Poll, Source, poll};
pub(crate) use reading::{Outcome, Reading};
pub(crate) use spool::{Spool, Unspooled};

use crate::ledger::{self, Comparison, Feed, Ledger, NewItem, Reader};
use crate::runtime::poll_log::PollLog;
use crate::runtime::system::Context;
use reading::{Place, Shrunk};

/// The time for which an operator's permission to shrink holds: it was not meant for what the
/// list shows much later.
const ACCEPTED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// A list as its system and the config describe it.
pub(crate) struct List {
    pub(crate) feed: Feed,
    /// The other configured lists that show records of the same kind.
    pub(crate) others: Vec<String>,
    /// The share of the list that may vanish at once, in percent.
    pub(crate) max_shrink: u8,
    pub(crate) comparison: Comparison<'static>,
    pub(crate) form: Arc<dyn Form>,
}

/// A list and the ledger that it is kept in.
pub(crate) struct Mirror {
    list: List,
    ledger: Arc<Ledger>,
    polls: Arc<PollLog>,
    /// The name that commands take for it.
    called: String,
    /// The ledger's file; the spools stand beside it.
    path: PathBuf,
    /// Ends what is under way.
    stop: CancellationToken,
}

/// The shape of a list's items.
pub(crate) trait Form: Send + Sync {
    /// The settings that a record depends on beside its item: where they differ, all items
    /// count as changed.
    fn settings(&self) -> &[u8] {
        b""
    }

    /// The id of an item that was handed over without one; the error is the reason for its
    /// quarantine.
    fn identify(&self, _bytes: &[u8], _depth: usize) -> Result<String, String> {
        Err("no id".to_owned())
    }

    /// The id that an unreadable item seems to have.
    fn salvage(&self, _bytes: &[u8]) -> Option<String> {
        None
    }

    /// The body of the record, with findings on the item.
    fn compose(&self, text: &str, around: &str) -> Composed;
}

/// The body of a record and the findings on it.
#[derive(Debug, Default)]
pub(crate) struct Composed {
    pub(crate) body: String,
    pub(crate) findings: Vec<ledger::Finding>,
}

impl Mirror {
    pub(crate) fn new(list: List, context: &Context<'_>, polls: &Arc<PollLog>) -> Arc<Self> {
        Arc::new(Self {
            called: context.feed_name(list.feed.source, &list.feed.name),
            list,
            ledger: Arc::clone(context.ledger),
            polls: Arc::clone(polls),
            path: context.config.ledger.path.clone(),
            stop: context.stop.clone(),
        })
    }

    /// Awaits an answer of the upstream, unless the service stops meanwhile.
    pub(crate) async fn unless_stopped<T>(
        &self,
        answer: impl Future<Output = T>,
    ) -> Result<T, Error> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Error::Stopped),
            answer = answer => Ok(answer),
        }
    }

    /// An unreadable item that was received whole.
    fn unreadable(&self, bytes: &[u8], reason: String) -> NewItem {
        let Feed { source, name, .. } = &self.list.feed;
        NewItem::whole(source, name.clone(), bytes, reason)
    }

    /// An unreadable item of which only the beginning was kept.
    pub(crate) fn oversize(
        &self,
        beginning: &[u8],
        sha256: &[u8; 32],
        bytes: u64,
        reason: String,
    ) -> NewItem {
        NewItem {
            source: self.list.feed.source,
            feed: self.list.feed.name.clone().into(),
            body: beginning.to_vec(),
            sha256: ledger::hex(sha256),
            bytes,
            reason,
        }
    }

    /// The id that an unreadable item seems to have.
    pub(crate) fn salvage(&self, bytes: &[u8]) -> Option<String> {
        self.list.form.salvage(bytes)
    }

    /// The directory that the ledger is in.
    fn directory(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }

    /// The connection of a read, opened where it is not yet. Blocks.
    fn reader(&self, open: Option<Reader>) -> Result<Reader, ledger::Error> {
        open.map_or_else(|| Reader::open_for_much(&self.path), Ok)
    }

    /// A new spool beside the ledger.
    pub(crate) fn spool(&self) -> io::Result<Spool> {
        Spool::new(self.directory())
    }
}
