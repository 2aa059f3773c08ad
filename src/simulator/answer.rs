//! The body of an answer, made while it is sent, and broken on demand.
//!
//! A long answer comes in chunks that are written when they are wanted, so that it
//! costs no more memory than one. Around it stands the damage a fault asks for.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

/// About so many bytes go into one frame of a long answer.
pub(super) const CHUNK: usize = 64 * 1024;
/// Bytes per drip.
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

/// A body that is written chunk by chunk.
pub(super) trait Chunks: Send {
    /// The length of the whole, as far as it is known now.
    fn length(&self) -> usize;
    /// The next chunk, until there is none.
    fn chunk(&mut self) -> Option<Bytes>;
}

/// Source of the bytes.
pub(super) enum Source {
    Whole(Bytes),
    Walk(Box<dyn Chunks>),
}

impl Source {
    /// The length of the whole, as far as it is known now.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Whole(bytes) => bytes.len(),
            Self::Walk(walk) => walk.length(),
        }
    }

    /// The same bytes after these.
    pub(super) fn after(self, mark: &'static [u8]) -> Self {
        match self {
            Self::Whole(bytes) => Self::Whole([mark, &bytes].concat().into()),
            Self::Walk(rest) => {
                Self::Walk(Box::new(Marked { mark: Some(Bytes::from_static(mark)), rest }))
            }
        }
    }

    fn next(&mut self) -> Option<Bytes> {
        match self {
            Self::Whole(bytes) if bytes.is_empty() => None,
            Self::Whole(bytes) => Some(std::mem::take(bytes)),
            Self::Walk(walk) => walk.chunk(),
        }
    }
}

/// Chunks with something before the first.
struct Marked {
    mark: Option<Bytes>,
    rest: Box<dyn Chunks>,
}

impl Chunks for Marked {
    fn length(&self) -> usize {
        self.mark.as_ref().map_or(0, Bytes::len) + self.rest.length()
    }

    fn chunk(&mut self) -> Option<Bytes> {
        self.mark.take().or_else(|| self.rest.chunk())
    }
}

/// Damage done to the bytes on their way.
pub(super) enum Damage {
    None,
    /// So many more bytes, then the connection closes.
    Cut(usize),
    /// So many more bytes, then the end.
    End(usize),
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
            Damage::End(left) => Self::limited(&mut this.source, left),
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
