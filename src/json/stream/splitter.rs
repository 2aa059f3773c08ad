//! The structure around the elements, byte by byte.

use std::borrow::Cow;

use super::ancestors::{Ancestors, NodeId};
use super::gather::Gather;
use super::layout::{Meaning, Noted, Reading, Role};
use super::pointer::Spot;
use super::token::Token;
use super::{End, Layout, Malformed, Piece};
use crate::json;

/// The longest text of the structure that is looked at: a key, an id, a title.
const TEXT: usize = 4 * 1024;
/// The first byte of gzip.
const GZIP: u8 = 0x1F;
const BOM: [u8; 3] = *b"\xEF\xBB\xBF";

/// Splits one document. Feed it, then [`Splitter::finish`].
#[derive(Debug)]
pub(crate) struct Splitter {
    reading: Reading,
    /// The containers entered, the innermost last.
    frames: Vec<Frame>,
    place: Place,
    key: Text,
    text: Text,
    token: Token,
    gather: Gather,
    consumed: u64,
    fault: Option<Malformed>,
}

/// An array or object of the structure.
#[derive(Debug)]
struct Frame {
    role: Role,
    is_object: bool,
    /// The index of an array's next value.
    index: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// After so many bytes of a byte order mark.
    Bom(usize),
    /// Before the first byte that counts.
    Start,
    /// In an array, where a value or its end may come.
    Item,
    /// In an object, where a key or its end may come.
    Key,
    /// Between key and value.
    Colon,
    /// In an object, where a value must come.
    Value,
    /// After a value.
    After,
    /// Inside a key or a value that is not entered.
    Inside(Use),
    /// After the end.
    Done,
}

/// The purpose of a key or a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Key,
    Element(Option<NodeId>),
    Text(Noted),
    Nothing,
}

impl Splitter {
    /// `limit`: the most bytes of an element that is handed out whole.
    pub(crate) fn new(layout: Layout, limit: usize) -> Self {
        Self {
            reading: Reading::new(layout),
            frames: Vec::new(),
            place: Place::Bom(0),
            key: Text::default(),
            text: Text::default(),
            token: Token::default(),
            gather: Gather::new(limit),
            consumed: 0,
            fault: None,
        }
    }

    /// Takes the next bytes of the document and hands out the elements that they
    /// complete. After a fault it returns the same fault again.
    pub(crate) fn feed(
        &mut self,
        chunk: &[u8],
        sink: &mut dyn FnMut(Piece<'_>),
    ) -> Result<(), Malformed> {
        if self.fault.is_none() {
            self.fault = self.read(chunk, sink).err();
        }
        self.fault.clone().map_or(Ok(()), Err)
    }

    /// Ends the document: its fault, or the members beside the list.
    pub(crate) fn finish(&self) -> Result<End, Malformed> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        match self.place {
            Place::Done => self.reading.end(),
            Place::Bom(0) | Place::Start => Err(Malformed::Empty),
            _ => Err(Malformed::Cut(self.consumed)),
        }
    }

    /// The ancestors of the elements, as far as they are known by now.
    pub(crate) fn into_ancestors(self) -> Ancestors {
        self.reading.ancestors
    }

    fn read(&mut self, mut rest: &[u8], sink: &mut dyn FnMut(Piece<'_>)) -> Result<(), Malformed> {
        while let Some(&byte) = rest.first() {
            let taken = match self.place {
                Place::Inside(purpose) => {
                    let end = self.token.end(rest);
                    let taken = end.unwrap_or(rest.len());
                    self.take(purpose, &rest[..taken], end.is_some(), sink)?;
                    taken
                }
                Place::Bom(seen) => self.mark(seen, byte)?,
                _ if byte.is_ascii_whitespace() => 1,
                // A byte that begins a key or a value is taken with the rest of it.
                _ => usize::from(self.step(byte)?),
            };
            rest = &rest[taken..];
            self.consumed += taken as u64;
        }
        Ok(())
    }

    /// A byte of the byte order mark, if there is one; returns how many were taken.
    fn mark(&mut self, seen: usize, byte: u8) -> Result<usize, Malformed> {
        if byte == BOM[seen] {
            let is_last = seen + 1 == BOM.len();
            self.place = if is_last { Place::Start } else { Place::Bom(seen + 1) };
            return Ok(1);
        }
        if seen > 0 {
            return Err(Malformed::NotAList);
        }
        self.place = Place::Start;
        Ok(0)
    }

    /// A byte of structure; false when it begins a key or a value.
    fn step(&mut self, byte: u8) -> Result<bool, Malformed> {
        let in_object = self.frames.last().is_some_and(|frame| frame.is_object);
        match (self.place, byte) {
            (Place::Start, b'[' | b'{') => {
                let role = self.reading.document(byte)?;
                self.enter(role, byte);
            }
            (Place::Start, b'<') => return Err(Malformed::Markup),
            (Place::Start, GZIP) => return Err(Malformed::Compressed),
            (Place::Start, _) => return Err(Malformed::NotAList),
            (Place::Item, b']') | (Place::Key, b'}') => self.leave()?,
            (Place::After, b']') if !in_object => self.leave()?,
            (Place::After, b'}') if in_object => self.leave()?,
            (Place::After, b',') if in_object => self.place = Place::Key,
            (Place::After, b',') => self.place = Place::Item,
            (Place::Key, b'"') => {
                self.key.clear();
                return Ok(self.begin(Use::Key, byte));
            }
            (Place::Colon, b':') => self.place = Place::Value,
            (Place::Item | Place::Value, b',' | b':' | b'}' | b']') => return Err(self.broken()),
            (Place::Item | Place::Value, _) => return self.value(byte),
            _ => return Err(self.broken()),
        }
        Ok(true)
    }

    /// The first byte of a value; false when the value is not entered.
    fn value(&mut self, byte: u8) -> Result<bool, Malformed> {
        let Some(frame) = self.frames.last_mut() else {
            return Err(self.broken());
        };
        let key;
        let spot = if frame.is_object {
            let Some(text) = key_text(self.key.bytes()) else {
                return Ok(self.begin(Use::Nothing, byte));
            };
            key = text;
            Spot::Member(&key)
        } else {
            frame.index += 1;
            Spot::Index(frame.index - 1)
        };
        let purpose = match self.reading.value(frame.role, spot, byte)? {
            Meaning::Enter(role) => {
                self.enter(role, byte);
                return Ok(true);
            }
            Meaning::Element(within) => {
                self.gather.begin();
                Use::Element(within)
            }
            Meaning::Text(noted) => {
                self.text.clear();
                Use::Text(noted)
            }
            Meaning::Nothing => Use::Nothing,
        };
        Ok(self.begin(purpose, byte))
    }

    fn begin(&mut self, purpose: Use, byte: u8) -> bool {
        self.token.begin(byte);
        self.place = Place::Inside(purpose);
        false
    }

    fn enter(&mut self, role: Role, bracket: u8) {
        let is_object = bracket == b'{';
        self.frames.push(Frame { role, is_object, index: 0 });
        self.place = if is_object { Place::Key } else { Place::Item };
    }

    fn leave(&mut self) -> Result<(), Malformed> {
        if let Some(frame) = self.frames.pop() {
            self.reading.leave(frame.role)?;
        }
        self.place = if self.frames.is_empty() { Place::Done } else { Place::After };
        Ok(())
    }

    /// Adds bytes to the key or value under way, and uses it when it has ended.
    fn take(
        &mut self,
        purpose: Use,
        bytes: &[u8],
        has_ended: bool,
        sink: &mut dyn FnMut(Piece<'_>),
    ) -> Result<(), Malformed> {
        match purpose {
            Use::Key => self.key.add(bytes),
            Use::Text(_) => self.text.add(bytes),
            Use::Element(within) if has_ended => {
                let depth = self.token.depth();
                sink(self.gather.finish(bytes, depth, within));
            }
            Use::Element(_) => self.gather.add(bytes),
            Use::Nothing => {}
        }
        if has_ended {
            if let Use::Text(noted) = purpose {
                self.reading.note(noted, self.text.bytes())?;
            }
            self.place = if purpose == Use::Key { Place::Colon } else { Place::After };
        }
        Ok(())
    }

    fn broken(&self) -> Malformed {
        Malformed::Broken(self.consumed)
    }
}

/// A text of at most [`TEXT`] bytes.
#[derive(Debug, Default)]
struct Text {
    bytes: Vec<u8>,
    is_over: bool,
}

impl Text {
    fn clear(&mut self) {
        self.bytes.clear();
        self.is_over = false;
    }

    fn add(&mut self, bytes: &[u8]) {
        self.is_over |= self.bytes.len() + bytes.len() > TEXT;
        if !self.is_over {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// The text; empty when it was too long.
    fn bytes(&self) -> &[u8] {
        if self.is_over { &[] } else { &self.bytes }
    }
}

/// The text of a key; `None` when it is too long or unreadable, and so none of those that are
/// looked for.
fn key_text(raw: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(raw).ok()?;
    if memchr::memchr(b'\\', raw).is_some() {
        return json::string(text);
    }
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    Some(Cow::Borrowed(inner))
}
