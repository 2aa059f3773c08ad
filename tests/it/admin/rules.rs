//! The alert rules and the dashboard: every rule is tested, by what `promtool` runs, they
//! name no metric that is not served, and docs/metrics.md explains each alert.

use std::collections::BTreeSet;

use super::page::{vocabulary, watch};
use crate::docs;
use crate::support::setup;

const RULES: &str = include_str!("../../../deploy/prometheus/uzhkh-ledger.rules.yml");
const DASHBOARD: &str = include_str!("../../../deploy/grafana/uzhkh-ledger.json");

/// The names of the alerts.
fn alerts() -> BTreeSet<String> {
    let lines = RULES.lines();
    lines.filter_map(|line| line.trim().strip_prefix("- alert: ")).map(str::to_owned).collect()
}

#[test]
fn every_alert_is_tested_and_says_what_to_do() {
    let tests = include_str!("../../../deploy/prometheus/uzhkh-ledger.rules.test.yml");
    for alert in alerts() {
        assert!(tests.contains(&format!("- name: {alert}\n")), "{alert}");
    }
    for word in ["summary:", "description:", "action:", "severity:"] {
        assert_eq!(RULES.matches(word).count(), alerts().len(), "{word}");
    }
}

#[test]
fn the_documentation_explains_every_alert_and_no_other() {
    let rows = docs::table::<3>("docs/metrics.md", "## Alerts");
    let explained: BTreeSet<String> = rows.iter().map(|[alert, ..]| docs::plain(alert)).collect();
    assert_eq!(explained, alerts(), "docs/metrics.md, under «## Alerts»");
}

/// The metrics of ours that a text names.
fn named(text: &str) -> BTreeSet<String> {
    text.match_indices("uzhkh_ledger_")
        .map(|(at, _)| {
            let rest = &text[at..];
            let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            let name = rest.split(|letter| !is_of_name(letter)).next().unwrap();
            name.trim_end_matches("_bucket").to_owned()
        })
        .collect()
}

#[test]
fn rules_and_dashboard_name_only_what_is_served() {
    let _: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    let served = vocabulary(&watch(setup()).page());
    for name in named(RULES).iter().chain(&named(DASHBOARD)) {
        assert!(served.contains_key(name), "{name} is not served");
    }
}

#[test]
fn the_dashboard_shows_every_metric_but_what_serves_the_alerts_alone() {
    let shown = named(DASHBOARD);
    let hidden = [
        "uzhkh_ledger_disk_bytes",
        "uzhkh_ledger_counted_timestamp_seconds",
        "uzhkh_ledger_change_seq",
        "uzhkh_ledger_resync_lists",
        "uzhkh_ledger_poll_ok",
        "uzhkh_ledger_poll_last_run_timestamp_seconds",
    ];
    for name in vocabulary(&watch(setup()).page()).keys() {
        let is_hidden = hidden.contains(&name.as_str());
        assert!(shown.contains(name) != is_hidden, "{name}");
    }
}
