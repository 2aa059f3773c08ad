//! What an operator's machine sees: health and metrics, systemd, backups and retention.

pub(crate) mod admin;
pub(crate) mod maintenance;
pub(crate) mod state_directory;
pub(crate) mod status;
pub(crate) mod systemd;
