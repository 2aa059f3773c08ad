//! `/metrics`: numbers for Prometheus.
//!
//! How things stand is read from the ledger when it is asked for, so a number here is
//! the number that `status` shows. Counts of what happened come from [`metrics`].

use std::path::Path;
use std::time::Instant;

use hyper::StatusCode;
use jiff::Timestamp;

use super::{Admin, Answer, text};
use crate::ledger::{Error, Reader, RelayStanding, Standing, Tallies, wal_bytes};
use crate::metrics::{self, Metric, Page};
use crate::registry;
use crate::runtime::schedule;

/// As Prometheus names its text format.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Metrics that are to be seen at 0 before anything is counted: a rate knows nothing of
/// what first appears at 1.
pub(super) fn begin(admin: &Admin) {
    for level in ["error", "warn"] {
        metrics::count(Metric::LogLines, &[level], 0);
    }
    if admin.relay.is_some() {
        metrics::count(Metric::RelayCleaned, &[], 0);
    }
    let polls = admin.scheduled.iter();
    for (source, feed) in polls.map(|poll| (poll.source, poll.name.as_str())) {
        for outcome in ["ok", "failed", "unauthorized"] {
            metrics::count(Metric::Polls, &[source, feed, outcome], 0);
        }
        if (source, feed) == ("uzhkh", "Requests") {
            begin_queues();
        }
        for op in registry::awaited_calls(source) {
            metrics::count(Metric::CallAttempts, &[source, op, "failed"], 0);
        }
    }
}

fn begin_queues() {
    for metric in [
        Metric::EnvelopesReceived,
        Metric::EnvelopesApplied,
        Metric::EnvelopesQuarantined,
        Metric::EnvelopesAcknowledged,
        Metric::AcknowledgementsFailed,
    ] {
        for queue in ["requests", "deleted"] {
            metrics::count(metric, &[queue], 0);
        }
    }
}

/// The page. Reading takes its time in a large ledger: it has a reader of its own, so
/// that nothing waits for it.
pub(super) async fn answer(admin: &Admin) -> Answer {
    let path = admin.path.clone();
    let now = admin.clock.now();
    let relay = admin.relay.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let reader = Reader::open(&path)?;
        let relay = relay.map(|ledger| reader.relay_standing(&ledger, now)).transpose()?;
        Ok((reader.standing(now)?, reader.tallies()?, relay))
    });
    let (mut standing, tallies, relay) = match reading.await {
        Ok(Ok(read)) => read,
        Ok(Err(error)) => return failed(&error),
        Err(_) => return text(StatusCode::INTERNAL_SERVER_ERROR, String::new()),
    };
    admin.ledger.complete(&mut standing);
    let now = admin.clock.now();
    let mut page = Page::default();
    process(&mut page, admin);
    disk(&mut page, &admin.path);
    waiting(&mut page, &standing, now);
    polls(&mut page, &standing, admin, now);
    following(&mut page, &standing, admin);
    relayed(&mut page, relay.as_ref());
    tallied(&mut page, &standing, &tallies, now);
    metrics::fill(&mut page);
    let mut answer = text(StatusCode::OK, page.into_text());
    let content_type = hyper::header::HeaderValue::from_static(CONTENT_TYPE);
    let headers = answer.headers_mut();
    headers.insert(hyper::header::CONTENT_TYPE, content_type);
    answer
}

fn failed(error: &Error) -> Answer {
    text(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n"))
}

fn process(page: &mut Page, admin: &Admin) {
    page.set(Metric::BuildInfo, &[env!("CARGO_PKG_VERSION")], 1);
    page.set(Metric::StartTime, &[], seconds(admin.started_at));
    let is_full = u64::from(admin.ledger.is_disk_full());
    page.set(Metric::DiskFull, &[], is_full);
    for silent in admin.heartbeats.stalled(Instant::now()) {
        let since = silent.stalled_for.as_secs_f64();
        page.set(Metric::SilentPart, &[&silent.task], since);
    }
}

/// What cannot be told is left out.
fn disk(page: &mut Page, path: &Path) {
    if let Ok(file) = std::fs::metadata(path) {
        page.set(Metric::FileBytes, &[], file.len());
    }
    page.set(Metric::WalBytes, &[], wal_bytes(path));
    if let Ok(disk) = rustix::fs::statvfs(path) {
        let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
        page.set(Metric::DiskFreeBytes, &[], bytes(disk.f_bavail));
        page.set(Metric::DiskBytes, &[], bytes(disk.f_blocks));
    }
}

/// What waits, and what is stuck.
fn waiting(page: &mut Page, standing: &Standing, now: Timestamp) {
    page.set(Metric::AcknowledgementsPending, &[], standing.pending_acknowledgements);
    let lag = standing.oldest_pending_acknowledgement.as_deref();
    let lag = lag.map_or(0.0, |since| age(since, now));
    page.set(Metric::QueueLag, &[], lag);
    for ([target, op, state], count) in &standing.calls {
        page.set(Metric::Calls, &[target, op, state], count);
    }
    for (target, since) in &standing.oldest_calls {
        page.set(Metric::CallLag, &[target], age(since, now));
    }
    for ([kind, state], count) in &standing.identities {
        page.set(Metric::Identities, &[kind, state], count);
    }
    for ([source, kind], count) in &standing.missing {
        page.set(Metric::RecordsMissing, &[source, kind], count);
    }
    for state in ["reading", "done", "failed"] {
        let lists = standing.resync.iter().filter(|list| list.state == state).count();
        if lists > 0 {
            page.set(Metric::ResyncLists, &[state], lists);
        }
    }
    page.set(Metric::ChangeSeq, &[], standing.last_change.unwrap_or(0));
}

/// The runs of all pollers, also of those that have not run yet.
fn polls(page: &mut Page, standing: &Standing, admin: &Admin, now: Timestamp) {
    let at = |time: Option<&str>| {
        let time = time.and_then(|time| time.parse().ok());
        time.map_or(0.0, seconds)
    };
    for poll in &standing.polls {
        let labels = [poll.source.as_str(), &poll.feed];
        page.set(Metric::PollOk, &labels, u64::from(poll.outcome == "ok"));
        page.set(Metric::PollLastRun, &labels, at(Some(&poll.finished_at)));
        let success = at(poll.last_ok_at.as_deref());
        page.set(Metric::PollLastSuccess, &labels, success);
    }
    for poll in &admin.scheduled {
        let labels = [poll.source, &poll.name];
        let mut known = standing.polls.iter();
        if !known.any(|known| known.source == poll.source && known.feed == poll.name) {
            page.set(Metric::PollLastRun, &labels, 0);
            page.set(Metric::PollLastSuccess, &labels, 0);
        }
        if let Some(interval) = schedule::interval(&poll.schedule, now) {
            page.set(Metric::PollInterval, &labels, interval.as_secs());
        }
    }
}

/// How far Alma follows; without `[alma]` not at all, whatever was followed before.
fn following(page: &mut Page, standing: &Standing, admin: &Admin) {
    let mut pollers = admin.scheduled.iter();
    if !pollers.any(|poll| poll.source == "alma") {
        return;
    }
    page.set(Metric::AlmaTouched, &[], standing.alma_touched);
    let cursor = standing.alma_cursor.unwrap_or(0);
    let behind = standing.last_change.unwrap_or(0).saturating_sub(cursor);
    page.set(Metric::AlmaChangesBehind, &[], behind);
}

/// How far PostgreSQL follows, where the ledger is relayed.
fn relayed(page: &mut Page, relay: Option<&RelayStanding>) {
    let Some(relay) = relay else { return };
    let success = relay.last_success_at.as_deref().and_then(|at| at.parse().ok());
    page.set(Metric::RelayBehind, &[], relay.behind);
    page.set(Metric::RelayLastSuccess, &[], success.map_or(0.0, seconds));
    page.set(Metric::RelayStuck, &[], relay.stuck);
}

/// How much there is.
fn tallied(page: &mut Page, standing: &Standing, tallies: &Tallies, now: Timestamp) {
    for ([source, queue], count) in &standing.quarantined {
        page.set(Metric::Quarantined, &[source, queue], count);
    }
    page.set(Metric::CountedAt, &[], seconds(now));
    for (metric, pairs) in
        [(Metric::Records, &tallies.records), (Metric::Findings, &tallies.findings)]
    {
        for ([one, other], count) in pairs {
            page.set(metric, &[one, other], count);
        }
    }
    for (state, count) in &tallies.alma_files {
        page.set(Metric::AlmaFiles, &[state], count);
    }
    for known in &tallies.alma {
        page.set(Metric::AlmaObjects, &[&known.kind, &known.state], known.count);
    }
}

/// How long ago the ledger noted something; 0 where the clock was set back since.
fn age(since: &str, now: Timestamp) -> f64 {
    let since: Option<Timestamp> = since.parse().ok();
    since.map_or(0.0, |since| now.duration_since(since).as_secs_f64().max(0.0))
}

/// Unix time.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of this millennium fit")]
fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}
