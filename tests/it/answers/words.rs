//! The other side's own words: they are kept with the call, and a refusal is one.

use std::io::Write;
use std::net::TcpStream;

use super::unruly::{Asked, Unruly, answer, says};
use crate::support::{Bench, TOKEN, setup};

/// An empty UZhKH that answers decisions with this body.
fn saying(status: &'static str, body: String) -> Unruly {
    Unruly::start(move |stream: &mut TcpStream, asked: &Asked| {
        if asked.path().starts_with("Synchronization/") {
            return stream.write_all(&answer(status, "", &body)).is_ok();
        }
        says(stream, "[]")
    })
}

/// A decision that was sent to this server.
fn decided(server: &Unruly) -> Bench {
    let bench = setup().start();
    bench.write_config(&server.base_url());
    bench.pass();
    let ended = bench.run(&["decide", "register", "71", "--approve"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    bench.once();
    bench
}

#[test]
fn a_documented_word_of_refusal_under_http_200_is_a_refusal_of_a_decision() {
    for word in ["notFound", "\"noData\"", "unknownType"] {
        let bench = decided(&saying("200 OK", word.to_owned()));
        let call = bench.one("SELECT state, attempts, last_status, said FROM call");
        assert_eq!(call, format!("failed|1|200|{word}"));
    }
    let bench = decided(&saying("200 OK", "error".to_owned()));
    assert_eq!(bench.one("SELECT state, said FROM call"), "unknown|error");
}

#[test]
fn the_words_of_a_decision_are_kept_and_shown() {
    for (status, state) in [("200 OK", "done"), ("500 Error", "unknown"), ("400 Bad", "failed")] {
        let bench = decided(&saying(status, "Заявка\r\n обработана".to_owned()));
        assert_eq!(bench.one("SELECT state, said FROM call"), format!("{state}|Заявка обработана"));
        let shown = bench.run(&["calls", "show", "1"]).stdout;
        assert!(shown.contains("said      Заявка обработана\n"), "{shown}");
        let shown = bench.run(&["calls", "show", "1", "--json"]).stdout;
        let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(shown["said"], "Заявка обработана");
    }
}

#[test]
fn words_are_cut_and_hold_no_secret() {
    let body = format!("no entry for Bearer {TOKEN}: {}", "я".repeat(1000));
    let bench = decided(&saying("400 Bad", body));
    let said = bench.one("SELECT said FROM call");
    assert!(said.starts_with("no entry for Bearer [hidden]: яя"), "{said}");
    assert_eq!(said.chars().count(), 301);
}

/// A UZhKH with this entry, which answers a path with these bytes.
fn offering(entry: &'static str, path: &'static str, answered: Vec<u8>) -> (Unruly, Bench) {
    let server = Unruly::start(move |stream: &mut TcpStream, asked: &Asked| match asked.path() {
        known if known == path => stream.write_all(&answered).is_ok(),
        "To1c/Requests" => says(stream, entry),
        "SetId" => says(stream, "success"),
        _ => says(stream, "[]"),
    });
    let bench = setup().start();
    bench.write_config(&server.base_url());
    (server, bench)
}

#[test]
fn a_documented_word_of_refusal_under_http_200_announces_no_id_by_delete() {
    let entry = r#"[{"Guid":"g1","Counter":{"Id":"--5"}}]"#;
    for word in ["error", "\"noData\"", "unknownType", "notAuthorized", "<html>"] {
        let answered = answer("200 OK", "", word);
        let (server, bench) = offering(entry, "To1c/Delete", answered);
        bench.fail();
        assert_eq!(bench.one("SELECT state FROM envelope"), "committed", "{word}");
        assert_eq!(bench.one("SELECT state FROM identity"), "reserved", "{word}");
        // Not authorized stops everything; the others are tried again.
        let is_only = server.asked("To1c/Delete").len() == 1;
        assert_eq!(is_only, word == "notAuthorized", "{word}");
    }
    // Another has acknowledged it: the id goes by SetId.
    let (server, bench) = offering(entry, "To1c/Delete", answer("200 OK", "", "notFound"));
    bench.pass();
    let stands = "SELECT state FROM envelope UNION ALL SELECT state FROM identity";
    assert_eq!(bench.lines(stands), ["acknowledged", "announced"]);
    assert_eq!(server.asked("SetId").len(), 1);
}

#[test]
fn an_id_whose_announcement_is_answered_otherwise_than_documented_is_told() {
    let entry = r#"[{"Guid":"g1","Account":{"Id":"a1","Persons":[{"Id":"--3"}]}}]"#;
    for (status, body) in [("400 Bad Request", ""), ("404 Not Found", "<html>"), ("200 OK", "ok")] {
        let (_server, bench) = offering(entry, "SetId", answer(status, "", body));
        let ended = bench.fail();
        let told = "an id is not announced";
        assert_eq!(ended.stderr.matches(told).count(), 1, "{}", ended.stderr);
        let status = bench.run(&["status"]).stdout;
        assert!(status.contains("1  calls that UZhKH answers otherwise"), "{status}");
        assert!(!status.contains("nothing waits for you"), "{status}");
    }
}

#[test]
fn an_acknowledgement_that_is_refused_for_good_is_told_and_waits_for_a_person() {
    for status in ["400 Bad Request", "414 URI Too Long"] {
        let server =
            Unruly::start(move |stream: &mut TcpStream, asked: &Asked| match asked.path() {
                "To1c/Delete" => stream.write_all(&answer(status, "", "")).is_ok(),
                "To1c/Requests" => says(stream, r#"[{"Guid":"g1","Counter":{"Id":"c1"}}]"#),
                _ => says(stream, "[]"),
            });
        let bench = setup().start();
        bench.write_config(&server.base_url());
        let ended = bench.fail();
        let told = "UZhKH refuses an acknowledgement";
        assert_eq!(ended.stderr.matches(told).count(), 1, "{}", ended.stderr);
        let status = bench.run(&["status"]).stdout;
        assert!(status.contains("1  acknowledgements that UZhKH refuses"), "{status}");
        assert!(!status.contains("nothing waits for you"), "{status}");
    }
}
