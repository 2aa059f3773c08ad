//! What an operator's machine sees: health and metrics, systemd, backups and retention.

pub(crate) mod admin;
pub(crate) mod maintenance;
pub(crate) mod systemd;
