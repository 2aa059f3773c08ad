//! Flats of the nested layout. Each keeps the ids and titles of its ancestors, and
//! those may come after it: so all flats are set aside until the feed has been read.

use std::io;
use std::sync::Arc;

use crate::json;
use crate::json::stream::{Ancestors, NodeId};
use crate::mirror::{Batch, Error, Reading, Spool, Unspooled};

/// Flats set aside in a spool.
pub(super) struct Nested {
    spool: Spool,
    /// The parent of each flat, in order.
    nodes: Vec<NodeId>,
    ancestors: Ancestors,
}

impl Nested {
    pub(super) fn new(spool: Spool) -> Self {
        Self { spool, nodes: Vec::new(), ancestors: Ancestors::default() }
    }

    /// Sets flats aside.
    pub(super) async fn add(mut self, batch: Batch, nodes: Vec<NodeId>) -> io::Result<Self> {
        self.nodes.extend(nodes);
        tokio::task::spawn_blocking(move || {
            for item in batch.iter() {
                let depth = (item.depth as u64).to_le_bytes();
                self.spool.append([item.bytes, depth.as_slice()])?;
            }
            Ok(self)
        })
        .await
        .map_err(io::Error::other)?
    }

    /// Adds the ancestors, which are complete at the end of the feed.
    pub(super) fn in_these(self, ancestors: Ancestors) -> Self {
        Self { ancestors, ..self }
    }

    /// Hands the flats on with their ancestors.
    pub(super) async fn resolve(self, reading: &mut Reading) -> Result<(), Error> {
        let mut rest = Rest {
            spool: self.spool.read_back()?,
            nodes: self.nodes.into_iter(),
            ancestors: self.ancestors,
            last: None,
        };
        loop {
            let batch;
            (rest, batch) = tokio::task::spawn_blocking(move || {
                let batch = rest.batch()?;
                io::Result::Ok((rest, batch))
            })
            .await
            .map_err(io::Error::other)??;
            if batch.is_empty() {
                return Ok(());
            }
            reading.take(batch).await?;
        }
    }
}

/// The flats still to be handed on.
struct Rest {
    spool: Unspooled,
    nodes: std::vec::IntoIter<NodeId>,
    ancestors: Ancestors,
    /// Neighbours share their parent.
    last: Option<(NodeId, Arc<str>)>,
}

impl Rest {
    fn batch(&mut self) -> io::Result<Batch> {
        let mut batch = Batch::default();
        while !batch.is_full() {
            let Some((_, [bytes, depth])) = self.spool.next()? else {
                break;
            };
            let Some(node) = self.nodes.next() else { break };
            let around = match self.last.take() {
                Some((known, around)) if known == node => around,
                _ => around(&self.ancestors, node).into(),
            };
            let depth = depth.try_into().map_or(u64::MAX, u64::from_le_bytes);
            let depth = usize::try_from(depth).unwrap_or(usize::MAX);
            batch.push(&bytes, depth, &around);
            self.last = Some((node, around));
        }
        Ok(batch)
    }
}

/// The ids and titles of a flat's ancestors, as a JSON object with the names that flat feeds
/// have for them.
pub(super) fn around(ancestors: &Ancestors, node: NodeId) -> String {
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
