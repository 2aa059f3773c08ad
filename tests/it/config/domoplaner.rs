//! `[domoplaner]`: its feeds, and their links.

use std::time::Duration;

use tempfile::TempDir;
use uzhkh_ledger::config::{Environment, Feed, FeedKind, Pointer};

use crate::config::{file, message, message_in, parse, parse_in};

/// A config of one feed called `deals`, with further lines.
fn feed(lines: &str) -> String {
    format!("[[domoplaner.feed]]\nname = \"deals\"\nkind = \"deals\"\n{lines}\n")
}

fn only(text: &str) -> Feed {
    let mut feeds = parse(text).unwrap().domoplaner.unwrap().feeds;
    assert_eq!(feeds.len(), 1);
    feeds.remove(0)
}

const URL: &str = "url = \"https://feeds.example/dc-api/feeds/1-s3cret/\"";

#[test]
fn the_least_feed_has_the_documented_defaults() {
    let config = parse(&feed(URL)).unwrap();
    assert!(config.uzhkh.is_none() && config.macrocrm.is_none());
    let domoplaner = config.domoplaner.unwrap();
    assert_eq!(domoplaner.timezone.iana_name(), Some("Europe/Moscow"));
    let feed = only(&feed(URL));
    assert_eq!(feed.name, "deals");
    assert_eq!(feed.kind, FeedKind::Deals);
    assert_eq!(feed.url.expose_secret().as_str(), "https://feeds.example/dc-api/feeds/1-s3cret/");
    assert_eq!(feed.schedule, "0 */5 * * * *");
    assert_eq!(feed.full_every, Duration::from_secs(7 * 86_400));
    assert_eq!(feed.max_shrink, 20);
    assert!(feed.items.is_none());
    assert_eq!(feed.id_field, None);
    assert!(feed.date_fields.is_empty());
    assert!(feed.filters.is_empty());
}

#[test]
fn a_feed_says_what_is_its_own() {
    let feed = only(&feed(&format!(
        "{URL}\nschedule = \"0 0 * * * *\"\nfull_every = \"1d\"\nmax_shrink = \"5%\"\nitems = \"\"\nid_field = \"uid\"\ndate_fields = [\"day_x\"]"
    )));
    assert_eq!(feed.schedule, "0 0 * * * *");
    assert_eq!(feed.full_every, Duration::from_secs(86_400));
    assert_eq!(feed.max_shrink, 5);
    assert_eq!(feed.items.as_ref().map(Pointer::text), Some(""));
    assert_eq!(feed.id_field.as_deref(), Some("uid"));
    assert_eq!(feed.date_fields, ["day_x"]);
}

#[test]
fn the_section_says_how_much_any_feed_may_shrink() {
    let second = feed(&format!("{URL}\nmax_shrink = 0")).replace("\"deals\"\nkind", "\"b\"\nkind");
    let text = format!("[domoplaner]\nmax_shrink = \"100%\"\n{}{second}", feed(URL));
    let feeds = parse(&text).unwrap().domoplaner.unwrap().feeds;
    let shares: Vec<u8> = feeds.iter().map(|feed| feed.max_shrink).collect();
    assert_eq!(shares, [100, 0]);
    for wrong in ["101", "-1", "\"20\"", "\"101%\"", "\"%\"", "\"+5%\"", "2.5", "\"2.5%\"", "true"]
    {
        let message = message(&feed(&format!("{URL}\nmax_shrink = {wrong}")));
        assert!(
            message.starts_with(
                "config.toml:5: domoplaner.feed.deals.max_shrink: must be a whole number of percent"
            ),
            "{message}"
        );
    }
}

#[test]
fn a_time_zone_is_a_name_or_an_offset() {
    let with = |zone: &str| format!("[domoplaner]\ntimezone = \"{zone}\"\n{}", feed(URL));
    for (written, seconds) in [
        ("Asia/Yekaterinburg", 5 * 3600),
        ("+05:00", 5 * 3600),
        ("-03:30", -(3 * 3600 + 30 * 60)),
        ("UTC", 0),
        ("W-SU", 3 * 3600),
    ] {
        let zone = parse(&with(written)).unwrap().domoplaner.unwrap().timezone;
        let offset = zone.to_offset("2024-01-01T00:00Z".parse().unwrap());
        assert_eq!(offset.seconds(), seconds, "{written}");
    }
    for wrong in
        ["Moscow", "+5", "+05:60", "+15:00", "+5:00", "05:00", "+0500", "-0x:00", "Etc/Unknown", ""]
    {
        let message = message(&with(wrong));
        assert!(message.starts_with("config.toml:2: domoplaner.timezone: must "), "{message}");
    }
}

#[test]
fn faults_name_the_feed_by_its_name_or_its_number() {
    let text = format!(
        "{}shedule = 1\n[[domoplaner.feed]]\nname = \"https://s3cret\"\nkind = \"flats\"\n[[domoplaner.feed]]\nid_field = \"\"\n",
        feed(URL)
    );
    let message = message(&text);
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(
        lines,
        [
            "config.toml:5: domoplaner.feed.deals.shedule: unknown key; did you mean schedule?",
            "config.toml:7: domoplaner.feed[2].name: must be at most 64 letters, digits, '-', '_' and '.'",
            "config.toml:8: domoplaner.feed[2].kind: must be one of \"premises\", \"deals\", not \"flats\"",
            "config.toml:9: domoplaner.feed[3].name: is missing",
            "config.toml:9: domoplaner.feed[3].kind: is missing",
            "config.toml:10: domoplaner.feed[3].id_field: must not be empty",
        ]
    );
}

#[test]
fn feeds_are_an_array_of_at_least_one() {
    for (text, expected) in [
        (
            "[domoplaner]\n",
            "config.toml:1: domoplaner.feed: is missing: at least one [[domoplaner.feed]] is needed",
        ),
        ("[domoplaner]\nfeed = []\n", "config.toml:2: domoplaner.feed: must not be empty"),
        (
            "[domoplaner.feed]\nname = \"x\"\n",
            "config.toml:1: domoplaner.feed: must be written [[domoplaner.feed]], not as a table",
        ),
        (
            "[domoplaner]\nfeed = [\n1]\n",
            "config.toml:3: domoplaner.feed: must be written [[domoplaner.feed]], not as an integer",
        ),
        (
            "[domoplaner]\nfeeds = []\n[domoplaner.x]\n",
            "config.toml:1: domoplaner.feed: is missing: at least one [[domoplaner.feed]] is needed\nconfig.toml:2: domoplaner.feeds: unknown key; did you mean feed?\nconfig.toml:3: domoplaner.x: unknown key",
        ),
    ] {
        assert_eq!(message(text), expected);
    }
}

#[test]
fn names_are_plain_and_differ() {
    for name in ["сделки-2.b_C", &"я".repeat(64)] {
        let text = feed(URL).replace("name = \"deals\"", &format!("name = \"{name}\""));
        assert_eq!(only(&text).name, name);
    }
    for name in ["a b", "a/b", "", "a:b", &"я".repeat(65)] {
        let text = feed(URL).replace("name = \"deals\"", &format!("name = \"{name}\""));
        assert!(
            message(&text).starts_with("config.toml:2: domoplaner.feed[1].name: must "),
            "{name}"
        );
    }
    let message = message(&format!("{}{}", feed(URL), feed(URL)));
    assert_eq!(
        message,
        "config.toml:6: domoplaner.feed.deals.name: is the name of an earlier feed too: each needs one of its own"
    );
}

#[test]
fn only_deals_are_read_in_full_now_and_then() {
    let text = feed(&format!("{URL}\nfull_every = \"1d\""))
        .replace("kind = \"deals\"", "kind = \"premises\"");
    assert_eq!(
        message(&text),
        "config.toml:5: domoplaner.feed.deals.full_every: is for deals alone: premises are always read in full"
    );
}

#[test]
fn an_item_list_is_found_by_a_json_pointer() {
    for right in ["", "/", "/data/flats", "/a~0b/~1"] {
        let feed = only(&feed(&format!("{URL}\nitems = \"{right}\"")));
        assert_eq!(feed.items.as_ref().map(Pointer::text), Some(right));
    }
    for wrong in ["data", "/a~", "/a~2", "#/a"] {
        let message = message(&feed(&format!("{URL}\nitems = \"{wrong}\"")));
        assert!(message.contains("feed.deals.items: must be a JSON pointer"), "{message}");
    }
}

#[test]
fn the_link_has_four_spellings() {
    let dir = TempDir::new().unwrap();
    let link = "https://feeds.example/1-s3cret/?a=b";
    let path = file(&dir, "link", format!("{link}\n"));
    file(&dir, "domoplaner-сделки.1-url", link);
    let named = |lines: &str| feed(lines).replace("\"deals\"\nkind", "\"сделки.1\"\nkind");
    for (text, environment) in [
        (named(&format!("url = \"{link}\"")), Environment::new()),
        (named(&format!("url_file = {:?}", path.to_str().unwrap())), Environment::new()),
        (named(""), Environment::new().variable("DOMOPLANER_СДЕЛКИ_1_URL", link)),
        (named(""), Environment::new().credentials(dir.path())),
    ] {
        let config = parse_in(&text, &environment).unwrap();
        assert_eq!(config.domoplaner.unwrap().feeds[0].url.expose_secret().as_str(), link);
    }
    assert_eq!(
        message(&feed("")),
        "config.toml:1: domoplaner.feed.deals.url: is missing: give exactly one of url, url_file, the environment variable DOMOPLANER_DEALS_URL and the systemd credential domoplaner-deals-url"
    );
    let twice = Environment::new().variable("DOMOPLANER_DEALS_URL", link);
    let message = message_in(&feed(URL), &twice);
    assert!(
        message
            .contains("is given 2 times, by url and the environment variable DOMOPLANER_DEALS_URL"),
        "{message}"
    );
    assert!(!message.contains("s3cret"), "{message}");
}

#[test]
fn two_feeds_do_not_share_a_variable() {
    let text = format!("{}{}", feed(""), feed("").replace("\"deals\"\nkind", "\"Deals\"\nkind"));
    let link = Environment::new().variable("DOMOPLANER_DEALS_URL", "https://f.example/");
    let message = message_in(&text, &link);
    assert_eq!(
        message,
        "config.toml:6: domoplaner.feed.Deals.name: shares the environment variable DOMOPLANER_DEALS_URL with an earlier feed"
    );
}

#[test]
fn a_link_keeps_its_query_but_for_the_format_of_dates() {
    for (written, kept) in [
        ("https://f.example/a", "https://f.example/a"),
        ("https://f.example/a/?", "https://f.example/a/"),
        ("https://f.example/a/?date_format=X", "https://f.example/a/"),
        (
            "https://f.example/a/?k=%D0%96+1&date_format=DD.MM.YYYY&z",
            "https://f.example/a/?k=%D0%96+1&z",
        ),
        ("https://f.example?x=ids", "https://f.example/?x=ids"),
    ] {
        let feed = only(&feed(&format!("url = \"{written}\"")));
        assert_eq!(feed.url.expose_secret().as_str(), kept);
    }
}

#[test]
fn links_that_cannot_be_asked_for_are_refused_without_being_quoted() {
    for (wrong, problem) in [
        ("ftp://f.example/s3cret", "must begin with https:// or http://"),
        ("s3cret", "must be a URL"),
        ("https://u:s3cret@f.example/", "must not hold a user name"),
        ("https://f.example/s3cret#x", "must hold no #"),
        (
            "https://f.example/s3cret?a=b&ids=1-2",
            "holds the filter ids: take it out and give it as a key of the feed",
        ),
        (
            "https://f.example/s3cret?dt%5Fupdated_from=2023-08-23",
            "holds the filter dt_updated_from: ",
        ),
    ] {
        let message = message(&feed(&format!("url = \"{wrong}\"")));
        assert!(
            message.starts_with(&format!("config.toml:4: domoplaner.feed.deals.url: {problem}")),
            "{message}"
        );
        assert!(!message.contains("s3cret"), "{message}");
    }
}

#[test]
fn debug_shows_no_link() {
    let shown = format!("{:?}", parse(&feed(URL)).unwrap());
    assert!(shown.contains("deals"), "{shown}");
    for secret in ["s3cret", "feeds.example", "dc-api"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
