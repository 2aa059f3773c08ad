//! Answers that are no feed: each fails its read with words for an operator, and
//! leaves the ledger as it was.

use super::items::{everything, flats, live, premises};
use crate::support::{Bench, setup};
use simulator::{Endpoint, Fault, FaultKind, FeedKind, Layout};

const LAST: &str = "SELECT outcome, error FROM poll ORDER BY seq DESC LIMIT 1";

/// A bench whose feed has shown some flats, and would let all go.
fn some() -> Bench {
    let bench = premises(&["max_shrink = 100"]).start();
    bench.items("flats", flats(1..40));
    bench.pass();
    bench
}

/// The pass fails with this outcome and these words, everywhere, and changes nothing.
#[track_caller]
fn fails(bench: &Bench, outcome: &str, words: &str) {
    let before = (everything(bench), bench.lines("SELECT * FROM feed"));
    let ended = bench.fail();
    assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    let last = bench.one(LAST);
    assert!(last.starts_with(&format!("{outcome}|")), "{last}");
    assert!(last.contains(words), "{words}: {last}");
    assert!(last.contains("domoplaner"), "{last}");
    assert_eq!((everything(bench), bench.lines("SELECT * FROM feed")), before, "{words}");
}

#[test]
fn what_is_no_feed_is_told_apart() {
    let bench = some();
    for (body, words) in [
        (&b"<!DOCTYPE html><html></html>"[..], "HTML"),
        (b"\n <?xml version=\"1.0\"?><flats></flats>", "XML"),
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x8b\x8e\x05\x00", "compressed"),
        (b"{}", "without"),
        (br#"{"error":"no such feed","code":404}"#, "without"),
        (br#"{"data":{"total":0}}"#, "without"),
        (br#"{"data":"none"}"#, "without"),
        (br#"{"data":[{"id":1}],"items":[{"id":2}]}"#, "items"),
        (br#"{"data":[{"id":1}],"data":[{"id":2}]}"#, "twice"),
        (b"null", "something else"),
        (b"true", "something else"),
        (b"17", "something else"),
        (br#""data""#, "something else"),
        (br#"{"projects":[{"title":"x"}]}"#, "flats"),
        (br#"{"data":[{"id":1}]"#, "breaks off"),
        (br#"{"data":[{"id":1},{"id":"#, "breaks off"),
        (br#"[{"id":1}"#, "breaks off"),
        (br#"[{"id":1}]]"#, "broken"),
        (br#"[{"id":1}] [{"id":2}]"#, "broken"),
        (br#"[{"id":1} {"id":2}]"#, "broken"),
    ] {
        bench.raw("flats", body);
        fails(&bench, "failed", words);
    }
    bench.items("flats", flats(1..40));
    bench.pass();
}

#[test]
fn faults_of_http_are_told_apart() {
    let bench = some();
    for (kind, outcome, words) in [
        (FaultKind::Html, "failed", "HTML"),
        (FaultKind::Xml, "failed", "XML"),
        (FaultKind::CutBody, "failed", "cut short"),
        (FaultKind::CutAnnounced, "failed", "cut short"),
        (FaultKind::LostAnswer, "failed", "no answer"),
        (FaultKind::Error500, "failed", "500"),
        (FaultKind::Unavailable { retry_after_seconds: 60 }, "failed", "503"),
        (FaultKind::TooMany, "failed", "429"),
        (FaultKind::Forbidden, "unauthorized", "403"),
        (FaultKind::Redirect, "failed", "302"),
    ] {
        bench.uzhkh().inject(Fault::new(kind).at(Endpoint::Feed));
        fails(&bench, outcome, words);
        bench.uzhkh().clear_faults();
    }
    bench.pass();
}

#[test]
fn a_redirect_is_not_followed_and_not_tried_again() {
    let bench = some();
    bench.uzhkh().inject(Fault::new(FaultKind::Redirect).at(Endpoint::Feed));
    let before = bench.asked("Feed");
    bench.fail();
    // To go where it leads would be a violation.
    assert_eq!(bench.asked("Feed"), before + 1);
}

#[test]
fn a_link_that_is_gone_is_said_to_be() {
    let bench = some();
    bench.domoplaner().remove_feed(&bench.link("flats"));
    fails(&bench, "failed", "404");
    let error = bench.one(LAST);
    assert!(error.contains("link"), "{error}");
}

#[test]
fn a_failure_that_passes_within_the_pass_is_none() {
    let bench = some();
    let fault = Fault::new(FaultKind::Error500).at(Endpoint::Feed).times(2);
    bench.uzhkh().inject(fault);
    bench.pass();
    assert_eq!(bench.report().faults["error_500"], 2);
    assert_eq!(live(&bench, "premises").len(), 39);
}

#[test]
fn a_nested_feed_that_breaks_off_changes_nothing() {
    let bench = setup()
        .without_uzhkh()
        .options(|options| options.catalogue = 300)
        .feed("flats", FeedKind::Premises, Layout::nested(), &["max_shrink = 100"])
        .start();
    let cut = Fault::new(FaultKind::CutBody).at(Endpoint::Feed);
    bench.uzhkh().inject(cut);
    bench.fail();
    assert_eq!(bench.one("SELECT count(*) FROM record"), "0");
    bench.uzhkh().clear_faults();
    bench.pass();
    let before = everything(&bench);
    bench.domoplaner().step(200);
    bench.uzhkh().inject(Fault::new(FaultKind::CutAnnounced).at(Endpoint::Feed));
    bench.fail();
    assert_eq!(everything(&bench), before);
}

#[test]
fn an_answer_over_the_limit_fails() {
    let bench = premises(&[]).section("[http]\nmax_body_bytes = 1024").start();
    bench.items("flats", flats(1..100));
    let ended = bench.fail();
    assert!(ended.stderr.contains("max_body_bytes"), "{}", ended.stderr);
    assert_eq!(bench.one("SELECT count(*) FROM record"), "0");
}

#[test]
fn nothing_is_left_of_a_read_beside_the_ledger() {
    let bench = some();
    bench.uzhkh().inject(Fault::new(FaultKind::CutBody).at(Endpoint::Feed));
    bench.items("flats", flats(1..400));
    bench.fail();
    let entries = std::fs::read_dir(bench.dir.path()).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.starts_with("ledger.db"));
    assert_eq!(names, ["config.toml"]);
}
