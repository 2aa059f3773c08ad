//! What systemd is told: ready, a line of status, the watchdog, and the stop.
//!
//! The watchdog is notified only while no task is stalled (see [`crate::watchdog`]); a
//! stalled one is named in the log, and systemd restarts the service. Without `NOTIFY_SOCKET` nothing
//! is told, and a stalled task is logged all the same.
//!
//! Source: `sd_notify(3)`.

mod line;
mod status;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sd_notify::NotifyState;
use tokio_util::sync::CancellationToken;

pub(crate) use status::Status;

use crate::runtime::pace::until;
use crate::watchdog::{Heartbeats, Stalled};

/// How often the heartbeats are looked at, at the least.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How often the watchdog is notified within its interval.
const NOTIFICATIONS: u32 = 3;

/// Whether systemd listens.
fn is_heard() -> bool {
    std::env::var_os("NOTIFY_SOCKET").is_some()
}

/// How long systemd waits for a notification of the watchdog; None: it does not.
pub(crate) fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled().filter(|interval| is_heard() && !interval.is_zero())
}

/// The service is ready.
pub(crate) async fn ready() {
    tell(|| sd_notify::notify(&[NotifyState::Ready])).await;
}

/// Shows a line in `systemctl status`.
pub(crate) async fn status(line: &str) {
    let line = line.replace('\n', "; ");
    tell(move || sd_notify::notify(&[NotifyState::Status(&line)])).await;
}

/// Notifies the watchdog while no task is stalled, until stopped; then says so.
pub(crate) async fn keep_notifying(heartbeats: Heartbeats, stop: CancellationToken) {
    let watchdog = watchdog();
    let every = watchdog.map_or(LOOK_EVERY, |interval| LOOK_EVERY.min(interval / NOTIFICATIONS));
    let mut known = Vec::new();
    loop {
        let stalled = heartbeats.stalled(Instant::now());
        log(&stalled, &mut known, watchdog.is_some());
        if stalled.is_empty() && watchdog.is_some() {
            tell(|| sd_notify::notify(&[NotifyState::Watchdog])).await;
        }
        if !until(&stop, tokio::time::sleep(every)).await {
            break;
        }
    }
    let states = [
        NotifyState::Stopping,
        NotifyState::Status("stopping: calls that are under way end, the ledger is closed"),
    ];
    tell(move || sd_notify::notify(&states)).await;
}

/// Logs which tasks are newly stalled, and which move again.
fn log(stalled: &[Stalled], known: &mut Vec<Stalled>, is_watched: bool) {
    let knew = |task: &Stalled, before: &[Stalled]| before.iter().any(|one| one.task == task.task);
    for stalled in stalled.iter().filter(|task| !knew(task, known)) {
        let what_follows = if is_watched {
            "no longer notifying the watchdog, so that systemd restarts the service"
        } else {
            "restart the service"
        };
        tracing::error!(
            task = %stalled.task,
            seconds = stalled.stalled_for.as_secs(),
            "task stalled; {what_follows}"
        );
    }
    for moving in known.iter().filter(|task| !knew(task, stalled)) {
        tracing::info!(task = %moving.task, "task moves again");
    }
    stalled.clone_into(known);
}

/// Tells systemd something, on a thread that may wait for it.
async fn tell(telling: impl FnOnce() -> io::Result<()> + Send + 'static) {
    static HAS_FAILED: AtomicBool = AtomicBool::new(false);
    if !is_heard() {
        return;
    }
    let told = tokio::task::spawn_blocking(telling).await;
    if let Err(error) = told.map_err(io::Error::other).flatten()
        && !HAS_FAILED.swap(true, Ordering::Relaxed)
    {
        tracing::warn!(%error, "systemd cannot be notified (NOTIFY_SOCKET)");
    }
}
