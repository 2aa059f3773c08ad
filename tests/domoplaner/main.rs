//! Domoplaner's feeds through the real binary: what is asked for, what stands in the
//! ledger, and what becomes of feeds that are broken, empty, slow or gone.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod absence;
mod bad_items;
mod broken;
mod changes;
mod dates;
mod fetch;
mod filters;
mod increment;
mod items;
mod layouts;
mod model;
mod secrets;
mod shrink;
mod side_by_side;
mod status;
#[path = "../support/mod.rs"]
mod support;
