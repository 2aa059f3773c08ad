//! Cron schedules that only say «due».
//!
//! The scheduler runs its jobs whether the last one has ended or not, and does not
//! wait for them at its end. So a job here does no more than notify: whoever waits
//! works at its own pace, never overlaps itself, and catches up once, not as often
//! as it was late.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use croner::parser::{CronParser, Seconds};
use jiff::Timestamp;
use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

/// The running schedules; they end with [`Schedules::stop`].
pub(crate) struct Schedules {
    scheduler: JobScheduler,
}

impl Schedules {
    /// Starts one schedule for each pair of a cron expression (with seconds, UTC)
    /// and who is notified. Everybody is due at once at the start.
    ///
    /// # Errors
    /// An expression that cannot be read; the config has refused it before.
    pub(crate) async fn start(
        jobs: impl IntoIterator<Item = (String, Arc<Notify>)>,
    ) -> Result<Self, JobSchedulerError> {
        let scheduler = JobScheduler::new().await?;
        for (expression, due) in jobs {
            due.notify_one();
            let job = Job::new(expression.as_str(), move |_, _| due.notify_one())?;
            scheduler.add(job).await?;
        }
        scheduler.start().await?;
        Ok(Self { scheduler })
    }

    /// Ends the schedules: nobody is notified any more.
    pub(crate) async fn stop(mut self) {
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::warn!(%error, "the schedules did not stop cleanly");
        }
    }
}

/// The time between the runs of a schedule that are next to `now`; None where there is
/// none before or after it.
pub(crate) fn interval(expression: &str, now: Timestamp) -> Option<Duration> {
    // As the scheduler reads it, in UTC.
    let parser = CronParser::builder()
        .seconds(Seconds::Required)
        .dom_and_dow(true)
        .build();
    let cron = parser.parse(expression).ok()?;
    let now = DateTime::from_timestamp(now.as_second(), 0)?;
    let before = cron.find_previous_occurrence(&now, true).ok()?;
    let after = cron.find_next_occurrence(&now, false).ok()?;
    (after - before).to_std().ok()
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
        check(
            "0 * 9-17 * * *",
            "2026-11-22T23:00:00Z",
            Some(15 * 3600 + 60),
        );
        check("nonsense", "2026-11-22T12:00:00Z", None);
    }
}
