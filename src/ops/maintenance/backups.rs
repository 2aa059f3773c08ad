//! Backups on schedule: one copy at a time, verified, the oldest ones removed after it.
//!
//! Whether one is due is read from the folder: the newest backup there is older than the
//! schedule's last time. So one that was missed is made up for once, and so is one whose
//! folder was not there.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use rustix::fs::{Access, access};
use rustix::io::Errno;

use super::Maintenance;
use super::folder::Folder;
use crate::config::Backup;
use crate::ledger::{self, CancelFlag};
use crate::registry;
use crate::runtime::driver::Next;
use crate::runtime::schedule;

/// `poll.feed`
pub(super) const FEED: &str = "backup";
/// How long after a failure the next one is tried, due or not.
const TRY_AGAIN: Duration = Duration::from_secs(600);

/// Logs a failure.
pub(super) fn tell_failure(error: &str) {
    tracing::error!(error, "the ledger was not backed up; it is tried again in ten minutes");
}

/// What became of a backup.
enum Came {
    /// It is there: so many are, and so many were removed for it.
    Made(u64, u64),
    /// None was due.
    NotDue,
    /// The service stops.
    Halted,
}

impl Maintenance {
    /// Makes a backup where one is due.
    pub(super) async fn back_up_if_due(&self) -> Result<Next, ledger::Error> {
        let Some(backup) = &self.backup else {
            return Ok(Next::Done);
        };
        let started_at = self.clock.now();
        self.is_copying.store(true, Ordering::Relaxed);
        let came = self.back_up(backup.clone(), started_at).await;
        self.is_copying.store(false, Ordering::Relaxed);
        let done = match came {
            Ok(Came::NotDue) => return Ok(Next::WhenDue),
            Ok(Came::Halted) => return Ok(Next::Done),
            Ok(Came::Made(left, removed)) => Ok((left, removed)),
            Err(error) => Err(error),
        };
        let next = if done.is_ok() { Next::WhenDue } else { Next::Within(TRY_AGAIN) };
        self.record(FEED, started_at, done).await?;
        Ok(next)
    }

    /// Makes one, where it is due, on a thread of its own; answers in words why not.
    async fn back_up(&self, backup: Backup, now: Timestamp) -> Result<Came, String> {
        let (ledger, halt) = (self.path.clone(), CancelFlag::default());
        let halting = CancelFlag::clone(&halt);
        let mut working =
            tokio::task::spawn_blocking(move || back_up(&ledger, &backup, now, &halting));
        let outcome = tokio::select! {
            outcome = &mut working => outcome,
            () = self.stop.cancelled() => {
                halt.store(true, Ordering::Relaxed);
                working.await
            }
        };
        match outcome {
            Ok(Err(_)) if halt.load(Ordering::Relaxed) => Ok(Came::Halted),
            Ok(came) => came,
            Err(_) => Err("it panicked; this is a bug".to_owned()),
        }
    }
}

/// What helps where a folder cannot be written.
fn advice(error: Errno, dir: &Path) -> String {
    match error {
        Errno::ROFS => format!(
            "the packaged unit may write there with `ReadWritePaths={}` (systemctl edit)",
            dir.display()
        ),
        _ => "it is to be owned by the service's user".to_owned(),
    }
}

fn back_up(
    ledger: &Path,
    backup: &Backup,
    now: Timestamp,
    halt: &CancelFlag,
) -> Result<Came, String> {
    let folder = Folder::new(&backup.dir, ledger);
    let shown = backup.dir.display();
    let backups = folder.backups().map_err(|error| {
        format!(
            "backup.dir: {shown} cannot be read: {error}; create it, owned by the service's user"
        )
    })?;
    let due = schedule::last_due(&backup.schedule, now);
    // What is said to come from the future tells nothing of the past.
    let newest = backups.iter().map(|(at, _)| *at).rfind(|at| *at <= now);
    if newest >= due {
        return Ok(Came::NotDue);
    }
    // Before anything is begun there, whose name has a time in it: what lasts is said once.
    if let Err(error) = access(&backup.dir, Access::WRITE_OK | Access::EXEC_OK) {
        return Err(format!(
            "backup.dir: {shown} cannot be written: {error}; {}",
            advice(error, &backup.dir)
        ));
    }
    // Before the next one, which may need its room.
    if let Err(error) = folder.remove_abandoned() {
        tracing::debug!(%error, "what a crash has left of a backup stays");
    }
    let made = ledger::back_up(ledger, &folder.file(now), false, registry::envelope_parser(), halt)
        .map_err(|error| error.to_string())?;
    tracing::info!(
        file = %made.path.display(),
        bytes = made.bytes,
        last_change = made.span.last_change,
        copy_seconds = made.copy_seconds,
        check_seconds = made.check_seconds,
        "backed the ledger up"
    );
    let (left, removed) = folder
        .rotate(&made.path, now, backup.keep)
        .map_err(|error| format!("an old backup in {shown} cannot be removed: {error}"))?;
    Ok(Came::Made(left, removed))
}
