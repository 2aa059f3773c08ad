//! How the relay stands is told, and a PostgreSQL that is away holds nothing up.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use serde_json::Value;

use super::copy::{Copy, LEDGER};
use super::server::PASSWORD;
use crate::admin::page::{number, watch};
use crate::support::entities::{counter, envelope};
use crate::support::{Bench, Setup, nowhere, process, setup, wait_until};

fn relay_of(bench: &Bench) -> Value {
    let status: Value = serde_json::from_str(&bench.run(&["status", "--json"]).stdout).unwrap();
    status["relay"].clone()
}

#[test]
fn status_and_metrics_tell_how_far_it_is() {
    let Some(copy) = Copy::new("told") else { return };
    let watched = watch(copy.setup(""));
    let bench = &watched.bench;
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1").replace("7", "\\u0000")));
    wait_until("the counter", || copy.one_or_none("SELECT count(*) FROM @.counter") == "1");
    wait_until("the status", || {
        let relay = relay_of(bench);
        relay["state"] == "following" && relay["behind"] == 0
    });
    let relay = relay_of(bench);
    assert_eq!(relay["ledger"], LEDGER);
    assert_eq!(relay["epoch"], 1);
    assert_eq!(relay["error"], Value::Null);
    assert_eq!(relay["stuck"], 0);
    assert_eq!(relay["cursor"].to_string(), bench.one(super::copy::LAST));
    assert!(relay["last_success_at"].as_str().unwrap().ends_with('Z'));
    let page = watched.page();
    assert_eq!(number(&page, "relay_behind_changes"), Some(0.0));
    assert_eq!(number(&page, "relay_stuck"), Some(0.0));
    assert!(number(&page, "relay_cleaned_values_total") > Some(0.0), "{page}");
    assert!(number(&page, "relay_last_success_timestamp_seconds") > Some(1.7e9), "{page}");
    let shown = bench.run(&["status"]).stdout;
    let line = format!("relay  following as {LEDGER}, epoch 1, 0 changes behind");
    assert!(shown.contains(&line), "{shown}");
}

#[test]
fn a_demo_is_relayed_where_it_is_told_to() {
    let Some(copy) = Copy::new("demo") else { return };
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join(&copy.schema);
    let port = copy.server.port();
    let url = format!("postgres://postgres:{PASSWORD}@localhost:{port}/postgres?sslmode=disable");
    let place = folder.to_str().unwrap();
    let arguments = ["demo", "--seconds", "600", "--relay", &url, "--dir", place];
    let demo = process::spawn(&dir.path().join("none.toml"), &arguments);
    let brought = "SELECT count(*) > 100 FROM uzhkh.record WHERE ledger = '@'";
    let schema = "SELECT to_regclass('uzhkh.record') IS NOT NULL";
    let brought = brought.replace('@', &copy.schema);
    wait_until("records", || copy.one(schema) == "t" && copy.one(&brought) == "t");
    demo.signal("INT");
    let ended = demo.end();
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    let line = ended.stdout.lines().find(|line| line.starts_with("PostgreSQL: relay")).unwrap();
    assert!(line.contains(&format!(" as {}, epoch 1, ", copy.schema)), "{line}");
    assert!(!ended.stdout.contains(PASSWORD), "{}", ended.stdout);
    let file = std::fs::metadata(folder.join("relay-url")).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
}

#[test]
fn without_the_section_nothing_of_it_shows() {
    let bench = setup().start();
    bench.pass();
    assert_eq!(relay_of(&bench), Value::Null);
    assert!(!bench.run(&["status"]).stdout.contains("relay"));
    let ended = bench.run(&["relay", "status"]);
    assert_eq!(ended.code, Some(78));
    assert!(ended.stderr.contains("[relay]"), "{}", ended.stderr);
}

/// A bench whose PostgreSQL is at this address.
fn away(address: &str) -> Bench {
    away_setup(address).start()
}

fn away_setup(address: &str) -> Setup {
    let url = format!("postgres://acme:s3cret-pa55@{address}/d?sslmode=disable");
    let section = format!("[relay]\nurl = {url:?}\nledger = \"acme\"");
    setup().every_second().section(&section)
}

#[test]
fn a_pass_against_a_dead_server_ends_and_says_so() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for address in [nowhere(), silent.local_addr().unwrap()] {
        let bench = away(&address.to_string());
        bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
        let ended = bench.fail();
        assert!(ended.took < Duration::from_secs(30), "{:?}", ended.took);
        assert!(ended.stderr.contains("the relay is away"), "{}", ended.stderr);
        assert!(!ended.stderr.contains("s3cret-pa55"), "{}", ended.stderr);
        assert_eq!(bench.one("SELECT count(*) FROM counter"), "1", "the drain went on");
        let relay = relay_of(&bench);
        assert_eq!((&relay["state"], &relay["behind"]), (&"away".into(), &1.into()));
        let checked = bench.run(&["check"]);
        assert_eq!(checked.code, Some(1));
        assert!(!checked.stdout.contains("s3cret-pa55"), "{}", checked.stdout);
    }
}

/// Else nothing would be said of a PostgreSQL that stays away until that time.
#[test]
fn a_success_that_is_dated_ahead_mutes_nothing() {
    let watched = watch(away_setup(&nowhere().to_string()));
    let bench = &watched.bench;
    let count = "SELECT count(*) FROM relay";
    wait_until("the relay is away", || bench.one_or_none(count) == "1");
    bench.tamper("UPDATE relay SET last_success_at = '2999-01-01T00:00:00.000Z'");
    assert_eq!(relay_of(bench)["last_success_at"], Value::Null);
    assert_eq!(number(&watched.page(), "relay_last_success_timestamp_seconds"), Some(0.0));
    let shown = bench.run(&["relay", "status"]).stdout;
    assert!(shown.contains("last success never"), "{shown}");
}

#[test]
fn a_service_whose_server_comes_back_goes_on() {
    let Some(copy) = Copy::alone("back") else { return };
    let watched = watch(copy.setup(""));
    let bench = &watched.bench;
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    copy.wait(bench, LEDGER);
    copy.server.kill();
    bench.uzhkh().push_request(envelope("g2", "Counter", &counter("c2")));
    wait_until("it is told", || relay_of(bench)["state"] == "away");
    assert_eq!(watched.get("/readyz").status, 200);
    // Each reason once, however often it was tried.
    let log = watched.daemon.log();
    let reason = |line: &str| line.split_once("the relay is away").map(|(_, why)| why.to_owned());
    let mut told: Vec<String> = log.lines().filter_map(reason).collect();
    let times = told.len();
    told.dedup();
    assert!(times > 0 && told.len() == times, "{log}");
    copy.server.run();
    wait_until("it goes on", || relay_of(bench)["state"] == "following");
    wait_until("all is there", || relay_of(bench)["behind"] == 0);
}

#[test]
fn a_stop_does_not_wait_for_a_server_that_is_silent() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let bench = away(&silent.local_addr().unwrap().to_string());
    let daemon = bench.daemon();
    let asked = silent.accept();
    assert!(asked.is_ok());
    let log = daemon.stop();
    assert!(!log.contains("still under way"), "{log}");
}
