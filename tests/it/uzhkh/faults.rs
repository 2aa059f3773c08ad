//! Answers that fail: what is whole is kept, the rest comes the next time, and the
//! run says so.

use std::time::Duration;

use crate::support::entities::{counter, envelope};
use crate::support::{Bench, Setup, setup};
use simulator::{Endpoint, Fault, FaultKind};

const ENTRIES: usize = 40;
const LAST_POLL: &str =
    "SELECT outcome, error FROM poll WHERE feed = 'Requests' ORDER BY seq DESC LIMIT 1";

/// A bench with entries in its queue.
fn filled(setup: Setup) -> Bench {
    let bench = setup.start();
    for n in 0..ENTRIES {
        let entry = envelope(&format!("g{n}"), "Counter", &counter(&format!("c{n}")));
        bench.uzhkh().push_request(entry);
    }
    bench
}

fn hasty() -> Setup {
    setup().section("[http]\ntimeout = \"1500ms\"\nidle_timeout = \"1500ms\"")
}

#[track_caller]
fn nothing_is_lost(bench: &Bench) {
    bench.uzhkh().clear_faults();
    bench.pass();
    assert_eq!(bench.uzhkh().queue_len(), 0);
    assert_eq!(bench.one(LAST_POLL), "ok|NULL");
    assert_eq!(
        bench.one("SELECT count(*), count(DISTINCT guid), min(state) FROM envelope"),
        "40|40|acknowledged"
    );
    assert_eq!(bench.one("SELECT count(*) FROM change"), "40");
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "0");
}

/// How often a body that breaks off is asked for: once, and twice again.
const READS: u32 = 3;

/// So many answers of the queue are damaged like this.
fn damaged(kind: FaultKind, times: u32, setup: Setup, words: &str) {
    let bench = filled(setup);
    let fault = Fault::new(kind).at(Endpoint::Requests).times(times);
    bench.uzhkh().inject(fault);
    let ended = bench.fail();
    assert!(ended.stderr.contains(words), "{}", ended.stderr);
    let poll = bench.one(LAST_POLL);
    assert!(poll.starts_with("failed|uzhkh: "), "{poll}");
    assert!(poll.contains(words), "{poll}");
    // What came whole is applied and acknowledged already.
    let applied: usize = bench.one("SELECT count(*) FROM record").parse().unwrap();
    assert_eq!(applied + bench.uzhkh().queue_len(), ENTRIES);
    assert!(applied < ENTRIES);
    nothing_is_lost(&bench);
}

#[test]
fn a_body_cut_short_of_its_announced_length() {
    damaged(FaultKind::CutAnnounced, READS, setup(), "cut short");
}

#[test]
fn a_chunked_body_cut_short() {
    damaged(FaultKind::CutBody, READS, setup(), "cut short");
}

#[test]
fn a_body_that_stops_in_the_middle() {
    // Heads may take their time, on a busy machine too.
    let idle = setup().section("[http]\nidle_timeout = \"1500ms\"");
    damaged(FaultKind::StallBody, READS, idle, "nothing more came within");
}

#[test]
fn a_login_page_in_the_place_of_the_queue() {
    damaged(FaultKind::Html, 1, setup(), "HTML");
}

#[test]
fn a_redirect_is_not_followed() {
    // That nobody went where it leads is the bench's own look at the end.
    damaged(FaultKind::Redirect, 1, setup(), "redirect");
}

/// Struck once, the pass succeeds all the same; struck for ever, it fails.
fn survived(kind: &FaultKind, setup: fn() -> Setup, words: &str) {
    let bench = filled(setup());
    let fault = Fault::new(kind.clone()).at(Endpoint::Requests);
    bench.uzhkh().inject(fault.clone().times(1));
    bench.pass();
    assert_eq!(bench.uzhkh().queue_len(), 0);

    let bench = filled(setup());
    bench.uzhkh().inject(fault);
    let ended = bench.fail();
    assert!(ended.took < Duration::from_secs(30));
    let poll = bench.one(LAST_POLL);
    assert!(poll.starts_with("failed|"), "{poll}");
    assert!(poll.contains(words), "{poll}");
    assert!(bench.asked("Requests") <= 3);
    assert_eq!(bench.one("SELECT count(*) FROM envelope"), "0");
    nothing_is_lost(&bench);
}

#[test]
fn an_error_500() {
    survived(&FaultKind::Error500, setup, "HTTP 500");
}

#[test]
fn a_429() {
    survived(&FaultKind::TooMany, setup, "HTTP 429");
}

#[test]
fn a_connection_closed_without_an_answer() {
    survived(&FaultKind::ResetBefore, setup, "no answer");
}

#[test]
fn an_answer_that_never_comes() {
    survived(&FaultKind::Stall, hasty, "no answer within 1s 500ms");
}

#[test]
fn unavailable_for_a_moment_is_sat_out() {
    let kind = FaultKind::Unavailable { retry_after_seconds: 1 };
    survived(&kind, setup, "HTTP 503");
    let bench = filled(setup());
    bench.uzhkh().inject(Fault::new(kind).at(Endpoint::Requests).times(1));
    let ended = bench.once();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.took >= Duration::from_secs(1), "{:?}", ended.took);
}

#[test]
fn unavailable_for_long_is_left_for_the_next_pass() {
    let bench = filled(setup());
    let fault = Fault::new(FaultKind::Unavailable { retry_after_seconds: 30 });
    bench.uzhkh().inject(fault.at(Endpoint::Requests));
    let ended = bench.fail();
    assert!(ended.took < Duration::from_secs(15), "{:?}", ended.took);
    assert_eq!(bench.asked("Requests"), 1);
    assert!(bench.one(LAST_POLL).contains("HTTP 503"));
    nothing_is_lost(&bench);
}

#[test]
fn an_answer_in_drops_is_whole_in_the_end() {
    let bench = filled(hasty());
    bench.uzhkh().inject(Fault::new(FaultKind::Drip).at(Endpoint::Requests));
    bench.pass();
    nothing_is_lost(&bench);
}

#[test]
fn a_delete_that_fails_is_sent_three_times_and_then_left() {
    let bench = filled(setup());
    bench.uzhkh().inject(Fault::new(FaultKind::Error500).at(Endpoint::Delete));
    bench.fail();
    assert_eq!(bench.lines("SELECT DISTINCT state FROM envelope"), ["committed"]);
    assert!(bench.asked("Delete") <= 3 * ENTRIES as u64);
    let tries = "SELECT max(attempts), count(*) FROM pending_acknowledgement";
    let (most, waiting) = {
        let line = bench.one(tries);
        let (most, waiting) = line.split_once('|').unwrap();
        (most.parse::<u32>().unwrap(), waiting.to_owned())
    };
    assert!((1..=3).contains(&most), "{most}");
    assert_eq!(waiting, "40");
    let error = bench.lines(
        "SELECT DISTINCT last_error FROM pending_acknowledgement WHERE last_error IS NOT NULL",
    );
    assert_eq!(error.len(), 1);
    assert!(error[0].contains("HTTP 500"), "{error:?}");
    nothing_is_lost(&bench);
}

#[test]
fn a_lost_answer_to_delete_is_asked_again() {
    let bench = filled(setup());
    bench.uzhkh().inject(Fault::new(FaultKind::LostAnswer).at(Endpoint::Delete).times(5));
    bench.pass();
    assert_eq!(bench.report().repeated_deletes, 5);
    assert_eq!(bench.uzhkh().queue_len(), 0);
    assert_eq!(bench.lines("SELECT DISTINCT state FROM envelope"), ["acknowledged"]);
}
