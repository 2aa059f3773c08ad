//! Cron schedules that only say «due».
//!
//! The scheduler runs its jobs whether the last one has ended or not, and does not
//! wait for them at its end. So a job here does no more than notify: whoever waits
//! works at its own pace, never overlaps itself, and catches up once, not as often
//! as it was late.

use std::sync::Arc;

use chrono::DateTime;
use croner::parser::{CronParser, Seconds};
use jiff::Timestamp;
use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

/// When a cron expression (with seconds, UTC) was last due, now included; `None` where
/// it never was, or cannot be read, which the config has refused before.
pub(crate) fn last_due(expression: &str, now: Timestamp) -> Option<Timestamp> {
    let parser = CronParser::builder().seconds(Seconds::Required).build();
    let cron = parser.parse(expression).ok()?;
    let now = DateTime::from_timestamp(now.as_second(), 0)?;
    let due = cron.find_previous_occurrence(&now, true).ok()?;
    Timestamp::from_second(due.timestamp()).ok()
}

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

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(last("often", "2026-11-22T02:30:00Z"), None);
    }
}
