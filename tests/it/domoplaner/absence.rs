//! Premises that a full feed lacks are deleted, and live again when they come back.

use super::items::{CHANGES, deals, everything, flat, flats, live, of_deals, premises};
use crate::support::{Bench, setup};
use simulator::{Endpoint, Fault, FaultKind, FeedKind, Layout};

/// Two feeds of premises, `a` and `b`.
fn two(lines: &[&str]) -> Bench {
    setup()
        .without_uzhkh()
        .feed("a", FeedKind::Premises, Layout::array(), &["max_shrink = 100"])
        .feed("b", FeedKind::Premises, Layout::nested(), lines)
        .start()
}

#[test]
fn what_is_missing_is_deleted_and_restored_when_it_comes_back() {
    let bench = premises(&[]).start();
    bench.items("flats", flats(1..11));
    bench.pass();
    bench.items("flats", flats(2..11));
    bench.pass();
    assert_eq!(bench.lines(CHANGES)[10..], ["1|delete|NULL"]);
    assert_eq!(
        bench.one("SELECT deleted_at = updated_at AND deleted_at > first_seen_at FROM record WHERE id = '1'"),
        "1"
    );
    assert_eq!(bench.one("SELECT body FROM record WHERE id = '1'"), flat(1));
    assert_eq!(bench.one("SELECT count(*) FROM premises"), "9");
    assert_eq!(bench.one("SELECT changed FROM poll ORDER BY seq DESC LIMIT 1"), "1");
    // What is gone is gone once.
    let before = everything(&bench);
    bench.pass();
    assert_eq!(everything(&bench), before);

    bench.items("flats", flats(1..11));
    bench.pass();
    assert_eq!(bench.lines(CHANGES)[11..], ["1|restore|NULL"]);
    assert_eq!(bench.one("SELECT body FROM premises WHERE id = '1'"), flat(1));
    assert_eq!(bench.one("SELECT count(*) FROM record WHERE deleted_at IS NOT NULL"), "0");
    assert_eq!(bench.run(&["verify"]).code, Some(0));
}

#[test]
fn one_that_comes_back_otherwise_is_restored_as_it_is_now() {
    let bench = premises(&["max_shrink = 50"]).start();
    bench.items("flats", flats(1..3));
    bench.pass();
    bench.items("flats", flats(2..3));
    bench.pass();
    bench.items("flats", [flat(1).replace("5600000.10", "7.70"), flat(2)]);
    bench.pass();
    assert_eq!(bench.lines(CHANGES)[2..], ["1|delete|NULL", "1|restore|NULL"]);
    assert_eq!(bench.one("SELECT price FROM premises WHERE id = '1'"), "7.70");
}

#[test]
fn a_deal_that_a_whole_feed_lacks_is_marked_until_it_is_seen_again() {
    let missing = "SELECT id FROM record WHERE missing_since IS NOT NULL";
    let findings = "SELECT id, problem FROM finding";
    let bench = of_deals(&["full_every = \"1ms\""]).start();
    bench.items("deals", deals(1..4));
    bench.pass();
    // What comes empty is not believed.
    bench.raw("deals", "[]");
    bench.pass();
    assert!(bench.lines(missing).is_empty());
    bench.items("deals", deals(2..4));
    bench.pass();
    bench.pass();
    assert_eq!(bench.lines(missing), ["1"]);
    assert_eq!(bench.lines(findings), ["1|missing from deals"]);
    assert_eq!(live(&bench, "deal"), ["1", "2", "3"]);
    bench.items("deals", deals(1..4));
    bench.pass();
    assert!(bench.lines(missing).is_empty());
    assert_eq!(bench.one("SELECT count(*) FROM change"), "3");
    // A filtered feed says nothing of what it lacks.
    let filtered = of_deals(&["full_every = \"1ms\"", "deal_ids = [1, 2]"]).start();
    filtered.items("deals", deals(1..3));
    filtered.pass();
    filtered.items("deals", deals(2..3));
    filtered.pass();
    assert!(filtered.lines(missing).is_empty());
}

#[test]
fn a_deal_that_two_feeds_have_shown_is_marked_when_neither_shows_it() {
    let missing = "SELECT id FROM record WHERE missing_since IS NOT NULL ORDER BY id";
    let full = &["full_every = \"1ms\""];
    let bench = setup()
        .without_uzhkh()
        .feed("a", FeedKind::Deals, Layout::array(), full)
        .feed("b", FeedKind::Deals, Layout::array(), full)
        .start();
    bench.items("a", deals(1..4));
    bench.items("b", deals(1..6));
    bench.pass();
    // The other shows it still.
    bench.items("a", deals(2..4));
    bench.pass();
    bench.pass();
    assert!(bench.lines(missing).is_empty());
    bench.items("b", deals(3..6));
    bench.pass();
    assert_eq!(bench.lines(missing), ["1"]);
    bench.items("a", deals(3..4));
    bench.pass();
    assert_eq!(bench.lines(missing), ["1", "2"]);
    let before = everything(&bench);
    bench.pass();
    assert_eq!(everything(&bench), before);
    assert_eq!(live(&bench, "deal").len(), 5);
    // Whichever shows it again clears the mark.
    bench.items("a", deals(1..4));
    bench.pass();
    assert!(bench.lines(missing).is_empty());
}

#[test]
fn a_read_that_failed_deletes_nothing() {
    let bench = premises(&["max_shrink = 100"]).start();
    bench.items("flats", flats(1..60));
    bench.pass();
    let before = everything(&bench);
    for kind in [
        FaultKind::CutBody,
        FaultKind::CutAnnounced,
        FaultKind::Html,
        FaultKind::Xml,
        FaultKind::Error500,
        FaultKind::Forbidden,
        FaultKind::LostAnswer,
        FaultKind::ResetBefore,
        FaultKind::Redirect,
        FaultKind::TooMany,
    ] {
        bench.uzhkh().inject(Fault::new(kind.clone()).at(Endpoint::Feed));
        bench.fail();
        bench.uzhkh().clear_faults();
        assert_eq!(everything(&bench), before, "{kind}");
    }
}

#[test]
fn premises_of_two_feeds_are_deleted_when_neither_shows_them() {
    let bench = two(&["max_shrink = 100"]);
    bench.items("a", flats(1..5));
    bench.items("b", flats(3..7));
    bench.pass();
    assert_eq!(live(&bench, "premises").len(), 6);
    // One of its own, and one that the other still shows.
    bench.items("a", flats(2..4));
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["2", "3", "4", "5", "6"]);
    bench.items("b", flats(5..7));
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["2", "3", "5", "6"]);
    // The other way round.
    bench.items("a", flats(2..3));
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["2", "5", "6"]);
    assert_eq!(bench.one("SELECT count(*) FROM change WHERE op = 'delete'"), "3");
}

#[test]
fn what_moves_from_one_feed_to_another_in_one_pass_ends_alive() {
    let bench = two(&["max_shrink = 100"]);
    bench.items("a", flats(1..5));
    bench.items("b", flats(5..7));
    bench.pass();
    bench.items("a", flats(2..5));
    bench.items("b", [flat(5), flat(6), flat(1)]);
    bench.pass();
    bench.pass();
    assert_eq!(live(&bench, "premises").len(), 6);
}

#[test]
fn what_one_feed_lets_go_of_is_as_the_other_has_it() {
    let bench = two(&["max_shrink = 100"]);
    let sold = flat(1).replace("\"status\":0", "\"status\":3");
    bench.items("b", flats(1..3));
    bench.pass();
    bench.items("a", [sold, flat(3)]);
    bench.pass();
    let status = "SELECT status FROM premises WHERE id = '1'";
    assert_eq!(bench.one(status), "3");
    bench.items("a", [flat(3)]);
    bench.pass();
    bench.pass();
    assert_eq!(bench.one(status), "0");
    let before = everything(&bench);
    bench.pass();
    assert_eq!(everything(&bench), before);
}

#[test]
fn a_feed_that_is_out_of_the_config_keeps_nothing_alive_and_brings_it_back() {
    let mut bench = two(&["max_shrink = 100"]);
    bench.items("a", flats(1..4));
    bench.items("b", flats(1..4));
    bench.pass();
    let text = std::fs::read_to_string(bench.config()).unwrap();
    bench.forget("b");
    bench.items("a", flats(2..4));
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["2", "3"]);
    // It is in the config again, and still shows what it showed.
    std::fs::write(bench.config(), text).unwrap();
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["1", "2", "3"]);
}

#[test]
fn a_feed_of_chosen_premises_never_deletes() {
    let bench = premises(&["ids = [1, 2, 3]", "max_shrink = 100"]).start();
    bench.items("flats", flats(1..9));
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["1", "2", "3"]);
    bench.items("flats", flats(3..9));
    bench.pass();
    bench.raw("flats", "[]");
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["1", "2", "3"]);
    assert_eq!(bench.one("SELECT count(*) FROM change"), "3");
}

#[test]
fn filters_that_are_taken_away_make_a_feed_a_full_one() {
    let mut bench = premises(&["ids = [1, 2]", "max_shrink = 50"]).start();
    bench.items("flats", flats(1..5));
    bench.pass();
    bench.reconfigure("flats", &["max_shrink = 50"]);
    bench.items("flats", flats(2..6));
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["2", "3", "4", "5"]);
}

#[test]
fn an_item_that_cannot_be_understood_is_not_missing() {
    let bench = premises(&["max_shrink = 100"]).start();
    bench.items("flats", flats(1..4));
    bench.pass();
    bench.items("flats", [flat(1), flat(2).replace("\"seller\":null", r#""seller":"\ud800""#)]);
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["1", "2"]);
    assert_eq!(bench.one("SELECT count(*) FROM quarantine"), "1");
    bench.items("flats", flats(1..3));
    bench.pass();
    assert_eq!(bench.lines(CHANGES)[3..], ["3|delete|NULL"]);
}

#[test]
fn nor_is_one_whose_id_is_where_a_pointer_says() {
    let bench = premises(&["max_shrink = 100", "id_field = \"/info/id\""]).start();
    let item =
        |id: u32, seller: &str| format!(r#"{{"id":9,"info":{{"id":{id}}},"seller":"{seller}"}}"#);
    bench.items("flats", [item(1, ""), item(2, ""), item(3, "")]);
    bench.pass();
    bench.items("flats", [item(1, ""), item(2, r"\ud800")]);
    bench.pass();
    assert_eq!(live(&bench, "premises"), ["1", "2"]);
}

#[test]
fn a_catalogue_that_moves_is_followed() {
    let bench = premises(&[]).options(|options| options.catalogue = 120).start();
    bench.pass();
    for _ in 0..5 {
        bench.domoplaner().step(60);
        let gone = bench.domoplaner().ids(FeedKind::Premises)[7];
        assert!(bench.domoplaner().remove_premises(gone));
        bench.pass();
        let mut ids: Vec<u64> =
            live(&bench, "premises").iter().map(|id| id.parse().unwrap()).collect();
        let mut expected = bench.domoplaner().ids(FeedKind::Premises);
        ids.sort_unstable();
        expected.sort_unstable();
        assert_eq!(ids, expected);
    }
    assert_eq!(bench.run(&["verify"]).code, Some(0));
}
