//! `/healthz`: the process lives. `/readyz`: it does its work.
//!
//! Ready is who can write the ledger and whose parts all move. A system upstream that is
//! down leaves the service ready: to wait for it is our work, no other instance could do
//! better, and a restart helps nothing. It shows in `/metrics` and raises an alert.

use std::time::{Duration, Instant};

use humantime::format_duration;
use hyper::StatusCode;

use super::{Admin, Answer, text};
use crate::ledger::Ledger;
use crate::watchdog::Stalled;

/// How long an empty transaction may wait for those before it.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);

/// Alive: it answers.
pub(super) fn alive() -> Answer {
    text(StatusCode::OK, "alive\n".to_owned())
}

/// Ready: the ledger can be written, and all parts move. What is wrong has a line each.
pub(super) async fn ready(admin: &Admin) -> Answer {
    let mut problems: Vec<String> = unwritable(&admin.ledger).await.into_iter().collect();
    let silent = admin.heartbeats.stalled(Instant::now());
    problems.extend(silent.iter().map(still));
    if problems.is_empty() {
        return text(StatusCode::OK, "ready\n".to_owned());
    }
    let lines = problems.iter().map(|problem| format!("not ready: {problem}\n"));
    text(StatusCode::SERVICE_UNAVAILABLE, lines.collect())
}

/// Why the ledger cannot be written; None where it can.
async fn unwritable(ledger: &Ledger) -> Option<String> {
    if ledger.is_disk_full() {
        return Some("the disk that holds the ledger is full".to_owned());
    }
    match tokio::time::timeout(WRITTEN_WITHIN, ledger.write(|_| Ok(()))).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("the ledger does not commit".to_owned()),
    }
}

fn still(silent: &Stalled) -> String {
    let since = Duration::from_secs(silent.stalled_for.as_secs());
    format!("{} has not moved for {}", silent.task, format_duration(since))
}
