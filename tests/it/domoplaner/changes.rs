//! What a read that is not the first one writes: what differs, and nothing else.

use super::items::{CHANGES, deal, everything, flat, flats, of_deals, premises};
use crate::support::setup;
use simulator::{FeedKind, Layout};

#[test]
fn an_unchanged_feed_writes_nothing() {
    for layout in [Layout::array(), Layout::wrapped("data"), Layout::nested()] {
        let bench = setup()
            .without_uzhkh()
            .options(|options| options.catalogue = 300)
            .feed("flats", FeedKind::Premises, layout, &[])
            .feed(
                "deals",
                FeedKind::Deals,
                Layout::wrapped("deals"),
                &["dt_updated_last_days = 9000"],
            )
            .start();
        bench.pass();
        let before = everything(&bench);
        assert!(before.len() > 1000);
        let seq = "SELECT seq FROM sqlite_sequence WHERE name = 'change'";
        let burnt = bench.one(seq);
        bench.pass();
        assert_eq!(everything(&bench), before);
        assert_eq!(bench.one(seq), burnt);
        assert_eq!(
            bench.lines("SELECT feed, outcome, changed FROM poll WHERE seq > 2 ORDER BY feed"),
            ["deals|ok|0", "flats|ok|0"]
        );
        assert_ne!(bench.one("SELECT min(fetched) FROM poll"), "0");
    }
}

#[test]
fn items_in_another_order_or_spelt_otherwise_are_no_change() {
    let bench = premises(&[]).start();
    bench.items("flats", flats(1..6));
    bench.pass();
    let before = bench.lines("SELECT id, updated_at FROM record");
    let reordered = (1..6).rev().map(|id| {
        let spelt = flat(id).replace("\"type\":0,", "").replace("\"seller\":null", " \"type\" : 0");
        spelt.replace("\"number\"", r#""\u006eumber""#)
    });
    bench.items("flats", reordered);
    bench.pass();
    assert_eq!(bench.one("SELECT count(*) FROM change"), "5");
    assert_eq!(bench.lines("SELECT id, updated_at FROM record"), before);
}

#[test]
fn one_field_that_changed_is_one_change_with_old_and_new() {
    let bench = premises(&[]).start();
    bench.items("flats", flats(1..6));
    bench.pass();
    let before = bench.lines("SELECT * FROM record WHERE id <> '3' ORDER BY id");
    let changed = flat(3).replace("5600000.10", "5650000.00");
    let mut items = flats(1..6);
    items[2] = changed.clone();
    bench.items("flats", items);
    bench.pass();
    assert_eq!(
        bench.lines("SELECT source, kind, id, op, fields, envelope_seq FROM change WHERE seq > 5"),
        [r#"domoplaner|premises|3|update|{"price":["5600000.10","5650000.00"]}|NULL"#]
    );
    assert_eq!(bench.one("SELECT body FROM record WHERE id = '3'"), changed);
    assert_eq!(bench.one("SELECT price FROM premises WHERE id = '3'"), "5650000.00");
    assert_eq!(bench.lines("SELECT * FROM record WHERE id <> '3' ORDER BY id"), before);
    assert_eq!(bench.one("SELECT changed FROM poll ORDER BY seq DESC LIMIT 1"), "1");
    assert_eq!(bench.one("SELECT updated_at > first_seen_at FROM record WHERE id = '3'"), "1");
}

#[test]
fn several_fields_are_one_change_and_what_stands_inside_is_shown_whole() {
    let bench = of_deals(&["dt_updated_last_days = 9000"]).start();
    bench.items("deals", [deal(1)]);
    bench.pass();
    bench.items(
        "deals",
        [deal(1)
            .replace("100.50", "100.5")
            .replace("\"deal_status\":31", "\"deal_status\":\"32\"")
            .replace("\"day_reg_start\":null", "\"day_reg_start\":\"2024-01-09\"")],
    );
    bench.pass();
    assert_eq!(
        bench.lines(CHANGES)[1..],
        [
            r#"1|update|{"deal_status":[31,"32"],"day_reg_start":[null,"2024-01-09"],"payments":[[{"id":1,"day_plan":"2023-09-01","sum":100.50}],[{"id":1,"day_plan":"2023-09-01","sum":100.5}]]}"#
        ]
    );
}

#[test]
fn decimals_stay_as_they_were_written() {
    let spellings =
        ["1234.10", "0.00", "-0.50", "1e400", "7", "123456789012345678901234567890.123456"];
    let bench = premises(&[]).start();
    let item = |id: usize, spelling: &str| {
        flat(id as u32).replace("5600000.10", spelling).replace("54.30", spelling)
    };
    bench.items("flats", spellings.iter().enumerate().map(|(n, one)| item(n, one)));
    bench.pass();
    for (n, one) in spellings.iter().enumerate() {
        assert_eq!(
            bench.one(&format!(
                "SELECT price, typeof(price), area, typeof(area) FROM premises WHERE id = '{n}'"
            )),
            format!("{one}|text|{one}|text")
        );
    }
    // Another spelling of the same number is what the feed says now.
    bench.items("flats", (0..6).map(|n| item(n, "10.5")));
    bench.pass();
    assert_eq!(
        bench.one("SELECT fields FROM change WHERE op = 'update' AND id = '0'"),
        r#"{"price":["1234.10","10.5"],"area":["1234.10","10.5"]}"#
    );
}

#[test]
fn decimals_are_text_in_a_change_whatever_they_are_called() {
    let bench = premises(&[]).start();
    let item = |height: &str, debt: &str| {
        format!(r#"{{"id":1,"ceiling_height":{height},"debt":{debt},"floors":9}}"#)
    };
    bench.items("flats", [item("2.70", "1e2")]);
    bench.pass();
    bench.items("flats", [item("2.75", "-100.00").replace('9', "10")]);
    bench.pass();
    assert_eq!(
        bench.lines(CHANGES)[1..],
        [r#"1|update|{"ceiling_height":["2.70","2.75"],"debt":["1e2","-100.00"],"floors":[9,10]}"#]
    );
}

#[test]
fn nulls_and_unknown_members_are_kept() {
    let item =
        r#"{ "id":1 , "новое":{"a":[null,1.0,{"b":"\u0416\/"}]},"seller":null,"":[], "x":1.0E+2}"#;
    let bench = premises(&[]).start();
    bench.items("flats", [item]);
    bench.pass();
    assert_eq!(bench.one("SELECT body FROM record"), item);
    assert_eq!(bench.one("SELECT body FROM premises"), item);
}

#[test]
fn a_member_that_comes_or_goes_is_a_change_from_or_to_null() {
    let bench = premises(&[]).start();
    bench.items("flats", [r#"{"id":1,"a":1,"n":null}"#]);
    bench.pass();
    bench.items("flats", [r#"{"id":1,"b":"x"}"#]);
    bench.pass();
    assert_eq!(bench.lines(CHANGES)[1..], [r#"1|update|{"a":[1,null],"b":[null,"x"]}"#]);
}
