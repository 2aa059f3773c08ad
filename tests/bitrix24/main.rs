//! Bitrix24, through the binary and against the simulator: lists read whole and by
//! increments, what is gone, the portal's limits, and secrets that stay secret.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod access;
mod bench;
mod files;
mod increments;
mod limits;
mod lists;
mod service;
mod shrink;
#[path = "../support/mod.rs"]
mod support;
mod views;
