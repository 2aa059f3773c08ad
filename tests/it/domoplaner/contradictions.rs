//! Filters that contradict each other or stand where they have no meaning: refused
//! with the key and its line in the config, as wrong usage by `fetch`.

use super::items::live;
use crate::support::{Bench, setup};
use simulator::{FeedKind, Layout};

/// The config does not start, and says this of the line.
#[track_caller]
fn refused(bench: &Bench, line: usize, words: &[&str]) {
    refused_where_it_is_used(bench, line, words);
    refused_by(bench, &["status"], line, words);
    assert!(bench.report().requests.is_empty());
    assert!(!bench.ledger().exists());
}

/// By the commands that need the feed's link; the others do not look at it.
fn refused_where_it_is_used(bench: &Bench, line: usize, words: &[&str]) {
    for arguments in [&["run", "--once"][..], &["check", "--offline"], &["fetch", "f"]] {
        refused_by(bench, arguments, line, words);
    }
}

fn refused_by(bench: &Bench, arguments: &[&str], line: usize, words: &[&str]) {
    let ended = bench.run(arguments);
    assert_eq!(ended.code, Some(78), "{arguments:?}: {}", ended.stderr);
    assert!(ended.stderr.contains(&format!("config.toml:{line}:")), "{line}: {}", ended.stderr);
    for word in words {
        assert!(ended.stderr.contains(word), "{word}: {}", ended.stderr);
    }
}

#[test]
fn contradictions_and_filters_out_of_place_are_faults_of_the_config() {
    // The further lines of the feed begin at line 7.
    for (kind, lines, line, words) in [
        (
            FeedKind::Deals,
            &["dt_updated_last_days = 2", "dt_updated_from = \"2023-08-23\""][..],
            7,
            &["dt_updated_last_days", "contradicts"][..],
        ),
        (
            FeedKind::Deals,
            &["dt_updated_to = \"2023-08-23\"", "dt_updated_last_days = 2"],
            8,
            &["dt_updated_last_days", "contradicts"],
        ),
        (
            FeedKind::Deals,
            &["dt_updated_from = \"2023-08-24\"", "dt_updated_to = \"2023-08-23\""],
            7,
            &["dt_updated_from", "after"],
        ),
        (
            FeedKind::Deals,
            &["day_reg_end_to = \"2023-08-23\"", "day_reg_end_from = \"2023-08-24\""],
            8,
            &["day_reg_end_from", "after"],
        ),
        (FeedKind::Deals, &["only_active = true", "ids = [1]"], 8, &["ids", "premises"]),
        (FeedKind::Premises, &["flat_ids = [1]"], 7, &["flat_ids", "deals"]),
        (FeedKind::Premises, &["ids = [1]", "only_active = false"], 8, &["only_active", "deals"]),
        (FeedKind::Deals, &["flat_status = [0]"], 7, &["flat_status"]),
        (FeedKind::Deals, &["dogovor_day_from = \"23.08.2023\""], 7, &["dogovor_day_from", "date"]),
        (FeedKind::Deals, &["only_active = 1"], 7, &["only_active"]),
        (FeedKind::Deals, &["deal_id = [1]"], 7, &["deal_id", "deal_ids"]),
    ] {
        let bench = setup().without_uzhkh().feed("f", kind, Layout::array(), lines).start();
        refused(&bench, line, words);
    }
}

#[test]
fn a_filter_in_the_link_is_a_fault_of_the_config() {
    for filter in ["deal_ids=1-2", "only_active=1", "date_format=X&dt%5Fupdated_from=2023-08-23"] {
        let mut bench =
            setup().without_uzhkh().feed("f", FeedKind::Deals, Layout::array(), &[]).start();
        let link = bench.link("f");
        bench.spell("f", &format!("url = \"{link}?{filter}\""));
        refused_where_it_is_used(&bench, 6, &["url", "filter"]);
        assert!(bench.report().requests.is_empty());
        assert!(!bench.ledger().exists());
    }
}

#[test]
fn contradictions_and_filters_out_of_place_are_wrong_usage_of_fetch() {
    let bench = setup()
        .without_uzhkh()
        .feed("flats", FeedKind::Premises, Layout::array(), &[])
        .feed("deals", FeedKind::Deals, Layout::array(), &[])
        .start();
    bench.pass();
    let wrong: [&[&str]; 16] = [
        &["deals", "--dt-updated-last-days", "2", "--dt-updated-from", "2023-08-23"],
        &["deals", "--dt-updated-last-days", "2", "--dt-updated-to", "2023-08-23"],
        &["deals", "--dt-updated-from", "2023-08-24", "--dt-updated-to", "2023-08-23"],
        &["deals", "--dogovor-day-from", "2023-08-24", "--dogovor-day-to", "2023-08-23"],
        &["deals", "--ids", "1"],
        &["flats", "--deal-ids", "1"],
        &["flats", "--only-active"],
        &["deals", "--flat-status", "4"],
        &["deals", "--dt-updated-last-days", "0"],
        &["deals", "--dogovor-day-from", "23.08.2023"],
        &["deals", "--deal-ids", "1-2"],
        &["deals", "--deal-ids", ""],
        &["deals", "--deal-dogovor-number", ""],
        &["deals", "--deal-dogovor-number", "a", "--deal-dogovor-number", "b"],
        &["elsewhere"],
        &[],
    ];
    let reads = (bench.reads("flats").len(), bench.reads("deals").len());
    for options in wrong {
        let ended = bench.run(&[&["fetch"], options].concat());
        assert_eq!(ended.code, Some(2), "{options:?}: {}", ended.stderr);
        if let Some(option) = options.iter().find(|option| option.starts_with("--")) {
            assert!(ended.stderr.contains(option), "{options:?}: {}", ended.stderr);
        }
    }
    let unknown = bench.run(&["fetch", "elsewhere"]).stderr;
    assert!(unknown.contains("flats") && unknown.contains("deals"), "{unknown}");
    assert_eq!(reads, (bench.reads("flats").len(), bench.reads("deals").len()));
    assert_eq!(live(&bench, "deal"), Vec::<String>::new());
}
