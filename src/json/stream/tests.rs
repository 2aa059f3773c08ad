//! However a list arrives, its elements come out whole, or it is said why not.

mod feeds;
mod nested;
mod pointers;

use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::ancestors::{Ancestor, Level};
use super::*;

/// An element, what it stood in from the outside in (level, id, title), or of one that
/// is over the limit its length, its hash and the length of its beginning.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    bytes: Vec<u8>,
    within: Vec<Place>,
}

type Place = (Level, Option<String>, Option<String>);

/// Splits a text that arrives in chunks of these sizes.
fn split_as(
    layout: &Layout,
    text: &[u8],
    sizes: &[usize],
    limit: usize,
) -> (Vec<Found>, Result<End, Malformed>) {
    let mut splitter = Splitter::new(layout.clone(), limit);
    let mut pieces = Vec::new();
    let mut sizes = sizes.iter().cycle();
    let mut rest = text;
    while !rest.is_empty() {
        let size = sizes.next().copied().unwrap_or(1).clamp(1, rest.len());
        let fed = splitter.feed(&rest[..size], &mut |piece| match piece {
            Piece::Whole { bytes, depth: counted, within } => {
                assert_eq!(counted, depth(bytes));
                pieces.push((bytes.to_vec(), within));
            }
            Piece::Oversize { beginning, bytes, sha256, within } => {
                let text = format!("{bytes}:{}:{sha256:?}", beginning.len());
                pieces.push((text.into_bytes(), within));
            }
        });
        if fed.is_err() {
            assert_eq!(splitter.feed(b"[]", &mut |_| unreachable!()), fed);
            assert_eq!(splitter.finish().err(), fed.err());
            break;
        }
        rest = &rest[size..];
    }
    let end = splitter.finish();
    let ancestors = splitter.into_ancestors();
    let found = pieces.into_iter().map(|(bytes, within)| Found {
        bytes,
        within: within.map_or(Vec::new(), |node| chain(&ancestors, node)),
    });
    (found.collect(), end)
}

fn chain(ancestors: &Ancestors, node: NodeId) -> Vec<Place> {
    let chain = ancestors.chain(node);
    let mut chain: Vec<_> = chain
        .map(|Ancestor { level, id, title, .. }| {
            (level, id.map(str::to_owned), title.map(str::to_owned))
        })
        .collect();
    chain.reverse();
    chain
}

/// Splits an answer of UZhKH.
fn split(text: &[u8], sizes: &[usize], limit: usize) -> (Vec<Vec<u8>>, Result<End, Malformed>) {
    let (found, end) = split_as(&Layout::Items, text, sizes, limit);
    (bytes(found), end)
}

/// Splits a feed of 100 bytes for each element at the most.
fn feed(text: &str) -> (Vec<String>, Result<End, Malformed>) {
    let (found, end) = split_as(&Layout::Feed, text.as_bytes(), &[text.len()], 100);
    (texts(bytes(found)), end)
}

fn bytes(found: Vec<Found>) -> Vec<Vec<u8>> {
    found.into_iter().map(|found| found.bytes).collect()
}

fn texts(found: Vec<Vec<u8>>) -> Vec<String> {
    found.into_iter().map(|bytes| String::from_utf8(bytes).unwrap()).collect()
}

#[test]
fn both_wrappings_are_understood() {
    let (found, end) = split(b"\xEF\xBB\xBF [ {\"a\":[1]} ,2, \"x]\" ] ", &[3], 100);
    assert_eq!(texts(found), [r#"{"a":[1]}"#, "2", r#""x]""#]);
    assert_eq!(end, Ok(End::default()));

    let text = br#"{"Other":{"Items":[0]},"Items":[{"b":"\\\""}],"Page":7,"NoResults":true}"#;
    let (found, end) = split(text, &[1], 100);
    assert_eq!(texts(found), [r#"{"b":"\\\""}"#]);
    let expected = End { page: Some(7), no_results: Some(true) };
    assert_eq!(end, Ok(expected));
}

#[test]
fn what_is_no_list_is_said() {
    assert_eq!(split(b" <html>", &[9], 9).1, Err(Malformed::Markup));
    assert_eq!(split(b"\"x\"", &[9], 9).1, Err(Malformed::NotAList));
    assert_eq!(split(b"{\"a\":[]}", &[9], 9).1, Err(Malformed::NoItems));
    assert_eq!(split(b"[1,,2]", &[9], 9).1, Err(Malformed::Broken(3)));
    assert_eq!(split(b"", &[9], 9).1, Err(Malformed::Empty));
    assert_eq!(split(b"\x1F\x8B", &[9], 9).1, Err(Malformed::Compressed));
    assert_eq!(split(b"[1] x", &[9], 9).1, Err(Malformed::Broken(4)));
}

#[test]
fn crossed_brackets_spoil_one_element_only() {
    let (found, end) = split(b"[{\"a\":[},{\"b\":]},3]", &[2], 100);
    assert_eq!(texts(found), [r#"{"a":[}"#, r#"{"b":]}"#, "3"]);
    assert!(end.is_ok());
}

#[test]
fn an_oversize_element_does_not_spoil_the_next() {
    let text = format!(r#"[{{"a":"{}"}},3]"#, "x".repeat(200_000));
    let (found, end) = split(text.as_bytes(), &[1000], 100_000);
    let hash: [u8; 32] = Sha256::digest(&text[1..200_009]).into();
    let expected = [format!("200008:65536:{hash:?}"), "3".to_owned()];
    assert_eq!(texts(found), expected);
    assert!(end.is_ok());
}

/// A JSON text, any.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("-1.50".to_owned()),
        ".{0,12}".prop_map(|text| crate::json::quote(&text)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(" , "))),
            prop::collection::vec((".{0,6}", inner), 0..4).prop_map(|members| {
                let members: Vec<String> = members
                    .iter()
                    .map(|(key, value)| format!("{}: {value}", crate::json::quote(key)))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    /// However a list is cut into chunks, its elements come out byte for byte.
    #[test]
    fn elements_come_out_as_they_went_in(
        items in prop::collection::vec(json(), 0..8),
        sizes in prop::collection::vec(1_usize..20, 1..8),
        wrapped in any::<bool>(),
    ) {
        let list = format!("[{}]", items.join(","));
        let text = if wrapped { format!("{{\"Page\":1,\"Items\":{list}}}") } else { list };
        let (found, end) = split(text.as_bytes(), &sizes, 1 << 20);
        prop_assert_eq!(texts(found), items);
        prop_assert!(end.is_ok());
    }

    /// A list that breaks off gives out a beginning of its elements and says so.
    #[test]
    fn a_cut_list_gives_whole_elements_only(
        items in prop::collection::vec(json(), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let text = format!("[{}]", items.join(","));
        let cut = cut.index(text.len());
        let (found, end) = split(&text.as_bytes()[..cut], &[7], 1 << 20);
        prop_assert!(items.starts_with(&texts(found)));
        prop_assert!(end.is_err());
    }

    /// No bytes at all make it panic, and they come to the same in any chunks.
    #[test]
    fn rubbish_is_survived(
        bytes in rubbish(),
        sizes in prop::collection::vec(1_usize..20, 1..8),
        limit in 0_usize..50,
    ) {
        for layout in layouts() {
            let whole = split_as(&layout, &bytes, &[bytes.len()], limit);
            prop_assert_eq!(whole, split_as(&layout, &bytes, &sizes, limit));
        }
    }

    /// A document that breaks off anywhere is never taken for a whole one.
    #[test]
    fn a_cut_document_is_noticed(item in json(), cut in any::<prop::sample::Index>()) {
        let documents = [
            (Layout::Items, format!("{{\"Page\":1,\"Items\":[{item}]}}")),
            (Layout::Feed, format!("[{item},{item}]")),
            (Layout::Feed, format!("{{\"result\":{{\"deals\":[{item}]}},\"x\":{item}}}")),
            (Layout::Feed, format!("{{\"houses\":[{{\"flats\":[{item}],\"id\":{item}}}]}}")),
            (pointer("/a/0"), format!("{{\"a\":[[{item}]],\"x\":{item}}}")),
        ];
        for (layout, text) in documents {
            prop_assert!(split_as(&layout, text.as_bytes(), &[7], 1000).1.is_ok());
            let cut = cut.index(text.len());
            let (_, end) = split_as(&layout, &text.as_bytes()[..cut], &[7], 1000);
            let expected = match cut {
                0 => Malformed::Empty,
                cut => Malformed::Cut(cut as u64),
            };
            prop_assert_eq!(end, Err(expected));
        }
    }
}

/// One of each layout.
fn layouts() -> [Layout; 5] {
    [Layout::Items, Layout::Feed, pointer(""), pointer("/data/0"), pointer("/a/0")]
}

fn pointer(text: &str) -> Layout {
    Layout::Pointer(Pointer::parse(text).unwrap())
}

/// Any bytes, and such as are almost a document.
fn rubbish() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        " ",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"",
        "\\",
        "1",
        "null",
        "\"data\":",
        "\"Items\":",
        "\"deals\":",
        "\"houses\":",
        "\"floors\":",
        "\"flats\":",
        "\"id\":1",
        "\"title\":\"x\"",
        "\"a\":[",
        "{\"0\":{",
        "\u{FEFF}",
        "я",
    ]);
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        prop::collection::vec(words, 0..60).prop_map(|words| words.concat().into_bytes()),
    ]
}
