//! Cron schedules that only say «due».
//!
//! The scheduler runs its jobs whether the last one has ended or not, and does not
//! wait for them at its end. So a job here does no more than notify: the task that is
//! notified works at its own pace, never overlaps itself, and catches up once, not as
//! often as it was late.
//!
//! The scheduler goes by the host's clock, and where that is set back it stands still
//! until the old time comes again. So it gives a sign of life every few seconds, and
//! is started anew when the signs stop.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::DateTime;
use croner::Cron;
use croner::parser::{CronParser, Seconds};
use jiff::Timestamp;
use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use tokio_util::sync::CancellationToken;

use crate::runtime::pace::until;
use crate::watchdog::{Heartbeat, Heartbeats};

/// When the scheduler shows that it lives.
const SIGN_SCHEDULE: &str = "*/5 * * * * *";
/// How often its signs are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Without a sign for so long it stands still.
const LATE: Duration = Duration::from_secs(20);

/// A cron expression (with seconds, UTC) and who is notified.
type Entry = (String, Arc<Notify>);

/// When a cron expression (with seconds, UTC) was last due, now included; `None` where
/// it never was, or cannot be read, which the config has refused before.
pub(crate) fn last_due(expression: &str, now: Timestamp) -> Option<Timestamp> {
    let (cron, now) = (read(expression)?, DateTime::from_timestamp(now.as_second(), 0)?);
    let due = cron.find_previous_occurrence(&now, true).ok()?;
    Timestamp::from_second(due.timestamp()).ok()
}

/// The running schedules.
pub(crate) struct Schedules {
    jobs: Vec<Entry>,
    scheduler: JobScheduler,
    sign: Sign,
}

/// When the scheduler last showed that it lives.
#[derive(Clone)]
struct Sign {
    seen_at: Arc<Mutex<Instant>>,
    heartbeat: Heartbeat,
}

impl Sign {
    fn give(&self) {
        *self.seen_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.heartbeat.beat();
    }

    fn is_late(&self) -> bool {
        let seen_at = *self.seen_at.lock().unwrap_or_else(PoisonError::into_inner);
        seen_at.elapsed() > LATE
    }
}

impl Schedules {
    /// Starts them. Everybody is due at once at the start.
    ///
    /// # Errors
    /// An expression that cannot be read; the config has refused it before.
    pub(crate) async fn start(
        jobs: Vec<Entry>,
        heartbeats: &Heartbeats,
    ) -> Result<Self, JobSchedulerError> {
        let sign = Sign {
            seen_at: Arc::new(Mutex::new(Instant::now())),
            // All tasks idle until they are due: that none ever is must not go unnoticed.
            heartbeat: heartbeats.register("schedules", LATE),
        };
        let scheduler = begin(&jobs, &sign).await?;
        Ok(Self { jobs, scheduler, sign })
    }

    /// Keeps them going until stopped; after that no task is notified.
    pub(crate) async fn keep(mut self, stop: CancellationToken) {
        while until(&stop, tokio::time::sleep(LOOK_EVERY)).await {
            if self.sign.is_late() {
                tracing::warn!(
                    "the schedules stood still, as when the clock is set back; they begin anew"
                );
                self.begin_anew().await;
            }
        }
        end(&mut self.scheduler).await;
    }

    async fn begin_anew(&mut self) {
        match begin(&self.jobs, &self.sign).await {
            Ok(scheduler) => {
                let mut old = std::mem::replace(&mut self.scheduler, scheduler);
                end(&mut old).await;
            }
            Err(error) => tracing::warn!(%error, "the schedules cannot begin anew"),
        }
    }
}

async fn begin(jobs: &[Entry], sign: &Sign) -> Result<JobScheduler, JobSchedulerError> {
    let scheduler = JobScheduler::new().await?;
    for (expression, due) in jobs {
        due.notify_one();
        let due = Arc::clone(due);
        let job = Job::new(expression.as_str(), move |_, _| due.notify_one())?;
        scheduler.add(job).await?;
    }
    let own = sign.clone();
    scheduler.add(Job::new(SIGN_SCHEDULE, move |_, _| own.give())?).await?;
    scheduler.start().await?;
    sign.give();
    Ok(scheduler)
}

async fn end(scheduler: &mut JobScheduler) {
    if let Err(error) = scheduler.shutdown().await {
        tracing::warn!(%error, "the schedules did not stop cleanly");
    }
}

/// The time between the runs of a schedule that are next to `now`; None where there is
/// none before or after it.
pub(crate) fn interval(expression: &str, now: Timestamp) -> Option<Duration> {
    let (cron, now) = (read(expression)?, DateTime::from_timestamp(now.as_second(), 0)?);
    let before = cron.find_previous_occurrence(&now, true).ok()?;
    let after = cron.find_next_occurrence(&now, false).ok()?;
    (after - before).to_std().ok()
}

/// Reads a cron expression as the scheduler does.
fn read(expression: &str) -> Option<Cron> {
    let parser = CronParser::builder().seconds(Seconds::Required).dom_and_dow(true).build();
    parser.parse(expression).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expression: &str, now: &str, seconds: Option<u64>) {
        let found = interval(expression, now.parse().unwrap());
        assert_eq!(found.map(|interval| interval.as_secs()), seconds);
    }

    #[test]
    fn the_interval_is_that_around_now() {
        check("*/5 * * * * *", "2026-11-22T12:00:02Z", Some(5));
        check("*/5 * * * * *", "2026-11-22T12:00:05Z", Some(5));
        check("0 0 3 * * *", "2026-11-22T12:00:00Z", Some(86_400));
        // By day every minute; the night is long.
        check("0 * 9-17 * * *", "2026-11-22T12:00:30Z", Some(60));
        check("0 * 9-17 * * *", "2026-11-22T23:00:00Z", Some(15 * 3600 + 60));
        check("nonsense", "2026-11-22T12:00:00Z", None);
    }

    #[test]
    fn what_was_due_last_is_now_or_before() {
        let last = |expression, now: &str| {
            let due = last_due(expression, now.parse().unwrap());
            due.map(|due| due.to_string())
        };
        let nightly = "0 30 2 * * *";
        for (now, due) in [
            ("2026-11-22T02:29:59.999Z", "2026-11-21T02:30:00Z"),
            ("2026-11-22T02:30:00Z", "2026-11-22T02:30:00Z"),
            ("2026-11-22T02:30:00.5Z", "2026-11-22T02:30:00Z"),
            ("2026-11-23T00:00:00Z", "2026-11-22T02:30:00Z"),
        ] {
            assert_eq!(last(nightly, now).as_deref(), Some(due), "{now}");
        }
        // A day of the week and of the month: only where both fit, as the scheduler takes it.
        let due = last("0 0 0 1 * MON", "2026-11-22T02:30:00Z");
        assert_eq!(due.as_deref(), Some("2026-06-01T00:00:00Z"));
        assert_eq!(last("often", "2026-11-22T02:30:00Z"), None);
    }
}
