//! The documented filters: in the config and as options of `fetch`, spelt in the link
//! as the document spells them.

use super::items::{of_deals, premises};
use simulator::FeedKind;

/// What the config says of a feed of deals, the options of `fetch` that mean the same,
/// and the parameters of the link, percent-decoded.
const DEALS: [(&str, &[&str], &str); 13] = [
    ("dt_updated_last_days = 2", &["--dt-updated-last-days", "2"], "dt_updated_last_days=2"),
    (
        "dt_updated_from = \"2023-08-23\"",
        &["--dt-updated-from", "2023-08-23"],
        "dt_updated_from=2023-08-23",
    ),
    (
        "dt_updated_from = \"2023-08-23\"\ndt_updated_to = \"2023-08-26\"",
        &["--dt-updated-from", "2023-08-23", "--dt-updated-to", "2023-08-26"],
        "dt_updated_from=2023-08-23&dt_updated_to=2023-08-26",
    ),
    ("deal_status = [31, 7, 900]", &["--deal-status", "31,7,900"], "deal_status=31-7-900"),
    ("deal_ids = [1234, 5678]", &["--deal-ids", "1234,5678"], "deal_ids=1234-5678"),
    (
        "deal_dogovor_number = \"ДДУ-1/23 & №4+5%?\"",
        &["--deal-dogovor-number", "ДДУ-1/23 & №4+5%?"],
        "deal_dogovor_number=ДДУ-1/23 & №4+5%?",
    ),
    (
        "dt_status_changed_from = \"2023-08-23\"\ndt_status_changed_to = \"2023-08-26\"",
        &["--dt-status-changed-from", "2023-08-23", "--dt-status-changed-to", "2023-08-26"],
        "dt_status_changed_from=2023-08-23&dt_status_changed_to=2023-08-26",
    ),
    (
        "dogovor_day_from = \"2023-08-23\"\ndogovor_day_to = \"2023-08-26\"",
        &["--dogovor-day-from", "2023-08-23", "--dogovor-day-to", "2023-08-26"],
        "dogovor_day_from=2023-08-23&dogovor_day_to=2023-08-26",
    ),
    (
        "day_reg_start_from = \"2023-08-23\"\nday_reg_start_to = \"2023-08-26\"",
        &["--day-reg-start-from", "2023-08-23", "--day-reg-start-to", "2023-08-26"],
        "day_reg_start_from=2023-08-23&day_reg_start_to=2023-08-26",
    ),
    (
        "day_reg_end_from = \"2023-08-23\"\nday_reg_end_to = \"2023-08-26\"",
        &["--day-reg-end-from", "2023-08-23", "--day-reg-end-to", "2023-08-26"],
        "day_reg_end_from=2023-08-23&day_reg_end_to=2023-08-26",
    ),
    ("flat_status = [1, 2, 3]", &["--flat-status", "1,2,3"], "flat_status=1-2-3"),
    ("only_active = true", &["--only-active"], "only_active=1"),
    ("flat_ids = [12345, 23456]", &["--flat-ids", "12345,23456"], "flat_ids=12345-23456"),
];

#[test]
fn every_filter_of_deals_is_sent_as_documented() {
    for (lines, options, asked) in DEALS {
        let configured = of_deals(&[lines]).start();
        configured.pass();
        assert_eq!(configured.last_read("deals"), asked);
        // The config's own give way to those of the command.
        let ended = configured.run(&["fetch", "deals", "--deal-ids", "77"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(configured.last_read("deals"), "deal_ids=77");
        // Without any, they hold for the command too.
        assert_eq!(configured.run(&["fetch", "deals"]).code, Some(0));
        assert_eq!(configured.last_read("deals"), asked);

        let fetched = of_deals(&[]).start();
        fetched.pass();
        let ended = fetched.run(&[&["fetch", "deals"], options].concat());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(fetched.last_read("deals"), asked);
    }
}

#[test]
fn all_filters_together_are_all_sent() {
    let lines = DEALS[2..].iter().map(|(lines, ..)| *lines);
    let bench = of_deals(&lines.collect::<Vec<_>>()).start();
    bench.pass();
    let asked: Vec<&str> = DEALS[2..].iter().map(|(.., asked)| *asked).collect();
    assert_eq!(bench.last_read("deals"), asked.join("&"));
}

#[test]
fn premises_are_filtered_by_their_ids() {
    let bench = premises(&["ids = [1234, 5678]"]).start();
    bench.pass();
    assert_eq!(bench.last_read("flats"), "ids=1234-5678");
    let ended = bench.run(&["fetch", "flats", "--ids", "9,10"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(bench.last_read("flats"), "ids=9-10");
}

#[test]
fn filters_choose_from_the_catalogue() {
    let bench = of_deals(&[]).options(|options| options.catalogue = 200).start();
    let own = |query: &str| {
        let text = bench.of_another_client(&bench.link("deals"), query);
        let feed: serde_json::Value = serde_json::from_str(&text).unwrap();
        feed["data"].as_array().unwrap().len()
    };
    bench.run(&["run", "--once"]);
    let all = bench.domoplaner().ids(FeedKind::Deals);
    let [first, second] = [all[3], all[40]].map(|id| id.to_string());
    for (options, query) in [
        (
            vec!["--deal-ids".to_owned(), format!("{first},{second}")],
            format!("deal_ids={first}-{second}"),
        ),
        (vec!["--flat-status".to_owned(), "3".to_owned()], "flat_status=3".to_owned()),
        (vec!["--only-active".to_owned()], "only_active=1".to_owned()),
    ] {
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let ended = bench.run(&[&["fetch", "deals", "--json"], options.as_slice()].concat());
        let fetched: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        let expected = own(&query);
        assert!(expected > 0 && expected < all.len(), "{query}");
        assert_eq!(fetched["fetched"], expected, "{query}");
    }
}
