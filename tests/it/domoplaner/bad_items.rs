//! Items that cannot be understood: kept as they came, once, beside the others. And
//! items that come twice: the last one counts.

use super::items::{CHANGES, deal, everything, flat, flats, live, of_deals, premises};
use simulator::{Endpoint, Fault, FaultKind};

/// The list with these pieces, as bytes.
fn list(pieces: &[&[u8]]) -> Vec<u8> {
    [b"[", pieces.join(&b","[..]).as_slice(), b"]"].concat()
}

/// An object so deep.
fn nested(id: u32, depth: usize) -> String {
    let inner = depth - 1;
    format!("{{\"id\":{id},\"deep\":{}{}}}", "[".repeat(inner), "]".repeat(inner))
}

/// What is quarantined: the reason, and the raw text as hex.
const HELD: &str = "SELECT source, queue, last_error, hex(body) FROM quarantine ORDER BY seq";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[test]
fn each_is_kept_once_as_it_came_beside_the_others() {
    let deep = nested(5, 129);
    let bad: [(&[u8], &str); 12] = [
        (br#"{"number":"7"}"#, "no id"),
        (br#"{"id":null}"#, "no id"),
        (br#"{"id":"  "}"#, "no id"),
        (br#"{"id":{"id":1}}"#, "no id"),
        (b"17", "not an object"),
        (b"null", "not an object"),
        (br#""text, with [brackets]""#, "not an object"),
        (br#"[{"id":1}]"#, "not an object"),
        (deep.as_bytes(), "129"),
        (b"{\"id\":6,\"x\":\"\xff\xfe\"}", "UTF-8"),
        (br#"{"id":7,"x":"\ud83d"}"#, "surrogate"),
        (br#"{"id":8,"x":01}"#, "not JSON"),
    ];
    let (good, deepest) = (flat(100), nested(101, 128));
    for wrap in [
        |body: Vec<u8>| body,
        |body: Vec<u8>| [br#"{"projects":[{"flats":"#, body.as_slice(), b"}]}"].concat(),
    ] {
        let bench = premises(&[]).start();
        let mut pieces: Vec<&[u8]> = vec![good.as_bytes()];
        pieces.extend(bad.iter().map(|(bytes, _)| *bytes));
        pieces.push(deepest.as_bytes());
        bench.raw("flats", wrap(list(&pieces)));
        bench.pass();
        assert_eq!(live(&bench, "premises"), ["100", "101"]);
        let held = bench.lines(HELD);
        assert_eq!(held.len(), bad.len(), "{held:?}");
        for (line, (bytes, reason)) in held.iter().zip(bad) {
            assert!(line.starts_with("domoplaner|flats|"), "{line}");
            assert!(line.contains(reason), "{reason}: {line}");
            assert!(line.ends_with(&format!("|{}", hex(bytes))), "{reason}: {line}");
        }
        assert_eq!(bench.one("SELECT outcome, fetched, changed FROM poll"), "ok|14|2");
        // The same again is not held twice.
        let before = everything(&bench);
        bench.pass();
        assert_eq!(everything(&bench), before);
    }
}

#[test]
fn a_broken_version_of_a_record_leaves_it_as_it_is() {
    let bench = of_deals(&["full_every = \"1ms\""]).start();
    bench.items("deals", [deal(1), deal(2)]);
    bench.pass();
    bench.items("deals", [deal(1).replace("ДДУ-1", r"\udfff"), deal(2)]);
    bench.pass();
    assert_eq!(bench.one("SELECT body FROM deal WHERE id = '1'"), deal(1));
    assert_eq!(bench.one("SELECT count(*) FROM change"), "2");
    let ended = bench.run(&["quarantine", "list"]);
    assert!(ended.stdout.contains("surrogate"), "{}", ended.stdout);
}

#[test]
fn one_that_is_too_large_is_told_by_its_size_and_its_beginning() {
    let bench = premises(&[]).start();
    let large = format!(r#"{{"id":2,"x":"{}"}}"#, "я".repeat(8 << 20));
    let fits = format!(r#"{{"id":3,"x":"{}"}}"#, "z".repeat((16 << 20) - 100));
    bench.items("flats", [flat(1), large.clone(), fits, flat(4)]);
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["1", "3", "4"]);
    assert_eq!(
        bench.one("SELECT bytes, length(CAST(body AS BLOB)) BETWEEN 1000 AND 20000000, substr(body, 1, 9) FROM quarantine"),
        format!("{}|1|{{\"id\":2,\"", large.len())
    );
    assert!(bench.one("SELECT last_error FROM quarantine").contains(&large.len().to_string()));
    bench.pass();
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "1");
    let seq = bench.one("SELECT seq FROM quarantine");
    let again = bench.run(&["quarantine", "retry", &seq]);
    assert_eq!(again.code, Some(1), "{}", again.stdout);
}

#[test]
fn a_thousand_are_put_up_with_and_more_are_not() {
    let bench = premises(&[]).start();
    bench.items("flats", flats(1..3));
    bench.pass();
    let bad = |count: usize| (0..count).map(|n| format!(r#"{{"uid":{n}}}"#));
    let before = everything(&bench);
    bench.items("flats", flats(1..4).into_iter().chain(bad(1001)));
    let ended = bench.fail();
    assert!(ended.stderr.contains("1000") && ended.stderr.contains("id_field"), "{}", ended.stderr);
    assert_eq!(everything(&bench), before);
    bench.items("flats", flats(1..4).into_iter().chain(bad(1000)));
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["1", "2", "3"]);
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "1000");
}

#[test]
fn of_items_with_one_id_the_last_counts_and_it_is_remarked_on() {
    let bench = premises(&[]).start();
    let (first, last) =
        (flat(1).replace("5600000.10", "1.00"), flat(1).replace("5600000.10", "2.00"));
    bench.items("flats", [first.clone(), flat(2), last.clone()]);
    bench.pass();
    assert_eq!(bench.one("SELECT price FROM premises WHERE id = '1'"), "2.00");
    assert_eq!(bench.lines("SELECT id, op FROM change ORDER BY id"), ["1|insert", "2|insert"]);
    let findings = "SELECT source, kind, id, problem FROM finding";
    let found = bench.one(findings);
    assert!(found.starts_with("domoplaner|premises|1|"), "{found}");
    let before = everything(&bench);
    bench.pass();
    bench.pass();
    assert_eq!(everything(&bench), before);
    // A number and its text are one id.
    bench.items("flats", [flat(2), last, first.replace("\"id\":1", "\"id\":\"1\"")]);
    bench.pass();
    assert_eq!(bench.one("SELECT price FROM premises WHERE id = '1'"), "1.00");
    assert_eq!(bench.one(findings), found);
}

#[test]
fn the_same_item_twice_is_one_item() {
    let bench = premises(&[]).start();
    bench.items("flats", flats(1..20));
    bench.uzhkh().inject(Fault::new(FaultKind::Duplicate).at(Endpoint::Feed));
    bench.pass();
    assert_eq!(bench.report().faults["duplicate"], 1);
    assert_eq!(bench.one("SELECT count(*) FROM change"), "19");
    let before = everything(&bench);
    bench.pass();
    assert_eq!(everything(&bench), before);
}

#[test]
fn of_a_key_given_twice_the_last_counts_and_it_is_remarked_on() {
    let bench = of_deals(&["full_every = \"1ms\""]).start();
    let item = r#"{"id":1,"dogovor_number":"A","dogovor_day":"01.02.2023","id":2,"dogovor_number":"B","payments":[{"sum":1.10,"sum":2.20}],"dogovor_day":"02.02.2023"}"#;
    bench.items("deals", [item]);
    bench.pass();
    assert_eq!(
        bench.lines(
            "SELECT id, dogovor_number, dogovor_day, body ->> '$.payments[0].sum' FROM deal"
        ),
        ["2|B|2023-02-02|2.2"]
    );
    assert_eq!(
        bench.lines("SELECT kind, id, path FROM finding ORDER BY path"),
        ["deal|2|dogovor_day", "deal|2|dogovor_number", "deal|2|id"]
    );
    assert!(!bench.lines("SELECT problem FROM finding").join(" ").contains('B'));
    let before = everything(&bench);
    bench.pass();
    assert_eq!(everything(&bench), before);
    assert_eq!(bench.lines(CHANGES), ["2|insert|NULL"]);
}
