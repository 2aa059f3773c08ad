//! Puts the pieces of one element together.
//!
//! Most elements end in the chunk that they began in, and are not copied. Of one
//! that is over the limit only the beginning is kept, with the hash and the length of
//! all of it.

use sha2::{Digest, Sha256};

use super::{NodeId, Piece};

/// The bytes kept of an element that is over the limit.
const KEPT: usize = 64 * 1024;

/// An element under way.
#[derive(Debug)]
pub(super) struct Gather {
    limit: usize,
    buffer: Vec<u8>,
    spill: Option<Box<(Sha256, u64)>>,
}

impl Gather {
    /// `limit`: the most bytes of an element that is handed out whole.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, buffer: Vec::new(), spill: None }
    }

    pub(super) fn begin(&mut self) {
        if self.buffer.capacity() > 4 * KEPT {
            self.buffer = Vec::new();
        }
        self.buffer.clear();
        self.spill = None;
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        if self.spill.is_none() && self.fits(bytes) {
            self.buffer.extend_from_slice(bytes);
            return;
        }
        let spill = self.spill.get_or_insert_with(|| {
            let spilt = (Sha256::new_with_prefix(&self.buffer), self.buffer.len() as u64);
            self.buffer.truncate(KEPT);
            self.buffer.shrink_to(KEPT);
            Box::new(spilt)
        });
        spill.0.update(bytes);
        spill.1 += bytes.len() as u64;
        let room = (KEPT - self.buffer.len()).min(bytes.len());
        self.buffer.extend_from_slice(&bytes[..room]);
    }

    /// Ends the element with these bytes and hands it out.
    pub(super) fn finish<'a>(
        &'a mut self,
        last: &'a [u8],
        depth: usize,
        within: Option<NodeId>,
    ) -> Piece<'a> {
        let bytes = if self.buffer.is_empty() && self.spill.is_none() && self.fits(last) {
            last
        } else {
            self.add(last);
            &self.buffer
        };
        match self.spill.take() {
            None => Piece::Whole { bytes, depth, within },
            Some(spill) => Piece::Oversize {
                beginning: bytes,
                sha256: spill.0.finalize().into(),
                bytes: spill.1,
                within,
            },
        }
    }

    fn fits(&self, bytes: &[u8]) -> bool {
        bytes.len() <= self.limit.saturating_sub(self.buffer.len())
    }
}
