//! Feeds stand side by side: what one does to us, another does not feel, and neither
//! does UZhKH's queue. And a load that was cut off is carried on.

use std::net::TcpListener;
use std::time::Duration;

use super::items::{OUTCOMES, deals, flats, live};
use crate::support::entities::{counter, envelope};
use crate::support::{Bench, Setup, setup, wait_until};
use simulator::{Endpoint, Fault, FaultKind, FeedKind, Layout};

const EVERY_SECOND: &str = "schedule = \"* * * * * *\"";

fn three() -> Setup {
    setup()
        .every_second()
        .feed("flats", FeedKind::Premises, Layout::array(), &[EVERY_SECOND])
        .feed("deals", FeedKind::Deals, Layout::array(), &[EVERY_SECOND])
        .feed("odd", FeedKind::Premises, Layout::array(), &[EVERY_SECOND])
}

/// The feed `odd` leads to where connections are taken and nobody answers.
fn stalled(bench: &mut Bench) -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    bench.spell("odd", &format!("url = \"http://{address}/dc-api/feeds/1-x/\""));
    listener
}

#[test]
fn in_the_service_the_others_go_on() {
    let mut bench = three().start();
    let listener = stalled(&mut bench);
    bench.items("flats", flats(1..4));
    bench.items("deals", deals(1..4));
    let daemon = bench.daemon();
    let (asking, _) = listener.accept().unwrap();
    // While it hangs, the others are read again and again.
    let read = |name: &str| bench.reads(name).len();
    let before = (read("flats"), read("deals"), bench.asked("Requests"));
    wait_until("further reads", || {
        read("flats") > before.0 + 1
            && read("deals") > before.1 + 1
            && bench.asked("Requests") > before.2 + 1
    });
    bench.items("flats", flats(1..6));
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    wait_until("what is new", || {
        live(&bench, "premises").len() == 5 && bench.uzhkh().queue_len() == 0
    });
    assert_eq!(bench.lines("SELECT count(*) FROM poll WHERE feed = 'odd'"), ["0"]);
    drop(asking);
    // A service that waits for an answer stops all the same.
    daemon.stop();
}

#[test]
fn a_pass_ends_and_the_others_are_done() {
    let mut bench = three().start();
    let listener = stalled(&mut bench);
    bench.items("flats", flats(1..4));
    bench.items("deals", deals(1..4));
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    let ended = bench.fail();
    drop(listener);
    // This much the contract says of a pass against a dead upstream.
    assert!(ended.took < Duration::from_secs(30), "{:?}", ended.took);
    assert!(ended.stderr.contains("odd"), "{}", ended.stderr);
    assert_eq!(
        bench.lines(OUTCOMES),
        [
            "DeletedItems|ok|0|0",
            "Requests|ok|1|1",
            "deals|ok|3|3",
            "flats|ok|3|3",
            "odd|failed|0|0"
        ]
    );
    assert_eq!(bench.uzhkh().queue_len(), 0);
}

#[test]
fn a_pass_does_not_wait_for_the_rest_of_an_answer() {
    let bench = setup()
        .without_uzhkh()
        .feed("flats", FeedKind::Premises, Layout::array(), &[])
        .feed("deals", FeedKind::Deals, Layout::array(), &[])
        .start();
    bench.items("flats", flats(1..40));
    bench.items("deals", deals(1..40));
    let fault = Fault::new(FaultKind::StallBody).at(Endpoint::Feed).times(1);
    bench.uzhkh().inject(fault);
    let ended = bench.pass();
    assert!(ended.took < Duration::from_secs(30), "{:?}", ended.took);
    let outcomes = "SELECT outcome, fetched, changed FROM poll";
    assert_eq!(bench.lines(outcomes), ["ok|39|39", "ok|39|39"]);
    assert_eq!(bench.one("SELECT count(*) FROM change"), "78");
}

#[test]
fn one_that_is_refused_pauses_alone() {
    let bench = three().start();
    bench.items("flats", flats(1..4));
    let daemon = bench.daemon();
    wait_until("the first reads", || {
        bench.one_or_none("SELECT count(DISTINCT feed) FROM poll") == "5"
    });
    let fault = Fault::new(FaultKind::Forbidden).at(Endpoint::Feed).times(1);
    bench.uzhkh().inject(fault);
    let refused = "SELECT DISTINCT feed FROM poll WHERE outcome = 'unauthorized'";
    wait_until("the refusal", || bench.lines(refused).len() == 1);
    let name = bench.one(refused);
    let paused = bench.reads(&name).len();
    let others: Vec<&str> =
        ["flats", "deals", "odd"].into_iter().filter(|other| *other != name).collect();
    let before: Vec<usize> = others.iter().map(|other| bench.reads(other).len()).collect();
    wait_until("the others", || {
        others.iter().zip(&before).all(|(other, before)| bench.reads(other).len() > before + 2)
    });
    assert_eq!(bench.reads(&name).len(), paused, "a refused link is asked again");
    assert_eq!(bench.lines("SELECT count(*) FROM poll WHERE outcome = 'unauthorized'"), ["1"]);
    daemon.stop();
}

#[test]
fn a_first_load_that_was_killed_is_completed_and_nothing_comes_twice() {
    for (kind, layout) in
        [(FeedKind::Premises, Layout::nested()), (FeedKind::Deals, Layout::array())]
    {
        let bench = setup()
            .without_uzhkh()
            .options(|options| options.catalogue = 6000)
            .feed("all", kind, layout, &[EVERY_SECOND])
            .start();
        let all = bench.domoplaner().ids(kind).len();
        let recorded = || {
            bench.one_or_none("SELECT count(*) FROM record").parse::<usize>().unwrap_or_default()
        };
        let daemon = bench.daemon();
        wait_until("a part of it", || recorded() > 0);
        daemon.kill();
        let part = recorded();
        assert!(part > 0 && part < all, "{part} of {all}");
        assert_eq!(bench.lines("SELECT read_at FROM feed"), Vec::<String>::new());
        bench.pass();
        assert_eq!(bench.last_read("all"), "");
        assert_eq!(recorded(), all);
        assert_eq!(
            bench.lines("SELECT op, count(*), count(DISTINCT id) FROM change GROUP BY op"),
            [format!("insert|{all}|{all}")]
        );
        assert_eq!(bench.run(&["verify"]).code, Some(0));
    }
}

#[test]
fn a_service_that_is_stopped_in_the_middle_tells_of_no_failure() {
    let bench = setup()
        .without_uzhkh()
        .options(|options| options.catalogue = 3000)
        .feed("all", FeedKind::Premises, Layout::array(), &[EVERY_SECOND])
        .start();
    bench.uzhkh().inject(Fault::new(FaultKind::Drip).at(Endpoint::Feed));
    let daemon = bench.daemon();
    wait_until("the read", || bench.reads("all").len() == 1);
    daemon.stop();
    assert_eq!(bench.lines("SELECT * FROM poll"), Vec::<String>::new());
    assert_eq!(bench.lines("SELECT * FROM record"), Vec::<String>::new());
}
