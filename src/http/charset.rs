//! Bodies in other encodings than UTF-8: decoded by the charset that the header names, or by
//! the byte order mark of UTF-16. JSON is UTF-8 by its standard; not every server knows.

use bytes::Bytes;
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};

/// The decoder of one body.
pub(super) struct Charset {
    state: State,
}

enum State {
    /// The header names no charset, and what has come is at most half a byte order mark.
    Unknown(Bytes),
    /// UTF-8, handed on as it comes.
    Plain,
    Decoding(Decoder),
}

impl std::fmt::Debug for Charset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.state {
            State::Unknown(_) => "unknown",
            State::Plain => "UTF-8",
            State::Decoding(_) => "decoding",
        })
    }
}

impl Charset {
    /// That of an answer with this head. A charset that is not known is not heeded.
    pub(super) fn of(headers: &HeaderMap) -> Charset {
        let named = headers.get(CONTENT_TYPE).and_then(|value| charset(value.to_str().ok()?));
        let state = match named {
            Some(encoding) if encoding == UTF_8 => State::Plain,
            Some(encoding) => State::Decoding(encoding.new_decoder()),
            None => State::Unknown(Bytes::new()),
        };
        Charset { state }
    }

    /// That of a file, whose bytes are its own.
    pub(super) fn none() -> Charset {
        Charset { state: State::Plain }
    }

    /// A piece of the body in UTF-8; empty while it is not clear yet what it is in.
    pub(super) fn decode(&mut self, piece: Bytes) -> Bytes {
        let piece = match &mut self.state {
            State::Unknown(begun) => joined(std::mem::take(begun), piece),
            State::Plain | State::Decoding(_) => piece,
        };
        if let State::Unknown(begun) = &mut self.state {
            if matches!(*piece, [] | [0xFE | 0xFF]) {
                *begun = piece;
                return Bytes::new();
            }
            self.state = match Encoding::for_bom(&piece) {
                Some((encoding, _)) if encoding != UTF_8 => State::Decoding(encoding.new_decoder()),
                _ => State::Plain,
            };
        }
        match &mut self.state {
            State::Decoding(decoder) => decode(decoder, &piece, false),
            State::Unknown(_) | State::Plain => piece,
        }
    }

    /// What is still held at the end of the body.
    pub(super) fn finish(&mut self) -> Option<Bytes> {
        let rest = match std::mem::replace(&mut self.state, State::Plain) {
            State::Decoding(mut decoder) => decode(&mut decoder, b"", true),
            State::Unknown(begun) => begun,
            State::Plain => Bytes::new(),
        };
        Some(rest).filter(|rest| !rest.is_empty())
    }
}

fn joined(begun: Bytes, piece: Bytes) -> Bytes {
    if begun.is_empty() { piece } else { [begun, piece].concat().into() }
}

fn decode(decoder: &mut Decoder, bytes: &[u8], is_last: bool) -> Bytes {
    let most = decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len());
    let mut text = String::with_capacity(most);
    let mut read = 0;
    loop {
        let (result, count, _) = decoder.decode_to_string(&bytes[read..], &mut text, is_last);
        read += count;
        match result {
            CoderResult::InputEmpty => return text.into(),
            CoderResult::OutputFull => text.reserve(bytes.len() - read + 16),
        }
    }
}

fn charset(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let label = value.trim().trim_matches('"');
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| Encoding::for_label(label.as_bytes()))?
    })
}

/// The encoding of a body that is still compressed: one that was not asked for.
pub(super) fn not_understood(headers: &HeaderMap) -> Option<&'static str> {
    let encoding = headers.get(CONTENT_ENCODING)?.to_str().unwrap_or_default().trim();
    let is = |name: &str| encoding.eq_ignore_ascii_case(name);
    if encoding.is_empty() || is("identity") {
        return None;
    }
    let known = ["br", "compress", "deflate", "zstd"];
    Some(known.into_iter().find(|name| is(name)).unwrap_or("of another name"))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn read(content_type: &'static str, pieces: &[&'static [u8]]) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        let mut charset = Charset::of(&headers);
        let mut body = Vec::new();
        for piece in pieces {
            body.extend_from_slice(&charset.decode(Bytes::from_static(piece)));
        }
        body.extend_from_slice(&charset.finish().unwrap_or_default());
        String::from_utf8(body).unwrap()
    }

    #[test]
    fn a_body_is_decoded_by_the_charset_that_its_header_names() {
        for content_type in ["text/html; charset=windows-1251", "x/y;a=b; Charset=\"CP1251\""] {
            assert_eq!(read(content_type, &[b"\xc4", b"\xee\xec"]), "Дом");
        }
        assert_eq!(read("x/y; charset=koi8-r", &[b"\xe4\xcf\xcd"]), "Дом");
        assert_eq!(read("x/y; charset=utf-16le", &[b"[\0", b"]", b"\0"]), "[]");
    }

    #[test]
    fn utf_16_is_known_by_its_mark_and_utf_8_left_alone() {
        assert_eq!(read("application/json", &[b"\xff\xfe[\0]\0"]), "[]");
        assert_eq!(read("application/json", &[b"\xfe\xff\0[\0]"]), "[]");
        assert_eq!(read("application/json", &[b"", b"\xff", b"\xfe", b"[", b"\0]\0"]), "[]");
        assert_eq!(read("application/json", &[b"\xfe", b"\xff\0[\0]"]), "[]");
        for content_type in ["x/y", "x/y; charset=UTF-8", "x/y; charset=nonsense"] {
            assert_eq!(read(content_type, &["\u{feff}Дом".as_bytes()]), "\u{feff}Дом");
        }
    }
}
