//! Clock of a system, in the developer's time zone.

use jiff::Timestamp;
use jiff::ZonedDateTime;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// A clock that can be stopped.
#[derive(Clone)]
pub(super) struct Clock {
    zone: TimeZone,
    stopped: Option<DateTime>,
}

impl Clock {
    pub(super) fn new(zone: TimeZone) -> Self {
        Self { zone, stopped: None }
    }

    /// The wall clock's time.
    pub(super) fn now(&self) -> DateTime {
        match self.stopped {
            Some(moment) => moment,
            None => ZonedDateTime::new(system(), self.zone.clone()).datetime(),
        }
    }

    /// The seconds since 1970 that are now, whatever the wall clock shows.
    pub(super) fn unix_seconds() -> i64 {
        system().as_second()
    }

    /// Stops it, or lets it go again.
    pub(super) fn stop_at(&mut self, moment: Option<DateTime>) {
        self.stopped = moment;
    }

    pub(super) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    pub(super) fn set_zone(&mut self, zone: TimeZone) {
        self.zone = zone;
    }
}

#[expect(clippy::disallowed_methods, reason = "the clients' injected clock is not the simulator's")]
fn system() -> Timestamp {
    Timestamp::now()
}
