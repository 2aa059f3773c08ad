//! Each flat of a nested feed keeps what it stood in.

use serde_json::{Value, json};

use super::*;

/// The ids and titles that a flat stood in, as one text.
fn places(text: &str) -> Vec<(String, String)> {
    let (found, end) = split_as(&Layout::Feed, text.as_bytes(), &[5], 100);
    assert_eq!(end, Ok(End::default()), "{text}");
    let place = |found: &Found| {
        let parts = found.within.iter().map(|(level, id, title)| {
            let part = |text: &Option<String>| text.clone().unwrap_or_default();
            format!("{} {} {}", level.word(), part(id), part(title))
        });
        parts.collect::<Vec<_>>().join(", ")
    };
    let found = found.iter();
    let found = found.map(|found| (String::from_utf8(found.bytes.clone()).unwrap(), place(found)));
    found.collect()
}

fn placed(flat: &str, place: &str) -> (String, String) {
    (flat.to_owned(), place.to_owned())
}

#[test]
fn a_flat_knows_all_that_it_stands_in() {
    let text = r#"{"projects":[{"stages":[{"houses":[{"sections":[{"floors":[
        {"flats":[{"id":1}],"number":"7","id":4},{"id":5,"flats":[2,{"id":3}]}],
        "title":"С1"}],"id":"h","name":"no","title":"Дом"}],"name":"Очередь"}],
        "houses_without_stage":[{"flats":[4],"title":"Б/О","id":8}],
        "title":"ЖК","id":1,"images":[{"flats":[9]}]}]}"#;
    let outer = r#"project 1 "ЖК", stage  "Очередь", house "h" "Дом", section  "С1", "#;
    let expected = [
        placed(r#"{"id":1}"#, &format!("{outer}floor 4 \"7\"")),
        placed("2", &format!("{outer}floor 5 ")),
        placed(r#"{"id":3}"#, &format!("{outer}floor 5 ")),
        placed("4", r#"project 1 "ЖК", house 8 "Б/О""#),
    ];
    assert_eq!(places(text), expected);
}

#[test]
fn any_level_may_be_missing() {
    for (text, place) in [
        (r#"{"flats":[1]}"#, ""),
        (r#"{"houses":[{"flats":[1],"id":2}],"id":3}"#, "house 2 "),
        (r#"{"data":{"floors":[{"id":2,"flats":[1]}]}}"#, "floor 2 "),
        (r#"{"stages":[{"id":2,"floors":[{"flats":[1]}]}],"houses":[]}"#, "stage 2 , floor  "),
        // Levels do not lead outwards again.
        (
            r#"{"houses":[{"houses":[{"flats":[0]}],"projects":[{"flats":[0]}],"flats":[1]}]}"#,
            "house  ",
        ),
        (
            r#"{"houses":[7,null,[{"flats":[0]}],{"sections":null,"floors":9,"flats":[1]}]}"#,
            "house  ",
        ),
        // PHP writes an array with gaps as an object.
        (r#"{"houses":{"3":{"flats":{"0":1,"x":{},"7":{"a":1}},"id":2}},"count":1}"#, "house 2 "),
    ] {
        let found = places(text);
        let flat = if text.contains("\"7\"") { r#"{"a":1}"# } else { "1" };
        assert_eq!(found, [placed(flat, place)], "{text}");
    }
}

#[test]
fn a_title_is_the_best_there_is() {
    let long = "x".repeat(5000);
    for (members, place) in [
        (r#""number":1,"title":2,"name":3"#.to_owned(), "house  2"),
        (r#""name":3,"number":1"#.to_owned(), "house  3"),
        (r#""title":null,"name":"","number":"5""#.to_owned(), "house  \"5\""),
        (r#""title":{"ru":1},"id":[1],"name":true,"number":01"#.to_owned(), "house  "),
        (r#""id":1,"id":2"#.to_owned(), "house 2 "),
        (format!(r#""title":"{long}","name":"short","id":{long}"#), "house  \"short\""),
    ] {
        for order in [format!("{members},\"flats\":[1]"), format!("\"flats\":[1],{members}")] {
            let found = places(&format!("{{\"houses\":[{{{order}}}]}}"));
            assert_eq!(found, [placed("1", place)], "{order}");
        }
    }
}

#[test]
fn a_feed_of_nothing_but_unknown_lists_is_not_empty() {
    let text = r#"{"projects":[{"houses":[{"id":1,"apartments":[{"id":2}]}]}]}"#;
    assert_eq!(feed(text).1, Err(Malformed::NoFlats));
    for text in [
        r#"{"projects":[{"id":1,"stages":[]}]}"#,
        r#"{"projects":[{"id":1,"stages":null}]}"#,
        r#"{"projects":[{"id":1},{"houses":[{"flats":[]}]}]}"#,
        r#"{"projects":[]}"#,
    ] {
        assert_eq!(feed(text), (Vec::new(), Ok(End::default())), "{text}");
    }
}

/// A project, stage, …, or the document (level 0).
#[derive(Debug, Clone)]
struct Tree(Vec<(&'static str, Member)>);

#[derive(Debug, Clone)]
enum Member {
    Text(String),
    Inner(Vec<Tree>),
    Flats(usize),
}

const KEYS: [(&str, usize); 6] = [
    ("projects", 1),
    ("stages", 2),
    ("houses", 3),
    ("houses_without_stage", 3),
    ("sections", 4),
    ("floors", 5),
];

/// A tree in which no key is given twice, in any order of members.
fn tree(level: usize) -> BoxedStrategy<Tree> {
    let names = prop::sample::select(vec!["id", "title", "name", "number", "x", "floors_count"]);
    let text = prop_oneof![Just("null".to_owned()), Just("\"\"".to_owned()), json()];
    let text = (names, text).prop_map(|(key, text)| (key, Member::Text(text)));
    let flats = (0_usize..3).prop_map(|count| ("flats", Member::Flats(count)));
    let mut member = prop_oneof![3 => text, 1 => flats].boxed();
    for (key, inner) in KEYS.into_iter().filter(|(_, inner)| *inner > level) {
        let trees = prop::collection::vec(tree(inner), 0..3);
        let inner = trees.prop_map(move |trees| (key, Member::Inner(trees)));
        member = prop_oneof![3 => member, 1 => inner].boxed();
    }
    prop::collection::vec(member, 0..6)
        .prop_map(|mut members| {
            let mut seen = std::collections::HashSet::new();
            members.retain(|(key, _)| seen.insert(*key));
            Tree(members)
        })
        .boxed()
}

impl Tree {
    /// Its text, in which each flat has a number of its own.
    fn text(&self, next: &mut usize) -> String {
        let members = self.0.iter().map(|(key, member)| {
            let value = match member {
                Member::Text(text) => text.clone(),
                Member::Inner(trees) => {
                    let trees: Vec<_> = trees.iter().map(|tree| tree.text(next)).collect();
                    format!("[{}]", trees.join(", "))
                }
                Member::Flats(count) => {
                    *next += count;
                    let flats: Vec<_> = (*next - count..*next)
                        .map(|flat| format!("{{\"flat\":{flat}, \"flats\":[{{}}]}}"))
                        .collect();
                    format!("[{}]", flats.join(","))
                }
            };
            format!("\"{key}\" :{value}")
        });
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}

/// The flats that a reader of the whole document finds, each with what it stands in.
fn walk(value: &Value, level: usize, within: &[(usize, Value, Value)], found: &mut Vec<Value>) {
    for flat in value["flats"].as_array().into_iter().flatten() {
        let within: Vec<_> =
            within.iter().map(|(level, id, title)| json!([level, id, title])).collect();
        found.push(json!([flat["flat"], within]));
    }
    let lists = KEYS.into_iter().filter(|(_, inner)| *inner > level);
    for (key, inner) in lists {
        for node in value[key].as_array().into_iter().flatten() {
            let named = |key: &&str| match &node[*key] {
                Value::String(text) => !text.is_empty(),
                value => value.is_number(),
            };
            let first = |keys: &[&str]| {
                let key = keys.iter().find(|key| named(key));
                key.map_or(Value::Null, |key| node[*key].clone())
            };
            let mut within = within.to_vec();
            within.push((inner, first(&["id"]), first(&["title", "name", "number"])));
            walk(node, inner, &within, found);
        }
    }
}

proptest! {
    /// Whatever the order of members, each flat comes out with what it stands in.
    #[test]
    fn flats_come_with_what_they_stand_in(
        tree in tree(0),
        is_inside in any::<bool>(),
        sizes in prop::collection::vec(1_usize..60, 1..8),
    ) {
        // At the top, flats beside the lists of other things would be two lists.
        let nested = Tree(tree.0.into_iter().filter(|(key, _)| *key != "flats").collect());
        let text = nested.text(&mut 0);
        let mut expected = Vec::new();
        walk(&serde_json::from_str(&text).unwrap(), 0, &[], &mut expected);
        let text = if is_inside { format!("{{\"data\":{text}}}") } else { text };

        let (found, end) = split_as(&Layout::Feed, text.as_bytes(), &sizes, 1 << 20);
        let mut found: Vec<Value> = found
            .into_iter()
            .map(|Found { bytes, within }| {
                let flat: Value = serde_json::from_slice(&bytes).unwrap();
                let read = |text: Option<String>| -> Value {
                    text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
                };
                let within: Vec<_> = within
                    .into_iter()
                    .map(|(level, id, title)| json!([level as usize + 1, read(id), read(title)]))
                    .collect();
                json!([flat["flat"], within])
            })
            .collect();
        found.sort_by_key(|flat| flat[0].as_u64());
        expected.sort_by_key(|flat: &Value| flat[0].as_u64());
        prop_assert_eq!(&found, &expected);

        let has_lists = nested.0.iter().any(|(_, member)| matches!(member, Member::Inner(_)));
        match end {
            Ok(_) => prop_assert!(has_lists),
            Err(Malformed::NoList) => prop_assert!(!has_lists),
            Err(error) => {
                prop_assert_eq!(error, Malformed::NoFlats);
                prop_assert!(expected.is_empty());
            }
        }
    }
}
