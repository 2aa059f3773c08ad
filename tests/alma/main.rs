//! Alma: the client as a library and through the binary, against the simulator, and
//! against servers that answer what no Alma should.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod access;
mod answers;
mod client;
mod faults;
mod lists;
mod refusals;
#[allow(dead_code, reason = "each of the test programs uses a part of it")]
#[path = "../http/server.rs"]
mod server;
mod shapes;
#[path = "../support/mod.rs"]
mod support;
mod wire;
