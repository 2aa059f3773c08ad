//! The example: it parses, and shows every key with its default.

use std::time::Duration;

use secrecy::ExposeSecret;
use tempfile::TempDir;
use uzhkh_ledger::config::{Category, FeedKind, Pointer};

use crate::config::web_user::HASH;
use crate::config::{LEAST, file, parse};

const EXAMPLE: &str = include_str!("../../../deploy/config.example.toml");

/// The example with so many `#` taken off its keys and sections, and with the
/// files it names.
fn example(dir: &TempDir, hashes: usize) -> String {
    let mut text = String::new();
    for line in EXAMPLE.lines() {
        // The token is the one thing that the example does not have as it is.
        let mut line = if line.starts_with("#token_file = \"/etc/uzhkh-ledger/uzhkh-token") {
            &line[1..]
        } else {
            line
        };
        for _ in 0..hashes {
            line = match line.strip_prefix('#') {
                Some(key) if key.starts_with(|one: char| one != ' ') => key,
                _ => line,
            };
        }
        text.push_str(line);
        text.push('\n');
    }
    let pem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
    let key = "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n";
    for (name, content) in [
        ("uzhkh-token", "t0ken\n"),
        ("domoplaner-premises-url", "https://feeds.example/premises/\n"),
        ("domoplaner-deals-url", "https://feeds.example/deals/\n"),
        ("macrocrm-app-secret", "s3cret\n"),
        ("bitrix24-webhook-url", "https://portal.example/rest/1/s3cret/\n"),
        ("alma-api-key", "k3y\n"),
        ("web-token-1c", "t0ken-0f-1c\n"),
        ("relay-url", "postgres://acme:pa55@db.example/reports\n"),
        ("postgresql-ca.pem", pem),
        ("ca.pem", pem),
        ("tls.pem", pem),
        ("tls.key", key),
    ] {
        let path = file(dir, name, content);
        text = text.replace(&format!("/etc/uzhkh-ledger/{name}"), path.to_str().unwrap());
    }
    text
}

#[test]
fn the_example_shows_the_defaults() {
    let dir = TempDir::new().unwrap();
    let example = parse(&example(&dir, 0)).unwrap();
    let least = parse(LEAST).unwrap();
    // Debug shows every field that is not secret.
    assert_eq!(format!("{:?}", example.uzhkh), format!("{:?}", least.uzhkh));
    assert_eq!(format!("{:?}", example.http), format!("{:?}", least.http));
    assert_eq!(format!("{:?}", example.ledger), format!("{:?}", least.ledger));
    assert_eq!(format!("{:?}", example.identity), format!("{:?}", least.identity));
    assert_eq!(example.log, least.log);
    let admin = example.admin.unwrap();
    assert_eq!(admin.listen.to_string(), "127.0.0.1:9464");
    assert!(example.web.is_none());
    assert!(example.domoplaner.is_none() && example.macrocrm.is_none());
    assert!(example.bitrix24.is_none() && example.alma.is_none());
    assert!(example.backup.is_none());
}

#[test]
fn the_optional_keys_of_the_example_are_known() {
    let dir = TempDir::new().unwrap();
    let config = parse(&example(&dir, 1)).unwrap();
    let years = Some(Duration::from_secs(730 * 86_400));
    assert_eq!(config.ledger.keep_envelopes, years);
    assert_eq!(config.ledger.keep_changes, years);
    assert_eq!(config.uzhkh.unwrap().acknowledge_concurrency, Some(16));
    let http = config.http;
    assert_eq!(http.proxy.unwrap().expose_secret().as_str(), "http://proxy.example:3128/");
    assert_eq!(http.ca_file.unwrap(), dir.path().join("ca.pem"));
    assert_eq!(http.local_address.unwrap().to_string(), "192.0.2.10");
}

#[test]
fn the_sections_that_wait_in_the_example_show_the_defaults() {
    let dir = TempDir::new().unwrap();
    let shown = parse(&example(&dir, 1)).unwrap();
    let least = format!(
        "{LEAST}[[domoplaner.feed]]\nname = \"premises\"\nkind = \"premises\"\nurl = \"https://f.example/\"\n\
         [[domoplaner.feed]]\nname = \"deals\"\nkind = \"deals\"\nurl = \"https://f.example/\"\n\
         [macrocrm]\ndomain = \"d.example\"\napp_secret = \"s3cret\"\n\
         [bitrix24]\nwebhook_url = \"https://b.example/rest/1/s3cret\"\n\
         [alma]\nbase_url = \"https://a.example/\"\napi_key = \"k3y\"\n\
         [backup]\ndir = \"/var/lib/uzhkh-ledger/backups\"\n\
         [web]\n[[web.token]]\nname = \"1c\"\ntoken = \"t0ken-0f-1c\"\n\
         scopes = [\"read\", \"write\"]\n\
         [[web.user]]\nname = \"anna\"\nrole = \"operator\"\npassword_hash = \"{HASH}\"\n"
    );
    let least = parse(&least).unwrap();
    assert_eq!(format!("{:?}", shown.backup), format!("{:?}", least.backup));
    assert_eq!(format!("{:?}", shown.web), format!("{:?}", least.web));
    assert_eq!(shown.web.unwrap().tokens[0].token.expose_secret(), "t0ken-0f-1c");
    assert_eq!(format!("{:?}", shown.domoplaner), format!("{:?}", least.domoplaner));
    assert_eq!(format!("{:?}", shown.macrocrm), format!("{:?}", least.macrocrm));
    assert_eq!(format!("{:?}", shown.bitrix24), format!("{:?}", least.bitrix24));
    let webhook = shown.bitrix24.unwrap().webhook_url;
    assert_eq!(webhook.expose_secret().as_str(), "https://portal.example/rest/1/s3cret/");
    assert_eq!(format!("{:?}", shown.alma), format!("{:?}", least.alma));
    let alma = shown.alma.unwrap();
    assert_eq!(alma.base_url.expose_secret().as_str(), "https://alma.example:1337/");
    let macrocrm = shown.macrocrm.unwrap();
    assert_eq!(macrocrm.base_url, least.macrocrm.unwrap().base_url);
    assert_eq!(macrocrm.domain.expose_secret(), "вашсайт.рф");
    let feeds = shown.domoplaner.unwrap().feeds;
    assert_eq!(feeds[1].url.expose_secret().as_str(), "https://feeds.example/deals/");
    assert_eq!(feeds[1].full_every, Duration::from_secs(7 * 86_400));
}

#[test]
fn every_key_of_the_example_is_known() {
    let dir = TempDir::new().unwrap();
    let all = example(&dir, 2);
    // Two keys that exclude each other cannot both be taken up.
    let kept = all.lines().filter(|line| !line.starts_with("dt_updated_last_days = 2"));
    let kept: Vec<&str> = kept.collect();
    assert_eq!(kept.len() + 1, all.lines().count());
    let recent = parse(&kept.join("\n")).unwrap();
    let feeds = recent.domoplaner.unwrap().feeds;
    assert_eq!(feeds[0].kind, FeedKind::Premises);
    assert_eq!(feeds[0].items.as_ref().map(Pointer::text), Some("/data"));
    assert_eq!(feeds[0].id_field.as_deref(), Some("id"));
    assert_eq!(feeds[0].date_fields, ["day_of_handover"]);
    assert_eq!(feeds[0].filters.query().len(), 1);
    assert_eq!(feeds[1].filters.query().len(), 16);
    assert_eq!(recent.macrocrm.unwrap().categories, Category::ALL);
    let tls = recent.web.unwrap().tls.unwrap();
    assert_eq!(tls.key, dir.path().join("tls.key"));
}
