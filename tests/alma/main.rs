//! Alma, through the binary and against the simulator: what the ledger wants arrives
//! there, once.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod adoption;
mod archive;
mod archived_in_alma;
mod arrives;
mod bench;
mod client;
mod comes_back;
mod emails;
mod field_changes;
mod fields;
mod ledger_lost;
mod moves;
mod names;
mod settings;
#[path = "../support/mod.rs"]
mod support;
mod wire;

mod blocked;
mod commands;
mod daemon;
mod faults;
mod quotes;
mod rejected;
mod watch;
