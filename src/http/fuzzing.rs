//! What must hold of any head and any body of an answer.

use bytes::Bytes;
use reqwest::header::{
    CONTENT_DISPOSITION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};

use super::charset::Charset;
use super::response::file_name;
use super::retry::retry_after;
use super::said;

/// The first line is the value of a header, the rest a body: no wait is longer than it may be, a
/// body is the same text in whatever pieces it comes, and what is quoted is one short line.
pub(crate) fn head(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (value, body) = (&bytes[..end], &bytes[bytes.len().min(end + 1)..]);
    let headers = |names: &[HeaderName]| {
        let value = HeaderValue::from_bytes(value).ok()?;
        Some(names.iter().map(|name| (name.clone(), value.clone())).collect::<HeaderMap>())
    };
    if let Some(headers) = headers(&[RETRY_AFTER, DATE]) {
        assert!(retry_after(&headers).is_none_or(|wait| wait.as_secs() <= 15 * 60));
    }
    if let Some(headers) = headers(&[CONTENT_TYPE, CONTENT_DISPOSITION]) {
        let whole = decoded(&headers, body, body.len().max(1));
        for size in [1, 2, 3, 5] {
            assert_eq!(decoded(&headers, body, size), whole, "in pieces of {size}");
        }
    }
    assert_eq!(
        decoded(&HeaderMap::new(), body, 1),
        decoded(&HeaderMap::new(), body, body.len().max(1))
    );
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    assert!(file_name(text).is_none_or(|name| !name.is_empty()));
    let words = said::presentable(text, &["s3cret"]);
    assert!(words.chars().count() <= 301 && !words.chars().any(char::is_control));
    assert!(!words.contains("s3cret"));
    let longest = words.split(|one: char| !one.is_ascii_hexdigit()).map(str::len).max();
    assert!(longest.unwrap_or_default() < 32, "a token is shown");
}

fn decoded(headers: &HeaderMap, body: &[u8], size: usize) -> Vec<u8> {
    let mut charset = Charset::of(headers);
    let mut text = Vec::new();
    for piece in body.chunks(size) {
        text.extend_from_slice(&charset.decode(Bytes::copy_from_slice(piece)));
    }
    text.extend(charset.finish().into_iter().flatten());
    text
}
