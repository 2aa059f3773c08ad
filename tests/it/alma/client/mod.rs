//! The client of Alma as a library, against the simulator and against servers that
//! answer what no Alma should; and `check`.

mod access;
mod answers;
mod calls;
mod faults;
mod lists;
mod refusals;
mod shapes;
mod wire;
