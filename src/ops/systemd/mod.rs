//! What systemd is told: ready, a line of status, the watchdog, and the stop.
//!
//! The watchdog is fed only while every part moves (see [`crate::watchdog`]); one that is stuck
//! is named in the log, and systemd ends the service and starts it anew. Where nobody listens
//! (`NOTIFY_SOCKET` is not set) nothing is told, and a part that is stuck is logged all the
//! same.
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
/// How often the watchdog is fed within its interval.
const FEEDS: u32 = 3;

/// Whether somebody listens.
fn is_heard() -> bool {
    std::env::var_os("NOTIFY_SOCKET").is_some()
}

/// How long systemd waits for the watchdog to be fed; None: it does not.
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

/// Feeds the watchdog while every part moves, until stopped; then says so.
pub(crate) async fn feed(heartbeats: Heartbeats, stop: CancellationToken) {
    let watchdog = watchdog();
    let every = watchdog.map_or(LOOK_EVERY, |interval| LOOK_EVERY.min(interval / FEEDS));
    let mut known = Vec::new();
    loop {
        let silent = heartbeats.stalled(Instant::now());
        log(&silent, &mut known, watchdog.is_some());
        if silent.is_empty() && watchdog.is_some() {
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

/// Logs what is news of the parts that do not move.
fn log(silent: &[Stalled], known: &mut Vec<Stalled>, is_watched: bool) {
    let knew = |part: &Stalled, before: &[Stalled]| before.iter().any(|one| one.part == part.part);
    for part in silent.iter().filter(|part| !knew(part, known)) {
        let what_follows = if is_watched {
            "the watchdog is not fed any more, so that systemd starts the service anew"
        } else {
            "start the service anew"
        };
        tracing::error!(
            part = %part.part,
            seconds = part.stalled_for.as_secs(),
            "a part does not move; {what_follows}"
        );
    }
    for part in known.iter().filter(|part| !knew(part, silent)) {
        tracing::info!(part = %part.part, "moves again");
    }
    silent.clone_into(known);
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
        tracing::warn!(%error, "systemd cannot be told how the service fares (NOTIFY_SOCKET)");
    }
}
