//! What watches the service: health, metrics, alert rules, the dashboard, the log.

mod logs;
mod metrics;
mod page;
mod readiness;
mod rules;

/// The judge of pages and rules.
fn need_promtool() {
    let asked = std::process::Command::new("promtool").arg("--version").output();
    assert!(
        asked.is_ok(),
        "these tests need promtool: apt-get install --no-install-recommends prometheus"
    );
}
