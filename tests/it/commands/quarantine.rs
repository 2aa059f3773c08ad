//! `quarantine`: looked at, tried again, given up; daemon up or down.

use crate::support::entities::{counter, envelope};
use crate::support::{Bench, setup, wait_until};

const BAD: &str = r#"{"Guid":"b1","Tank":{"Id":"1"},"x":"ж"}"#;

fn held() -> Bench {
    let bench = setup().start();
    bench.uzhkh().push_request(BAD);
    bench.uzhkh().push_request("17");
    bench.pass();
    bench
}

/// Leaves an entry in the quarantine that this version understands, as an earlier
/// one may have done.
fn left_by_an_earlier_version(bench: &Bench, guid: &str, entry: &str) {
    bench.uzhkh().push_request(entry);
    let digest = <sha2::Sha256 as sha2::Digest>::digest(entry);
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    bench.tamper(&format!(
        "INSERT INTO envelope (queue, guid, kinds, body, body_sha256, bytes, received_at, state, last_error) \
         VALUES ('requests', '{guid}', '[]', '{entry}', '{hash}', {}, '2024-05-01T08:00:00.000Z', \
         'quarantined', 'not understood')",
        entry.len()
    ));
}

#[test]
fn it_is_listed_and_shown_as_received() {
    let bench = held();
    let list = bench.run(&["quarantine", "list"]);
    assert_eq!(list.code, Some(0));
    assert!(list.stdout.contains("b1") && list.stdout.contains("no known member"));
    assert!(!list.stdout.contains("Tank"), "{}", list.stdout);
    let json = bench.run(&["quarantine", "list", "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["seq"], 1);
    assert_eq!(json[0]["guid"], "b1");
    assert_eq!(json[0]["queue"], "requests");
    assert_eq!(json[0]["bytes"], BAD.len());
    assert_eq!(json[1]["guid"], "");
    let shown = bench.run(&["quarantine", "show", "1"]);
    assert_eq!(shown.stdout, format!("{BAD}\n"));
    for command in ["show", "retry", "acknowledge"] {
        let none = bench.run(&["quarantine", command, "99"]);
        assert_eq!(none.code, Some(1), "{command}");
        assert!(none.stderr.contains("99"), "{}", none.stderr);
    }
}

#[test]
fn an_empty_quarantine_is_said_to_be_empty() {
    let bench = setup().start();
    bench.pass();
    let list = bench.run(&["quarantine", "list"]);
    assert_eq!(list.stdout, "nothing is quarantined\n");
    assert_eq!(bench.run(&["quarantine", "list", "--json"]).stdout, "[]\n");
}

#[test]
fn what_is_still_not_understood_stays() {
    let bench = held();
    let again = bench.run(&["quarantine", "retry", "1"]);
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains("no known member"), "{}", again.stderr);
    bench.pass();
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "2");
    assert_eq!(bench.asked("Delete"), 0);
}

#[test]
fn what_is_given_up_is_acknowledged_without_being_applied() {
    let bench = held();
    assert_eq!(bench.run(&["quarantine", "acknowledge", "1"]).code, Some(0));
    // Only the service speaks to UZhKH.
    assert_eq!(bench.asked("Delete"), 0);
    bench.pass();
    assert_eq!(bench.deletes("b1"), [None]);
    assert_eq!(
        bench.lines("SELECT guid, state, body FROM envelope WHERE guid <> ''"),
        [format!("b1|acknowledged|{BAD}")]
    );
    assert_eq!(bench.one("SELECT count(*) FROM record"), "0");
    assert_eq!(bench.run(&["verify"]).code, Some(0));
    // Without a Guid there is nothing to acknowledge it by.
    let again = bench.run(&["quarantine", "retry", "2"]);
    assert!(again.stderr.contains("UZhKH must remove it"), "{}", again.stderr);
    assert!(!again.stderr.contains("quarantine acknowledge"), "{}", again.stderr);
    let nameless = bench.run(&["quarantine", "acknowledge", "2"]);
    assert_eq!(nameless.code, Some(1));
    assert!(nameless.stderr.contains("Guid"), "{}", nameless.stderr);
    assert_eq!(bench.uzhkh().queue_len(), 1);
}

#[test]
fn what_is_understood_by_now_is_applied_and_acknowledged() {
    let bench = setup().start();
    bench.pass();
    let entry = envelope("g1", "Counter", &counter("--5"));
    left_by_an_earlier_version(&bench, "g1", &entry);
    bench.pass();
    assert_eq!(bench.asked("Delete"), 0);
    let ended = bench.run(&["quarantine", "retry", "1"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    bench.pass();
    let permanent = bench.permanent("counter", "--5");
    assert_eq!(bench.deletes("g1"), [Some(permanent.clone())]);
    assert_eq!(bench.one("SELECT id FROM counter"), permanent);
    assert_eq!(
        bench.one("SELECT kinds, state, last_error FROM envelope"),
        r#"["counter"]|acknowledged|NULL"#
    );
    assert_eq!(bench.run(&["verify"]).code, Some(0));
}

#[test]
fn a_running_service_acts_on_both() {
    let bench = setup().every_second().start();
    bench.uzhkh().push_request(BAD);
    bench.pass();
    let entry = envelope("g1", "Counter", &counter("c1"));
    left_by_an_earlier_version(&bench, "g1", &entry);
    let daemon = bench.daemon();
    let asked = bench.asked("Requests");
    wait_until("the service", || bench.asked("Requests") > asked);
    assert_eq!(bench.run(&["quarantine", "retry", "2"]).code, Some(0));
    assert_eq!(bench.run(&["quarantine", "acknowledge", "1"]).code, Some(0));
    wait_until("both Deletes", || bench.uzhkh().queue_len() == 0);
    daemon.stop();
    assert_eq!(bench.lines("SELECT id FROM counter"), ["c1"]);
}

#[test]
fn what_came_from_outside_cannot_command_the_terminal() {
    let bench = setup().start();
    let guid = r"b\u001b[2J\nx\u009b1m";
    bench.uzhkh().push_request(format!(r#"{{"Guid":"{guid}","Tank":{{}}}}"#));
    bench.pass();
    let list = bench.run(&["quarantine", "list"]);
    assert_eq!(list.code, Some(0), "{}", list.stderr);
    assert!(list.stdout.contains("b\u{FFFD}[2J\u{FFFD}x\u{FFFD}1m"), "{:?}", list.stdout);
    assert_eq!(list.stdout.lines().count(), 2, "{:?}", list.stdout);
    let controls = list.stdout.chars().filter(|one| one.is_control());
    assert_eq!(controls.collect::<String>(), "\n\n");
    // For programs it is what it is.
    let json = bench.run(&["quarantine", "list", "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["guid"], "b\u{1b}[2J\nx\u{9b}1m");
}
