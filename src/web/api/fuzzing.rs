//! What must hold of any request to the interface.

use serde::de::DeserializeOwned;

use super::alma_acts::Wanted;
use super::book::Booking;
use super::decide::Decision;
use super::name::NewNames;
use super::settle::Settlement;
use crate::web::body::parsed;
use crate::web::cursor;
use crate::web::query::Query;

/// A cursor that is taken is one that was given out; a number that is taken is in its range; a body
/// is taken or refused.
pub(crate) fn request(bytes: &[u8]) {
    for refused in [
        refused::<NewNames>(bytes),
        refused::<Decision>(bytes),
        refused::<Booking>(bytes),
        refused::<Wanted>(bytes),
        refused::<Settlement>(bytes),
    ] {
        let is_json = serde_json::from_slice::<serde_json::Value>(bytes).is_ok();
        assert!(refused || is_json || bytes.is_empty() || bytes.starts_with(b"\xEF\xBB\xBF"));
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(keys) = cursor::read::<2>("records", text) {
        assert_cursor(&keys);
    }
    let halves = text.split_once('\n').unwrap_or((text, text));
    assert_cursor(&[halves.0.to_owned(), halves.1.to_owned()]);
    assert_query(text);
}

fn refused<T: DeserializeOwned>(bytes: &[u8]) -> bool {
    parsed::<T>(bytes).is_err()
}

fn assert_cursor(keys: &[String; 2]) {
    let next = cursor::written("records", &[&keys[0], &keys[1]]);
    assert!(next.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"-_".contains(&letter)));
    assert_eq!(cursor::read("records", &next).ok().as_ref(), Some(keys));
    assert!(cursor::read::<2>("calls", &next).is_err());
}

fn assert_query(text: &str) {
    let query = Query::of(Some(text));
    if let Ok(Some(after)) = query.after() {
        assert!(after >= 0);
    }
    assert!(query.limit().is_err() || (1..=10_000).contains(&query.limit().unwrap_or_default()));
    assert!(query.wait().is_err() || query.wait().unwrap_or_default().as_secs() <= 60);
    let known = ["after", "limit", "wait", "kind"];
    if query.only(&known).is_ok() {
        assert!(text.split('&').filter(|pair| !pair.is_empty()).count() <= known.len());
    }
    if let Ok(kinds) = query.words("kind", &["counter", "payment"]) {
        assert!(kinds.iter().all(|kind| ["counter", "payment"].contains(&kind.as_str())));
    }
}
