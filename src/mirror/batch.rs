//! Items on their way from the upstream to the comparison: one buffer for all of their texts.

use std::sync::Arc;

/// The most items of a batch, and their bytes.
const ITEMS: usize = 256;
const BYTES: usize = 512 * 1024;

/// Items that arrived together.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    items: Vec<Raw>,
}

#[derive(Debug)]
struct Raw {
    end: usize,
    depth: usize,
    id: Option<Box<str>>,
    around: Arc<str>,
}

/// An item of a batch.
#[derive(Debug)]
pub(crate) struct Item<'b> {
    /// The bytes as received.
    pub(crate) bytes: &'b [u8],
    /// The deepest nesting.
    pub(crate) depth: usize,
    /// The id, where it is known without parsing the item.
    pub(super) id: Option<&'b str>,
    /// The members that its ancestors add to it, as a JSON object; empty where there are none.
    pub(super) around: &'b str,
}

impl Batch {
    /// Adds an item whose id is still to be parsed.
    pub(crate) fn push(&mut self, bytes: &[u8], depth: usize, around: &Arc<str>) {
        self.add(bytes, depth, None, Arc::clone(around));
    }

    /// Adds an item whose id is known.
    pub(crate) fn push_known(&mut self, id: String, text: &str) {
        self.add(text.as_bytes(), 0, Some(id.into()), Arc::default());
    }

    fn add(&mut self, bytes: &[u8], depth: usize, id: Option<Box<str>>, around: Arc<str>) {
        self.bytes.extend_from_slice(bytes);
        self.items.push(Raw { end: self.bytes.len(), depth, id, around });
    }

    /// Whether the batch is large enough to be handed on.
    pub(crate) fn is_full(&self) -> bool {
        self.items.len() >= ITEMS || self.bytes.len() >= BYTES
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Item<'_>> {
        let mut start = 0;
        self.items.iter().map(move |raw| {
            let bytes = &self.bytes[start..raw.end];
            start = raw.end;
            Item { bytes, depth: raw.depth, id: raw.id.as_deref(), around: &raw.around }
        })
    }
}
