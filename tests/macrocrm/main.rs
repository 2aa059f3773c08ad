//! MACRO, through the binary and against the simulator: ready flats, free times, and
//! bookings that are sent once.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod access;
mod bench;
mod book;
mod free_times;
mod outcomes;
mod ready_flats;
mod refused;
mod service;
#[path = "../support/mod.rs"]
mod support;
mod together;
mod vanished;
