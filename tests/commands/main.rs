//! The commands and the service, as operators and systemd meet them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod asking;
mod changes;
mod check;
mod decide;
mod demo;
mod follow;
mod identity;
mod ledger_file;
mod migration;
mod operator;
mod quarantine;
mod secrets;
mod service;
mod status;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod usage;
mod verify;
