//! Domoplaner's feeds through the real binary: what is asked for, what stands in the
//! ledger, and what becomes of feeds that are broken, empty, slow or gone.

#![allow(
    clippy::disallowed_methods,
    reason = "the program is another process, with the system's clock"
)]

mod absence;
mod bad_items;
mod broken;
mod changes;
mod contradictions;
mod dates;
mod fetch;
mod filters;
mod increment;
pub(crate) mod items;
mod layouts;
mod ledger_errors;
mod model;
mod quarantine;
mod secrets;
mod shrink;
mod side_by_side;
mod status;
