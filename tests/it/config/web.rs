//! `[web]`: who may ask, from where, and what is wrong with the section.

use std::fs;
use std::path::Path;

use secrecy::ExposeSecret;
use tempfile::TempDir;
use uzhkh_ledger::config::{Environment, Scope};

use crate::config::{LEAST, file, message, message_in, parse, parse_in};

/// A config with `[web]` and these lines in it.
fn web(lines: &str) -> String {
    format!("{LEAST}[web]\n{lines}\n")
}

/// A program with these lines.
fn token(name: &str, lines: &str) -> String {
    format!("[[web.token]]\nname = {name:?}\n{lines}\n")
}

#[test]
fn without_a_section_nothing_is_served_and_an_empty_one_has_the_documented_defaults() {
    assert!(parse(LEAST).unwrap().web.is_none());
    let web = parse(&web("")).unwrap().web.unwrap();
    assert_eq!(web.listen.to_string(), "127.0.0.1:8464");
    assert!(web.hosts.is_empty() && web.tls.is_none() && !web.behind_proxy);
    assert!(web.tokens.is_empty());
}

#[test]
fn a_token_has_four_spellings_named_after_its_program() {
    let dir = TempDir::new().unwrap();
    let path = file(&dir, "token", "t0ken-0f-1c\r\n");
    file(&dir, "web-token-1c", "t0ken-0f-1c\n");
    let in_file = format!("token_file = {:?}", path.to_str().unwrap());
    for (line, environment) in [
        ("token = \"t0ken-0f-1c\"", Environment::new()),
        (in_file.as_str(), Environment::new()),
        ("", Environment::new().variable("WEB_TOKEN_1C", "t0ken-0f-1c")),
        ("", Environment::new().credentials(dir.path())),
    ] {
        let config = parse_in(&web(&token("1c", line)), &environment).unwrap();
        assert!(!format!("{config:?}").contains("t0ken-0f-1c"));
        let known = config.web.unwrap().tokens.remove(0);
        assert_eq!((known.name.as_str(), known.token.expose_secret()), ("1c", "t0ken-0f-1c"));
        assert_eq!(known.scopes, [Scope::Read], "no more than reading, where nothing is said");
    }
    let missing = message(&web(&token("1c", "")));
    assert!(missing.contains("web.token.1c.token: is missing: "), "{missing}");
    assert!(missing.contains("WEB_TOKEN_1C and the systemd credential web-token-1c"), "{missing}");
    let twice = Environment::new().variable("WEB_TOKEN_1C", "t0ken-0f-1c");
    let twice = message_in(&web(&token("1c", "token = \"t0ken-0f-1c\"")), &twice);
    assert!(twice.contains("is given 2 times") && !twice.contains("t0ken-0f"), "{twice}");
    let odd = Environment::new().variable("WEB_TOKEN_MY_1C", "t0ken-0f-1c");
    assert!(parse_in(&web(&token("my-1c", "")), &odd).is_ok());
}

#[test]
fn names_and_tokens_are_unique() {
    let one = token("1c", "token = \"t0ken-0f-1c\"");
    let same_name = message(&web(&(one.clone() + &token("1c", "token = \"other\""))));
    assert!(same_name.contains("is the name of an earlier token too"), "{same_name}");
    let same_secret = message(&web(&(one.clone() + &token("bi", "token = \"t0ken-0f-1c\""))));
    assert!(same_secret.contains("web.token.bi.token: is that of 1c too"), "{same_secret}");
    assert!(!same_secret.contains("t0ken-0f"), "{same_secret}");
    let both = web(&(one + &token("bi", "token = \"other\"\nscopes = [\"write\", \"read\"]")));
    let tokens = parse(&both).unwrap().web.unwrap().tokens;
    assert_eq!(tokens[1].scopes, [Scope::Write, Scope::Read]);
}

#[test]
fn beyond_loopback_it_is_encrypted() {
    let open = message(&web("listen = \"0.0.0.0:8464\""));
    assert!(open.starts_with("config.toml:5: web.listen: 0.0.0.0:8464"), "{open}");
    for word in ["tls_certificate", "tls_key", "behind_proxy = true", "127.0.0.1"] {
        assert!(open.contains(word), "{open}");
    }
    assert!(parse(&web("listen = \"0.0.0.0:8464\"\nbehind_proxy = true")).is_ok());
    assert!(parse(&web("listen = \"[::1]:8464\"")).is_ok());
    let dir = TempDir::new().unwrap();
    let certificate = file(&dir, "tls.pem", "-----BEGIN CERTIFICATE-----\n");
    let key = file(&dir, "tls.key", "-----BEGIN EC PRIVATE KEY-----\n");
    let tls = |certificate: &Path, key: &Path| {
        web(&format!("listen = \"[::]:443\"\ntls_certificate = {certificate:?}\ntls_key = {key:?}"))
    };
    assert!(parse(&tls(&certificate, &key)).is_ok());
    let swapped = message(&tls(&key, &certificate));
    assert!(swapped.contains("web.tls_certificate: ") && swapped.contains("web.tls_key: "));
    fs::remove_file(&key).unwrap();
    let gone = message(&tls(&certificate, &key));
    assert!(gone.contains("web.tls_key: cannot read "), "{gone}");
    let alone = message(&web(&format!("tls_certificate = {certificate:?}")));
    assert!(alone.contains("web.tls_key: is missing"), "{alone}");
}

#[test]
fn what_is_wrong_in_the_section_is_named() {
    for (lines, problem) in [
        ("hosts = [\"https://ledger.example.ru\"]", "web.hosts: element 1 must be a name"),
        ("hosts = [\"ledger.example.ru:443\"]", "web.hosts: element 1 must be a name"),
        ("hosts = [\"\"]", "web.hosts: element 1 must not be empty"),
        ("listen = \"8464\"", "web.listen: must be an IP address and a port"),
        ("behind_proxy = \"yes\"", "web.behind_proxy: must be true or false"),
        ("host = \"a\"", "web.host: unknown key; did you mean hosts?"),
        ("[[web.token]]\ntoken = \"t0ken\"", "web.token[1].name: is missing"),
        ("[[web.token]]\nname = \"1 c\"\ntoken = \"t\"", "web.token[1].name: must be at most 64"),
        ("[[web.token]]\nname = \"1c\"\ntoken = \"t\"\nscopes = []", "scopes: must not be empty"),
        (
            "[[web.token]]\nname = \"1c\"\ntoken = \"t\"\nscopes = [\"all\"]",
            "web.token.1c.scopes: element 1 must be one of \"read\", \"write\"",
        ),
        ("[admin]\nlisten = \"127.0.0.1:8464\"", "web.listen: is that of [admin] too"),
    ] {
        let message = message(&web(lines));
        assert!(message.contains(problem), "{lines}: {message}");
    }
    let hosts = parse(&web("hosts = [\"Ledger.Example.RU\", \"[2001:db8::1]\", \"192.0.2.1\"]"));
    let hosts = hosts.unwrap().web.unwrap().hosts;
    assert_eq!(hosts, ["ledger.example.ru", "2001:db8::1", "192.0.2.1"]);
}

#[test]
fn the_token_of_admin_is_gone_and_says_where_to() {
    for key in ["token = \"4dmin\"", "token_file = \"/etc/uzhkh-ledger/admin-token\""] {
        let message = message(&format!("{LEAST}[admin]\n{key}\n"));
        assert!(message.contains("is gone"), "{message}");
        assert!(message.contains("[[web.token]]") && message.contains("/api/v1/changes"));
        assert!(!message.contains("4dmin"), "{message}");
    }
}
