//! TLS: the server's certificate is verified, and where it cannot be nothing is sent.

use super::copy::{Copy, LEDGER};
use super::server::PASSWORD;
use crate::support::entities::{counter, envelope};
use crate::support::{Ended, setup};

fn pass(copy: &Copy, host: &str, query: &str, knows_ca: bool) -> Ended {
    let port = copy.server.port();
    let url = format!("postgres://postgres:{PASSWORD}@{host}:{port}/postgres{query}");
    let ca = copy.server.ca_file();
    let lines = if knows_ca { format!("ca_file = {ca:?}") } else { String::new() };
    let bench = setup().section(&copy.section_of(&url, LEDGER, &lines)).start();
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    let ended = bench.once();
    assert!(!ended.stderr.contains(PASSWORD), "{}", ended.stderr);
    ended
}

#[test]
fn only_a_certificate_of_its_own_name_is_taken() {
    let Some(copy) = Copy::new("certificates") else { return };
    for (host, query, knows_ca, words) in [
        ("localhost", "", false, "UnknownIssuer"),
        ("127.0.0.1", "", true, "not valid for name"),
        ("127.0.0.1", "?sslmode=verify-ca", false, "UnknownIssuer"),
    ] {
        let ended = pass(&copy, host, query, knows_ca);
        assert_eq!(ended.code, Some(1), "{host}{query}");
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
        assert!(ended.stderr.contains("paused"), "{}", ended.stderr);
    }
    for (host, query) in [("localhost", ""), ("127.0.0.1", "?sslmode=verify-ca")] {
        copy.lines("DROP SCHEMA IF EXISTS @ CASCADE");
        let ended = pass(&copy, host, query, true);
        assert_eq!(ended.code, Some(0), "{host}{query}: {}", ended.stderr);
        assert_eq!(copy.lines("SELECT id FROM @.counter"), ["c1"]);
    }
}
