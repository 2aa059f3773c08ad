//! `/metrics`: true numbers, in words that docs/metrics.md explains and that promtool likes.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::Stdio;

use super::page::{Watched, number, vocabulary, watch};
use crate::docs;
use crate::support::entities::{counter, envelope};
use crate::support::{API_KEY, LINK, Setup, TOKEN, secrets, setup, tool, wait_until};
use simulator::{Endpoint, FaultKind, FeedKind, Layout};

fn everything() -> Setup {
    setup().every_second().alma("schedule = \"* * * * * *\"").feed(
        "premises",
        FeedKind::Premises,
        Layout::array(),
        &["schedule = \"* * * * * *\""],
    )
}

/// A service that has met much of what there is to measure.
fn busy() -> Watched {
    let watched = watch(everything());
    let uzhkh = watched.bench.uzhkh();
    uzhkh.push_request(r#"{"Guid":"bad"}"#);
    for n in 0..3 {
        let id = format!("c{n}");
        uzhkh.push_request(envelope(&format!("g{n}"), "Counter", &counter(&id)));
    }
    uzhkh.push_deletion("counter", "c2");
    watched.wait_for("envelopes_acknowledged_total{queue=\"requests\"}", 3.0);
    watched.wait_for("envelopes_acknowledged_total{queue=\"deleted\"}", 1.0);
    watched.wait_for("poll_ok{source=\"alma\",feed=\"objects\"}", 1.0);
    watched.wait_for("poll_ok{source=\"domoplaner\",feed=\"premises\"}", 1.0);
    watched
}

#[test]
fn the_page_says_what_the_ledger_holds_and_what_has_happened() {
    let watched = busy();
    let page = watched.page();
    for (sample, wanted) in [
        ("envelopes_applied_total{queue=\"requests\"}", 3.0),
        ("envelopes_quarantined_total{queue=\"requests\"}", 1.0),
        ("acknowledgement_failures_total{queue=\"requests\"}", 0.0),
        ("quarantined{source=\"uzhkh\",feed=\"requests\"}", 1.0),
        ("acknowledgements_pending", 0.0),
        ("queue_lag_seconds", 0.0),
        ("disk_full", 0.0),
        ("log_lines_total{level=\"error\"}", 0.0),
        ("poll_interval_seconds{source=\"uzhkh\",feed=\"Requests\"}", 1.0),
        ("http_requests_total{system=\"uzhkh\",operation=\"To1c/Delete\",outcome=\"2xx\"}", 4.0),
    ] {
        assert_eq!(number(&page, sample), Some(wanted), "{sample}\n{page}");
    }
    let version = format!("build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    assert_eq!(number(&page, &version), Some(1.0));
    let success = "poll_last_success_timestamp_seconds{source=\"uzhkh\",feed=\"Requests\"}";
    let started = number(&page, "start_time_seconds").unwrap();
    assert!(number(&page, success).unwrap() >= started, "{page}");
    for sample in ["file_bytes", "wal_bytes", "disk_free_bytes", "disk_bytes", "change_seq"] {
        assert!(number(&page, sample).unwrap() > 0.0, "{sample}");
    }
    let head = watched.get("/metrics").head;
    assert!(head.contains("text/plain; version=0.0.4"), "{head}");
}

#[test]
fn what_fails_and_waits_shows() {
    let watched = watch(everything());
    let bench = &watched.bench;
    bench.fault(FaultKind::Error500, Endpoint::Delete, 1000);
    bench.uzhkh().push_request(envelope("g1", "Counter", &counter("c1")));
    watched.wait_for("acknowledgements_pending", 1.0);
    wait_until("a lag", || watched.number("queue_lag_seconds") > Some(0.0));
    wait_until("a failure", || {
        watched.number("acknowledgement_failures_total{queue=\"requests\"}") >= Some(1.0)
    });
    let failed = "http_requests_total{system=\"uzhkh\",operation=\"To1c/Delete\",outcome=\"5xx\"}";
    assert!(watched.number(failed) >= Some(1.0));
    bench.fault(FaultKind::Error500, Endpoint::DeletedItems, 1000);
    watched.wait_for("poll_ok{source=\"uzhkh\",feed=\"DeletedItems\"}", 0.0);
    let page = watched.page();
    let failures = "polls_total{source=\"uzhkh\",feed=\"DeletedItems\",outcome=\"failed\"}";
    assert!(number(&page, failures) >= Some(1.0), "{page}");
    assert!(number(&page, "log_lines_total{level=\"warn\"}") >= Some(1.0), "{page}");
    // It waits, and is as ready as can be.
    assert_eq!(watched.get("/readyz").status, 200);
}

#[test]
fn what_stands_in_the_ledger_survives_a_restart_and_what_happened_begins_anew() {
    let again = busy().again(|bench| {
        bench.fault(FaultKind::Error500, Endpoint::Requests, 1000);
    });
    again.wait_for("poll_ok{source=\"uzhkh\",feed=\"Requests\"}", 0.0);
    let page = again.page();
    assert_eq!(number(&page, "quarantined{source=\"uzhkh\",feed=\"requests\"}"), Some(1.0));
    assert_eq!(number(&page, "envelopes_acknowledged_total{queue=\"requests\"}"), Some(0.0));
    let success = "poll_last_success_timestamp_seconds{source=\"uzhkh\",feed=\"Requests\"}";
    let last = number(&page, success).unwrap();
    assert!(last > 0.0 && last < number(&page, "start_time_seconds").unwrap());
}

#[test]
fn the_last_success_is_remembered_however_long_a_feed_fails() {
    let bench = setup().start();
    bench.pass();
    let success = "SELECT finished_at FROM poll WHERE feed = 'Requests' AND outcome = 'ok'";
    let last = bench.one(success);
    // As many failures as are kept, and more.
    bench.tamper(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 300) \
         INSERT INTO poll (source, feed, started_at, finished_at, outcome, fetched, changed, error) \
         SELECT source, feed, started_at, finished_at, 'failed', 0, 0, 'no' FROM poll, n \
         WHERE feed = 'Requests'",
    );
    bench.fault(FaultKind::Error500, Endpoint::Requests, 1000);
    bench.fail();
    let count = "SELECT count(*) FROM poll WHERE feed = 'Requests'";
    assert_eq!(bench.one(count), "201");
    assert_eq!(bench.one(success), last);
}

#[test]
fn no_label_holds_a_secret_or_data() {
    let page = busy().page();
    let links = secrets::of_feeds();
    let secrets = links.iter().map(String::as_str).chain([TOKEN, API_KEY, LINK, "g0", "c0"]);
    for secret in secrets {
        let quoted = format!("\"{secret}\"");
        let is_there = page.contains(&quoted) || (secret.len() > 2 && page.contains(secret));
        assert!(!is_there, "{secret}: {page}");
    }
}

#[test]
fn promtool_has_no_complaint() {
    let Some(mut promtool) = tool("promtool") else { return };
    let page = busy().page();
    let mut checking = promtool
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    checking.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let ended = checking.wait_with_output().unwrap();
    let said = [ended.stdout, ended.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(ended.status.success() && said.trim().is_empty(), "{said}\n{page}");
}

#[test]
fn the_documentation_explains_every_metric_and_no_other() {
    let page = busy().page();
    let mut explained = BTreeMap::new();
    for [name, kind, labels, meaning] in docs::table::<4>("docs/metrics.md", "## Metrics") {
        let labels: Vec<String> =
            labels.split(", ").filter(|label| !label.is_empty()).map(docs::plain).collect();
        let name = format!("uzhkh_ledger_{}", docs::plain(&name));
        if let Some(help) =
            page.lines().find_map(|line| line.strip_prefix(&format!("# HELP {name} ")))
        {
            assert_eq!(docs::plain(&meaning), help, "{name}: docs/metrics.md and /metrics");
        }
        explained.insert(name, (kind, labels));
    }
    let served = vocabulary(&page);
    let names = |of: Vec<&String>| of.into_iter().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(explained.keys().collect()),
        names(served.keys().collect()),
        "docs/metrics.md, under «## Metrics», and /metrics"
    );
    for (name, (kind, labels)) in &served {
        let (explained_kind, explained_labels) = &explained[name];
        assert_eq!(kind, explained_kind, "{name}");
        let mut shown: Vec<&String> = labels.iter().collect();
        let mut named: Vec<&String> = explained_labels.iter().collect();
        shown.sort();
        named.sort();
        // What has no number yet shows no labels.
        assert!(shown.is_empty() || shown == named, "{name}: {shown:?}, not {named:?}");
    }
}
