//! UZhKH refuses us for a while: what is due meanwhile is done once the pause is over.

use crate::support::entities::{account, counter, envelope, object};
use crate::support::{Bench, setup, wait_until};
use simulator::{Endpoint, Fault, FaultKind};

/// In no month of a test.
const SELDOM: &str = "\"0 0 0 1 1 *\"";

fn refusals(bench: &Bench, feed: &str) -> u64 {
    let refused = "SELECT count(*) FROM poll WHERE outcome = 'unauthorized' AND feed";
    bench.one_or_none(&format!("{refused} = '{feed}'")).parse().unwrap_or_default()
}

#[test]
fn calls_that_are_refused_do_not_keep_the_queues_from_being_read() {
    let bench = setup().every_second().uzhkh("unauthorized_pause = \"2s\"").start();
    bench.inject(Fault::new(FaultKind::Forbidden).at(Endpoint::SetId));
    let account = account("--2").replace(r#""o1""#, r#""--1""#);
    let object = object("--1");
    bench.uzhkh().push_request(format!(r#"{{"Guid":"g1","Account":{account},"Obj":{object}}}"#));
    let daemon = bench.daemon();
    wait_until("the refusal", || bench.asked("SetId") >= 1);
    for n in 0..3 {
        let refused = refusals(&bench, "Requests");
        let entry = envelope(&format!("late{n}"), "Counter", &counter(&format!("c{n}")));
        bench.uzhkh().push_request(entry);
        let is_done = format!(
            "SELECT count(*) FROM envelope WHERE guid = 'late{n}' AND state = 'acknowledged'"
        );
        wait_until("the entry", || bench.one(&is_done) == "1");
        // The polls that a pause has kept say so.
        wait_until("the next refusal", || refusals(&bench, "Requests") > refused);
    }
    wait_until("the other queue", || refusals(&bench, "DeletedItems") >= 2);
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("calls waiting"), "{status}");
    daemon.stop();
}

#[test]
fn queues_that_are_refused_do_not_keep_calls_from_being_sent() {
    let bench = setup().every_second().uzhkh("unauthorized_pause = \"2s\"").start();
    for queue in [Endpoint::Requests, Endpoint::DeletedItems] {
        bench.inject(Fault::new(FaultKind::Forbidden).at(queue));
    }
    let daemon = bench.daemon();
    wait_until("the refusals", || refusals(&bench, "Requests") >= 2);
    for id in ["1", "2"] {
        let ended = bench.run(&["decide", "register", id, "--approve"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let done = format!(
            "SELECT count(*) FROM call WHERE state = 'done' AND params ->> '$.id' = '{id}'"
        );
        wait_until("the decision", || bench.one(&done) == "1");
        let refused = refusals(&bench, "Requests");
        wait_until("the next refusal", || refusals(&bench, "Requests") > refused);
    }
    daemon.stop();
}

#[test]
fn a_poll_that_is_asked_for_in_a_pause_is_made_after_it() {
    let bench = setup()
        .uzhkh(&format!("requests_schedule = {SELDOM}\ndeleted_schedule = {SELDOM}"))
        .uzhkh("unauthorized_pause = \"2s\"")
        .start();
    bench.fault(FaultKind::Forbidden, Endpoint::Requests, 1);
    let daemon = bench.daemon();
    wait_until("the refusal", || refusals(&bench, "Requests") == 1);
    bench.tamper(
        "INSERT INTO poll_wanted (source, feed, asked_at) VALUES ('uzhkh', 'Requests', \
         '2024-05-01T08:00:00.000Z')",
    );
    wait_until("the poll", || bench.newest_poll("uzhkh", "Requests", "outcome") == "ok");
    assert_eq!(bench.asked("Requests"), 2);
    assert_eq!(refusals(&bench, "Requests"), 1);
    daemon.stop();
}
