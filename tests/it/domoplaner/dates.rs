//! Dates: asked for as ISO, and made ISO where a feed does not care.

use super::items::{CHANGES, deal, live, of_deals, premises};
use crate::support::setup;
use simulator::{FeedKind, Layout};

#[test]
fn dates_without_time_become_iso_and_the_rest_stays_as_it_was() {
    let bench = of_deals(&["date_fields = [\"signed\", \"Дата встречи\"]"]).start();
    let item = r#"{"id":1,"dogovor_day":"23.08.2023", "day_reg_start" : "01.02.2024","day_reg_end":"29.02.2024","signed":"31.12.2025",
        "payments":[{"day_plan":"05.06.2024","day_fact":"00.00.0000","sum":1.10,"number":"07.08.2024"}],
        "participants":{"0":{"day_birth":"09.10.1980"}},"custom_fields":{"Дата встречи":"11.12.2024","Пароль":"01.01.2001"},
        "comment":"с 23.08.2023 по 24.08.2023","dogovor_number":"01.02.2023","dt_updated":"2023-08-23 10:11:12","dt_created":"23.08.2023 10:11:12",
        "day_of_none":null,"day_empty":"","day_impossible":"31.02.2023","day_short":"1.2.2023","birthday":"12.03.1990"}"#;
    bench.items("deals", [item]);
    bench.pass();
    let mut expected = item.to_owned();
    for (dotted, iso) in [
        ("\"dogovor_day\":\"23.08.2023\"", "\"dogovor_day\":\"2023-08-23\""),
        ("\"01.02.2024\"", "\"2024-02-01\""),
        ("\"29.02.2024\"", "\"2024-02-29\""),
        ("\"31.12.2025\"", "\"2025-12-31\""),
        ("\"05.06.2024\"", "\"2024-06-05\""),
        ("\"00.00.0000\"", "\"0000-00-00\""),
        ("\"09.10.1980\"", "\"1980-10-09\""),
        ("\"11.12.2024\"", "\"2024-12-11\""),
        ("\"12.03.1990\"", "\"1990-03-12\""),
    ] {
        assert!(expected.contains(dotted), "{dotted}");
        expected = expected.replace(dotted, iso);
    }
    assert_eq!(bench.one("SELECT body FROM record"), expected);
    assert_eq!(
        bench.one("SELECT dogovor_day, day_reg_start, day_reg_end, dt_updated FROM deal"),
        "2023-08-23|2024-02-01|2024-02-29|2023-08-23 10:11:12"
    );
}

#[test]
fn a_date_that_is_not_there_is_null_in_the_view() {
    let bench = of_deals(&[]).start();
    bench.items(
        "deals",
        [r#"{"id":1,"dogovor_day":"00.00.0000","day_reg_start":"0000-00-00","day_reg_end":"","dt_updated":"0000-00-00 00:00:00"}"#],
    );
    bench.pass();
    assert_eq!(
        bench.one(
            "SELECT dogovor_day, day_reg_start, day_reg_end, dt_updated, dt_created FROM deal"
        ),
        "NULL|NULL|NULL|NULL|NULL"
    );
}

#[test]
fn the_format_of_dates_is_always_asked_for() {
    let mut bench = setup()
        .without_uzhkh()
        .feed("flats", FeedKind::Premises, Layout::array(), &[])
        .feed("deals", FeedKind::Deals, Layout::array(), &["only_active = true"])
        .start();
    // A link may bring a format of its own, and parameters that nobody knows.
    let link = format!("url = \"{}?date_format=DD.MM.YYYY\"", bench.link("flats"));
    bench.spell("flats", &link);
    bench.pass();
    bench.pass();
    let once = bench.run(&["fetch", "deals", "--deal-ids", "7"]);
    assert_eq!(once.code, Some(0), "{}", once.stderr);
    assert_eq!(bench.run(&["check"]).code, Some(0));
    // `reads` looks at each.
    assert_eq!(bench.reads("flats").len(), 3);
    assert_eq!(bench.reads("deals").len(), 4);
}

#[test]
fn a_feed_that_ignores_the_format_makes_the_same_ledger() {
    let ledger = |layout: fn() -> Layout| {
        let bench = setup()
            .without_uzhkh()
            .feed("flats", FeedKind::Premises, layout(), &[])
            .feed("deals", FeedKind::Deals, layout(), &["date_fields = [\"Дата встречи\"]"])
            .start();
        let today = "2026-02-03".parse().unwrap();
        // The clock stands before there is anything: both catalogues are the same.
        bench.domoplaner().set_today(today);
        bench.domoplaner().grow(80);
        bench.pass();
        bench.domoplaner().step(30);
        bench.pass();
        let records =
            bench.lines("SELECT kind, id, body, deleted_at IS NULL FROM record ORDER BY kind, id");
        assert!(records.iter().any(|line| line.contains("-0")));
        let changes =
            bench.lines("SELECT kind, id, op, fields FROM change ORDER BY kind, id, op, fields");
        (records, changes)
    };
    let heeding = ledger(Layout::array);
    let ignoring = ledger(|| Layout::array().ignores_date_format());
    assert_eq!(heeding, ignoring);
}

#[test]
fn a_feed_that_learns_the_format_changes_nothing() {
    let bench = of_deals(&[]).start();
    bench.items("deals", [deal(1).replace("2023-08-23", "23.08.2023")]);
    bench.pass();
    bench.items("deals", [deal(1)]);
    bench.pass();
    assert_eq!(bench.lines(CHANGES), ["1|insert|NULL"]);
}

#[test]
fn another_date_field_is_applied_to_what_is_known_already() {
    let mut bench = premises(&[]).start();
    bench.items("flats", [r#"{"id":1,"handed":"01.02.2024"}"#, r#"{"id":2}"#]);
    bench.pass();
    bench.reconfigure("flats", &["date_fields = [\"handed\"]"]);
    bench.pass();
    assert_eq!(bench.lines(CHANGES)[2..], [r#"1|update|{"handed":["01.02.2024","2024-02-01"]}"#]);
    assert_eq!(live(&bench, "premises"), ["1", "2"]);

    // Of deals, which are read by increments, all are read for that.
    let mut bench = of_deals(&[]).start();
    bench.items("deals", [r#"{"id":1,"handed":"01.02.2024","dt_updated":"2020-01-01 00:00:00"}"#]);
    bench.pass();
    bench.reconfigure("deals", &["date_fields = [\"handed\"]"]);
    bench.pass();
    assert_eq!(bench.one("SELECT body ->> '$.handed' FROM deal"), "2024-02-01");
}
