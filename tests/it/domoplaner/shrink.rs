//! The guard: a feed that suddenly lacks much, or all, is more likely broken than
//! true. Nothing is deleted then, and an operator decides.

use super::items::{CHANGES, flat, flats, live, of_deals, premises};
use crate::support::{Bench, setup, wait_until};
use simulator::{Endpoint, Fault, FaultKind, FeedKind, Layout};

/// A bench whose feed has shown the flats 1 to 10.
fn ten(lines: &[&str]) -> Bench {
    let bench = premises(lines).start();
    bench.items("flats", flats(1..11));
    bench.pass();
    bench
}

/// A pass fails by the guard, says so everywhere, and deletes nothing.
#[track_caller]
fn guarded(bench: &Bench) {
    let before = live(bench, "premises").len();
    let ended = bench.fail();
    assert!(ended.stderr.contains("--accept-shrink flats"), "{}", ended.stderr);
    let status = bench.run(&["status"]).stdout;
    assert!(status.contains("uzhkh-ledger run --once --accept-shrink flats"), "{status}");
    let poll =
        bench.one("SELECT outcome, error FROM poll WHERE feed = 'flats' ORDER BY seq DESC LIMIT 1");
    assert!(poll.starts_with("failed|") && poll.contains("--accept-shrink flats"), "{poll}");
    assert!(live(bench, "premises").len() >= before);
    assert_eq!(bench.one("SELECT count(*) FROM change WHERE op = 'delete'"), "0");
}

#[test]
fn more_than_a_fifth_is_too_much_and_a_fifth_is_not() {
    let bench = ten(&[]);
    bench.items("flats", flats(4..11));
    guarded(&bench);
    bench.items("flats", flats(3..11));
    bench.pass();
    assert_eq!(live(&bench, "premises").len(), 8);
}

#[test]
fn the_share_is_the_feeds_own_or_the_sections() {
    for (setup, allowed) in [
        (premises(&["max_shrink = 50"]), 5),
        (premises(&[]).domoplaner("max_shrink = \"30%\""), 3),
        (premises(&["max_shrink = 0"]).domoplaner("max_shrink = 90"), 0),
    ] {
        let bench = setup.start();
        bench.items("flats", flats(1..11));
        bench.pass();
        bench.items("flats", flats(2 + allowed..11));
        guarded(&bench);
        bench.items("flats", flats(1 + allowed..11));
        bench.pass();
        assert_eq!(live(&bench, "premises").len(), 10 - allowed as usize);
    }
}

#[test]
fn what_did_come_is_recorded_all_the_same() {
    let bench = ten(&[]);
    bench.items("flats", [flat(1), flat(2).replace("5600000.10", "1.00"), flat(11)]);
    guarded(&bench);
    assert_eq!(
        bench.lines(CHANGES)[10..],
        [r#"2|update|{"price":["5600000.10","1.00"]}"#, "11|insert|NULL"]
    );
    assert_eq!(live(&bench, "premises").len(), 11);
}

#[test]
fn what_is_new_does_not_make_up_for_what_is_missing() {
    // The link may lead to another house by now: of the ten, none is left.
    let bench = ten(&[]);
    bench.items("flats", flats(101..201));
    guarded(&bench);
    // Neither now, nor when it comes again.
    guarded(&bench);
    bench.items("flats", flats(101..301));
    guarded(&bench);
    assert_eq!(live(&bench, "premises").len(), 210);
    let told = bench.one("SELECT error FROM poll ORDER BY seq DESC LIMIT 1");
    assert!(told.contains("10 of the 10"), "{told}");
    // The house is back, and with it the trust.
    bench.items("flats", flats(1..11).into_iter().chain(flats(101..301)));
    bench.pass();
    bench.items("flats", flats(1..11).into_iter().chain(flats(101..291)));
    bench.pass();
    assert_eq!(live(&bench, "premises").len(), 200);
}

#[test]
fn an_empty_feed_is_never_believed() {
    for lines in [&[][..], &["max_shrink = 100"]] {
        for raw in ["[]", r#"{"data":[]}"#, r#"{"data":null}"#, r#"{"projects":[]}"#] {
            let bench = ten(lines);
            bench.raw("flats", raw);
            guarded(&bench);
            assert_eq!(live(&bench, "premises").len(), 10);
        }
    }
    // Nothing was there: nothing is missing.
    let bench = premises(&[]).start();
    bench.raw("flats", "[]");
    bench.pass();
    bench.pass();
}

#[test]
fn an_empty_feed_is_called_empty() {
    let bench = ten(&["max_shrink = 100"]);
    bench.raw("flats", "[]");
    guarded(&bench);
    let told = bench.one("SELECT error FROM poll ORDER BY seq DESC LIMIT 1");
    assert!(told.contains("empty") && !told.contains("100 %"), "{told}");
}

#[test]
fn with_a_max_shrink_of_a_hundred_all_but_everything_may_go() {
    let bench = ten(&["max_shrink = 100"]);
    bench.items("flats", flats(10..11));
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["10"]);
}

#[test]
fn the_operator_accepts_it_once() {
    let bench = ten(&[]);
    bench.items("flats", flats(6..11));
    guarded(&bench);
    let accepted = bench.run(&["run", "--once", "--accept-shrink", "flats"]);
    assert_eq!(accepted.code, Some(0), "{}", accepted.stderr);
    assert_eq!(live(&bench, "premises").len(), 5);
    assert_eq!(bench.one("SELECT outcome, changed FROM poll ORDER BY seq DESC LIMIT 1"), "ok|5");
    // The next time it is asked again.
    bench.items("flats", flats(9..11));
    let ended = bench.fail();
    assert!(ended.stderr.contains("3 of the 5"), "{}", ended.stderr);
    assert_eq!(live(&bench, "premises").len(), 5);
    bench.raw("flats", "[]");
    bench.fail();
    let accepted = bench.run(&["run", "--once", "--accept-shrink", "domoplaner/flats"]);
    assert_eq!(accepted.code, Some(0), "{}", accepted.stderr);
    assert_eq!(live(&bench, "premises"), Vec::<String>::new());
}

#[test]
fn what_was_accepted_long_ago_is_not_what_is_meant_now() {
    let bench = ten(&[]);
    bench.raw("flats", "<html>");
    let ended = bench.run(&["run", "--once", "--accept-shrink", "flats"]);
    assert_eq!(ended.code, Some(1));
    bench.items("flats", flats(9..11));
    let set_back = |hours: u32| {
        bench.tamper(&format!(
            "UPDATE feed SET shrink_accepted_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-{hours} hours') \
             WHERE shrink_accepted_at IS NOT NULL"
        ));
    };
    set_back(25);
    guarded(&bench);
    set_back(23);
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["9", "10"]);
}

#[test]
fn what_a_clock_ahead_has_dated_accepts_nothing() {
    let bench = ten(&[]);
    bench.raw("flats", "[]");
    let ahead = "UPDATE feed SET shrink_accepted_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ";
    bench.tamper(&format!("{ahead} '+400 days')"));
    guarded(&bench);
    assert_eq!(live(&bench, "premises").len(), 10);
    // Nor will it on the day that it names.
    assert_eq!(bench.one("SELECT shrink_accepted_at FROM feed"), "NULL");
    // A clock that differs by seconds is as good as ours.
    bench.tamper(&format!("{ahead} '+30 seconds')"));
    bench.pass();
    assert_eq!(live(&bench, "premises"), Vec::<String>::new());
}

#[test]
fn what_is_accepted_of_one_feed_says_nothing_of_another() {
    let bench = setup()
        .without_uzhkh()
        .feed("flats", FeedKind::Premises, Layout::array(), &[])
        .feed("garages", FeedKind::Premises, Layout::array(), &[])
        .start();
    bench.items("flats", flats(1..11));
    bench.items("garages", flats(21..31));
    bench.pass();
    bench.items("flats", flats(1..3));
    bench.items("garages", flats(21..23));
    let ended = bench.run(&["run", "--once", "--accept-shrink", "garages"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(live(&bench, "premises").len(), 12);
    let both = ["run", "--once", "--accept-shrink", "garages", "--accept-shrink", "flats"];
    assert_eq!(bench.run(&both).code, Some(0));
    assert_eq!(live(&bench, "premises"), ["1", "2", "21", "22"]);
}

#[test]
fn an_acceptance_waits_for_a_read_that_succeeds() {
    let bench = ten(&[]);
    bench.items("flats", flats(9..11));
    bench.uzhkh().inject(Fault::new(FaultKind::Html).at(Endpoint::Feed));
    let ended = bench.run(&["run", "--once", "--accept-shrink", "flats"]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(live(&bench, "premises").len(), 10);
    bench.uzhkh().clear_faults();
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["9", "10"]);
}

#[test]
fn a_running_service_is_told() {
    for asked in
        [&["run", "--once", "--accept-shrink", "flats"][..], &["run", "--accept-shrink", "flats"]]
    {
        let bench = ten(&["schedule = \"* * * * * *\""]);
        bench.items("flats", flats(6..11));
        let daemon = bench.daemon();
        wait_until("the guard", || daemon.log().contains("--accept-shrink flats"));
        let told = bench.run(asked);
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        assert!(told.stdout.contains("running"), "{}", told.stdout);
        wait_until("the deletion", || live(&bench, "premises").len() == 5);
        wait_until("a good poll", || {
            bench.one("SELECT outcome FROM poll ORDER BY seq DESC LIMIT 1") == "ok"
        });
        daemon.stop();
    }
}

#[test]
fn wrong_usage_is_told_so() {
    let bench = ten(&[]);
    for arguments in [
        &["run", "--once", "--accept-shrink", "elsewhere"][..],
        &["run", "--once", "--accept-shrink", "uzhkh/flats"],
        &["run", "--once", "--accept-shrink"],
    ] {
        let ended = bench.run(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.stderr);
    }
    let unknown = bench.run(&["run", "--once", "--accept-shrink", "elsewhere"]).stderr;
    assert!(unknown.contains("flats"), "{unknown}");
    assert_eq!(bench.reads("flats").len(), 1);
}

#[test]
fn deals_are_not_guarded_since_nothing_of_them_is_deleted() {
    let bench = of_deals(&["full_every = \"1ms\""]).start();
    bench.items("deals", super::items::deals(1..11));
    bench.pass();
    bench.raw("deals", "[]");
    bench.pass();
    assert_eq!(live(&bench, "deal").len(), 10);
}

#[test]
fn what_another_feed_shows_already_does_not_make_up_for_it_either() {
    let bench = setup()
        .without_uzhkh()
        .feed("flats", FeedKind::Premises, Layout::array(), &[])
        .feed("others", FeedKind::Premises, Layout::array(), &[])
        .start();
    bench.items("flats", flats(1..11));
    bench.items("others", flats(101..201));
    bench.pass();
    // The link of the one leads to the other's house by now.
    bench.items("flats", flats(101..201));
    guarded(&bench);
    guarded(&bench);
    assert_eq!(live(&bench, "premises").len(), 110);
}

#[test]
fn what_a_fetch_brought_does_not_make_up_for_what_is_missing() {
    let bench = ten(&[]);
    bench.items("flats", flats(101..201));
    let fetched = bench.run(&["fetch", "flats"]);
    assert_eq!(fetched.code, Some(0), "{}", fetched.stderr);
    guarded(&bench);
    guarded(&bench);
    assert_eq!(live(&bench, "premises").len(), 110);
}
