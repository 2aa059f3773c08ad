//! Splits a JSON list into its elements while it arrives.
//!
//! UZhKH answers with a bare array or with an object that has `Items`; either may
//! hold a million elements. The [`Splitter`] is fed the bytes as they come and
//! hands out each element's own bytes, untouched, as soon as its last one is
//! there; it never holds more than one element, and of one that is over the limit
//! only the beginning. It looks at brackets and strings only: whether an element
//! is JSON is for whoever takes it apart to say, so one bad element does not spoil
//! the rest. An answer that breaks off has given out all elements that were whole.

use sha2::{Digest, Sha256};

/// What is kept of an element that is over the limit.
const KEPT: usize = 64 * 1024;
/// The longest text of a member beside `Items` that is kept (`Page`, `NoResults`).
const MEMBER: usize = 64;

/// An element of the list.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// All of its bytes, and how deep it is nested.
    Whole { bytes: &'a [u8], depth: usize },
    /// It is over the limit: its beginning, the hash of all of it, its length.
    Oversize {
        beginning: &'a [u8],
        sha256: [u8; 32],
        bytes: u64,
    },
}

/// What stood beside the elements.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    /// `Page`, where the answer has it.
    pub(super) page: Option<i64>,
    /// `NoResults`, where the answer has it.
    pub(super) no_results: Option<bool>,
}

/// Why a text is not a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("expected JSON, got what looks like HTML or XML; is uzhkh.base_url right?")]
    Markup,
    #[error("expected JSON, got an empty answer")]
    Empty,
    #[error("expected JSON, got compressed data that was not asked for")]
    Compressed,
    #[error("expected a JSON array or an object with Items, got something else")]
    NotAList,
    #[error("expected an object with Items, got one without")]
    NoItems,
    #[error("the JSON is broken at byte {0}")]
    Broken(u64),
    #[error("the answer breaks off after {0} bytes")]
    Cut(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the first byte that counts.
    Start,
    /// In the list, where an element or its end may come.
    Element,
    /// In the list, after an element.
    AfterElement,
    /// In the wrapping object, where a key or its end may come.
    Key,
    /// In the wrapping object, between key and value.
    Colon,
    /// In the wrapping object, where a value must come.
    Value,
    /// In the wrapping object, after a value.
    AfterValue,
    /// Inside an element, or a value or key of the wrapping object.
    Inside(Token),
    /// After the end.
    Done,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Element,
    Key,
    Member,
}

/// Splits one answer. Feed it, then [`Splitter::finish`].
#[derive(Debug)]
pub(super) struct Splitter {
    limit: usize,
    place: Place,
    consumed: u64,
    is_wrapped: bool,
    has_items: bool,
    key: Vec<u8>,
    end: End,
    // The token under way.
    buffer: Vec<u8>,
    open: Vec<u8>,
    deeper: usize,
    deepest: usize,
    in_string: bool,
    escaped: bool,
    is_bare: bool,
    spill: Option<Box<(Sha256, u64)>>,
    skip_bom: usize,
}

/// So many open brackets are told apart; deeper ones are only counted.
const BRACKETS: usize = 1024;
/// The first byte of gzip.
const GZIP: u8 = 0x1F;
const BOM: &[u8] = b"\xEF\xBB\xBF";

impl Splitter {
    /// `limit`: the most bytes of an element that is handed out whole.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            place: Place::Start,
            consumed: 0,
            is_wrapped: false,
            has_items: false,
            key: Vec::new(),
            end: End::default(),
            buffer: Vec::new(),
            open: Vec::new(),
            deeper: 0,
            deepest: 0,
            in_string: false,
            escaped: false,
            is_bare: false,
            spill: None,
            skip_bom: 0,
        }
    }

    /// Takes the next bytes of the answer and hands out the elements that they
    /// complete.
    pub(super) fn feed(
        &mut self,
        chunk: &[u8],
        sink: &mut dyn FnMut(Piece<'_>),
    ) -> Result<(), Malformed> {
        let mut at = 0;
        while at < chunk.len() {
            if let Place::Inside(token) = self.place {
                let (taken, ended) = self.scan(&chunk[at..]);
                self.take(token, &chunk[at..at + taken], ended, sink);
                at += taken;
                self.consumed += taken as u64;
                continue;
            }
            let byte = chunk[at];
            if self.place == Place::Start && BOM.get(self.skip_bom) == Some(&byte) {
                self.skip_bom += 1;
            } else if !byte.is_ascii_whitespace() && !self.step(byte)? {
                // The byte begins a token, which takes it.
                continue;
            }
            at += 1;
            self.consumed += 1;
        }
        Ok(())
    }

    /// The answer has ended.
    pub(super) fn finish(&self) -> Result<End, Malformed> {
        match self.place {
            Place::Done if self.is_wrapped && !self.has_items => Err(Malformed::NoItems),
            Place::Done => Ok(self.end),
            Place::Start => Err(Malformed::Empty),
            _ => Err(Malformed::Cut(self.consumed)),
        }
    }

    /// One byte of structure; false when it begins a token.
    fn step(&mut self, byte: u8) -> Result<bool, Malformed> {
        self.place = match (self.place, byte) {
            (Place::Start, b'[') => Place::Element,
            (Place::Start, b'{') => {
                self.is_wrapped = true;
                Place::Key
            }
            (Place::Start, b'<') => return Err(Malformed::Markup),
            (Place::Start, GZIP) => return Err(Malformed::Compressed),
            (Place::Start, _) => return Err(Malformed::NotAList),
            (Place::Element | Place::AfterElement, b']') if self.is_wrapped => Place::AfterValue,
            (Place::Element | Place::AfterElement, b']') => Place::Done,
            (Place::AfterElement, b',') => Place::Element,
            (Place::Element, b',' | b'}' | b':') => return Err(self.broken()),
            (Place::Element, _) => return Ok(self.begin(Token::Element, byte)),
            (Place::Key | Place::AfterValue, b'}') => Place::Done,
            (Place::Key, b'"') => return Ok(self.begin(Token::Key, byte)),
            (Place::Colon, b':') => Place::Value,
            (Place::Value, b'[') if self.key == b"\"Items\"" => {
                self.has_items = true;
                Place::Element
            }
            (Place::Value, b',' | b']' | b'}' | b':') => return Err(self.broken()),
            (Place::Value, _) => return Ok(self.begin(Token::Member, byte)),
            (Place::AfterValue, b',') => Place::Key,
            _ => return Err(self.broken()),
        };
        Ok(true)
    }

    fn broken(&self) -> Malformed {
        Malformed::Broken(self.consumed)
    }

    fn begin(&mut self, token: Token, byte: u8) -> bool {
        self.buffer.clear();
        self.spill = None;
        self.open.clear();
        self.deeper = 0;
        self.deepest = 0;
        self.in_string = false;
        self.escaped = false;
        self.is_bare = !matches!(byte, b'{' | b'[' | b'"');
        self.place = Place::Inside(token);
        false
    }

    /// How many of these bytes belong to the token under way, and whether it ends
    /// with them.
    fn scan(&mut self, bytes: &[u8]) -> (usize, bool) {
        if self.is_bare {
            let end = bytes
                .iter()
                .position(|byte| matches!(byte, b',' | b']' | b'}') || byte.is_ascii_whitespace());
            return (end.unwrap_or(bytes.len()), end.is_some());
        }
        let mut at = 0;
        while at < bytes.len() {
            if self.escaped {
                self.escaped = false;
                at += 1;
            } else if self.in_string {
                let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at..]) else {
                    return (bytes.len(), false);
                };
                at += found + 1;
                if bytes[at - 1] == b'\\' {
                    self.escaped = true;
                    continue;
                }
                self.in_string = false;
                if self.open.is_empty() {
                    return (at, true);
                }
            } else {
                let byte = bytes[at];
                at += 1;
                match byte {
                    b'"' => self.in_string = true,
                    b'{' | b'[' => self.opened(byte),
                    b'}' | b']' => {
                        self.closed(byte);
                        if self.open.is_empty() {
                            return (at, true);
                        }
                    }
                    _ => {}
                }
            }
        }
        (at, false)
    }

    fn opened(&mut self, bracket: u8) {
        if self.open.len() < BRACKETS {
            self.open.push(bracket);
        } else {
            self.deeper += 1;
        }
        self.deepest = self.deepest.max(self.open.len() + self.deeper);
    }

    /// Closes the bracket's other half and what was left open inside it, so that an
    /// element whose brackets cross ends where it should.
    fn closed(&mut self, bracket: u8) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        let other = if bracket == b'}' { b'{' } else { b'[' };
        if let Some(at) = self.open.iter().rposition(|open| *open == other) {
            self.open.truncate(at);
        }
    }

    /// Adds bytes to the token under way and, when it has ended, hands it on.
    fn take(&mut self, token: Token, bytes: &[u8], ended: bool, sink: &mut dyn FnMut(Piece<'_>)) {
        if token != Token::Element {
            let room = MEMBER.saturating_sub(self.buffer.len());
            self.buffer
                .extend_from_slice(&bytes[..bytes.len().min(room)]);
            if ended {
                self.member(token);
            }
            return;
        }
        if let Some(spill) = &mut self.spill {
            spill.0.update(bytes);
            spill.1 += bytes.len() as u64;
        } else if self.buffer.len() + bytes.len() > self.limit {
            let mut hasher = Sha256::new();
            hasher.update(&self.buffer);
            hasher.update(bytes);
            let length = (self.buffer.len() + bytes.len()) as u64;
            let room = KEPT.saturating_sub(self.buffer.len()).min(bytes.len());
            self.buffer.extend_from_slice(&bytes[..room]);
            self.buffer.truncate(KEPT);
            self.buffer.shrink_to(KEPT);
            self.spill = Some(Box::new((hasher, length)));
        } else if !ended || !self.buffer.is_empty() {
            self.buffer.extend_from_slice(bytes);
        }
        if !ended {
            return;
        }
        if let Some(spill) = self.spill.take() {
            let (hasher, length) = *spill;
            sink(Piece::Oversize {
                beginning: &self.buffer,
                sha256: hasher.finalize().into(),
                bytes: length,
            });
        } else {
            // Most elements end in the chunk that they began in, and are not copied.
            let whole = if self.buffer.is_empty() {
                bytes
            } else {
                &self.buffer
            };
            sink(Piece::Whole {
                bytes: whole,
                depth: self.deepest,
            });
        }
        if self.buffer.capacity() > 4 * KEPT {
            self.buffer = Vec::new();
        }
        self.place = Place::AfterElement;
    }

    fn member(&mut self, token: Token) {
        if token == Token::Key {
            self.key = std::mem::take(&mut self.buffer);
            self.place = Place::Colon;
            return;
        }
        let text = std::str::from_utf8(&self.buffer).unwrap_or_default();
        match self.key.as_slice() {
            b"\"Page\"" => self.end.page = text.parse().ok(),
            b"\"NoResults\"" => self.end.no_results = text.parse().ok(),
            b"\"Items\"" if text == "null" => self.has_items = true,
            _ => {}
        }
        self.place = Place::AfterValue;
    }
}

/// Why an element of so many bytes is quarantined.
pub(super) fn oversize(bytes: u64) -> String {
    format!("{bytes} bytes, over uzhkh.max_envelope_bytes; only the beginning is kept")
}

/// How deep an element is nested.
pub(super) fn depth(element: &[u8]) -> usize {
    let mut splitter = Splitter::new(usize::MAX);
    let mut deepest = 0;
    for bytes in [b"[", element, b"]"] {
        let fed = splitter.feed(bytes, &mut |piece| {
            if let Piece::Whole { depth, .. } = piece {
                deepest = depth;
            }
        });
        if fed.is_err() {
            break;
        }
    }
    deepest
}

#[cfg(test)]
mod tests;
