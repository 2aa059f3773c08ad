//! `status`: what was done, what waits, what is stuck; daemon up or down.

use std::fs::OpenOptions;
use std::process::Stdio;

use serde_json::Value;

use crate::support::entities::{account_of, counter, envelope, person};
use crate::support::process::command;
use crate::support::{Bench, setup, wait_until};
use simulator::{Endpoint, Fault, FaultKind};

fn json(bench: &Bench) -> Value {
    let ended = bench.run(&["status", "--json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn without_a_ledger_there_is_nothing_to_tell() {
    let bench = setup().start();
    let ended = bench.run(&["status"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("no ledger"), "{}", ended.stderr);
    assert!(!bench.ledger().exists());
}

#[test]
fn what_waits_is_counted() {
    let bench = setup().start();
    for n in 0..2 {
        let persons = [person(&format!("--{n}"))];
        let entity = account_of(&format!("a{n}"), &persons);
        bench.uzhkh().push_request(envelope(&format!("g{n}"), "Account", &entity));
    }
    bench.uzhkh().push_request(envelope("g3", "Counter", &counter("c1").replace("10.50", "\"x\"")));
    bench.uzhkh().push_request("17");
    bench.uzhkh().inject(Fault::new(FaultKind::Error500).at(Endpoint::SetId));
    bench.fail();
    let status = json(&bench);
    for (key, count) in [
        ("pending_acknowledgements", 2),
        ("pending_calls", 2),
        ("reserved_ids", 2),
        ("quarantined", 1),
        ("findings", 1),
        ("failed_calls", 0),
        ("unknown_calls", 0),
        ("rejected_ids", 0),
        ("missing", 0),
    ] {
        assert_eq!(status[key], count, "{key}");
    }
    assert_eq!(status["daemon"], Value::Null);
    assert!(status["oldest_pending_call"].is_string());
    assert!(status["call_error"].as_str().unwrap().contains("500"));
    assert_eq!(status["last_change"], 5);
    let records = serde_json::json!([["account", 2], ["counter", 1], ["resident", 2]]);
    assert_eq!(status["records"], records);
    let parts = status["parts"].as_array().unwrap();
    let feeds: Vec<&str> = parts.iter().map(|part| part["feed"].as_str().unwrap()).collect();
    assert_eq!(feeds, ["DeletedItems", "Requests"]);
    let text = bench.run(&["status"]).stdout;
    for words in [
        "not running",
        "2  acknowledgements waiting",
        "2  calls waiting",
        "quarantine list",
        "HTTP 500",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_failed_poll_is_shown_with_its_reason() {
    let bench = setup().start();
    bench.pass();
    bench.uzhkh().inject(Fault::new(FaultKind::Html).at(Endpoint::Requests));
    bench.fail();
    let status = json(&bench);
    let part = &status["parts"][1];
    assert_eq!(part["feed"], "Requests");
    assert_eq!(part["outcome"], "failed");
    assert!(part["error"].as_str().unwrap().contains("HTML"));
    assert!(part["last_ok_at"].is_string());
    assert_ne!(part["last_ok_at"], part["finished_at"]);
}

#[test]
fn an_output_that_takes_nothing_is_not_taken_for_the_ledger() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("m1")));
    bench.pass();
    for arguments in [&["status"][..], &["changes"], &["verify"]] {
        let mut command = command(&bench.config(), arguments);
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ended = command.stdout(full).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}");
        let error = String::from_utf8(ended.stderr).unwrap();
        let expected = "uzhkh-ledger: standard output cannot be written: ";
        assert!(error.starts_with(expected), "{arguments:?}: {error}");
    }
}

#[test]
fn a_running_daemon_is_named_and_not_disturbed() {
    let bench = setup().every_second().start();
    let daemon = bench.daemon();
    wait_until("the first polls", || {
        bench.ledger().exists() && bench.run(&["status"]).stdout.contains("DeletedItems")
    });
    let status = json(&bench);
    let named = status["daemon"].as_str().unwrap();
    assert!(named.contains(&daemon.id().to_string()), "{named}");
    let asked = bench.asked("Requests");
    wait_until("the next poll", || bench.asked("Requests") > asked);
    daemon.stop();
    assert_eq!(json(&bench)["daemon"], Value::Null);
}
