//! What `status` and `check` say of feeds.

use super::items::{deals, flats, premises};
use crate::support::{Bench, nowhere, setup};
use serde_json::Value;
use simulator::{Endpoint, Fault, FaultKind, FeedKind, Layout};

fn both() -> Bench {
    setup()
        .feed("flats", FeedKind::Premises, Layout::wrapped("data"), &[])
        .feed("deals", FeedKind::Deals, Layout::wrapped("data"), &[])
        .start()
}

/// The lines of `status` that begin so.
fn lines(bench: &Bench, beginning: &str) -> Vec<String> {
    let ended = bench.run(&["status"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let lines = ended.stdout.lines();
    lines.filter(|line| line.starts_with(beginning)).map(str::to_owned).collect()
}

fn json(bench: &Bench) -> Value {
    serde_json::from_str(&bench.run(&["status", "--json"]).stdout).unwrap()
}

#[test]
fn each_feed_has_a_line_even_before_its_first_read() {
    let mut bench =
        setup().without_uzhkh().feed("flats", FeedKind::Premises, Layout::array(), &[]).start();
    bench.items("flats", flats(1..4));
    bench.pass();
    // A feed that the config has got since.
    let text = std::fs::read_to_string(bench.config()).unwrap();
    let second = text[text.find("[[").unwrap()..]
        .replace("\"flats\"", "\"deals\"")
        .replace("premises", "deals");
    std::fs::write(bench.config(), format!("{text}{second}")).unwrap();
    let told = lines(&bench, "domoplaner ");
    assert_eq!(told.len(), 2, "{told:?}");
    let words: Vec<&str> = told[0].split_whitespace().collect();
    assert_eq!(words[..3], ["domoplaner", "flats", "ok"]);
    assert_eq!(words[4..6], ["3", "3"]);
    assert!(told[1].starts_with("domoplaner deals") && told[1].ends_with("not yet"), "{told:?}");
    let status = json(&bench);
    assert_eq!(status["not_polled"], serde_json::json!([["domoplaner", "deals"]]));
    assert_eq!(status["parts"][0]["feed"], "flats");
    assert_eq!(status["parts"][0]["fetched"], 3);
    assert_eq!(status["records"], serde_json::json!([["premises", 3]]));
    bench.forget("flats");
}

#[test]
fn a_failure_is_told_in_full() {
    let bench = both();
    bench.items("flats", flats(1..3));
    bench.pass();
    let good = json(&bench)["parts"][1]["last_ok_at"].clone();
    bench.raw("flats", "{}");
    bench.fail();
    let error = bench.one("SELECT error FROM poll WHERE feed = 'flats' ORDER BY seq DESC LIMIT 1");
    assert!(error.chars().count() > 100, "longer than a cell: {error}");
    let told = lines(&bench, "domoplaner flats");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("failed"), "{told:?}");
    let error_alone = error.strip_prefix("domoplaner: ").unwrap();
    assert_eq!(told[1], format!("domoplaner flats failed: {error_alone}"));
    let status = json(&bench);
    let part = &status["parts"][1];
    assert_eq!(part["feed"], "flats");
    assert_eq!(part["error"], error);
    assert_eq!(part["last_ok_at"], good);
}

/// What `check` says of each part, and how it ends.
fn check(bench: &Bench) -> (Option<i32>, String) {
    let ended = bench.run(&["check"]);
    (ended.code, ended.stdout)
}

#[test]
fn check_tries_each_link_and_stores_nothing() {
    let bench = both();
    bench.items("flats", flats(1..3));
    bench.items("deals", deals(1..3));
    let (code, told) = check(&bench);
    assert_eq!(code, Some(0), "{told}");
    for line in [
        "config            ok",
        "ledger            ok",
        "uzhkh             ok",
        "domoplaner flats  ok",
        "domoplaner deals  ok",
    ] {
        assert!(told.lines().any(|said| said == line), "{line}: {told}");
    }
    assert!(!bench.ledger().exists());
    // An empty feed is a good one.
    bench.raw("flats", "[]");
    assert_eq!(check(&bench).0, Some(0));
    let offline = bench.reads("flats").len();
    assert_eq!(bench.run(&["check", "--offline"]).code, Some(0));
    assert_eq!(bench.reads("flats").len(), offline);
}

#[test]
fn check_says_what_is_wrong_with_a_link_and_goes_on() {
    let mut bench = both();
    bench.raw("flats", "<html></html>");
    let (code, told) = check(&bench);
    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains("domoplaner flats  feed: expected JSON, got what looks like HTML or XML"),
        "{told}"
    );
    assert!(
        told.contains("domoplaner deals  ok") && told.contains("uzhkh             ok"),
        "{told}"
    );

    bench.domoplaner().remove_feed(&bench.link("flats"));
    let (code, told) = check(&bench);
    assert_eq!(code, Some(1), "{told}");
    let line = told.lines().find(|line| line.starts_with("domoplaner flats"));
    assert!(line.is_some_and(|line| line.contains("404") && line.contains("link")), "{told}");

    let address = nowhere();
    bench.spell("deals", &format!("url = \"http://{address}/1-hidden/\""));
    let (code, told) = check(&bench);
    assert_eq!(code, Some(1), "{told}");
    let line = told.lines().find(|line| line.starts_with("domoplaner deals"));
    assert!(line.is_some_and(|line| line.contains("cannot connect")), "{told}");
    assert!(!told.contains("hidden") && !told.contains(&address.to_string()), "{told}");
}

#[test]
fn check_is_refused_like_a_read() {
    let bench = premises(&[]).start();
    for (kind, words) in
        [(FaultKind::Forbidden, "403"), (FaultKind::Redirect, "302"), (FaultKind::Xml, "XML")]
    {
        bench.uzhkh().inject(Fault::new(kind).at(Endpoint::Feed));
        let (code, told) = check(&bench);
        bench.uzhkh().clear_faults();
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains(words), "{words}: {told}");
    }
}
