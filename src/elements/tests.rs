//! However a list arrives, its elements come out whole, or it is said why not.

use proptest::prelude::*;

use super::*;

/// Splits a text that arrives in chunks of these sizes.
fn split(text: &[u8], sizes: &[usize], limit: usize) -> (Vec<Vec<u8>>, Result<End, Malformed>) {
    let mut splitter = Splitter::new(Layout::Items, limit);
    let mut found = Vec::new();
    let mut sizes = sizes.iter().cycle();
    let mut rest = text;
    while !rest.is_empty() {
        let size = sizes.next().copied().unwrap_or(1).clamp(1, rest.len());
        let fed = splitter.feed(&rest[..size], &mut |piece| match piece {
            Piece::Whole { bytes, .. } => found.push(bytes.to_vec()),
            Piece::Oversize {
                beginning, bytes, ..
            } => {
                found.push(format!("{bytes}:{}", beginning.len()).into_bytes());
            }
        });
        if let Err(error) = fed {
            return (found, Err(error));
        }
        rest = &rest[size..];
    }
    (found, splitter.finish())
}

fn texts(found: Vec<Vec<u8>>) -> Vec<String> {
    found
        .into_iter()
        .map(|bytes| String::from_utf8(bytes).unwrap())
        .collect()
}

#[test]
fn both_wrappings_are_understood() {
    let (found, end) = split(b"\xEF\xBB\xBF [ {\"a\":[1]} ,2, \"x]\" ] ", &[3], 100);
    assert_eq!(texts(found), [r#"{"a":[1]}"#, "2", r#""x]""#]);
    assert_eq!(end, Ok(End::default()));

    let text = br#"{"Other":{"Items":[0]},"Items":[{"b":"\\\""}],"Page":7,"NoResults":true}"#;
    let (found, end) = split(text, &[1], 100);
    assert_eq!(texts(found), [r#"{"b":"\\\""}"#]);
    let expected = End {
        page: Some(7),
        no_results: Some(true),
    };
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
    assert_eq!(texts(found), ["200008:65536".to_owned(), "3".to_owned()]);
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

    /// No bytes at all make it panic.
    #[test]
    fn rubbish_is_survived(bytes in prop::collection::vec(any::<u8>(), 0..200), limit in 0_usize..50) {
        let (_, _) = split(&bytes, &[3, 1], limit);
    }
}
