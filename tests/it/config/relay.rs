//! `[relay]`: what is said of it, and what is refused.

use super::{LEAST, file, message, message_in, parse, parse_in};
use uzhkh_ledger::config::{Environment, PostgresHost, SslMode};

const URL: &str = "url = \"postgres://acme:pa55@db.example/reports\"\n";

fn with(lines: &str) -> String {
    format!("{LEAST}[relay]\n{lines}")
}

#[test]
fn the_least_section_has_the_documented_defaults() {
    let relay = parse(&with(&format!("{URL}ledger = \"acme\""))).unwrap().relay.unwrap();
    assert_eq!((relay.ledger.as_str(), relay.schema.as_str()), ("acme", "uzhkh"));
    assert_eq!((relay.kinds, relay.batch, relay.ca_file), (None, 1000, None));
    assert_eq!(relay.url.host, PostgresHost::Tcp("db.example".to_owned()));
    assert_eq!((relay.url.port, relay.url.sslmode), (5432, SslMode::VerifyFull));
    assert!(parse(LEAST).unwrap().relay.is_none());
}

#[test]
fn the_address_has_the_spellings_of_a_secret() {
    let environment = Environment::new().variable("RELAY_URL", "postgres://a@h/d");
    assert!(parse_in(&with("ledger = \"acme\""), &environment).is_ok());
    let dir = tempfile::tempdir().unwrap();
    file(&dir, "relay-url", "postgres://a@h/d\n");
    let environment = Environment::new().credentials(dir.path());
    assert!(parse_in(&with("ledger = \"acme\""), &environment).is_ok());
    let path = dir.path().join("relay-url");
    let text = with(&format!("url_file = {path:?}\nledger = \"acme\""));
    assert!(parse(&text).is_ok());
    assert!(message_in(&text, &environment).contains("is given 2 times"));
    assert!(message(&with("ledger = \"acme\"")).contains("relay.url: is missing"));
}

#[test]
fn what_would_not_do_is_refused_and_quotes_no_password() {
    for (lines, words) in [
        ("url = \"mysql://a:s3cret-pa55@h/d\"\nledger = \"acme\"", "must begin with postgres://"),
        (
            "url = \"postgres://a:s3cret-pa55@h/d?sslmode=require\"\nledger = \"acme\"",
            "sslmode=verify-full",
        ),
        (
            "url = \"postgres://a:s3cret-pa55@h/d?sslmode=disable\"\nledger = \"acme\"",
            "sslmode=disable, which is for localhost",
        ),
        ("url = \"postgres://a:/s3cret-pa55@h/d\"\nledger = \"acme\"", "in the password as %2F"),
        ("url = \"postgres://a@h/d\"", "relay.ledger: is missing"),
        ("url = \"postgres://a@h/d\"\nledger = \"\"", "must not be empty"),
        (
            "url = \"postgres://a@h/d\"\nledger = \"a\"\nkinds = [\"house\"]",
            "element 1 must be one of",
        ),
        ("url = \"postgres://a@h/d\"\nledger = \"a\"\nkinds = []", "must not be empty"),
        ("url = \"postgres://a@h/d\"\nledger = \"a\"\nkinds = [\"car\", \"car\"]", "twice"),
        ("url = \"postgres://a@h/d\"\nledger = \"a\"\nbatch = 0", "from 1 to 100000, not 0"),
        (
            "url = \"postgres://a@h/d\"\nledger = \"a\"\nca_file = \"/nowhere\"",
            "cannot read /nowhere",
        ),
        ("url = \"postgres://a@h/d\"\nledger = \"a\"\nledgers = 1", "did you mean ledger"),
    ] {
        let message = message(&with(lines));
        assert!(message.contains(words), "{lines}: {message}");
        assert!(!message.contains("s3cret-pa55"), "{message}");
    }
}
