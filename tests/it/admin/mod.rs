//! What watches the service: health, metrics, alert rules, the dashboard, the log.

mod logs;
mod metrics;
mod page;
mod readiness;
mod rules;
