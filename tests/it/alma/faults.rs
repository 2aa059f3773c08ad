//! Alma on a bad day: nothing is lost, nothing is made twice, and nobody else waits.

use std::fs;
use std::time::Duration;

use simulator::{AlmaKind, Endpoint, Fault, FaultKind, Way};

use crate::alma::bench::{both, flat};
use crate::alma::watch::{ENDPOINTS, assert_filled, fill, polled};
use crate::support::{Bench, wait_until};

const QUICKLY: &str = "[http]\ntimeout = \"1s\"\nidle_timeout = \"1s\"";
/// From now on all of Alma goes wrong so.
fn strike(bench: &Bench, kind: &FaultKind) {
    for endpoint in ENDPOINTS {
        bench.inject(Fault::new(kind.clone()).at(endpoint));
    }
}

#[test]
fn a_pass_on_a_bad_day_fails_and_the_next_one_mends_it() {
    let days = [
        (FaultKind::Error500, "failed", "HTTP 500"),
        (FaultKind::TooMany, "failed", "HTTP 429"),
        (FaultKind::Unavailable { retry_after_seconds: 60 }, "failed", "HTTP 503"),
        (FaultKind::Forbidden, "unauthorized", "HTTP 403"),
        (FaultKind::Redirect, "failed", "HTTP 302"),
        (FaultKind::Html, "failed", "a page for people"),
        (FaultKind::ResetBefore, "failed", "connection was closed"),
        (FaultKind::LostAnswer, "failed", "connection was closed"),
        (FaultKind::CutBody, "failed", ""),
        (FaultKind::CutAnnounced, "failed", "cut short"),
        (FaultKind::StallBody, "failed", "stopped"),
        (FaultKind::Stall, "failed", "no answer within"),
    ];
    // Each waits for most of its time.
    std::thread::scope(|scope| {
        for (kind, outcome, words) in days {
            scope.spawn(move || bad_day(&kind, outcome, words));
        }
    });
}

fn bad_day(kind: &FaultKind, outcome: &str, words: &str) {
    let bench = both().section(QUICKLY).start();
    fill(&bench, 2);
    strike(&bench, kind);
    let ended = bench.traced(&["run", "--once"]);
    assert_eq!(ended.code, Some(1), "{kind:?}: {}", ended.stderr);
    let polled = polled(&bench);
    assert!(
        polled.starts_with(&format!("{outcome}|alma: ")) && polled.contains(words),
        "{kind:?}: {polled}"
    );
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains(&format!("alma objects {outcome}: ")), "{kind:?}: {status}");
    let judged = "SELECT count(*) FROM alma_object WHERE state IN ('rejected', 'held', 'archived')";
    assert_eq!(bench.one(judged), "0", "{kind:?}: {:?}", bench.stuck());
    // Each of the five that wait for no other, in three passes, up to three times.
    let asked = bench.called();
    assert!(asked <= 45, "{kind:?}: {asked} requests");
    assert_eq!(
        bench.one("SELECT count(*) FROM envelope WHERE state = 'acknowledged'"),
        "4",
        "{kind:?}"
    );
    bench.clear_faults();
    bench.pass();
    assert_filled(&bench, 2);
}

#[test]
fn what_comes_oddly_but_whole_is_an_answer() {
    for kind in [FaultKind::Bom, FaultKind::Drip] {
        let bench = both().start();
        fill(&bench, 1);
        strike(&bench, &kind);
        bench.pass();
        bench.clear_faults();
        assert_filled(&bench, 1);
    }
}

#[test]
fn a_dead_alma_costs_a_pass_no_more_than_half_a_minute() {
    let bench = both().start();
    fill(&bench, 20);
    strike(&bench, &FaultKind::Stall);
    let ended = bench.fail();
    assert!(ended.took < Duration::from_secs(30), "{:?}", ended.took);
    assert_eq!(bench.one("SELECT count(*) FROM envelope WHERE state <> 'acknowledged'"), "0");
    assert_eq!(bench.report().waiting_requests, 0);
    assert!(polled(&bench).starts_with("failed|alma: "));
    bench.clear_faults();
    bench.pass();
    assert_filled(&bench, 20);
}

#[test]
fn two_dead_systems_cost_a_pass_no_more_than_one() {
    let bench = both().start();
    fill(&bench, 2);
    strike(&bench, &FaultKind::Error500);
    bench.fail();
    bench.clear_faults();
    strike(&bench, &FaultKind::Stall);
    for queue in [Endpoint::Requests, Endpoint::DeletedItems] {
        bench.inject(Fault::new(FaultKind::Stall).at(queue));
    }
    let ended = bench.fail();
    assert!(ended.took < Duration::from_secs(30), "{:?}", ended.took);
    assert!(polled(&bench).starts_with("failed|alma: "));
    bench.clear_faults();
    bench.pass();
    assert_filled(&bench, 2);
}

#[test]
fn who_is_not_there_fails_the_pass_and_no_other() {
    let bench = both().start();
    fill(&bench, 20);
    let right = fs::read_to_string(bench.config()).unwrap();
    let nobody = right.replace(
        &format!("{:?}\napi_key", bench.alma().base_url()),
        "\"http://127.0.0.1:9/\"\napi_key",
    );
    fs::write(bench.config(), nobody).unwrap();
    let ended = bench.fail();
    assert!(ended.took < Duration::from_secs(30), "{:?}", ended.took);
    assert!(polled(&bench).contains("cannot connect"), "{}", polled(&bench));
    assert_eq!(bench.one("SELECT count(*) FROM envelope WHERE state <> 'acknowledged'"), "0");
    fs::write(bench.config(), right).unwrap();
    bench.pass();
    assert_filled(&bench, 20);
}

#[test]
fn a_wrong_key_is_said_and_not_tried_on_every_object() {
    let bench = both().start();
    fill(&bench, 20);
    let key = bench.alma().api_key();
    bench.alma().set_api_key("another");
    bench.fail();
    assert!(polled(&bench).starts_with("unauthorized|alma: "), "{}", polled(&bench));
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("alma objects unauthorized: "), "{status}");
    assert!(bench.called() <= 8, "{}", bench.called());
    bench.alma().set_api_key(key);
    bench.pass();
    assert_filled(&bench, 20);
}

#[test]
fn the_service_leaves_an_alma_that_refuses_it_alone() {
    let bench = both().every_second().alma("schedule = \"* * * * * *\"").start();
    bench.alma().set_api_key("another");
    fill(&bench, 20);
    let daemon = bench.daemon();
    let outcome = "SELECT max(outcome) FROM poll WHERE source = 'alma'";
    wait_until("the refusal", || bench.one_or_none(outcome) == "unauthorized");
    let before = bench.called();
    assert!(before <= 8, "{before}");
    let polls = bench.asked("Requests");
    bench.say("Obj", &flat("o99", "99"));
    wait_until("some seconds", || bench.asked("Requests") > polls + 3);
    assert_eq!(bench.called(), before);
    let log = daemon.log();
    let warned = log.lines().filter(|line| line.contains(" WARN "));
    assert!(warned.count() <= 2, "{log}");
    daemon.stop();
}

#[test]
fn the_service_waits_as_long_as_it_is_told() {
    let bench = both().every_second().alma("schedule = \"* * * * * *\"").start();
    let wait = FaultKind::Unavailable { retry_after_seconds: 60 };
    bench.inject(Fault::new(wait).at(Endpoint::AlmaUnits).by(Way::Post));
    fill(&bench, 1);
    let daemon = bench.daemon();
    let waits = "SELECT count(*) FROM alma_object WHERE kind = 'unit' AND attempts = 1 \
                 AND unixepoch(next_attempt_at) - unixepoch(updated_at) >= 59";
    wait_until("the delay", || bench.one_or_none(waits) == "1");
    // The rest does not wait.
    wait_until("the clients", || bench.alma().objects(AlmaKind::Client).len() == 2);
    let polls = bench.asked("Requests");
    wait_until("some seconds", || bench.asked("Requests") > polls + 3);
    let posts = bench.writes_since(0).into_iter().filter(|call| call.path.ends_with("/units/"));
    assert_eq!(posts.count(), 1);
    bench.clear_faults();
    bench.orders(&["retry", "unit", "o0"]);
    let synced = "SELECT count(*) FROM alma_object WHERE state = 'synced'";
    wait_until("all of it", || bench.one(synced) == "6");
    daemon.stop();
    assert_filled(&bench, 1);
}
