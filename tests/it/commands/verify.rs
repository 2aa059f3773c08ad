//! `verify`: a sound ledger is sound, and tampering shows.

use std::fs;

use crate::support::entities::{counter, envelope, object};
use crate::support::{Bench, process, setup};

fn filled() -> Bench {
    let bench = setup().start();
    bench.uzhkh().generate(200);
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("meter-1")));
    bench.uzhkh().push_request("17");
    bench.pass();
    bench
}

#[test]
fn a_sound_ledger_is_sound() {
    let bench = filled();
    let ended = bench.run(&["verify"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(!ended.stdout.contains("BROKEN"), "{}", ended.stdout);
    let json = bench.run(&["verify", "--json"]);
    let promises: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    for promise in promises.as_array().unwrap() {
        assert_eq!(promise["broken"], 0, "{promise}");
    }
    // Named on the command line, it needs no config.
    let ledger = bench.ledger();
    let arguments = ["verify", ledger.to_str().unwrap()];
    let named = process::run(&bench.dir.path().join("none.toml"), &arguments);
    assert_eq!(named.code, Some(0), "{}", named.stderr);
}

/// After this tampering, verify fails and says this.
#[track_caller]
fn shows(sql: &str, words: &str) {
    let bench = filled();
    bench.uzhkh().push_request(envelope("g2", "Obj", &object("--7")));
    bench.pass();
    assert_eq!(bench.run(&["verify"]).code, Some(0));
    bench.tamper(&format!("PRAGMA foreign_keys = OFF; {sql}"));
    let ended = bench.run(&["verify"]);
    assert_eq!(ended.code, Some(1), "{sql}: {}", ended.stdout);
    assert!(ended.stdout.contains("BROKEN"), "{sql}: {}", ended.stdout);
    assert!(ended.stdout.contains(words), "{sql}: {}", ended.stdout);
    assert_eq!(bench.run(&["verify", "--json"]).code, Some(1));
}

#[test]
fn a_changed_record_is_named() {
    shows(
        "UPDATE record SET body = replace(body, '10.50', '10.51') WHERE id = 'meter-1'",
        "counter meter-1",
    );
}

#[test]
fn a_removed_record_is_noticed() {
    shows("DELETE FROM record WHERE id = 'meter-1'", "counter");
}

#[test]
fn a_changed_envelope_is_noticed() {
    shows(
        "DROP TRIGGER envelope_stays_verbatim; \
         UPDATE envelope SET body = replace(body, '10.50', '10.51') WHERE guid = 'g1'",
        "envelope 201",
    );
}

#[test]
fn a_change_that_is_not_told_is_noticed() {
    shows("UPDATE record SET deleted_at = updated_at WHERE id = 'meter-1'", "counter meter-1");
    // The last change is that of another record.
    shows("UPDATE record SET last_change_seq = 1 WHERE id = 'meter-1'", "counter meter-1");
}

#[test]
fn a_number_that_does_not_fit_is_noticed() {
    shows(
        "UPDATE tally SET number = number + 1 WHERE counted = 'record' AND other = 'counter'",
        "record uzhkh counter",
    );
}

#[test]
fn a_reference_that_leads_nowhere_is_noticed() {
    shows("DELETE FROM envelope WHERE guid = 'g1'", "every reference leads somewhere");
}

#[test]
fn a_temporary_id_put_back_is_noticed() {
    shows(
        "UPDATE record SET body = json_set(body, '$.FlatId', '--7') WHERE id = 'meter-1'",
        "counter meter-1",
    );
}

/// After this tampering with what is in Alma, verify fails and says this.
#[track_caller]
fn shows_of_alma(sql: &str, words: &str) {
    let bench = setup().alma("").start();
    for id in ["o1", "o2"] {
        let flat = object(id).replace(r#""FlatNumber":"12""#, &format!(r#""FlatNumber":"{id}""#));
        bench.uzhkh().push_request(envelope(id, "Obj", &flat));
    }
    bench.pass();
    let ended = bench.run(&["verify"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    bench.tamper(sql);
    let ended = bench.run(&["verify"]);
    assert_eq!(ended.code, Some(1), "{sql}: {}", ended.stdout);
    assert!(ended.stdout.contains(words), "{sql}: {}", ended.stdout);
}

#[test]
fn two_objects_with_one_id_of_alma_are_noticed() {
    shows_of_alma(
        "DROP INDEX alma_object_of_alma; \
         UPDATE alma_object SET alma_id = 9191 WHERE kind = 'unit'",
        "unit o2 has the alma_id of another",
    );
}

#[test]
fn an_object_of_alma_that_is_no_json_is_noticed() {
    shows_of_alma(
        "UPDATE alma_object SET sent = '{' WHERE external_id = 'h4'",
        "building h4 has a desired or sent that is not JSON",
    );
}

#[test]
fn a_synced_object_that_alma_does_not_have_is_noticed() {
    shows_of_alma(
        "PRAGMA ignore_check_constraints = ON; UPDATE alma_object SET alma_id = NULL WHERE external_id = 'o1'",
        "unit o1 is synced without an alma_id",
    );
}

#[test]
fn a_cursor_ahead_of_all_changes_is_noticed() {
    shows_of_alma(
        "UPDATE alma_cursor SET change_seq = change_seq + 1",
        "alma_cursor is at change 3, and the newest is 2",
    );
}

#[test]
fn a_damaged_file_is_an_error_not_a_crash() {
    let bench = filled();
    let mut bytes = std::fs::read(bench.ledger()).unwrap();
    for byte in bytes.iter_mut().skip(4096 * 3).step_by(7).take(20_000) {
        *byte ^= 0x5a;
    }
    std::fs::write(bench.ledger(), bytes).unwrap();
    let ended = bench.run(&["verify"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
}

#[test]
fn overwritten_pages_show() {
    const PAGE: usize = 4096;
    // From the second page on not even the schema can be read.
    for first in [1, 40, 190] {
        let bench = filled();
        let mut bytes = fs::read(bench.ledger()).unwrap();
        assert!(bytes.len() > 191 * PAGE, "{}", bytes.len());
        bytes[first * PAGE..].fill(0xA5);
        fs::write(bench.ledger(), &bytes).unwrap();
        let ended = bench.run(&["verify"]);
        assert_eq!(ended.code, Some(1), "{first}: {}", ended.stderr);
        assert!(
            ended.stdout.starts_with("BROKEN  the file is whole"),
            "{first}: {}{}",
            ended.stdout,
            ended.stderr
        );
        let json = bench.run(&["verify", "--json"]);
        assert_eq!(json.code, Some(1), "{first}: {}", json.stderr);
        let promises: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!(promises[0]["promise"], "the file is whole");
        assert!(fs::read(bench.ledger()).unwrap() == bytes, "{first}");
    }
}
