//! `[macrocrm]`: the domain to the letter, the secret hidden.

use secrecy::ExposeSecret;
use tempfile::TempDir;
use uzhkh_ledger::config::{Category, Environment, FreeTimesMethod, Macrocrm};

use crate::config::{file, message, message_in, parse, parse_in};

const LEAST: &str = "[macrocrm]\ndomain = \"ВашСайт.рф\"\napp_secret = \"s3cret\"\n";

fn macrocrm(lines: &str) -> Macrocrm {
    parse(&format!("{LEAST}{lines}\n")).unwrap().macrocrm.unwrap()
}

#[test]
fn the_least_section_has_the_documented_defaults() {
    let config = parse(LEAST).unwrap();
    assert!(config.uzhkh.is_none() && config.domoplaner.is_none());
    let macrocrm = config.macrocrm.unwrap();
    assert_eq!(macrocrm.base_url.expose_secret().as_str(), "https://api.macrocrm.ru/");
    assert_eq!(macrocrm.domain.expose_secret(), "ВашСайт.рф");
    assert_eq!(macrocrm.app_secret.expose_secret(), "s3cret");
    assert!(macrocrm.categories.is_empty());
    assert_eq!(macrocrm.schedule, "0 */10 * * * *");
    assert_eq!(macrocrm.timezone.iana_name(), Some("Europe/Moscow"));
    assert_eq!(macrocrm.free_times_method, FreeTimesMethod::Get);
    assert_eq!(macrocrm.max_shrink, 20);
}

#[test]
fn every_key_can_be_set() {
    let macrocrm = macrocrm(
        "base_url = \"https://m.example/api\"\ncategories = [\"comm\", \"flat\"]\nschedule = \"0 0 * * * *\"\ntimezone = \"+05:00\"\nfree_times_method = \"post\"\nmax_shrink = \"0%\"",
    );
    assert_eq!(macrocrm.base_url.expose_secret().as_str(), "https://m.example/api/");
    assert_eq!(macrocrm.categories, [Category::Comm, Category::Flat]);
    assert_eq!(macrocrm.schedule, "0 0 * * * *");
    assert_eq!(macrocrm.timezone.to_fixed_offset().unwrap().seconds(), 5 * 3600);
    assert_eq!(macrocrm.free_times_method, FreeTimesMethod::Post);
    assert_eq!(macrocrm.max_shrink, 0);
}

#[test]
fn a_house_may_have_a_time_zone_of_its_own() {
    let macrocrm = macrocrm(
        "[[macrocrm.house]]\nid = \"7\"\ntimezone = \"Asia/Omsk\"\n\
         [[macrocrm.house]]\nid = 8\ntimezone = \"+05:00\"",
    );
    let zone = |house| macrocrm.timezone_of(house).clone();
    assert_eq!(zone(Some("7")).iana_name(), Some("Asia/Omsk"));
    assert_eq!(zone(Some("8")).to_fixed_offset().unwrap().seconds(), 5 * 3600);
    assert_eq!(zone(Some("9")).iana_name(), Some("Europe/Moscow"));
    assert_eq!(zone(None).iana_name(), Some("Europe/Moscow"));
}

#[test]
fn wrong_keys_are_faults() {
    for (line, expected) in [
        ("[[macrocrm.house]]\nid = \"7\"", "macrocrm.house.7.timezone: is missing"),
        ("base_url = \"m.example\"", "macrocrm.base_url: must be a URL"),
        (
            "categories = [\"flat\", \"flats\"]",
            "macrocrm.categories: element 2 must be one of \"flat\", \"garage\", \"storageroom\", \"comm\", not \"flats\"",
        ),
        ("categories = [\"flat\", \"flat\"]", "macrocrm.categories: names \"flat\" twice"),
        ("categories = \"flat\"", "macrocrm.categories: must be a list in []"),
        (
            "free_times_method = \"GET\"",
            "macrocrm.free_times_method: must be one of \"get\", \"post\"",
        ),
        ("category = \"flat\"", "macrocrm.category: unknown key"),
    ] {
        let message = message(&format!("{LEAST}{line}\n"));
        assert!(message.starts_with(&format!("config.toml:4: {expected}")), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    assert_eq!(
        message("[macrocrm]\napp_secret = \"s3cret\"\n"),
        "config.toml:1: macrocrm.domain: is missing"
    );
    let message = message(&LEAST.replace("ВашСайт.рф", " d0main"));
    assert_eq!(
        message,
        "config.toml:2: macrocrm.domain: must be the domain as registered, without blanks"
    );
}

#[test]
fn the_secret_has_four_spellings() {
    let dir = TempDir::new().unwrap();
    let path = file(&dir, "secret", "s3cret\n");
    file(&dir, "macrocrm-app-secret", "s3cret\n");
    let with = |spelling: &str| format!("[macrocrm]\ndomain = \"d.example\"\n{spelling}\n");
    for (text, environment) in [
        (with("app_secret = \"s3cret\""), Environment::new()),
        (with(&format!("app_secret_file = {:?}", path.to_str().unwrap())), Environment::new()),
        (with(""), Environment::new().variable("MACROCRM_APP_SECRET", "s3cret")),
        (with(""), Environment::new().credentials(dir.path())),
    ] {
        let macrocrm = parse_in(&text, &environment).unwrap().macrocrm.unwrap();
        assert_eq!(macrocrm.app_secret.expose_secret(), "s3cret");
    }
    let twice = Environment::new().variable("MACROCRM_APP_SECRET", "s3cret");
    let message = message_in(LEAST, &twice);
    assert!(message.contains("macrocrm.app_secret: is given 2 times"), "{message}");
    assert!(!message.contains("s3cret"), "{message}");
}

#[test]
fn debug_shows_neither_the_domain_nor_the_secret() {
    let shown = format!("{:?}", macrocrm("base_url = \"https://b4se.example/\""));
    for secret in ["s3cret", "ВашСайт", "b4se"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
