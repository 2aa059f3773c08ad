//! The configuration: strict, every fault at once, no secret in any message.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::ExposeSecret;
use tempfile::TempDir;
use uzhkh_ledger::config::{Config, Environment, Error};

const EXAMPLE: &str = include_str!("../deploy/config.example.toml");
const FILE: &str = "config.toml";

/// The least that is valid.
const LEAST: &str = "[uzhkh]\nbase_url = \"https://host.example/base\"\ntoken = \"s3cret\"\n";

fn parse(text: &str) -> Result<Config, Error> {
    parse_in(text, &Environment::new())
}

fn parse_in(text: &str, environment: &Environment) -> Result<Config, Error> {
    Config::parse(text, Path::new(FILE), environment)
}

/// The message of a config that must not pass.
fn message(text: &str) -> String {
    message_in(text, &Environment::new())
}

fn message_in(text: &str, environment: &Environment) -> String {
    parse_in(text, environment)
        .expect_err("the config is wrong")
        .to_string()
}

fn file(dir: &TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.path().join(name);
    fs::write(&path, content).unwrap();
    path
}

/// A config whose token comes from elsewhere, or from `spelling`.
fn with_token(spelling: &str) -> String {
    format!("[uzhkh]\nbase_url = \"https://host.example/\"\n{spelling}\n")
}

#[test]
fn the_least_config_has_the_documented_defaults() {
    let config = parse(LEAST).unwrap();
    assert_eq!(
        config.ledger.path,
        Path::new("/var/lib/uzhkh-ledger/ledger.db")
    );
    assert_eq!(config.identity.announce_after, Duration::from_secs(600));
    assert!(config.admin.is_none());
    assert_eq!(config.http.timeout, Duration::from_secs(30));
    assert_eq!(config.http.connect_timeout, Duration::from_secs(10));
    assert_eq!(config.http.idle_timeout, Duration::from_secs(30));
    assert_eq!(config.http.max_body_bytes, 4 << 30);
    let uzhkh = config.uzhkh.unwrap();
    assert_eq!(uzhkh.base_url.as_str(), "https://host.example/base/");
    assert_eq!(uzhkh.token.expose_secret(), "s3cret");
    assert_eq!(uzhkh.requests_schedule, "*/5 * * * * *");
    assert_eq!(uzhkh.deleted_schedule, "*/30 * * * * *");
    assert_eq!(uzhkh.acknowledge_concurrency, 16);
    assert_eq!(uzhkh.max_envelope_bytes, 16 << 20);
    assert_eq!(uzhkh.unauthorized_pause, Duration::from_secs(300));
    assert_eq!(uzhkh.max_pages, 100_000);
}

#[test]
fn the_example_shows_the_defaults() {
    let dir = TempDir::new().unwrap();
    let token = file(&dir, "token", "t0ken\n");
    let text = EXAMPLE.replace("/etc/uzhkh-ledger/uzhkh-token", token.to_str().unwrap());
    let example = parse(&text).unwrap();
    let least = parse(LEAST).unwrap();
    // Debug shows every field that is not secret.
    assert_eq!(format!("{:?}", example.uzhkh), format!("{:?}", least.uzhkh));
    assert_eq!(format!("{:?}", example.http), format!("{:?}", least.http));
    assert_eq!(
        format!("{:?}", example.ledger),
        format!("{:?}", least.ledger)
    );
    assert_eq!(
        format!("{:?}", example.identity),
        format!("{:?}", least.identity)
    );
    assert_eq!(example.admin.unwrap().listen.to_string(), "127.0.0.1:9464");
}

#[test]
fn the_optional_keys_of_the_example_are_known() {
    let dir = TempDir::new().unwrap();
    let token = file(&dir, "token", "t0ken\n");
    let ca = file(
        &dir,
        "ca.pem",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    );
    let text = EXAMPLE
        .replace("/etc/uzhkh-ledger/uzhkh-token", token.to_str().unwrap())
        .replace("/etc/uzhkh-ledger/ca.pem", ca.to_str().unwrap())
        .replace("\n#proxy", "\nproxy")
        .replace("\n#ca_file", "\nca_file")
        .replace("\n#local_address", "\nlocal_address");
    let http = parse(&text).unwrap().http;
    assert_eq!(http.proxy.unwrap().as_str(), "http://proxy.example:3128/");
    assert_eq!(http.ca_file.unwrap(), ca);
    assert_eq!(http.local_address.unwrap().to_string(), "192.0.2.10");
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
announce_after = "soon"
[http]
timeout = 30
proxy = "nonsense"
ca_file = "/nonexistent/ca.pem"
local_address = "localhost"
[admin]
listen = "9464"
"#;
    let faults = parse(text)
        .expect_err("nearly all of it is wrong")
        .faults()
        .to_vec();
    let found: Vec<(usize, &str)> = faults
        .iter()
        .map(|fault| (fault.line, fault.key.as_deref().unwrap()))
        .collect();
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
        (12, "identity.announce_after"),
        (14, "http.timeout"),
        (15, "http.proxy"),
        (16, "http.ca_file"),
        (17, "http.local_address"),
        (19, "admin.listen"),
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
            message(text).contains("config.toml:1: no system is configured"),
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
        (
            "[uzhkh]\nbase_url = \"https://host.example/b4se\"\ntoken = s3cret\n",
            3,
        ),
        ("[uzhkh]\ntoken = \"s3cret\n", 2),
        ("[uzhkh]\ntoken = 's3cret\" # no end\n", 2),
        ("[uzhkh]\ntoken = \"s3cret\\q\"\n", 2),
        ("[uzhkh]\ntoken = \"a\"\ntoken = \"s3cret\"\n", 3),
        ("[uzhkh]\ntoken \"s3cret\"\n", 2),
        ("[uzhkh]\ntoken = 5s3cret\n", 2),
    ] {
        let message = message(text);
        assert!(
            message.starts_with(&format!("config.toml:{line}: not valid TOML: ")),
            "{message}"
        );
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(
            !message.contains("s3cret") && !message.contains("b4se"),
            "{message}"
        );
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
        assert!(
            message.starts_with("config.toml:3: uzhkh.base_url: must "),
            "{message}"
        );
        assert!(!message.contains("s3cret"), "{message}");
    }
}

#[test]
fn numbers_may_be_written_in_every_way_toml_knows() {
    for (written, value) in [
        ("1_6", 16),
        ("0x10", 16),
        ("+16", 16),
        ("0b1", 1),
        ("256", 256),
    ] {
        let config = parse(&format!("{LEAST}acknowledge_concurrency = {written}\n")).unwrap();
        assert_eq!(config.uzhkh.unwrap().acknowledge_concurrency, value);
    }
    for wrong in [
        "0",
        "-1",
        "257",
        "1.0",
        "\"16\"",
        "99999999999999999999999",
        "true",
    ] {
        let message = message(&format!("{LEAST}acknowledge_concurrency = {wrong}\n"));
        assert!(
            message.contains("must be a whole number from 1 to 256"),
            "{message}"
        );
    }
}

#[test]
fn the_token_has_four_spellings() {
    let dir = TempDir::new().unwrap();
    let path = file(&dir, "token", "t0ken\r\n");
    file(&dir, "uzhkh-token", "t0ken\n");
    let in_file = with_token(&format!("token_file = {:?}", path.to_str().unwrap()));
    for (text, environment) in [
        (with_token("token = \"t0ken\""), Environment::new()),
        (in_file, Environment::new()),
        (
            with_token(""),
            Environment::new().variable("UZHKH_TOKEN", "t0ken"),
        ),
        (with_token(""), Environment::new().credentials(dir.path())),
    ] {
        let config = parse_in(&text, &environment).unwrap();
        assert_eq!(config.uzhkh.unwrap().token.expose_secret(), "t0ken");
    }
}

#[test]
fn no_token_at_all_names_the_four_spellings() {
    let empty = TempDir::new().unwrap();
    let environment = Environment::new()
        .variable("UZHKH_TOKEN", "")
        .credentials(empty.path());
    let message = message_in(&with_token(""), &environment);
    assert_eq!(
        message,
        "config.toml:1: uzhkh.token: is missing: give exactly one of token, token_file, the environment variable UZHKH_TOKEN and the systemd credential uzhkh-token"
    );
}

#[test]
fn two_spellings_are_a_conflict_that_names_both() {
    let dir = TempDir::new().unwrap();
    let path = file(&dir, "uzhkh-token", "s3cret");
    let inline = "token = \"s3cret\"";
    let in_file = format!("token_file = {:?}", path.to_str().unwrap());
    let variable = || Environment::new().variable("UZHKH_TOKEN", "s3cret");
    for (spelling, environment, places) in [
        (
            format!("{in_file}\n{inline}"),
            Environment::new(),
            "is given 2 times, by token and token_file: keep one of them",
        ),
        (
            inline.to_owned(),
            variable(),
            "is given 2 times, by token and the environment variable UZHKH_TOKEN: keep",
        ),
        (
            in_file,
            Environment::new().credentials(dir.path()),
            "by token_file and the systemd credential uzhkh-token:",
        ),
        (
            String::new(),
            variable().credentials(dir.path()),
            "by the environment variable UZHKH_TOKEN and the systemd credential uzhkh-token:",
        ),
    ] {
        let message = message_in(&with_token(&spelling), &environment);
        assert!(message.contains(places), "{message}");
        assert!(!message.contains("s3cret"), "{message}");
    }
}

#[test]
fn a_token_that_cannot_be_one_is_refused_without_being_shown() {
    let dir = TempDir::new().unwrap();
    let lines = file(&dir, "lines", "s3cret\ns3cret\n");
    let empty = file(&dir, "empty", "\n");
    let binary = file(&dir, "binary", b"s3cret\xff");
    let large = file(&dir, "large", "s3cret".repeat(20_000));
    for (path, problem) in [
        (lines, "token_file holds line breaks"),
        (empty, "token_file is empty"),
        (binary, "token_file cannot be read"),
        (large, "token_file is too large"),
        (dir.path().join("none"), "token_file cannot be read"),
    ] {
        let text = with_token(&format!("token_file = {:?}", path.to_str().unwrap()));
        let message = message(&text);
        assert!(
            message.starts_with("config.toml:3: uzhkh.token: "),
            "{message}"
        );
        assert!(message.contains(problem), "{message}");
        assert!(!message.contains("s3cret"), "{message}");
    }
    assert!(
        message(&with_token("token = 12345678"))
            .ends_with("token must be a string in quotes, not an integer")
    );
    assert!(message(&with_token("token = \"\"")).ends_with("token is empty"));
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
    assert!(
        error
            .to_string()
            .starts_with("/nonexistent/config.toml: cannot be read: "),
        "{error}"
    );
    assert!(error.to_string().contains("uzhkh-ledger init"), "{error}");
    assert!(error.faults().is_empty());
}
