//! What watches the service: health, metrics, alert rules, the dashboard, the log.

mod idle;
mod logs;
mod metrics;
pub(crate) mod page;
mod readiness;
mod rules;
