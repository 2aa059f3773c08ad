//! A secret has four spellings, and none of them is ever shown.

use secrecy::ExposeSecret;
use tempfile::TempDir;
use uzhkh_ledger::config::Environment;

use crate::config::{file, message, message_in, parse_in};

/// A config whose token comes from elsewhere, or from `spelling`.
fn with_token(spelling: &str) -> String {
    format!("[uzhkh]\nbase_url = \"https://host.example/\"\n{spelling}\n")
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
        (with_token(""), Environment::new().variable("UZHKH_TOKEN", "t0ken")),
        (with_token(""), Environment::new().credentials(dir.path())),
    ] {
        let config = parse_in(&text, &environment).unwrap();
        assert_eq!(config.uzhkh.unwrap().token.expose_secret(), "t0ken");
    }
}

#[test]
fn no_token_at_all_names_the_four_spellings() {
    let empty = TempDir::new().unwrap();
    let environment = Environment::new().variable("UZHKH_TOKEN", "").credentials(empty.path());
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
        assert!(message.starts_with("config.toml:3: uzhkh.token: "), "{message}");
        assert!(message.contains(problem), "{message}");
        assert!(!message.contains("s3cret"), "{message}");
    }
    // The token itself, where its file belongs.
    let misplaced = message(&with_token("token_file = \"s3cret\""));
    assert!(misplaced.contains("token_file cannot be read: "), "{misplaced}");
    assert!(!misplaced.contains("s3cret"), "{misplaced}");
    assert!(
        message(&with_token("token = 12345678"))
            .ends_with("token must be a string in quotes, not an integer")
    );
    assert!(message(&with_token("token = \"\"")).ends_with("token is empty"));
}
