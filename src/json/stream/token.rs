//! Finds where one JSON value ends, and counts how deep it is nested.
//!
//! Feeds bring hundreds of megabytes, so the bytes are looked at in blocks: the significant
//! bytes of a block are marked all at once, in a form that compilers turn into vector
//! instructions, and only those are looked at one by one. Nothing is checked except at quotes,
//! backslashes and brackets.

/// The most open brackets that are told apart; deeper ones are only counted.
const BRACKETS: usize = 1024;
/// The bytes of a block: its marks fill a `u64`.
const BLOCK: usize = 64;

/// A value under way.
#[derive(Debug, Default)]
pub(super) struct Token {
    open: Vec<u8>,
    /// The number of open brackets that are `{`.
    braces: usize,
    deeper: usize,
    deepest: usize,
    in_string: bool,
    /// The last byte was the backslash of an escape.
    is_escaping: bool,
    /// A number, a word or invalid text: it ends where another token begins.
    is_bare: bool,
}

impl Token {
    /// Begins a value with its first byte, which [`Token::end`] is still to be given.
    pub(super) fn begin(&mut self, first: u8) {
        self.open.clear();
        self.braces = 0;
        self.deeper = 0;
        self.deepest = 0;
        self.in_string = false;
        self.is_escaping = false;
        self.is_bare = !matches!(first, b'{' | b'[' | b'"');
    }

    /// The deepest nesting of the value, as far as it has been seen.
    pub(super) fn depth(&self) -> usize {
        self.deepest
    }

    /// The number of these bytes that still belong to the value, with which it ends; `None`
    /// when it goes on.
    pub(super) fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.is_bare {
            return bytes
                .iter()
                .position(|byte| matches!(byte, b',' | b']' | b'}') || byte.is_ascii_whitespace());
        }
        // The place of the byte after the last escape's first one.
        let mut unescaped = usize::from(self.is_escaping);
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        let mut at = 0;
        for block in blocks {
            let end = self.end_in(block, at, &mut unescaped);
            if end.is_some() {
                return end;
            }
            at += BLOCK;
        }
        let mut last = [b' '; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        let end = self.end_in(&last, at, &mut unescaped);
        self.is_escaping = unescaped > bytes.len();
        end
    }

    /// The end of the value, if it is in this block, which begins at `start`.
    fn end_in(
        &mut self,
        block: &[u8; BLOCK],
        start: usize,
        unescaped: &mut usize,
    ) -> Option<usize> {
        let mut marks = marks(block);
        while marks != 0 {
            let place = marks.trailing_zeros() as usize;
            marks &= marks - 1;
            let at = start + place;
            if at < *unescaped {
                continue;
            }
            match (block[place], self.in_string) {
                (b'\\', true) => *unescaped = at + 2,
                (b'"', _) => self.in_string = !self.in_string,
                (bracket @ (b'{' | b'['), false) => self.opened(bracket),
                (bracket @ (b'}' | b']'), false) => self.closed(bracket),
                _ => continue,
            }
            if self.open.is_empty() && !self.in_string {
                return Some(at + 1);
            }
        }
        None
    }

    fn opened(&mut self, bracket: u8) {
        if self.open.len() < BRACKETS {
            self.open.push(bracket);
            self.braces += usize::from(bracket == b'{');
        } else {
            self.deeper += 1;
        }
        self.deepest = self.deepest.max(self.open.len() + self.deeper);
    }

    /// Closes the bracket's other half and what was left open inside it, so that a
    /// value whose brackets cross ends where it should.
    fn closed(&mut self, bracket: u8) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        let (other, others) = match bracket {
            b'}' => (b'{', self.braces),
            _ => (b'[', self.open.len() - self.braces),
        };
        // Invalid text of closing brackets alone must not cost a search of a thousand levels.
        if others == 0 {
            return;
        }
        while let Some(open) = self.open.pop() {
            self.braces -= usize::from(open == b'{');
            if open == other {
                return;
            }
        }
    }
}

/// A bit for each byte of the block that may matter.
fn marks(block: &[u8; BLOCK]) -> u64 {
    let mut flags = [0; BLOCK];
    let mut at = 0;
    // Neither `map` nor an iterator: in a build for development they cost four times as much.
    while at < BLOCK {
        let byte = block[at];
        // `[` and `{`, `]` and `}` differ in this bit only.
        let bracket = byte | 0x20;
        let is_mark = (byte == b'"') | (byte == b'\\') | (bracket == b'{') | (bracket == b'}');
        flags[at] = u8::from(is_mark);
        at += 1;
    }
    let (words, _) = flags.as_chunks::<8>();
    words.iter().rev().fold(0, |marks, word| {
        // Moves the lowest bit of each byte into the highest byte.
        let gathered = u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        marks << 8 | gathered
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token(text: &str) -> Token {
        let mut token = Token::default();
        token.begin(text.as_bytes()[0]);
        token
    }

    #[test]
    fn every_mark_of_a_block_is_seen() {
        for mark in *b"\"\\{}[]" {
            for at in 0..BLOCK {
                let mut block = [b'x'; BLOCK];
                block[at] = mark;
                assert_eq!(marks(&block), 1 << at, "{mark} at {at}");
            }
        }
        assert_eq!(marks(&[b'}'; BLOCK]), u64::MAX);
        for byte in (0..=u8::MAX).filter(|byte| !b"\"\\{}[]".contains(byte)) {
            assert_eq!(marks(&[byte; BLOCK]), 0, "{byte}");
        }
    }

    #[test]
    fn a_value_ends_where_it_should() {
        for text in ["{}", "[[],{}]", r#""\\\"x""#, r#"{"a":"]}\"{"}"#] {
            let longer = format!("{text},{text}");
            assert_eq!(token(text).end(longer.as_bytes()), Some(text.len()));
        }
        assert_eq!(token("-1.5e3").end(b"-1.5e3\n]"), Some(6));
        assert_eq!(token("true").end(b"true"), None);
    }

    #[test]
    fn brackets_without_end_are_counted() {
        let text = "[".repeat(5000) + &"]".repeat(5000);
        let mut token = token(&text);
        assert_eq!(token.end(text.as_bytes()), Some(10_000));
        assert_eq!(token.depth(), 5000);
    }

    proptest! {
        /// The end is where a reader of single bytes finds it, in however many parts
        /// the text comes.
        #[test]
        fn blocks_and_bytes_agree(text in r#"[\[{"][a\\"{}\[\], ]{0,300}"#, cut in 1_usize..200) {
            let bytes = text.as_bytes();
            let mut whole = token(&text);
            let mut single = token(&text);
            let end = whole.end(bytes);
            let found = (0..bytes.len()).find(|at| single.end(&bytes[*at..=*at]).is_some());
            prop_assert_eq!(end, found.map(|at| at + 1));
            prop_assert_eq!(whole.depth(), single.depth());

            let mut parts = token(&text);
            let mut before = 0;
            let found = bytes.chunks(cut).find_map(|part| {
                let end = parts.end(part).map(|end| before + end);
                before += part.len();
                end
            });
            prop_assert_eq!(end, found);
        }
    }
}
