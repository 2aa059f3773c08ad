//! What every system is run by: the driver of its tasks, schedules, calls that wait, and the
//! log of each poller's runs.

pub(crate) mod asked;
pub(crate) mod driver;
pub mod files;
pub(crate) mod gather;
pub(crate) mod held_back;
pub mod outbox;
pub(crate) mod pace;
pub(crate) mod poll_log;
pub(crate) mod schedule;
pub(crate) mod system;
