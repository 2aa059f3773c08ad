//! The list of a feed is found where it stands, and nowhere else.

use serde_json::Value;

use super::*;

#[test]
fn every_wrapping_of_a_list_is_understood() {
    for text in [
        r#"[1,{"a":2}]"#,
        "\u{FEFF}\n[ 1 , {\"a\":2} ]\n",
        r#"{"data":[1,{"a":2}]}"#,
        r#"{"v":1,"items":[1,{"a":2}],"next":{"data":[5]}}"#,
        r#"{"flats":[1,{"a":2}],"total":{"flats":[7]}}"#,
        r#"{"status":"ok","deals":[1,{"a":2}]}"#,
        r#"{"objects":[1,{"a":2}],"result":true,"data":"x","items":7}"#,
        r#"{"result":[1,{"a":2}]}"#,
        r#"{"result":{"deals":[1,{"a":2}],"time":{"data":[1]}}}"#,
        r#"{"data":{"x":1},"items":{"data":[1,{"a":2}]}}"#,
        r#"{"\u0064ata":[1,{"a":2}]}"#,
    ] {
        let (found, end) = feed(text);
        assert_eq!(found, ["1", r#"{"a":2}"#], "{text}");
        assert!(end.is_ok(), "{text}");
    }
}

#[test]
fn null_is_an_empty_list() {
    for text in [
        r#"{"data":null}"#,
        r#"{"result":{"deals":null}}"#,
        r#"{"projects":null}"#,
        r#"{"deals":[]}"#,
        "[]",
    ] {
        assert_eq!(feed(text), (Vec::new(), Ok(End::default())), "{text}");
    }
}

#[test]
fn two_lists_are_one_too_many() {
    for (text, first, second) in [
        (r#"{"deals":[1],"objects":[2]}"#, "/deals", "/objects"),
        (r#"{"data":[1],"data":[2]}"#, "/data", "/data"),
        (r#"{"data":null,"items":[2]}"#, "/data", "/items"),
        (r#"{"result":{"deals":[1]},"data":[2]}"#, "/result/deals", "/data"),
        (r#"{"flats":[1],"projects":[]}"#, "/flats", "/projects"),
        (r#"{"houses":[],"result":{"houses":[]}}"#, "/houses", "/result/houses"),
    ] {
        let expected = Malformed::Ambiguous { first: first.to_owned(), second: second.to_owned() };
        let (found, end) = feed(text);
        let words = expected.to_string();
        assert_eq!(end, Err(expected), "{text}");
        assert!(!found.contains(&"2".to_owned()), "{text}");
        assert!(words.contains(first) && words.contains(second), "{words}");
        assert!(words.contains("config key items"), "{words}");
    }
}

#[test]
fn a_document_without_a_list_is_refused() {
    for text in [
        "{}",
        r#"{"error":"no access","code":[403]}"#,
        r#"{"data":"x","items":1}"#,
        r#"{"result":{"data":{"deals":[1]}}}"#,
        r#"{"Data":[1]}"#,
    ] {
        assert_eq!(feed(text), (Vec::new(), Err(Malformed::NoList)), "{text}");
    }
    assert_eq!(feed("7").1, Err(Malformed::NotAList));
    assert_eq!(feed("null").1, Err(Malformed::NotAList));
    assert_eq!(feed("<?xml?>").1, Err(Malformed::Markup));
    assert_eq!(feed("\u{FEFF} <a>").1, Err(Malformed::Markup));
    assert_eq!(feed(" \n").1, Err(Malformed::Empty));
    assert_eq!(feed("\u{FEFF}").1, Err(Malformed::Empty));
    assert_eq!(feed("[1}").1, Err(Malformed::Broken(2)));
    assert_eq!(feed(r#"{"data":[1]]"#).1, Err(Malformed::Broken(11)));
    assert_eq!(feed(r#"{"data" [1]}"#).1, Err(Malformed::Broken(8)));
    assert_eq!(feed(r#"{"data":[1]} {"#).1, Err(Malformed::Broken(13)));
}

#[test]
fn errors_are_nobodys_in_particular() {
    for text in ["<", "", "7", "{}", r#"{"data":[],"data":[]}"#, "[1 2", "["] {
        let words = feed(text).1.unwrap_err().to_string();
        assert!(!words.contains("uzhkh"), "{words}");
    }
}

/// Members that are not the list, whatever they hold.
fn beside() -> impl Strategy<Value = Vec<String>> {
    let scalar = prop::sample::select(vec![
        r#""data":7"#,
        r#""result":"x""#,
        r#""objects":false"#,
        r#""stages":-1.5"#,
    ]);
    let other = ("[a-z\\\\\"]{1,8}", json())
        .prop_map(|(key, value)| format!("{}: {value}", crate::json::quote(&format!("x{key}"))));
    prop::collection::vec(prop_oneof![scalar.prop_map(str::to_owned), other], 0..4)
}

proptest! {
    /// What comes out is what a reader of the whole document finds there.
    #[test]
    fn a_feed_gives_what_serde_finds(
        items in prop::collection::vec(json(), 0..6),
        key in prop::sample::select(vec!["data", "items", "flats", "deals", "objects", "result"]),
        before in beside(),
        after in beside(),
        outer in prop::option::of(prop::sample::select(vec!["data", "result"])),
        sizes in prop::collection::vec(1_usize..30, 1..8),
    ) {
        let list = format!("\"{key}\" : [{}]", items.join(" ,"));
        let other = |member: &&String| !member.starts_with(&format!("\"{key}\""));
        let object = |list: String| {
            let before = before.iter().filter(other).cloned();
            let after = after.iter().filter(other).cloned();
            let members: Vec<_> = before.chain([list]).chain(after).collect();
            format!("{{{}}}", members.join("\n,"))
        };
        let (text, place) = match outer {
            Some(outer) => {
                let inner = object(list);
                (format!("{{\"v\":1,\"{outer}\":{inner}}}"), format!("/{outer}/{key}"))
            }
            None => (object(list), format!("/{key}")),
        };
        let (found, end) = split_as(&Layout::Feed, text.as_bytes(), &sizes, 1 << 20);
        prop_assert_eq!(&end, &Ok(End::default()));

        let (pointed, end) = split_as(&pointer(&place), text.as_bytes(), &sizes, 1 << 20);
        let found = texts(bytes(found));
        prop_assert_eq!(&texts(bytes(pointed)), &found);
        prop_assert!(end.is_ok());

        prop_assert_eq!(&found, &items);
        let document: Value = serde_json::from_str(&text).unwrap();
        let found: Vec<Value> = found
            .iter()
            .map(|item| serde_json::from_str(item).unwrap())
            .collect();
        let expected = document.pointer(&place).and_then(Value::as_array);
        prop_assert_eq!(Some(&found), expected);
    }
}
