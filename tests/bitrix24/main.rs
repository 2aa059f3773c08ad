//! Bitrix24, through the binary and against the simulator: lists read whole and by
//! increments, what is gone, the portal's limits, secrets that stay secret, and all the way to
//! Alma.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod access;
mod alma;
mod bench;
mod files;
mod increments;
mod items;
mod limits;
mod lists;
mod photos;
mod refused;
mod service;
mod shrink;
#[path = "../support/mod.rs"]
mod support;
mod turns;
mod views;
