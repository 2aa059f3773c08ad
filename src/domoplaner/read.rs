//! Reads a feed: an answer is split into items as it arrives, while the items before are
//! compared with the ledger.
//!
//! A flat of the nested layout is set aside ([`super::nested`]) until the feed has been
//! read.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::Feed;
use super::api;
use super::nested::Nested;
use super::query::{self, Query};
use crate::http::Response;
use crate::json::stream::{Ancestors, NodeId, Piece, Splitter};
use crate::ledger::{FeedState, NewItem};
use crate::mirror::{Batch, Coverage, Error, Mirror, Reading, Source};

/// The most of a chunk that is split before the batch is handed on.
pub(super) const SLICE: usize = 64 * 1024;
/// An item larger than this is quarantined.
pub(super) const MAX_ITEM_BYTES: usize = 16 << 20;

/// Items that have arrived together.
#[derive(Default)]
struct Arrived {
    batch: Batch,
    /// The parent of each item, where the feed is nested.
    nodes: Vec<NodeId>,
    oversize: Vec<(NewItem, Option<String>)>,
}

impl Source for Feed {
    type Query = Query;

    fn mirror(&self) -> &Arc<Mirror> {
        &self.mirror
    }

    fn query(&self, state: &FeedState, now: Timestamp) -> Query {
        query::query(&self.config, state, now, &self.timezone)
    }

    fn fingerprint(&self) -> String {
        query::fingerprint(&self.config)
    }

    async fn read(&self, query: Query, reading: &mut Reading) -> Result<Coverage, Error> {
        let mut rereads = 0;
        let nested = loop {
            let error = match self.read_once(&query, reading).await {
                Ok(nested) => break nested,
                Err(error) => error,
            };
            let is_broken = matches!(&error, Error::Upstream(failure) if failure.is_broken_body);
            let upstream = self.api.upstream();
            if !is_broken || !upstream.may_read_again("feed", &mut rereads, &error).await {
                return Err(error);
            }
            reading.begin_again();
        };
        if let Some(nested) = nested {
            nested.resolve(reading).await?;
        }
        Ok(query.coverage)
    }
}

impl Feed {
    /// Asks for the feed and reads it to its end.
    async fn read_once(
        &self,
        query: &Query,
        reading: &mut Reading,
    ) -> Result<Option<Nested>, Error> {
        let response = self.mirror.unless_stopped(self.api.feed(&query.filters)).await??;
        let within = self.api.upstream().large_answer();
        tokio::time::timeout(within, self.arrive(response, reading))
            .await
            .map_err(|_| api::Error::Slow(within))?
    }

    /// Receives the feed and compares what comes with the ledger, side by side.
    async fn arrive(
        &self,
        response: Response,
        reading: &mut Reading,
    ) -> Result<Option<Nested>, Error> {
        let (batches, mut coming) = mpsc::channel::<Arrived>(1);
        let compare = async move {
            let mut nested: Option<Nested> = None;
            while let Some(arrived) = coming.recv().await {
                for (item, id) in arrived.oversize {
                    reading.quarantine(item, id)?;
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
        let (received, taken) = tokio::join!(self.receive(response, batches), compare);
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
            let chunk = self.mirror.unless_stopped(response.chunk()).await?;
            let Some(chunk) = chunk.map_err(api::Error::from)? else { break };
            for slice in chunk.chunks(SLICE) {
                splitter
                    .feed(slice, &mut |piece| self.piece(&piece, &mut arrived))
                    .map_err(api::Error::Malformed)?;
                if arrived.batch.is_full()
                    && batches.send(std::mem::take(&mut arrived)).await.is_err()
                {
                    // The receiver has failed and reports why.
                    return Ok(Ancestors::default());
                }
            }
        }
        splitter.finish().map_err(api::Error::Malformed)?;
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
                let reason =
                    format!("{bytes} bytes, over {MAX_ITEM_BYTES}; only the beginning is kept");
                let item = self.mirror.oversize(beginning, &sha256, bytes, reason);
                let id = self.mirror.salvage(beginning);
                arrived.oversize.push((item, id));
            }
        }
    }
}
