//! The configuration: strict, every fault at once, no secret in any message.

mod alma;
mod backup;
mod bitrix24;
mod domoplaner;
mod example;
mod filters;
mod log;
mod macrocrm;
mod relay;
mod secrets;
mod web;
mod web_user;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::ExposeSecret;
use tempfile::TempDir;
use uzhkh_ledger::config::{Config, Environment, Error};

const FILE: &str = "config.toml";

/// The least that is valid.
pub(crate) const LEAST: &str =
    "[uzhkh]\nbase_url = \"https://host.example/base\"\ntoken = \"s3cret\"\n";

pub(crate) fn parse(text: &str) -> Result<Config, Error> {
    parse_in(text, &Environment::new())
}

pub(crate) fn parse_in(text: &str, environment: &Environment) -> Result<Config, Error> {
    Config::parse(text, Path::new(FILE), environment)
}

/// The message of a config that must not pass.
pub(crate) fn message(text: &str) -> String {
    message_in(text, &Environment::new())
}

pub(crate) fn message_in(text: &str, environment: &Environment) -> String {
    parse_in(text, environment).expect_err("the config is wrong").to_string()
}

pub(crate) fn file(dir: &TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.path().join(name);
    fs::write(&path, content).unwrap();
    path
}

#[test]
fn the_least_config_has_the_documented_defaults() {
    let config = parse(LEAST).unwrap();
    assert_eq!(config.ledger.path, Path::new("/var/lib/uzhkh-ledger/ledger.db"));
    assert_eq!(config.identity.announce_after, Duration::from_secs(600));
    assert!(config.admin.is_none());
    assert_eq!(config.http.timeout, Duration::from_secs(30));
    assert_eq!(config.http.connect_timeout, Duration::from_secs(10));
    assert_eq!(config.http.idle_timeout, Duration::from_secs(10));
    assert_eq!(config.http.answer_timeout, Duration::from_secs(1800));
    assert_eq!(config.http.max_body_bytes, 4 << 30);
    let uzhkh = config.uzhkh.unwrap();
    assert_eq!(uzhkh.base_url.expose_secret().as_str(), "https://host.example/base/");
    assert_eq!(uzhkh.token.expose_secret(), "s3cret");
    assert_eq!(uzhkh.requests_schedule, "*/5 * * * * *");
    assert_eq!(uzhkh.deleted_schedule, "*/30 * * * * *");
    assert_eq!(uzhkh.acknowledge_concurrency, None);
    assert_eq!(uzhkh.max_envelope_bytes, 16 << 20);
    assert_eq!(uzhkh.unauthorized_pause, Duration::from_secs(300));
    assert_eq!(uzhkh.max_pages, 100_000);
}

#[test]
fn all_faults_are_reported_at_once_with_their_lines() {
    let text = r#"[ledger]
path = 7
[uzhkh]
base_url = "ftp://host.example/"
requests_schedule = "*/5 * * * *"
deleted_schedule = "0 0 0 30 2 *"
acknowledge_concurrency = 0
max_envelope_bytes = "16M"
unauthorized_pause = "0s"
max_pages = 1.5
[identity]
external_timeout = "late"
announce_after = "soon"
[http]
timeout = 30
proxy = "nonsense"
ca_file = "/nonexistent/ca.pem"
local_address = "localhost"
[admin]
listen = "9464"
"#;
    let faults = parse(text).expect_err("nearly all of it is wrong").faults().to_vec();
    let found: Vec<(usize, &str)> =
        faults.iter().map(|fault| (fault.line, fault.key.as_deref().unwrap())).collect();
    let expected = [
        (2, "ledger.path"),
        (3, "uzhkh.token"),
        (4, "uzhkh.base_url"),
        (5, "uzhkh.requests_schedule"),
        (6, "uzhkh.deleted_schedule"),
        (7, "uzhkh.acknowledge_concurrency"),
        (8, "uzhkh.max_envelope_bytes"),
        (9, "uzhkh.unauthorized_pause"),
        (10, "uzhkh.max_pages"),
        (12, "identity.external_timeout"),
        (13, "identity.announce_after"),
        (15, "http.timeout"),
        (16, "http.proxy"),
        (17, "http.ca_file"),
        (18, "http.local_address"),
        (20, "admin.listen"),
    ];
    assert_eq!(found, expected);
    let message = message(text);
    assert_eq!(message.lines().count(), expected.len());
    assert!(
        message.contains(
            "config.toml:7: uzhkh.acknowledge_concurrency: must be a whole number from 1 to 256"
        ),
        "{message}"
    );
}

#[test]
fn a_missing_base_url_is_reported_at_its_section() {
    let message = message("\n\n[uzhkh]\ntoken = \"t\"\n");
    assert_eq!(message, "config.toml:3: uzhkh.base_url: is missing");
}

#[test]
fn a_config_without_any_system_is_refused() {
    for text in ["", "[ledger]\npath = \"l.db\"\n", "# nothing\n"] {
        assert!(
            message(text).contains(
                "config.toml:1: no system is configured: a section [uzhkh], [domoplaner], [macrocrm], [bitrix24] or [alma] is needed"
            ),
            "{text:?}"
        );
    }
}

#[test]
fn unknown_keys_and_sections_are_named_with_the_nearest_known_one() {
    let text = format!(
        "{LEAST}acknowledge_concurency = 3\ncolour = 1\n[htpp]\ntimeout = \"1s\"\n[moon]\n[identity]\nx.y = 1\n"
    );
    let message = message(&text);
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(
        lines,
        [
            "config.toml:4: uzhkh.acknowledge_concurency: unknown key; did you mean acknowledge_concurrency?",
            "config.toml:5: uzhkh.colour: unknown key",
            "config.toml:6: htpp: unknown section; did you mean http?",
            "config.toml:8: moon: unknown section",
            "config.toml:10: identity.x: unknown key",
        ]
    );
}

#[test]
fn a_section_that_is_no_table_is_a_fault() {
    assert!(
        message("uzhkh = 3\n")
            .contains("config.toml:1: uzhkh: must be a section, [uzhkh], not an integer")
    );
    assert!(
        message(&format!("{LEAST}[[http]]\n")).contains("config.toml:4: http: must be a section")
    );
}

#[test]
fn a_syntax_error_names_its_line_and_shows_none_of_it() {
    for (text, line) in [
        ("[uzhkh]\nbase_url = \"https://host.example/b4se\"\ntoken = s3cret\n", 3),
        ("[uzhkh]\ntoken = \"s3cret\n", 2),
        ("[uzhkh]\ntoken = 's3cret\" # no end\n", 2),
        ("[uzhkh]\ntoken = \"s3cret\\q\"\n", 2),
        ("[uzhkh]\ntoken = \"a\"\ntoken = \"s3cret\"\n", 3),
        ("[uzhkh]\ntoken \"s3cret\"\n", 2),
        ("[uzhkh]\ntoken = 5s3cret\n", 2),
    ] {
        let message = message(text);
        assert!(message.starts_with(&format!("config.toml:{line}: not valid TOML: ")), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(!message.contains("s3cret") && !message.contains("b4se"), "{message}");
    }
}

#[test]
fn base_urls_that_cannot_be_a_base_are_refused_without_being_quoted() {
    for wrong in [
        "host.example/s3cret",
        "https://",
        "https://user:s3cret@host.example/",
        "https://s3cret@host.example/",
        "https://host.example/s3cret?a=b",
        "https://host.example/s3cret#f",
        "https://host.example:s3cret/",
        "file:///s3cret",
        "",
    ] {
        let message = message(&format!("[uzhkh]\ntoken = \"t\"\nbase_url = \"{wrong}\"\n"));
        assert!(message.starts_with("config.toml:3: uzhkh.base_url: must "), "{message}");
        assert!(!message.contains("s3cret"), "{message}");
    }
}

#[test]
fn numbers_may_be_written_in_every_way_toml_knows() {
    for (written, value) in [("1_6", 16), ("0x10", 16), ("+16", 16), ("0b1", 1), ("256", 256)] {
        let config = parse(&format!("{LEAST}acknowledge_concurrency = {written}\n")).unwrap();
        assert_eq!(config.uzhkh.unwrap().acknowledge_concurrency, Some(value));
    }
    for wrong in ["0", "-1", "257", "1.0", "\"16\"", "99999999999999999999999", "true"] {
        let message = message(&format!("{LEAST}acknowledge_concurrency = {wrong}\n"));
        assert!(message.contains("must be a whole number from 1 to 256"), "{message}");
    }
}

#[test]
fn debug_shows_no_secret() {
    let text = "[uzhkh]\nbase_url = \"https://h0st.example/b4se\"\ntoken = \"s3cret\"\n[http]\nproxy = \"http://u:pa55@proxy.example\"\n";
    let shown = format!("{:#?}", parse(text).unwrap());
    for secret in ["s3cret", "b4se", "h0st", "pa55"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_file_that_is_not_there_says_how_to_get_one() {
    let error = Config::load(Path::new("/nonexistent/config.toml")).expect_err("there is none");
    assert!(error.to_string().starts_with("/nonexistent/config.toml: cannot be read: "), "{error}");
    assert!(error.to_string().contains("uzhkh-ledger init"), "{error}");
    assert!(error.faults().is_empty());
}
