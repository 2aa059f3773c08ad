//! The filters of a feed: their keys, their faults, their spelling in the link.

use uzhkh_ledger::config::{FeedKind, Filters};

use crate::config::{message, parse};

/// A config of one feed with these filters.
fn feed(kind: &str, filters: &str) -> String {
    format!(
        "[[domoplaner.feed]]\nname = \"f\"\nkind = \"{kind}\"\nurl = \"https://f.example/\"\n{filters}\n"
    )
}

fn filters(kind: &str, filters: &str) -> Filters {
    let config = parse(&feed(kind, filters)).unwrap();
    config.domoplaner.unwrap().feeds.remove(0).filters
}

#[test]
fn all_filters_are_spelt_as_documented_and_in_the_documents_order() {
    let all = filters(
        "deals",
        r#"flat_ids = [12345, 23456]
only_active = true
flat_status = [1, 2, 3]
day_reg_end_to = "2023-08-26"
day_reg_end_from = "2023-08-23"
day_reg_start_to = "2023-08-26"
day_reg_start_from = "2023-08-23"
dogovor_day_to = "2023-08-26"
dogovor_day_from = "2023-08-23"
dt_status_changed_to = "2023-08-26"
dt_status_changed_from = "2023-08-23"
deal_dogovor_number = "ДДУ-1/23 & 4"
deal_ids = [1234, 5678]
deal_status = [7]
dt_updated_to = "2023-08-26"
dt_updated_from = "2023-08-23""#,
    );
    let query = all.query();
    let query: Vec<(&str, &str)> =
        query.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(
        query,
        [
            ("dt_updated_from", "2023-08-23"),
            ("dt_updated_to", "2023-08-26"),
            ("deal_status", "7"),
            ("deal_ids", "1234-5678"),
            ("deal_dogovor_number", "ДДУ-1/23 & 4"),
            ("dt_status_changed_from", "2023-08-23"),
            ("dt_status_changed_to", "2023-08-26"),
            ("dogovor_day_from", "2023-08-23"),
            ("dogovor_day_to", "2023-08-26"),
            ("day_reg_start_from", "2023-08-23"),
            ("day_reg_start_to", "2023-08-26"),
            ("day_reg_end_from", "2023-08-23"),
            ("day_reg_end_to", "2023-08-26"),
            ("flat_status", "1-2-3"),
            ("only_active", "1"),
            ("flat_ids", "12345-23456"),
        ]
    );
    assert!(!all.is_empty());
    assert_eq!(all.fault(FeedKind::Deals), []);
    assert_eq!(all.fault(FeedKind::Premises).len(), 16);
}

#[test]
fn premises_are_filtered_by_their_ids_alone() {
    let ids = filters("premises", "ids = [1234, 5678]");
    assert_eq!(ids.query(), [("ids", "1234-5678".to_owned())]);
    assert_eq!(ids.fault(FeedKind::Premises), []);
    assert_eq!(
        ids.fault(FeedKind::Deals),
        [("ids", "is a filter of premises feeds alone".to_owned())]
    );
    assert_eq!(
        message(&feed("deals", "\nids = [1]")),
        "config.toml:6: domoplaner.feed.f.ids: is a filter of premises feeds alone"
    );
    assert_eq!(
        message(&feed("premises", "deal_ids = [1]\nonly_active = false")),
        "config.toml:5: domoplaner.feed.f.deal_ids: is a filter of deals feeds alone\nconfig.toml:6: domoplaner.feed.f.only_active: is a filter of deals feeds alone"
    );
}

#[test]
fn days_back_are_given_alone() {
    let days = filters("deals", "dt_updated_last_days = 2");
    assert_eq!(days.query(), [("dt_updated_last_days", "2".to_owned())]);
    for other in ["dt_updated_from = \"2023-08-23\"", "dt_updated_to = \"2023-08-23\""] {
        let text = feed("deals", &format!("{other}\ndt_updated_last_days = 2"));
        assert_eq!(
            message(&text),
            "config.toml:6: domoplaner.feed.f.dt_updated_last_days: contradicts dt_updated_from and dt_updated_to: give the one or the others"
        );
    }
}

#[test]
fn a_range_does_not_end_before_it_begins() {
    for range in ["dt_updated", "dt_status_changed", "dogovor_day", "day_reg_start", "day_reg_end"]
    {
        let with = |to: &str| {
            feed("deals", &format!("{range}_from = \"2023-08-23\"\n{range}_to = \"{to}\""))
        };
        assert!(parse(&with("2023-08-23")).is_ok(), "one day is a range");
        assert_eq!(
            message(&with("2023-08-22")),
            format!(
                "config.toml:5: domoplaner.feed.f.{range}_from: 2023-08-23 is after {range}_to, 2023-08-22: nothing is between"
            )
        );
    }
}

#[test]
fn wrong_values_are_faults() {
    for (line, problem) in [
        ("deal_ids = []", "must not be empty"),
        ("deal_ids = 5", "must be a list in [], not an integer"),
        ("deal_ids = [1, \"2\"]", "element 2 must be a whole number"),
        ("deal_ids = [-1]", "element 1 must be a whole number"),
        ("flat_status = [1, 4]", "element 2 must be a whole number from 1 to 3, not 4"),
        ("flat_status = [0]", "element 1 must be a whole number from 1 to 3"),
        ("only_active = 1", "must be true or false, not an integer"),
        ("deal_dogovor_number = 5", "must be a string in quotes"),
        ("deal_dogovor_number = \"\"", "must not be empty"),
        ("dt_updated_last_days = 0", "must be a whole number from 1"),
        ("dogovor_day_to = 2023-08-23", "must be a date in quotes"),
        ("dogovor_day_to = \"23.08.2023\"", "must be a date in quotes"),
        ("dogovor_day_to = \"20230823\"", "must be a date in quotes"),
        ("dogovor_day_to = \"2023-02-29\"", "must be a date in quotes"),
        ("dogovor_day_to = \"2023-08-23T00:00\"", "must be a date in quotes"),
    ] {
        let message = message(&feed("deals", line));
        let key = line.split(' ').next().unwrap();
        assert!(
            message.starts_with(&format!("config.toml:5: domoplaner.feed.f.{key}: {problem}")),
            "{message}"
        );
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}
