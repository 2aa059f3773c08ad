//! What keeps the systems going: schedules, the loop of the service, calls that wait, and
//! the log of each poller's runs.

pub mod files;
pub mod outbox;
pub(crate) mod pace;
pub(crate) mod poll_log;
pub(crate) mod reaction;
pub(crate) mod schedule;
pub mod service;
