//! What must hold of any text that is split or taken apart.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::stream::{End, Layout, Malformed, Piece, Pointer, Splitter, depth};
use super::without_repetitions;
use super::{Members, breaks_off, elements, object, quote, salvage, same, string};

/// An element as it was handed out; of one over the limit its hash, its length and the length of
/// its beginning.
#[derive(Debug, PartialEq, Eq)]
enum Element {
    Whole(Vec<u8>),
    Oversize([u8; 32], u64, Vec<u8>),
}

type Split = (Vec<Element>, Result<End, Malformed>);

/// However a list arrives, the same elements come out; those of a text that is JSON are the ones
/// that another parser finds, to the byte; and a limit changes none but those over it.
pub(crate) fn splitter(text: &[u8]) {
    let pointers = ["", "/data", "/a/0/b"].map(Pointer::parse);
    let pointers = pointers.into_iter().map(|pointer| Layout::Pointer(pointer.expect("valid")));
    for layout in [Layout::Items, Layout::Feed].into_iter().chain(pointers) {
        let whole = split(&layout, text, text.len().max(1), usize::MAX);
        for size in [1, 7] {
            assert_eq!(split(&layout, text, size, usize::MAX), whole, "in pieces of {size}");
        }
        let limited = split(&layout, text, 5, 12);
        assert_eq!(limited.1, whole.1);
        assert_eq!(limited.0, whole.0.iter().map(|element| cut(element, 12)).collect::<Vec<_>>());
        assert_array(text, &whole, &layout);
    }
    assert_items(text);
}

fn split(layout: &Layout, text: &[u8], size: usize, limit: usize) -> Split {
    let mut splitter = Splitter::new(layout.clone(), limit);
    let mut found = Vec::new();
    for piece in text.chunks(size) {
        let fed = splitter.feed(piece, &mut |piece| {
            found.push(match piece {
                Piece::Whole { bytes, depth: counted, .. } => {
                    assert_eq!(counted, depth(bytes));
                    Element::Whole(bytes.to_vec())
                }
                Piece::Oversize { beginning, sha256, bytes, .. } => {
                    Element::Oversize(sha256, bytes, beginning.to_vec())
                }
            });
        });
        if let Err(fault) = fed {
            assert_eq!(splitter.finish(), Err(fault));
            break;
        }
    }
    let end = splitter.finish();
    (found, end)
}

fn cut(element: &Element, limit: usize) -> Element {
    match element {
        Element::Whole(bytes) if bytes.len() > limit => {
            let beginning = bytes[..bytes.len().min(64 * 1024)].to_vec();
            Element::Oversize(Sha256::digest(bytes).into(), bytes.len() as u64, beginning)
        }
        Element::Whole(bytes) => Element::Whole(bytes.clone()),
        Element::Oversize(..) => unreachable!("there was no limit"),
    }
}

fn assert_array(text: &[u8], (found, end): &Split, layout: &Layout) {
    let leads_elsewhere = matches!(layout, Layout::Pointer(pointer) if !pointer.text().is_empty());
    if leads_elsewhere {
        return;
    }
    if let Ok(expected) = serde_json::from_slice::<Vec<&RawValue>>(unmarked(text)) {
        assert_raw(found, &expected);
        assert_eq!(*end, Ok(End::default()));
    }
}

/// UZhKH's object around the list.
fn assert_items(text: &[u8]) {
    let Ok(document) = std::str::from_utf8(unmarked(text)) else { return };
    let Some(members) = Members::parse(document) else { return };
    let is_once = !members.repeated().contains(&"Items");
    let Some(items) = members.get("Items").filter(|_| is_once).and_then(elements_raw) else {
        return;
    };
    let (found, end) = split(&Layout::Items, text, 3, usize::MAX);
    assert_raw(&found, &items);
    let end = end.expect("it is JSON, and has a list");
    if !members.repeated().contains(&"NoResults") {
        let expected = members.get("NoResults").and_then(|word| word.parse().ok());
        assert_eq!(end.no_results, expected);
    }
}

fn elements_raw(text: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(text).ok()
}

fn assert_raw(found: &[Element], expected: &[&RawValue]) {
    let expected = expected.iter().map(|raw| Element::Whole(raw.get().as_bytes().to_vec()));
    assert_eq!(found, expected.collect::<Vec<_>>());
}

fn unmarked(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)
}

/// Members are those that another parser finds, a text survives its quotes, nothing that is
/// repeated is left, and what is found in a broken text is what stands in the whole one.
pub(crate) fn members(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let quoted = quote(text);
    assert_eq!(string(&quoted).as_deref(), Some(text));
    assert_whole(text);
    let Ok(members) = object(text, depth(bytes)) else { return };
    // As text: a number may be larger than a parser of values takes.
    let others: BTreeMap<String, &RawValue> = serde_json::from_str(text).expect("an object");
    assert_eq!(members.iter().count(), others.len());
    for (name, raw) in members.iter() {
        assert!(text.contains(raw), "every value is a piece of the text");
        assert_eq!(members.get(name), Some(raw));
        assert_eq!(others.get(name).map(|other| other.get()), Some(raw));
        let is_shown =
            raw.starts_with(['"', '-']) || raw.starts_with(|first: char| first.is_ascii_digit());
        let shown = is_shown.then(|| string(raw).map_or(raw.to_owned(), Into::into));
        assert_eq!(salvage(text, name), shown, "{name}");
        if !members.repeated().contains(&name) {
            assert_of_beginnings(text, name, shown.as_deref());
        }
    }
    let once = without_repetitions(text);
    let kept = Members::parse(&once).expect("what is left is an object");
    assert!(kept.repeated().is_empty());
    assert!(same(&once, text) && same(text, &once));
    assert_eq!(without_repetitions(&once), once);
}

/// What is found of a member in a text that breaks off is what the whole one says of it.
fn assert_of_beginnings(text: &str, name: &str, shown: Option<&str>) {
    let end = text.len();
    for at in [end / 3, end / 2, end - 2, end - 1] {
        if let Some(beginning) = text.get(..at) {
            let found = salvage(beginning, name);
            assert!(found.is_none() || found.as_deref() == shown, "{name} in {beginning}");
        }
    }
}

/// Of an array or an object every beginning breaks off, and it does not.
fn assert_whole(text: &str) {
    let is_nested = text.starts_with(['{', '[']);
    let is_whole = elements(text).is_some() || Members::parse(text).is_some();
    if is_nested && is_whole {
        assert!(!breaks_off(text.as_bytes()));
        let end = text.trim_end().len();
        for at in [1, end / 2, end - 1] {
            if at > 0 && text.is_char_boundary(at) {
                assert!(breaks_off(&text.as_bytes()[..at]), "{at}");
            }
        }
    }
}
