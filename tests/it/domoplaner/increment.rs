//! Deals by increments: what changed since the day before the last success, in the
//! account's time zone, and now and then all of them.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::items::{CHANGES, deal, deals, live, of_deals};
use crate::support::Bench;
use simulator::{Endpoint, Fault, FaultKind};

const STATE: &str = "SELECT asked_sha256, read_at, full_at, shrink_accepted_at FROM feed";

/// The last success was then, and the last full read a little before now.
fn read_then(bench: &Bench, read_at: &str) {
    bench.tamper(&format!("UPDATE feed SET read_at = '{read_at}'"));
}

/// A deal that was last changed on this day.
fn updated(id: u32, day: &str) -> String {
    deal(id).replace("\"flat_id\"", &format!("\"dt_updated\":\"{day} 12:00:00\",\"flat_id\""))
}

#[test]
fn the_first_read_is_full_and_the_next_begins_a_day_before_it() {
    let bench = of_deals(&[]).start();
    let before = Timestamp::now();
    bench.pass();
    let after = Timestamp::now();
    assert_eq!(bench.last_read("deals"), "");
    bench.pass();
    let zone = TimeZone::get("Europe/Moscow").unwrap();
    let expected = [before, after].map(|moment| {
        let day = moment.to_zoned_datetime(zone.clone()).date().saturating_sub(1.day());
        format!("dt_updated_from={day}")
    });
    let asked = bench.last_read("deals");
    assert!(expected.contains(&asked), "{asked}");
}

#[test]
fn the_day_is_that_of_the_accounts_time_zone() {
    for (zone, read_at, from) in [
        ("Europe/Moscow", "2024-03-01T20:59:59.999Z", "2024-02-29"),
        ("Europe/Moscow", "2024-03-01T21:00:00.000Z", "2024-03-01"),
        ("Pacific/Kiritimati", "2024-03-01T10:30:00.000Z", "2024-03-01"),
        ("Pacific/Pago_Pago", "2024-03-01T10:30:00.000Z", "2024-02-28"),
        ("+05:30", "2023-12-31T18:30:00.000Z", "2023-12-31"),
    ] {
        let bench = of_deals(&[]).domoplaner(&format!("timezone = \"{zone}\"")).start();
        bench.pass();
        read_then(&bench, read_at);
        bench.pass();
        assert_eq!(bench.last_read("deals"), format!("dt_updated_from={from}"), "{zone} {read_at}");
    }
}

#[test]
fn an_increment_brings_what_changed_and_deletes_nothing() {
    let bench = of_deals(&[]).start();
    bench.items("deals", [updated(1, "2024-01-10"), updated(2, "2024-02-20")]);
    bench.pass();
    bench.items(
        "deals",
        [
            updated(1, "2024-01-10").replace("5600000.10", "1.00"),
            updated(2, "2024-02-29").replace("5600000.10", "2.00"),
            updated(3, "2024-02-28"),
        ],
    );
    read_then(&bench, "2024-03-01T09:00:00.000Z");
    bench.pass();
    // The simulator passes what was updated from then on, and so only the second.
    assert_eq!(bench.last_read("deals"), "dt_updated_from=2024-02-29");
    assert_eq!(live(&bench, "deal"), ["1", "2"]);
    assert_eq!(
        bench.lines(CHANGES)[2..],
        [
            r#"2|update|{"dt_updated":["2024-02-20 12:00:00","2024-02-29 12:00:00"],"price":["5600000.10","2.00"]}"#
        ]
    );
    assert_eq!(bench.one("SELECT fetched FROM poll ORDER BY seq DESC LIMIT 1"), "1");
}

#[test]
fn a_deals_read_never_deletes() {
    let bench = of_deals(&[]).start();
    bench.items("deals", deals(1..11));
    bench.pass();
    for raw in ["[]", r#"{"data":null}"#] {
        bench.raw("deals", raw);
        bench.pass();
        bench.tamper("UPDATE feed SET full_at = '2020-01-01T00:00:00.000Z'");
        bench.pass();
        assert_eq!(bench.last_read("deals"), "");
    }
    assert_eq!(live(&bench, "deal").len(), 10);
    assert_eq!(bench.one("SELECT count(*) FROM change"), "10");
}

#[test]
fn after_full_every_the_read_is_full_again() {
    let bench = of_deals(&["full_every = \"2d\""]).start();
    bench.pass();
    let ago = |span: jiff::Span| Timestamp::now().checked_sub(span).unwrap();
    let set = |at: Timestamp| bench.tamper(&format!("UPDATE feed SET full_at = '{at:.3}'"));
    set(ago(47.hours()));
    bench.pass();
    assert!(bench.last_read("deals").starts_with("dt_updated_from="));
    set(ago(49.hours()));
    bench.pass();
    assert_eq!(bench.last_read("deals"), "");
    // From then on it is the old way again.
    bench.pass();
    assert!(bench.last_read("deals").starts_with("dt_updated_from="));
    // The clock was set back: what is to come proves nothing.
    set(ago((-3).hours()));
    bench.pass();
    assert_eq!(bench.last_read("deals"), "");
}

#[test]
fn after_the_clock_was_ahead_the_read_is_full() {
    let bench = of_deals(&[]).start();
    bench.pass();
    let ahead = Timestamp::now().checked_add(48.hours()).unwrap();
    read_then(&bench, &format!("{ahead:.3}"));
    bench.pass();
    assert_eq!(bench.last_read("deals"), "");
    bench.pass();
    assert!(bench.last_read("deals").starts_with("dt_updated_from="));
}

#[test]
fn a_small_full_every_makes_every_read_full() {
    let bench = of_deals(&["full_every = \"1ms\""]).start();
    for _ in 0..3 {
        bench.pass();
        assert_eq!(bench.last_read("deals"), "");
    }
}

#[test]
fn a_failed_read_does_not_move_the_increment() {
    let bench = of_deals(&[]).start();
    bench.items("deals", deals(1..40));
    // The first read has to be a full one, however often it fails.
    for kind in [FaultKind::CutBody, FaultKind::Error500] {
        bench.uzhkh().inject(Fault::new(kind).at(Endpoint::Feed));
        bench.fail();
        bench.uzhkh().clear_faults();
        assert_eq!(
            bench.lines("SELECT read_at, full_at FROM feed WHERE read_at IS NOT NULL"),
            Vec::<String>::new()
        );
    }
    bench.pass();
    assert_eq!(bench.last_read("deals"), "");
    read_then(&bench, "2024-03-01T09:00:00.000Z");
    let state = bench.one(STATE);
    for kind in
        [FaultKind::Html, FaultKind::CutAnnounced, FaultKind::Forbidden, FaultKind::Error500]
    {
        bench.uzhkh().inject(Fault::new(kind.clone()).at(Endpoint::Feed));
        bench.fail();
        bench.uzhkh().clear_faults();
        assert_eq!(bench.one(STATE), state, "{kind}");
        assert_eq!(bench.last_read("deals"), "dt_updated_from=2024-02-29");
    }
    bench.pass();
    assert_eq!(bench.last_read("deals"), "dt_updated_from=2024-02-29");
    assert_ne!(bench.one(STATE), state);
}

#[test]
fn another_filter_link_or_id_brings_a_full_read() {
    let mut bench = of_deals(&[]).start();
    bench.pass();
    for lines in [
        &["flat_status = [3]"][..],
        &["flat_status = [2, 3]"],
        &["items = \"/data\""],
        &["items = \"/data\"", "id_field = \"id\""],
    ] {
        bench.reconfigure("deals", lines);
        bench.pass();
        let asked = bench.last_read("deals");
        assert!(!asked.contains("dt_updated"), "{lines:?}: {asked}");
        bench.pass();
        assert!(bench.last_read("deals").contains("dt_updated_from="), "{lines:?}");
    }
    let link = bench.link("deals");
    bench.spell("deals", &format!("url = \"{link}?\""));
    bench.pass();
    // To the letter the same link.
    assert!(bench.last_read("deals").contains("dt_updated_from="));
    // A failed read in between does not count as one.
    bench.reconfigure("deals", &["deal_status = [5]"]);
    bench.uzhkh().inject(Fault::new(FaultKind::Html).at(Endpoint::Feed));
    bench.fail();
    bench.uzhkh().clear_faults();
    bench.pass();
    assert_eq!(bench.last_read("deals"), "deal_status=5");
}

#[test]
fn a_day_from_which_on_the_config_wants_deals_is_the_earliest() {
    let bench = of_deals(&["dt_updated_from = \"2024-02-10\""]).start();
    bench.pass();
    assert_eq!(bench.last_read("deals"), "dt_updated_from=2024-02-10");
    for (read_at, from) in [
        ("2024-02-05T09:00:00.000Z", "2024-02-10"),
        ("2024-02-11T09:00:00.000Z", "2024-02-10"),
        ("2024-02-12T09:00:00.000Z", "2024-02-11"),
    ] {
        read_then(&bench, read_at);
        bench.pass();
        assert_eq!(bench.last_read("deals"), format!("dt_updated_from={from}"));
    }
}

#[test]
fn days_that_the_config_asks_for_are_asked_for_each_time() {
    for (lines, asked) in [
        (&["dt_updated_last_days = 3"][..], "dt_updated_last_days=3"),
        (
            &["dt_updated_from = \"2024-02-10\"", "dt_updated_to = \"2024-02-12\""],
            "dt_updated_from=2024-02-10&dt_updated_to=2024-02-12",
        ),
        (&["dt_updated_to = \"2024-02-12\""], "dt_updated_to=2024-02-12"),
    ] {
        let bench = of_deals(lines).start();
        for _ in 0..3 {
            bench.pass();
            assert_eq!(bench.last_read("deals"), asked);
        }
    }
}

#[test]
fn other_filters_stand_beside_the_increment() {
    let bench = of_deals(&["only_active = true", "dogovor_day_from = \"2023-01-01\""]).start();
    bench.pass();
    assert_eq!(bench.last_read("deals"), "dogovor_day_from=2023-01-01&only_active=1");
    read_then(&bench, "2024-03-01T09:00:00.000Z");
    bench.pass();
    assert_eq!(
        bench.last_read("deals"),
        "dt_updated_from=2024-02-29&dogovor_day_from=2023-01-01&only_active=1"
    );
}
