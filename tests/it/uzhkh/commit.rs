//! Nothing is acknowledged that is not committed, and never too much at once.

use std::time::Duration;

use crate::support::entities::{car, counter, envelope};
use crate::support::{process, setup, tool, wait_until};
use simulator::{Endpoint, Fault, FaultKind};

#[test]
fn no_more_acknowledgements_are_under_way_than_configured() {
    let bench = setup().uzhkh("acknowledge_concurrency = 3").start();
    for n in 0..40 {
        let entry = envelope(&format!("g{n}"), "Counter", &counter(&format!("c{n}")));
        bench.uzhkh().push_request(entry);
    }
    bench.uzhkh().set_latency(Duration::from_millis(10));
    bench.pass();
    assert_eq!(bench.report().max_concurrent_deletes, 3);
    assert_eq!(bench.asked("Delete"), 40);
}

#[test]
fn failures_in_a_row_end_a_pass_over_what_is_to_be_acknowledged() {
    const ENTRIES: u64 = 60;
    let bench = setup().uzhkh("acknowledge_concurrency = 1").start();
    for n in 0..ENTRIES {
        let entry = envelope(&format!("g{n}"), "Counter", &counter(&format!("c{n}")));
        bench.uzhkh().push_request(entry);
    }
    bench.uzhkh().inject(Fault::new(FaultKind::Error500).at(Endpoint::Delete));
    bench.fail();
    // Four of each pass, of which a run makes few, however long a commit takes meanwhile.
    let asked = bench.asked("Delete");
    assert!(asked.is_multiple_of(4) && (4..ENTRIES).contains(&asked), "{asked}");
    bench.uzhkh().clear_faults();
    bench.pass();
    assert_eq!(bench.uzhkh().queue_len(), 0);
}

#[test]
fn without_a_commit_nothing_is_acknowledged() {
    let Some(mut command) = tool("bash") else { return };
    let bench = setup().start();
    bench.pass();
    let text = "x".repeat(900_000);
    let entry = envelope("g1", "Car", &car("k1").replace("Веста", &text));
    bench.uzhkh().push_request(entry);
    // No file may grow beyond 512 KiB, and the signal that says so is ignored.
    command
        .args(["-c", "trap '' XFSZ; ulimit -f 512; exec \"$0\" --config \"$1\" run --once"])
        .arg(process::BINARY)
        .arg(bench.config());
    let ended = process::finish(command);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("ledger"), "{}", ended.stderr);
    assert!(bench.asked("Requests") >= 2);
    assert_eq!(bench.asked("Delete"), 0);
    assert_eq!(bench.uzhkh().queue_len(), 1);
    bench.pass();
    assert_eq!(bench.uzhkh().queue_len(), 0);
    assert_eq!(bench.one("SELECT length(model) FROM car"), "900000");
}

#[test]
fn while_another_process_writes_nothing_is_acknowledged() {
    let bench = setup().every_second().start();
    let daemon = bench.daemon();
    wait_until("the first fetch", || bench.asked("Requests") >= 1);
    bench.uzhkh().set_latency(Duration::from_millis(300));
    let asked = bench.asked("Requests");
    wait_until("another fetch", || bench.asked("Requests") > asked);
    // Its answer is held back long enough for both of these.
    let holder = rusqlite::Connection::open(bench.ledger()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    wait_until("a commit that waits", || {
        daemon.log().contains("has been writing the ledger for long")
    });
    assert_eq!(bench.asked("Delete"), 0);
    assert_eq!(bench.uzhkh().queue_len(), 1);
    holder.execute_batch("ROLLBACK").unwrap();
    wait_until("the Delete", || bench.uzhkh().queue_len() == 0);
    daemon.stop();
}

#[test]
fn an_envelope_that_the_ledger_refuses_stops_no_other() {
    let bench = setup().start();
    bench.pass();
    bench.tamper(
        "CREATE TRIGGER refusal BEFORE INSERT ON record WHEN NEW.id = 'c2' \
         BEGIN SELECT RAISE(ABORT, 'refused on purpose'); END",
    );
    for n in 1..4 {
        let entry = envelope(&format!("g{n}"), "Counter", &counter(&format!("c{n}")));
        bench.uzhkh().push_request(entry);
    }
    bench.pass();
    assert_eq!(
        bench.lines("SELECT guid, state FROM envelope ORDER BY guid"),
        ["g1|acknowledged", "g2|quarantined", "g3|acknowledged"]
    );
    assert_eq!(bench.lines("SELECT id FROM counter ORDER BY id"), ["c1", "c3"]);
    assert_eq!(
        bench.lines("SELECT guid, body FROM quarantine"),
        [format!("g2|{}", envelope("g2", "Counter", &counter("c2")))]
    );
    assert_eq!(bench.deletes("g2"), []);
    assert_eq!(bench.uzhkh().queue_len(), 1);
    // With what stood in its way gone, it is taken up by hand.
    bench.tamper("DROP TRIGGER refusal");
    let seq = bench.one("SELECT seq FROM quarantine");
    let retried = bench.run(&["quarantine", "retry", &seq]);
    assert_eq!(retried.code, Some(0), "{}", retried.stderr);
    bench.pass();
    assert_eq!(bench.uzhkh().queue_len(), 0);
    assert_eq!(bench.run(&["verify"]).code, Some(0));
}
