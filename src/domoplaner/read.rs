//! Reads a feed: what arrives is split and taken apart while the items before it are
//! compared with the ledger.
//!
//! A flat of the nested layout is set aside until the feed has been read, since what
//! it stands in may be named after it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::Feed;
use super::api;
use super::asked::Asked;
use crate::elements::{Ancestors, Malformed, NodeId, Piece, Splitter};
use crate::http::Response;
use crate::json;
use crate::ledger::{self, NewItem, hex};
use crate::mirror::{self, Failure, Item, Outcome, Reading, Spool};

/// The most items that are handed on together, and their bytes.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 512 * 1024;
/// How much of a chunk is split before the batch is looked at.
pub(super) const SLICE: usize = 64 * 1024;
/// An item larger than this is quarantined.
pub(super) const MAX_ITEM_BYTES: usize = 16 << 20;
/// No feed takes longer to read: one that drips must come to an end.
const WITHIN: Duration = Duration::from_secs(3600);

/// Why a read failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Api(#[from] api::Error),
    #[error("domoplaner: feed: {0}")]
    Mirror(mirror::Error),
    #[error(
        "domoplaner: feed: it was not read to its end within {}",
        humantime::format_duration(WITHIN)
    )]
    Slow,
    #[error("domoplaner: the service stops")]
    Stopped,
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
}

impl From<mirror::Error> for Error {
    fn from(error: mirror::Error) -> Self {
        match error {
            mirror::Error::Stopped => Error::Stopped,
            mirror::Error::Ledger(error) => Error::Ledger(error),
            error => Error::Mirror(error),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        mirror::Error::from(error).into()
    }
}

impl From<crate::http::Error> for Error {
    fn from(error: crate::http::Error) -> Self {
        api::Error::from(error).into()
    }
}

impl From<Malformed> for Error {
    fn from(problem: Malformed) -> Self {
        api::Error::Malformed(problem).into()
    }
}

impl Error {
    /// As a run of the poller records it.
    pub(super) fn failure(&self) -> Failure {
        let outcome = match self {
            Error::Api(api::Error::Http(error))
                if error.class() == crate::http::Class::Unauthorized =>
            {
                ledger::Outcome::Unauthorized
            }
            _ => ledger::Outcome::Failed,
        };
        Failure {
            outcome,
            ..Failure::new(self)
        }
    }
}

/// Items that arrived together.
#[derive(Default)]
struct Batch {
    items: Vec<Item>,
    /// What each item stands in, where the feed is nested.
    nodes: Vec<NodeId>,
    bad: Vec<(NewItem, Option<String>)>,
    bytes: usize,
}

impl Batch {
    fn is_full(&self) -> bool {
        self.items.len() + self.bad.len() >= BATCH || self.bytes >= BATCH_BYTES
    }
}

impl Feed {
    /// Reads what is asked for into the ledger.
    pub(super) async fn read(&self, asked: &Asked) -> Result<Outcome, Error> {
        let mut reading = Reading::begin(&self.mirror).await?;
        let response = tokio::select! {
            biased;
            () = self.mirror.stop.cancelled() => return Err(Error::Stopped),
            response = self.api.feed(&asked.filters) => response?,
        };
        let arriving = self.arrive(response, &mut reading);
        let nested = match tokio::time::timeout(WITHIN, arriving).await {
            Ok(arrived) => arrived?,
            Err(_) => return Err(Error::Slow),
        };
        if let Some(nested) = nested {
            nested.resolve(&mut reading).await?;
        }
        Ok(reading.end(asked.extent).await?)
    }

    /// Receives the feed and compares what comes with the ledger, side by side.
    async fn arrive(
        &self,
        response: Response,
        reading: &mut Reading,
    ) -> Result<Option<Nested>, Error> {
        let (batches, mut coming) = mpsc::channel::<Batch>(1);
        let taking = async move {
            let mut nested: Option<Nested> = None;
            while let Some(batch) = coming.recv().await {
                for (item, id) in batch.bad {
                    reading.take_bad(item, id)?;
                }
                if batch.nodes.is_empty() {
                    reading.take(batch.items).await?;
                } else {
                    let set_aside = match nested.take() {
                        Some(nested) => nested,
                        None => Nested::new(&self.mirror.directory)?,
                    };
                    nested = Some(set_aside.add(batch.items, batch.nodes).await?);
                }
            }
            Ok::<_, Error>(nested)
        };
        let (received, taken) = tokio::join!(self.receive(response, batches), taking);
        let nested = taken?;
        let ancestors = received?;
        Ok(nested.map(|nested| Nested {
            ancestors,
            ..nested
        }))
    }

    /// Splits the answer and hands its items on.
    async fn receive(
        &self,
        mut response: Response,
        batches: mpsc::Sender<Batch>,
    ) -> Result<Ancestors, Error> {
        let mut splitter = Splitter::new(self.layout.clone(), MAX_ITEM_BYTES);
        let mut batch = Batch::default();
        loop {
            let chunk = tokio::select! {
                biased;
                () = self.mirror.stop.cancelled() => return Err(Error::Stopped),
                chunk = response.chunk() => chunk?,
            };
            let Some(chunk) = chunk else { break };
            for slice in chunk.chunks(SLICE) {
                splitter.feed(slice, &mut |piece| self.piece(&piece, &mut batch))?;
                if batch.is_full() && batches.send(std::mem::take(&mut batch)).await.is_err() {
                    // Whoever takes them has failed, and says why.
                    return Ok(Ancestors::default());
                }
            }
        }
        splitter.finish()?;
        // As above.
        drop(batches.send(batch).await);
        Ok(splitter.into_ancestors())
    }

    fn piece(&self, piece: &Piece<'_>, batch: &mut Batch) {
        let (source, name) = (self.mirror.feed.source, self.mirror.feed.name.clone());
        match *piece {
            Piece::Whole {
                bytes,
                depth,
                within,
            } => {
                batch.bytes += bytes.len();
                match self.form.identify(bytes, depth) {
                    Ok((id, text)) => {
                        batch.items.push(Item {
                            id: id.into(),
                            text: text.into(),
                            around: Arc::default(),
                        });
                        batch.nodes.extend(within);
                    }
                    Err(reason) => batch.bad.push((
                        NewItem::whole(source, name, bytes, reason),
                        self.form.salvage(bytes),
                    )),
                }
            }
            Piece::Oversize {
                beginning,
                sha256,
                bytes,
                ..
            } => {
                batch.bytes += beginning.len();
                let item = NewItem {
                    source,
                    feed: name.into(),
                    body: beginning.to_vec(),
                    sha256: hex(&sha256),
                    bytes,
                    reason: format!(
                        "{bytes} bytes, over {MAX_ITEM_BYTES}; only the beginning is kept"
                    ),
                };
                batch.bad.push((item, self.form.salvage(beginning)));
            }
        }
    }
}

/// Flats that are set aside until it is known what they stand in.
struct Nested {
    spool: Spool,
    /// Of each flat, in order.
    nodes: Vec<NodeId>,
    ancestors: Ancestors,
}

impl Nested {
    fn new(directory: &std::path::Path) -> io::Result<Self> {
        Ok(Self {
            spool: Spool::new(directory)?,
            nodes: Vec::new(),
            ancestors: Ancestors::default(),
        })
    }

    async fn add(mut self, items: Vec<Item>, nodes: Vec<NodeId>) -> io::Result<Self> {
        self.nodes.extend(nodes);
        let spooling = tokio::task::spawn_blocking(move || {
            for item in items {
                self.spool
                    .append([item.id.as_bytes(), item.text.as_bytes()])?;
            }
            Ok(self)
        });
        spooling.await.map_err(io::Error::other)?
    }

    /// Hands the flats on with what they stand in.
    async fn resolve(self, reading: &mut Reading) -> Result<(), Error> {
        let mut spool = self.spool.read_back()?;
        let mut nodes = self.nodes.into_iter();
        let mut last: Option<(NodeId, Arc<str>)> = None;
        loop {
            let mut items = Vec::with_capacity(BATCH);
            let mut bytes = 0;
            while items.len() < BATCH && bytes < BATCH_BYTES {
                let Some((_, [id, text])) = spool.next()? else {
                    break;
                };
                let Some(node) = nodes.next() else { break };
                let around = match last {
                    Some((known, around)) if known == node => around,
                    _ => around(&self.ancestors, node).into(),
                };
                last = Some((node, Arc::clone(&around)));
                bytes += text.len();
                items.push(Item {
                    id: String::from_utf8_lossy(&id).into(),
                    text: String::from_utf8_lossy(&text).into(),
                    around,
                });
            }
            if items.is_empty() {
                return Ok(());
            }
            reading.take(items).await?;
        }
    }
}

/// The ids and titles of what a flat stands in, as a JSON object with the names that
/// flat feeds have for them.
fn around(ancestors: &Ancestors, node: NodeId) -> String {
    let mut members = Vec::new();
    for ancestor in ancestors.chain(node) {
        let level = ancestor.level.word();
        if let Some(id) = ancestor.id {
            members.push(format!("{}:{id}", json::quote(&format!("{level}_id"))));
        }
        if let Some(title) = ancestor.title {
            members.push(format!("{}:{title}", json::quote(level)));
        }
    }
    // From the outermost to the innermost.
    members.reverse();
    format!("{{{}}}", members.join(","))
}
