//! What is installed: the units, run as systemd would run them, and the Debian package.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod command_line;
mod credentials;
mod hang;
mod notify;
mod package;
#[path = "../support/mod.rs"]
mod support;
mod unit;
