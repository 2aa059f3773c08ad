//! A queue's answer, written while it is sent.
//!
//! Each chunk takes the lock for about 64 KiB and copies them, so 200,000 waiting
//! entries cost no more memory than a few. The walk ends where the queue ended
//! when it began, even while entries are added.

use std::sync::Arc;

use bytes::Bytes;

use super::state::Which;
use crate::answer::{CHUNK, Chunks};
use crate::server::Shared;

/// A walk through a queue.
pub(super) struct Walk {
    shared: Arc<Shared>,
    which: Which,
    next: u64,
    end: u64,
    left: usize,
    twice: bool,
    stage: Stage,
}

/// Progress of a walk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Opening,
    First,
    Further,
    Over,
}

impl Walk {
    /// From the queue's first entry to the one that is the last now.
    pub(super) fn begin(shared: &Arc<Shared>, which: Which, twice: bool) -> Self {
        let mut state = shared.lock();
        let left = state.uzhkh.batch_limit;
        Self {
            shared: Arc::clone(shared),
            which,
            next: 0,
            end: state.queue(which).end(),
            left,
            twice,
            stage: Stage::Opening,
        }
    }
}

impl Chunks for Walk {
    fn length(&self) -> usize {
        let wrapping = if self.shared.uzhkh.wrap_items { 12 } else { 2 };
        self.shared.lock().queue(self.which).measure(self.left) + wrapping
    }

    fn chunk(&mut self) -> Option<Bytes> {
        if self.stage == Stage::Over {
            return None;
        }
        let shared = Arc::clone(&self.shared);
        let wrapped = shared.uzhkh.wrap_items;
        let mut chunk = Vec::with_capacity(CHUNK + 8 * 1024);
        if self.stage == Stage::Opening {
            let opening: &[u8] = if wrapped { b"{\"Items\":[" } else { b"[" };
            chunk.extend_from_slice(opening);
            self.stage = Stage::First;
        }
        let mut state = shared.lock();
        while chunk.len() < CHUNK {
            let offered = match self.left {
                0 => None,
                _ => state.queue(self.which).offer(self.next, self.end),
            };
            let Some((place, body)) = offered else {
                let closing: &[u8] = if wrapped { b"]}" } else { b"]" };
                chunk.extend_from_slice(closing);
                self.stage = Stage::Over;
                break;
            };
            for _ in 0..=u8::from(self.twice && place % 4 == 0) {
                if self.stage == Stage::Further {
                    chunk.push(b',');
                }
                self.stage = Stage::Further;
                chunk.extend_from_slice(body);
            }
            self.next = place + 1;
            self.left -= 1;
        }
        Some(chunk.into())
    }
}
