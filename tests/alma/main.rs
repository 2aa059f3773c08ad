//! Alma, through the binary and against the simulator: what the ledger wants arrives
//! there, once.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod arrives;
mod bench;
mod client;
#[path = "../support/mod.rs"]
mod support;

mod blocked;
mod blocks;
mod commands;
mod daemon;
mod faults;
mod handover;
mod houses;
mod lost;
mod over;
mod quotes;
mod rejected;
mod settings;
mod watch;
