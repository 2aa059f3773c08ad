//! The client of Alma as a library, against the simulator and against servers that
//! answer what no Alma should; and `check`.

mod access;
mod answers;
mod calls;
mod faults;
mod lists;
mod refusals;
#[allow(dead_code, reason = "each of the test programs uses a part of it")]
#[path = "../../http/server.rs"]
mod server;
mod shapes;
mod wire;
