//! MACRO: free times, and bookings that are sent once, against the simulator.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod access;
mod bench;
mod book;
mod free_times;
mod outcomes;
#[path = "../support/mod.rs"]
mod support;
