//! The body of an answer, made while it is sent, and broken on demand.
//!
//! A queue's answer is a walk: each frame takes the lock for one chunk of about
//! 64 KiB and copies it, so 200,000 waiting entries cost no more memory than a
//! few. The walk ends where the queue ended when it began, even while entries are
//! added. Around it stands the damage a fault asks for.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

use super::server::Shared;
use super::state::Which;

/// About so many bytes go into one frame of a queue's answer.
const CHUNK: usize = 64 * 1024;
/// So many bytes at a time drip.
const DROP: usize = 17;
/// After so many drops there is a pause.
const DROPS: u32 = 16;

/// The connection is to be closed, at once.
#[derive(Debug)]
pub(super) struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault closed the connection")
    }
}

impl std::error::Error for Dropped {}

/// Where the bytes come from.
pub(super) enum Source {
    Whole(Bytes),
    Queue(Walk),
}

/// A walk through a queue.
pub(super) struct Walk {
    pub(super) shared: Arc<Shared>,
    pub(super) which: Which,
    pub(super) next: u64,
    pub(super) end: u64,
    pub(super) left: usize,
    pub(super) wrapped: bool,
    pub(super) twice: bool,
    pub(super) mark: &'static [u8],
    pub(super) stage: Stage,
}

/// How far a walk is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Opening,
    First,
    Further,
    Over,
}

impl Walk {
    fn chunk(&mut self) -> Option<Bytes> {
        if self.stage == Stage::Over {
            return None;
        }
        let mut chunk = Vec::with_capacity(CHUNK + 8 * 1024);
        if self.stage == Stage::Opening {
            chunk.extend_from_slice(self.mark);
            let opening: &[u8] = if self.wrapped { b"{\"Items\":[" } else { b"[" };
            chunk.extend_from_slice(opening);
            self.stage = Stage::First;
        }
        let shared = Arc::clone(&self.shared);
        let mut state = shared.lock();
        while chunk.len() < CHUNK {
            let offered = match self.left {
                0 => None,
                _ => state.queue(self.which).offer(self.next, self.end),
            };
            let Some((place, body)) = offered else {
                let closing: &[u8] = if self.wrapped { b"]}" } else { b"]" };
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

impl Source {
    /// The length of the whole, as far as it is known now.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Whole(bytes) => bytes.len(),
            Self::Queue(walk) => {
                let wrapping = if walk.wrapped { 12 } else { 2 };
                walk.shared.lock().queue(walk.which).measure(walk.left) + wrapping
            }
        }
    }

    fn next(&mut self) -> Option<Bytes> {
        match self {
            Self::Whole(bytes) if bytes.is_empty() => None,
            Self::Whole(bytes) => Some(std::mem::take(bytes)),
            Self::Queue(walk) => walk.chunk(),
        }
    }
}

/// What is done to the bytes on their way.
pub(super) enum Damage {
    None,
    /// So many more bytes, then the connection closes.
    Cut(usize),
    /// The connection closes at the next look.
    Closing,
    /// So many more bytes, then nothing.
    Stall(usize),
    Drip(Drip),
}

/// A body that comes in drops.
#[derive(Default)]
pub(super) struct Drip {
    rest: Bytes,
    drops: u32,
    pause: Option<Pin<Box<Sleep>>>,
}

/// The body of an answer.
pub(super) struct Answer {
    pub(super) source: Source,
    pub(super) damage: Damage,
}

impl Answer {
    /// The next bytes, no more than `left`, which goes down by them.
    fn limited(source: &mut Source, left: &mut usize) -> Option<Bytes> {
        if *left == 0 {
            return None;
        }
        let mut bytes = source.next()?;
        bytes.truncate(*left);
        *left -= bytes.len();
        Some(bytes)
    }
}

impl Drip {
    fn poll(&mut self, source: &mut Source, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(pause) = &mut self.pause {
            if pause.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.pause = None;
        }
        if self.rest.is_empty() {
            match source.next() {
                Some(bytes) => self.rest = bytes,
                None => return Poll::Ready(None),
            }
        }
        self.drops += 1;
        // A pause after each drop would be milliseconds for 17 bytes; a pause in
        // the past still makes hyper send what it has.
        let pause = match self.drops % DROPS {
            0 => sleep(Duration::from_millis(1)),
            _ => tokio::time::sleep_until(Instant::now()),
        };
        self.pause = Some(Box::pin(pause));
        Poll::Ready(Some(self.rest.split_to(self.rest.len().min(DROP))))
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        let this = self.get_mut();
        let bytes = match &mut this.damage {
            Damage::None => this.source.next(),
            Damage::Closing => return Poll::Ready(Some(Err(Dropped))),
            Damage::Cut(left) => match Self::limited(&mut this.source, left) {
                Some(bytes) => Some(bytes),
                None => {
                    // What was given so far is sent only when we are not ready.
                    this.damage = Damage::Closing;
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
            },
            Damage::Stall(left) => match Self::limited(&mut this.source, left) {
                Some(bytes) => Some(bytes),
                None => return Poll::Pending,
            },
            Damage::Drip(drip) => match drip.poll(&mut this.source, context) {
                Poll::Ready(bytes) => bytes,
                Poll::Pending => return Poll::Pending,
            },
        };
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!((&self.damage, &self.source), (Damage::None, Source::Whole(bytes)) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.damage, &self.source) {
            (Damage::None, Source::Whole(bytes)) => SizeHint::with_exact(bytes.len() as u64),
            _ => SizeHint::default(),
        }
    }
}
