//! Alma: rentals, kept in step with the ledger.
//!
//! Source: «Alma External API Documentation».

pub mod api;
mod check;
mod fields;
pub mod objects;
mod projection;

pub use check::{AskError, check_access, check_config};
pub use fields::Fields;
