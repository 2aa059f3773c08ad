//! Alma, through the binary and against the simulator: what the ledger wants arrives
//! there, once.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod arrives;
mod bench;
mod bitrix24;
mod client;
#[path = "../support/mod.rs"]
mod support;

mod blocked;
mod quotes;
mod rejected;
mod watch;
