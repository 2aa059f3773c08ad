//! Alma: rentals, kept in step with the ledger.
//!
//! Source: «Alma External API Documentation».

mod fields;
pub mod objects;
mod projection;

pub use fields::Fields;
