//! What SetId and Delete answer, and what becomes of the id.

use std::time::{Duration, Instant};

use crate::support::entities::{account_of, counter, envelope, person};
use crate::support::{Bench, LINK, setup, wait_until};
use simulator::{Endpoint, Fault, FaultKind, WordStyle};

/// An account whose one person has a temporary id.
fn moved_in() -> Bench {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Account", &account_of("a1", &[person("--3")])));
    bench
}

fn set_id(kind: FaultKind) -> Fault {
    Fault::new(kind).at(Endpoint::SetId)
}

fn word(word: &str) -> Fault {
    set_id(FaultKind::Word(word.to_owned()))
}

const CALL: &str = "SELECT state, attempts, last_status, last_error FROM call";
const STATE: &str = "SELECT state FROM identity";

#[test]
fn success_comes_plain_or_as_json() {
    for style in [WordStyle::Plain, WordStyle::Json] {
        let bench = setup().options(|options| options.words = style).start();
        bench.uzhkh().push_request(envelope("g1", "Account", &account_of("a1", &[person("--3")])));
        bench.pass();
        assert_eq!(bench.one(STATE), "announced");
        assert_eq!(bench.one(CALL), "done|1|200|NULL");
        assert_eq!(bench.asked("SetId"), 1);
    }
}

#[test]
fn not_found_at_once_is_rejected_and_the_delete_goes_on() {
    let bench = moved_in();
    bench.uzhkh().inject(word("notFound"));
    bench.pass();
    assert_eq!(bench.one(STATE), "rejected");
    assert_eq!(bench.one(CALL), "failed|1|404|notFound");
    assert_eq!(bench.deletes("g1"), [None]);
    let permanent = bench.permanent("resident", "--3");
    assert_eq!(
        bench.lines("SELECT kind, id, path FROM finding"),
        [format!("resident|{permanent}|Id")]
    );
    assert_eq!(bench.asked("SetId"), 1);
    // It is not asked for again by itself.
    bench.pass();
    assert_eq!(bench.asked("SetId"), 1);
}

#[test]
fn not_found_after_a_lost_answer_means_that_it_was_set() {
    let bench = moved_in();
    bench.uzhkh().inject(set_id(FaultKind::LostAnswer).times(1));
    bench.pass();
    let permanent = bench.permanent("resident", "--3");
    assert_eq!(bench.uzhkh().current_id("resident", "--3"), permanent);
    let answers = bench.set_ids();
    assert_eq!(
        answers,
        [format!("resident/--3={permanent} success"), format!("resident/--3={permanent} notFound")]
    );
    assert_eq!(bench.one(STATE), "announced");
    assert_eq!(bench.one("SELECT state, attempts FROM call"), "done|2");
    assert_eq!(bench.one("SELECT count(*) FROM finding"), "0");
    assert_eq!(bench.deletes("g1"), [None]);
}

#[test]
fn our_mistakes_are_failed_and_the_delete_goes_on() {
    for mistake in ["unknownType", "noData"] {
        let bench = moved_in();
        bench.uzhkh().inject(word(mistake));
        bench.pass();
        assert_eq!(bench.one(CALL), format!("failed|1|404|{mistake}"));
        assert_eq!(bench.one("SELECT kind, path FROM finding"), "resident|Id");
        assert_ne!(bench.one(STATE), "announced");
        assert_eq!(bench.deletes("g1"), [None]);
        if mistake == "unknownType" {
            assert_eq!(bench.one(STATE), "rejected");
        }
    }
}

#[test]
fn what_may_pass_is_tried_again() {
    for kind in [
        FaultKind::Word("error".to_owned()),
        FaultKind::Error500,
        FaultKind::ResetBefore,
        FaultKind::TooMany,
        FaultKind::Html,
        FaultKind::Redirect,
        FaultKind::CutBody,
    ] {
        let bench = moved_in();
        bench.uzhkh().inject(set_id(kind.clone()).times(1));
        bench.pass();
        assert_eq!(bench.one(STATE), "announced", "{kind}");
        assert_eq!(bench.asked("SetId"), 2, "{kind}");
        assert_eq!(bench.deletes("g1"), [None], "{kind}");
    }
}

#[test]
fn what_does_not_pass_is_left_for_the_next_pass() {
    let bench = moved_in();
    bench.uzhkh().inject(word("error"));
    bench.fail();
    assert_eq!(bench.asked("SetId"), 3);
    assert_eq!(bench.asked("Delete"), 0);
    assert_eq!(bench.one("SELECT state, attempts, last_status FROM call"), "pending|3|500");
    assert_eq!(bench.one("SELECT op, params ->> '$.uzhkId' FROM pending_call"), "SetId|--3");
    // A service waits before it tries again.
    assert_eq!(bench.one("SELECT next_attempt_at > created_at FROM call"), "1");
    bench.uzhkh().clear_faults();
    bench.pass();
    assert_eq!(bench.one(STATE), "announced");
}

#[test]
fn an_acknowledgement_that_waited_for_its_ids_is_tried_again_in_the_same_pass() {
    let bench = moved_in();
    bench.uzhkh().inject(set_id(FaultKind::Error500).times(1));
    bench.uzhkh().inject(Fault::new(FaultKind::Error500).at(Endpoint::Delete).times(2));
    bench.pass();
    assert_eq!((bench.asked("SetId"), bench.asked("Delete")), (2, 3));
    assert_eq!(bench.uzhkh().queue_len(), 0);
}

#[test]
fn a_refusal_pauses_everything() {
    let bench = moved_in();
    bench.uzhkh().inject(set_id(FaultKind::Forbidden));
    bench.fail();
    let report = bench.report();
    assert_eq!(report.requests["SetId"], 1);
    assert_eq!(report.requests["Requests"], 1);
    assert_eq!(report.requests.get("Delete"), None);
    assert_eq!(report.requests.get("DeletedItems"), None);
    // Refused at the door, it does not count as sent.
    let call = bench.one("SELECT state, attempts, last_error FROM call");
    assert!(call.starts_with("pending|0|") && call.contains("refused"), "{call}");
    assert_eq!(
        bench.lines("SELECT feed, outcome FROM poll ORDER BY seq"),
        ["Requests|unauthorized", "DeletedItems|unauthorized"]
    );
    let status = bench.run(&["status"]);
    assert!(status.stdout.contains("unauthorized"), "{}", status.stdout);
    // It never arrived: had UZhKH lost the person meanwhile, that would be no success.
    bench.uzhkh().clear_faults();
    bench.uzhkh().inject(word("notFound"));
    bench.pass();
    assert_eq!(bench.one(STATE), "rejected");
}

#[test]
fn the_service_leaves_an_upstream_alone_that_refused_it() {
    let bench = setup().every_second().uzhkh("unauthorized_pause = \"9s\"").start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.uzhkh().set_token("another");
    let daemon = bench.daemon();
    let total = || bench.report().requests.values().sum::<u64>();
    wait_until("the refusal", || bench.report().unauthorized >= 1);
    let refused = Instant::now();
    // One queue is refused, and the other too where it asked before that was known.
    wait_until("its record", || {
        let refused = "SELECT 1 FROM poll WHERE outcome = 'unauthorized'";
        bench.ledger().exists() && !bench.lines(refused).is_empty()
    });
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("unauthorized"), "{status}");
    let asked = total();
    assert!(asked <= 2, "{asked}");
    bench.uzhkh().set_token(crate::support::TOKEN);
    wait_until("the drain", || bench.uzhkh().queue_len() == 0);
    let silence = refused.elapsed();
    assert!(silence > Duration::from_millis(8500), "{silence:?}");
    let log = daemon.log();
    assert!(log.contains("allow-list") && !log.contains(LINK), "{log}");
    daemon.stop();
}

#[test]
fn a_delete_that_somebody_else_made_leaves_the_id_to_set_id() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.uzhkh().inject(Fault::new(FaultKind::Forbidden).at(Endpoint::Delete));
    bench.fail();
    bench.uzhkh().clear_faults();
    assert_eq!(bench.get("To1c/Delete?guid=g1"), 200);
    bench.pass();
    let permanent = bench.permanent("counter", "--5");
    assert_eq!(bench.deletes("g1"), [None, Some(permanent.clone())]);
    assert_eq!(bench.set_ids(), [format!("counter/--5={permanent} success")]);
    assert_eq!(bench.one(STATE), "announced");
    assert_eq!(bench.one("SELECT state FROM envelope"), "acknowledged");
}

#[test]
fn a_delete_whose_answer_was_lost_has_announced_its_id() {
    let bench = setup().start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("--5")));
    bench.uzhkh().inject(Fault::new(FaultKind::LostAnswer).at(Endpoint::Delete).times(1));
    bench.pass();
    let permanent = bench.permanent("counter", "--5");
    assert_eq!(bench.deletes("g1"), [Some(permanent.clone()), Some(permanent.clone())]);
    assert_eq!(bench.uzhkh().current_id("counter", "--5"), permanent);
    assert_eq!(bench.set_ids(), [format!("counter/--5={permanent} notFound")]);
    assert_eq!(bench.one(STATE), "announced");
    assert_eq!(bench.one("SELECT count(*) FROM finding"), "0");
}

#[test]
fn a_rejected_id_that_is_seen_anew_is_offered_anew() {
    let bench = moved_in();
    bench.uzhkh().inject(word("notFound").times(1));
    bench.pass();
    assert_eq!(bench.one(STATE), "rejected");
    let entity = account_of("a1", &[person("--3")]).replace("10.50", "10.60");
    bench.uzhkh().push_request(envelope("g2", "Account", &entity));
    bench.pass();
    assert_eq!(bench.one(STATE), "announced");
}
