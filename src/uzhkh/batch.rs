//! An answer of a queue, read as batches of entries while it arrives.

use std::time::{Duration, Instant};

use super::apply::Entry;
use super::decode::{self, Content};
use super::wording::oversize;
use crate::json;
use crate::json::stream::{Layout, Malformed, Piece, Splitter};
use crate::ledger::{NewEnvelope, Queue, hex};

/// The most entries of a batch.
const BATCH: usize = 512;
/// The most bytes of a batch, its last entry not counted.
const BATCH_BYTES: usize = 1 << 19;

/// How long an entry waits for others, where they come slowly.
const WAITS: Duration = Duration::from_secs(2);

/// The most batches that are being committed, or wait for it.
pub(super) const BATCHES_AHEAD: usize = 4;

/// The most of a chunk that is split before the batch is handed on.
pub(super) const SLICE: usize = 64 * 1024;

/// Entries that are committed together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) entries: Vec<Entry>,
    bytes: usize,
    /// When its first entry came.
    began: Option<Instant>,
}

impl Batch {
    fn is_due(&self) -> bool {
        self.entries.len() >= BATCH
            || self.bytes >= BATCH_BYTES
            || self.began.is_some_and(|began| began.elapsed() >= WAITS)
    }
}

/// Reads an answer of a queue as batches while it arrives.
pub(super) struct BatchReader {
    queue: Queue,
    splitter: Splitter,
    batch: Batch,
    /// The beginning of an answer that may be `null` yet: nothing waits.
    beginning: Option<Vec<u8>>,
}

/// The most of an answer that may be `null`, blanks included.
const NULL: usize = 64;

impl BatchReader {
    pub(super) fn new(queue: Queue, max_envelope_bytes: usize) -> Self {
        Self {
            queue,
            splitter: Splitter::new(Layout::Items, max_envelope_bytes),
            batch: Batch::default(),
            beginning: Some(Vec::new()),
        }
    }

    /// Reads a slice of the answer, small enough that the batch stays small.
    pub(super) fn feed(&mut self, slice: &[u8]) -> Result<(), Malformed> {
        let Some(mut beginning) = self.beginning.take() else {
            return self.split(slice);
        };
        beginning.extend_from_slice(slice);
        if is_or_becomes_null(&beginning) {
            self.beginning = Some(beginning);
            return Ok(());
        }
        self.split(&beginning)
    }

    fn split(&mut self, slice: &[u8]) -> Result<(), Malformed> {
        let (queue, batch) = (self.queue, &mut self.batch);
        self.splitter.feed(slice, &mut |piece| {
            batch.began.get_or_insert_with(Instant::now);
            batch.bytes += piece.len();
            batch.entries.push(entry(queue, &piece));
        })
    }

    /// The batch, once it is large enough to be committed, or has waited for that.
    pub(super) fn due_batch(&mut self) -> Option<Batch> {
        self.batch.is_due().then(|| std::mem::take(&mut self.batch))
    }

    /// Ends the answer; returns the last batch, and whether the answer was whole.
    pub(super) fn finish(mut self) -> (Option<Batch>, Result<(), Malformed>) {
        let beginning = self.beginning.take().unwrap_or_default();
        if without_mark(&beginning).trim_ascii() == b"null" {
            return (None, Ok(()));
        }
        if let Err(problem) = self.split(&beginning) {
            return (None, Err(problem));
        }
        let ended = self.splitter.finish().map(drop);
        let left = (!self.batch.entries.is_empty()).then_some(self.batch);
        (left, ended)
    }
}

fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// Whether the text so far is `null`, or its beginning.
fn is_or_becomes_null(text: &[u8]) -> bool {
    let rest = without_mark(text).trim_ascii_start();
    let is_so_far = b"null".starts_with(rest);
    let is_null = rest.strip_prefix(b"null").is_some_and(|rest| rest.trim_ascii().is_empty());
    text.len() <= NULL && (is_so_far || is_null)
}

impl Piece<'_> {
    fn len(&self) -> usize {
        match self {
            Piece::Whole { bytes, .. } => bytes.len(),
            Piece::Oversize { beginning, .. } => beginning.len(),
        }
    }
}

fn entry(queue: Queue, piece: &Piece<'_>) -> Entry {
    match *piece {
        Piece::Whole { bytes, depth, .. } => match decode(queue, bytes, depth) {
            Ok((guid, content)) => {
                Entry { raw: NewEnvelope::whole(queue, guid, bytes), content: Ok(content) }
            }
            Err(reason) => Entry {
                raw: NewEnvelope::whole(queue, salvage_guid(bytes), bytes),
                content: Err(reason),
            },
        },
        Piece::Oversize { beginning, sha256, bytes, .. } => Entry {
            raw: NewEnvelope {
                queue,
                guid: salvage_guid(beginning),
                body: beginning.to_vec(),
                sha256: hex(&sha256),
                bytes,
            },
            content: Err(oversize(bytes)),
        },
    }
}

/// Parses an entry by the queue it came from.
pub(super) fn decode(
    queue: Queue,
    bytes: &[u8],
    depth: usize,
) -> Result<(String, Content), String> {
    let envelope = match queue {
        Queue::Requests => decode::request(bytes, depth)?,
        Queue::Deleted => decode::deletion(bytes, depth)?,
    };
    Ok((envelope.guid, envelope.content))
}

/// The Guid of an unreadable entry, where it can be found; empty otherwise.
fn salvage_guid(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    json::salvage(&text, "Guid").unwrap_or_default()
}
