//! Reads a feed: what arrives is split and taken apart while the items before it are
//! compared with the ledger.
//!
//! A flat of the nested layout is set aside ([`super::nested`]) until the feed has been
//! read.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::Feed;
use super::api;
use super::asked::Asked;
use super::nested::Nested;
use crate::http::{Patience, Response};
use crate::json::stream::{Ancestors, Malformed, NodeId, Piece, Splitter};
use crate::ledger::{self, NewItem, hex};
use crate::mirror::{self, Batch, Failure, Outcome, Reading};

/// How much of a chunk is split before the batch is looked at.
pub(super) const SLICE: usize = 64 * 1024;
/// An item larger than this is quarantined.
pub(super) const MAX_ITEM_BYTES: usize = 16 << 20;
/// No feed takes longer to read: one that drips must come to an end.
fn within(patience: Patience) -> Duration {
    match patience {
        Patience::Service => Duration::from_secs(30 * 60),
        Patience::Once => Duration::from_secs(5 * 60),
    }
}

/// Why a read failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Api(#[from] api::Error),
    #[error("domoplaner: feed: {0}")]
    Mirror(mirror::Error),
    #[error(
        "domoplaner: feed: it was not read to its end within {}",
        humantime::format_duration(*.0)
    )]
    Slow(Duration),
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
        Failure { outcome, ..Failure::new(self) }
    }
}

/// What has arrived of a feed.
#[derive(Default)]
struct Arrived {
    batch: Batch,
    /// What each item stands in, where the feed is nested.
    nodes: Vec<NodeId>,
    oversize: Vec<(NewItem, Option<String>)>,
}

impl Feed {
    /// Reads what is asked for into the ledger.
    pub(super) async fn read(&self, asked: &Asked, began_at: Timestamp) -> Result<Outcome, Error> {
        let mut reading = Reading::begin(&self.mirror, began_at).await?;
        let response = tokio::select! {
            biased;
            () = self.mirror.stop.cancelled() => return Err(Error::Stopped),
            response = self.api.feed(&asked.filters) => response?,
        };
        let arriving = self.arrive(response, &mut reading);
        let within = within(self.patience);
        let nested = match tokio::time::timeout(within, arriving).await {
            Ok(arrived) => arrived?,
            Err(_) => return Err(Error::Slow(within)),
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
        let (batches, mut coming) = mpsc::channel::<Arrived>(1);
        let taking = async move {
            let mut nested: Option<Nested> = None;
            while let Some(arrived) = coming.recv().await {
                for (item, id) in arrived.oversize {
                    reading.take_bad(item, id)?;
                }
                if arrived.nodes.is_empty() {
                    reading.take(arrived.batch).await?;
                } else {
                    let set_aside = match nested.take() {
                        Some(nested) => nested,
                        None => Nested::new(self.mirror.spool()?),
                    };
                    nested = Some(set_aside.add(arrived.batch, arrived.nodes).await?);
                }
            }
            Ok::<_, Error>(nested)
        };
        let (received, taken) = tokio::join!(self.receive(response, batches), taking);
        let nested = taken?;
        let ancestors = received?;
        Ok(nested.map(|nested| nested.in_these(ancestors)))
    }

    /// Splits the answer and hands its items on.
    async fn receive(
        &self,
        mut response: Response,
        batches: mpsc::Sender<Arrived>,
    ) -> Result<Ancestors, Error> {
        let mut splitter = Splitter::new(self.layout.clone(), MAX_ITEM_BYTES);
        let mut arrived = Arrived::default();
        loop {
            let chunk = tokio::select! {
                biased;
                () = self.mirror.stop.cancelled() => return Err(Error::Stopped),
                chunk = response.chunk() => chunk?,
            };
            let Some(chunk) = chunk else { break };
            for slice in chunk.chunks(SLICE) {
                splitter.feed(slice, &mut |piece| self.piece(&piece, &mut arrived))?;
                if arrived.batch.is_full()
                    && batches.send(std::mem::take(&mut arrived)).await.is_err()
                {
                    // Whoever takes them has failed, and says why.
                    return Ok(Ancestors::default());
                }
            }
        }
        splitter.finish()?;
        // As above.
        drop(batches.send(arrived).await);
        Ok(splitter.into_ancestors())
    }

    fn piece(&self, piece: &Piece<'_>, arrived: &mut Arrived) {
        match *piece {
            Piece::Whole { bytes, depth, within } => {
                arrived.batch.push(bytes, depth, &Arc::default());
                arrived.nodes.extend(within);
            }
            Piece::Oversize { beginning, sha256, bytes, .. } => {
                let item = NewItem {
                    source: self.mirror.feed.source,
                    feed: self.mirror.feed.name.clone().into(),
                    body: beginning.to_vec(),
                    sha256: hex(&sha256),
                    bytes,
                    reason: format!(
                        "{bytes} bytes, over {MAX_ITEM_BYTES}; only the beginning is kept"
                    ),
                };
                let id = self.mirror.form.salvage(beginning);
                arrived.oversize.push((item, id));
            }
        }
    }
}
