//! MACRO, through the binary and against the simulator: ready flats, free times, and
//! bookings that are sent once.

mod access;
mod bench;
mod book;
mod free_times;
mod outcomes;
mod ready_flats;
mod refused;
mod service;
mod together;
mod vanished;
