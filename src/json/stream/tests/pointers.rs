//! A pointer leads to one list.

use super::*;

fn split_at(at: &str, text: &str) -> (Vec<String>, Result<End, Malformed>) {
    let (found, end) = split_as(&pointer(at), text.as_bytes(), &[3], 100);
    (texts(bytes(found)), end)
}

#[test]
fn the_list_is_where_the_pointer_says() {
    for (at, text) in [
        ("", r#"[1,{"data":[]}]"#),
        ("/answer/list", r#"{"list":[5],"answer":{"x":[6],"list":[1,{"data":[]}]},"data":[7]}"#),
        ("/a~1b/m~0n", r#"{"a/b":{"m~n":[1,{"data":[]}]}}"#),
        ("/0/list", r#"[{"list":[1,{"data":[]}]},{"list":[5]}]"#),
        ("/1/0", r#"[[[5]],[[1,{"data":[]}],[6]]]"#),
        ("/1", r#"{"1":[1,{"data":[]}],"0":[5]}"#),
        ("/результат", r#"{"\u0440\u0435зультат":[1,{"data":[]}]}"#),
        ("/", r#"{"":[1,{"data":[]}]}"#),
        ("/a", r#"{"b":[2],"a":[1,{"data":[]}]}"#),
    ] {
        let (found, end) = split_at(at, text);
        assert_eq!(found, ["1", r#"{"data":[]}"#], "{at}");
        assert!(end.is_ok(), "{at}");
    }
    assert_eq!(split_at("/a", r#"{"a":null}"#), (Vec::new(), Ok(End::default())));
}

#[test]
fn what_is_not_there_is_said() {
    for (at, text) in [
        ("/answer/list", r#"{"answer":{"lists":[1]}}"#),
        ("/answer/list", r#"{"answer":[1],"list":[2]}"#),
        ("/answer/list", r#"{"answer":"x"}"#),
        ("/2", "[[1],[2]]"),
        ("/01", "[[1],[2]]"),
        ("/-", "[[1]]"),
        ("/", r#"{"\ud800":[1]}"#),
    ] {
        let expected = Malformed::NotThere { pointer: at.to_owned() };
        assert!(expected.to_string().contains("config key items"));
        assert_eq!(split_at(at, text), (Vec::new(), Err(expected)), "{text}");
    }
    for (at, text) in
        [("", "{}"), ("/a", r#"{"a":{}}"#), ("/a", r#"{"a":"secret"}"#), ("/0", "[7]")]
    {
        let expected = Malformed::NotAnArray { pointer: at.to_owned() };
        assert_eq!(split_at(at, text), (Vec::new(), Err(expected)), "{text}");
    }
    let twice = Malformed::Ambiguous { first: "/a".to_owned(), second: "/a".to_owned() };
    assert_eq!(split_at("/a", r#"{"a":[],"a":[2]}"#).1, Err(twice));
}

#[test]
fn a_key_is_as_long_as_it_likes() {
    let key = "k".repeat(3000);
    let text = format!("{{\"{}\":[5],\"{key}\":[1]}}", "k".repeat(100_000));
    let (found, end) = split_at(&format!("/{key}"), &text);
    assert_eq!(found, ["1"]);
    assert!(end.is_ok());
}
