//! Every command, with the daemon up and down: it works, people read what it prints, and
//! programs read the same as JSON.

use serde_json::{Value, json};

use super::operator::{AT, bench, in_doubt};
use crate::support::{Bench, wait_until};

/// A command, what people read of it, and where programs find what in its JSON.
type Row = (&'static str, &'static str, &'static str, Value);

/// Those that look.
fn looking() -> Vec<Row> {
    vec![
        ("status", "objects of Alma held; see `uzhkh-ledger alma plan`", "/quarantined", json!(2)),
        ("check --offline", "config  ok", "/0/ok", json!(true)),
        ("verify", "kept", "/0/broken", json!(0)),
        ("quarantine list", "no known member", "/1/guid", json!("b2")),
        (
            "quarantine show 1",
            r#"{"Guid":"b1","Tank":{}}"#,
            "/body",
            json!(r#"{"Guid":"b1","Tank":{}}"#),
        ),
        ("identity list", "object  --7", "/0/temporary_id", json!("--7")),
        ("calls list", "`uzhkh-ledger calls settle SEQ --done`", "/0/state", json!("unknown")),
        ("calls list --state unknown", "HandleRequestToRegister", "/1/params/id", json!("78")),
        ("calls show CALL", r#"params    {"id":"77"}"#, "/last_error", json!("no answer")),
        ("alma plan", "- unit o1  held", "/0/state", json!("held")),
    ]
}

/// Those that change something, each twice: for people, and for programs.
fn changing() -> Vec<(Row, &'static str)> {
    vec![
        (
            (
                "quarantine acknowledge 1",
                "given up; it will be acknowledged by the service",
                "/outcome",
                json!("given_up"),
            ),
            "quarantine acknowledge 2",
        ),
        (
            (
                "identity set object --7 flat-7",
                "object --7 is flat-7",
                "/permanent_id",
                json!("flat-8"),
            ),
            "identity set object --8 flat-8",
        ),
        (
            (
                "decide register 901 --reject --cause no",
                "rejected request 901; people are not notified; the service sends it (call ",
                "/verdict",
                json!("approved"),
            ),
            "decide register 902 --approve",
        ),
        (
            (
                "decide object 903 --approve --account-number 5",
                "approved request 903; people are not notified",
                "/notify",
                json!(true),
            ),
            "decide object 904 --reject --notify",
        ),
        (
            (
                "keys book --house 1 --flat 2 --phone +79000000001 --at TIME",
                "books 2099-06-11T10:00:00+03:00 for flat 2 at house 1",
                "/at",
                json!("2099-06-11T10:00:00+03:00"),
            ),
            "keys book --house 1 --flat 3 --phone +79000000001 --at TIME",
        ),
        (
            ("calls settle CALL --failed", "is noted as failed", "/state", json!("done")),
            "calls settle CALL --done",
        ),
        (
            (
                "alma block unit o2",
                "unit o2 is to be blocked (call ",
                "/outcome",
                json!("unblocked"),
            ),
            "alma unblock unit o2",
        ),
        (
            (
                "alma release unit o1",
                "unit o1 is released; it was held: no longer in the ledger",
                "/external_id",
                json!("o3"),
            ),
            "alma release unit o3",
        ),
    ]
}

#[track_caller]
fn printed(bench: &Bench, line: &str, call: &str, more: &[&str]) -> String {
    let words = line.split(' ').map(|word| match word {
        "TIME" => AT,
        "CALL" => call,
        word => word,
    });
    let arguments: Vec<&str> = words.chain(more.iter().copied()).collect();
    let ended = bench.run(&arguments);
    assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
    ended.stdout
}

#[track_caller]
fn in_json(text: &str, pointer: &str, line: &str) -> Value {
    let json: Value = serde_json::from_str(text).unwrap();
    let found = json.pointer(pointer);
    found.unwrap_or_else(|| panic!("{line}: {json}")).clone()
}

#[test]
fn every_command_works_while_the_daemon_runs_and_while_it_does_not() {
    for is_up in [false, true] {
        let bench = bench();
        let daemon = is_up.then(|| {
            let asked = bench.asked("Requests");
            let daemon = bench.daemon();
            wait_until("the service", || bench.asked("Requests") > asked);
            daemon
        });
        let calls = in_doubt(&bench);
        for (line, words, pointer, expected) in looking() {
            let text = printed(&bench, line, &calls[0], &[]);
            assert!(text.contains(words), "{line}, {is_up}: {text}");
            let text = printed(&bench, line, &calls[0], &["--json"]);
            assert_eq!(in_json(&text, pointer, line), expected, "{line}, {is_up}");
        }
        assert!(printed(&bench, "changes", "", &[]).lines().count() >= 7);
        assert!(printed(&bench, "findings", "", &[]).contains("nothing odd"));
        assert_eq!(printed(&bench, "findings", "", &["--json"]), "[]\n");
        for ((line, words, pointer, expected), for_programs) in changing() {
            let text = printed(&bench, line, &calls[0], &[]);
            assert!(text.contains(words), "{line}, {is_up}: {text}");
            let text = printed(&bench, for_programs, &calls[1], &["--json"]);
            let found = in_json(&text, pointer, for_programs);
            assert_eq!(found, expected, "{for_programs}, {is_up}");
        }
        if let Some(daemon) = daemon {
            wait_until("what was given up", || bench.uzhkh().queue_len() == 0);
            wait_until("the block", || {
                let left = "SELECT count(*) FROM call WHERE target = 'alma' AND state = 'pending'";
                bench.one(left) == "0"
            });
            daemon.stop();
        }
    }
}

#[test]
fn what_is_refused_names_the_next_command() {
    let bench = bench();
    let call = in_doubt(&bench).remove(0);
    printed(&bench, "decide register 901 --approve", "", &[]);
    for (line, words) in [
        ("quarantine show 99", "`uzhkh-ledger quarantine list`"),
        ("quarantine retry 99", "`uzhkh-ledger quarantine list`"),
        ("quarantine retry 1", "`uzhkh-ledger quarantine acknowledge 1`"),
        ("identity set object --7 o2", "`uzhkh-ledger identity list`"),
        ("decide register 901 --approve", "`uzhkh-ledger calls show "),
        ("decide register 77 --approve", "`uzhkh-ledger calls settle "),
        ("calls show 99", "`uzhkh-ledger calls list`"),
        ("calls settle 99 --done", "`uzhkh-ledger calls list`"),
        ("alma retry unit o1", "`uzhkh-ledger alma release unit o1`"),
        ("alma release unit o2", "`uzhkh-ledger alma plan`"),
        ("alma block unit o9", "`uzhkh-ledger alma plan`"),
        ("changes --after 9999", "go on with the changes after "),
    ] {
        let ended = bench.run(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(ended.code, Some(1), "{line}: {}", ended.stdout);
        assert!(ended.stderr.contains(words), "{line}: {}", ended.stderr);
    }
    // What a person has looked up can be decided anew.
    printed(&bench, "calls settle CALL --failed", &call, &[]);
    printed(&bench, "decide register 77 --approve", "", &[]);
    let again = bench.run(&["calls", "settle", &call, "--failed"]);
    assert_eq!(again.code, Some(1), "{}", again.stdout);
    let puts_away = format!("`uzhkh-ledger calls settle {call} --done`");
    assert!(again.stderr.contains(&puts_away), "{}", again.stderr);
    printed(&bench, "calls settle CALL --done", &call, &[]);
}

#[test]
fn every_command_that_decides_shows_an_example() {
    let bench = bench();
    for line in [
        "decide register",
        "decide object",
        "identity set",
        "keys book",
        "keys free-times",
        "alma retry",
        "alma release",
        "calls settle",
        "quarantine acknowledge",
        "quarantine retry",
        "changes",
        "fetch",
    ] {
        let help = printed(&bench, line, "", &["--help"]);
        assert!(
            help.contains(&format!("uzhkh-ledger {line} ")) && help.contains("Example"),
            "{line}: {help}"
        );
    }
}
