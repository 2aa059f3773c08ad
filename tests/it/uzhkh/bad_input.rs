//! What cannot be understood: quarantined verbatim with the reason, while the rest
//! goes on.

use sha2::{Digest, Sha256};

use crate::support::entities::{car, counter, document, envelope};
use crate::support::{Bench, setup};

const NEXT: &str = "SELECT count(*) FROM record WHERE kind = 'counter' AND id = 'good'";

/// Puts elements into the queue, each followed by a good one, and drains it.
fn drained(elements: &[Vec<u8>]) -> Bench {
    let bench = setup().start();
    for (n, element) in elements.iter().enumerate() {
        bench.uzhkh().push_request(element.clone());
        let id = format!("good{n}");
        bench.uzhkh().push_request(envelope(&id, "Counter", &counter(&id)));
    }
    bench.pass();
    assert_eq!(
        bench.one("SELECT count(*) FROM record WHERE kind = 'counter' AND id LIKE 'good%'"),
        elements.len().to_string()
    );
    bench
}

/// An envelope about a car with a member that is nested so deep, envelope included.
fn nested(depth: usize) -> String {
    let (open, close) = ("[".repeat(depth - 2), "]".repeat(depth - 2));
    let entity = car("k1").replace(r#""PhoneDriver":null"#, &format!(r#""Deep":{open}{close}"#));
    envelope("deep", "Car", &entity)
}

#[test]
fn what_lacks_the_least_is_quarantined() {
    let bad = [
        (r#"{"Car":{"Id":"1"}}"#, "", "Guid"),
        (r#"{"Guid":null,"Car":{"Id":"1"}}"#, "", "Guid"),
        (r#"{"Guid":"","Car":{"Id":"1"}}"#, "", "Guid"),
        (r#"{"Guid":"b1"}"#, "b1", "member"),
        (r#"{"Guid":"b2","House":{"Id":"1"}}"#, "b2", "member"),
        (r#"{"Guid":"b3","Car":null,"Obj":null}"#, "b3", "member"),
        (r#"{"Guid":"b4","Car":{"Brand":"Лада"}}"#, "b4", "Id"),
        (r#"{"Guid":"b5","Car":{"Id":null}}"#, "b5", "Id"),
        (r#"{"Guid":"b6","Car":{"Id":""}}"#, "b6", "Id"),
        (r#"{"Guid":"b7","Car":{"Id":{"x":1}}}"#, "b7", "Id"),
        (r#"{"Guid":"b8","Car":"k1"}"#, "b8", "object"),
        (r#"{"Guid":"b9","Doc":{"Id":"1","Title":"x"}}"#, "b9", "TypeName"),
        (r#"{"Guid":"c1","Doc":{"Id":"1","TypeName":"poem"}}"#, "c1", "TypeName"),
        (r#"{"Guid":"c2","Obj":{"Id":"o1"},"Car":{"Brand":"x"}}"#, "c2", "Id"),
    ];
    let elements: Vec<Vec<u8>> = bad.iter().map(|(text, ..)| (*text).into()).collect();
    let bench = drained(&elements);
    let kept = bench.lines("SELECT guid, body FROM quarantine");
    let reasons = bench.lines("SELECT last_error FROM envelope WHERE state = 'quarantined'");
    assert_eq!(kept.len(), bad.len());
    for (n, (text, guid, word)) in bad.iter().enumerate() {
        assert_eq!(kept[n], format!("{guid}|{text}"));
        assert!(reasons[n].contains(word), "{text}: {}", reasons[n]);
        assert!(!bench.report().deletes.contains_key(*guid), "{guid}");
    }
    // Not a part of an envelope is applied.
    assert_eq!(bench.one("SELECT count(*) FROM record WHERE id = 'o1'"), "0");
    assert_eq!(bench.uzhkh().queue_len(), bad.len());
    // They stay in the queue, and nothing comes of that.
    bench.pass();
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "14");
}

#[test]
fn bare_values_between_the_elements_are_quarantined() {
    let bare = ["3", "-0.5e7", "true", "null", r#""text ] with, brackets {""#, "[1,{}]", "[]"];
    let elements: Vec<Vec<u8>> = bare.iter().map(|text| (*text).into()).collect();
    let bench = drained(&elements);
    assert_eq!(bench.lines("SELECT body FROM quarantine"), bare);
    assert_eq!(bench.lines("SELECT DISTINCT guid, last_error FROM quarantine"), ["|not an object"]);
}

#[test]
fn what_is_not_json_is_quarantined_byte_for_byte() {
    let mut not_utf8 = br#"{"Guid":"u1","Car":{"Id":"k1","Brand":""#.to_vec();
    not_utf8.extend(b"\xCB\xE0\xE4\xE0\xFF\"}}");
    let elements: Vec<Vec<u8>> = vec![
        not_utf8,
        b"{\"Guid\":\"u2\",\"Car\":{\"Id\":\"k2\",\"Brand\":\"a\nb\"}}".to_vec(),
        b"{\"Guid\":\"u3\",\"Car\":{\"Id\":\"k3\",\"Brand\":\"a\x01b\"}}".to_vec(),
        br#"{"Guid":"u4","Car":{"Id":"k4","Brand":"\ud83d alone"}}"#.to_vec(),
        br#"{"Guid":"u5","Car":{"Id":"k5","Brand":"\q"}}"#.to_vec(),
        br#"{"Guid":"u6","Car":{"Id":"k6",}}"#.to_vec(),
        br#"{"Guid":"u7","Car":{"Id":"k7","IsTemp":True}}"#.to_vec(),
        br#"{"Guid":"u8","Car":{"Id":"k8","IsTemp":01}}"#.to_vec(),
        br#"{"Guid":"u9" "Car":{"Id":"k9"}}"#.to_vec(),
    ];
    let bench = drained(&elements);
    let expected: Vec<String> = elements
        .iter()
        .enumerate()
        .map(|(n, bytes)| {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
            format!("u{}|{hex}|{}", n + 1, bytes.len())
        })
        .collect();
    assert_eq!(bench.lines("SELECT guid, hex(body), bytes FROM quarantine"), expected);
    assert_eq!(
        bench.one("SELECT count(*) FROM quarantine WHERE last_error LIKE '%alone%' OR last_error LIKE '%True%'"),
        "0"
    );
    assert_eq!(bench.one("SELECT typeof(body) FROM envelope WHERE guid = 'u1'"), "blob");
    let first = bench.one("SELECT seq FROM quarantine WHERE guid = 'u1'");
    let shown = bench.run(&["quarantine", "show", &first]);
    assert_eq!(shown.code, Some(0));
}

#[test]
fn nesting_is_understood_down_to_128() {
    for depth in [127, 128] {
        let bench = drained(&[nested(depth).into()]);
        assert_eq!(bench.one("SELECT count(*) FROM car"), "1", "{depth}");
        assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "0", "{depth}");
    }
    for depth in [129, 100_000] {
        let bench = drained(&[nested(depth).into()]);
        assert_eq!(bench.one("SELECT count(*) FROM car"), "0", "{depth}");
        assert_eq!(
            bench.one("SELECT guid, body FROM quarantine"),
            format!("deep|{}", nested(depth))
        );
        let seq = bench.one("SELECT seq FROM quarantine");
        let again = bench.run(&["quarantine", "retry", &seq]);
        assert_eq!(again.code, Some(1));
        assert!(again.stderr.contains("nested"), "{}", again.stderr);
        assert_eq!(bench.run(&["verify"]).code, Some(0));
    }
}

#[test]
fn long_and_strange_texts_are_no_trouble() {
    let long = "Ж".repeat(1_500_000);
    let texts = [
        long.as_str(),
        "<html><body onload=\\\"x()\\\">]]>{[</body></html>",
        r"a\u0000b",
        r"\ud83d\ude00 \\ud800 \/",
        "'; DROP TABLE record; --",
    ];
    let elements: Vec<Vec<u8>> = texts
        .iter()
        .enumerate()
        .map(|(n, text)| {
            let document = document("news", &n.to_string()).replace("<p>Приходите</p>", text);
            envelope(&format!("t{n}"), "Doc", &document).into()
        })
        .collect();
    let bench = drained(&elements);
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "0");
    assert_eq!(
        bench.lines("SELECT length(text) FROM document ORDER BY id"),
        // SQLite counts to the first NUL.
        ["1500000", "44", "1", "10", "24"]
    );
    for (n, element) in elements.iter().enumerate() {
        let body = bench.one(&format!("SELECT body FROM envelope WHERE guid = 't{n}'"));
        assert!(body.as_bytes() == element.as_slice(), "t{n}");
    }
    assert_eq!(bench.one(NEXT), "0");
}

#[test]
fn a_key_that_a_library_keeps_for_itself_is_a_key() {
    let entity = car("k1").replace(
        r#""PhoneDriver":null"#,
        r#""$serde_json::private::RawValue":"x","$serde_json::private::Number":"1""#,
    );
    let whole = format!(r#"{{"$serde_json::private::RawValue":"x","Guid":"p1","Car":{entity}}}"#);
    let bench = drained(&[whole.into(), br#"{"$serde_json::private::RawValue":"{}"}"#.into()]);
    assert_eq!(bench.one("SELECT body FROM record WHERE kind = 'car'"), entity);
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "1");
}

#[test]
fn of_an_element_that_is_too_large_the_beginning_is_kept() {
    let bench = setup().uzhkh("max_envelope_bytes = 100000").start();
    let large = envelope("large", "Car", &car("k1").replace("Веста", &"x".repeat(200_000)));
    let just = car("k2");
    let room = 100_000 - envelope("just", "Car", &just).len();
    let just =
        envelope("just", "Car", &just.replace("А000АА", &format!("А000АА{}", "x".repeat(room))));
    assert_eq!(just.len(), 100_000);
    bench.uzhkh().push_request(large.as_str());
    bench.uzhkh().push_request(just);
    bench.uzhkh().push_request(envelope("good", "Counter", &counter("good")));
    bench.pass();
    assert_eq!(bench.one(NEXT), "1");
    assert_eq!(bench.lines("SELECT id FROM car"), ["k2"]);
    let hash: String = Sha256::digest(&large).iter().map(|byte| format!("{byte:02x}")).collect();
    let kept =
        bench.one("SELECT guid, bytes, body_sha256 FROM envelope WHERE state = 'quarantined'");
    assert_eq!(kept, format!("large|{}|{hash}", large.len()));
    let beginning = bench.one("SELECT body FROM quarantine");
    assert!(!beginning.is_empty() && large.starts_with(&beginning));
    let reason = bench.one("SELECT last_error FROM quarantine");
    assert!(reason.contains("max_envelope_bytes"), "{reason}");
    assert_eq!(bench.deletes("large"), []);
    // Seen again it is the same one, and it cannot be applied.
    bench.pass();
    let seq = bench.one("SELECT seq FROM quarantine");
    let again = bench.run(&["quarantine", "retry", &seq]);
    assert_eq!(again.code, Some(1), "{}", again.stderr);
}

#[test]
fn crossed_brackets_are_the_fault_of_one_element() {
    let crossed = r#"{"Guid":"x","a":[}"#;
    let bench = drained(&[envelope("g1", "Car", &car("k1")).into(), crossed.into()]);
    assert_eq!(
        bench.lines("SELECT guid, state FROM envelope ORDER BY guid"),
        ["g1|acknowledged", "good0|acknowledged", "good1|acknowledged", "x|quarantined"]
    );
    assert_eq!(bench.lines("SELECT guid, body FROM quarantine"), [format!("x|{crossed}")]);
    assert_eq!(bench.lines("SELECT id FROM car"), ["k1"]);
}

#[test]
fn an_element_of_many_members_is_applied() {
    let members: Vec<String> = (0..20_000).map(|n| format!(r#""m{n}":{n}"#)).collect();
    let members = members.join(",");
    let entity = car("k1").replace(r#""IsTemp""#, &format!(r#"{members},"IsTemp""#));
    let beside = format!(r#"{{"Guid":"g2",{members},"Car":{}}}"#, car("k2"));
    let bench = drained(&[envelope("g1", "Car", &entity).into(), beside.into()]);
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "0");
    assert_eq!(bench.lines("SELECT id FROM car ORDER BY id"), ["k1", "k2"]);
    assert!(bench.one("SELECT body FROM record WHERE id = 'k1'") == entity);
}
