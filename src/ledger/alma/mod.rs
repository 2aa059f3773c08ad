//! What Alma should hold, and how each object of it stands.
//!
//! `alma_dirty` says which objects a change has touched ([`mark`]), with the help of
//! `alma_link`, which says what each record names ([`records`]); `alma_object` is how
//! they stand ([`object`], and [`related`] where one depends on another). What the rows
//! mean is the business of [`crate::alma`].

mod file;
mod kind;
mod mark;
mod object;
mod records;
mod related;

pub use kind::{AlmaKey, AlmaKind};
pub use mark::{AlmaCursor, RecordId};
pub use object::{AlmaCount, AlmaRow, AlmaState, AlmaTurn};
pub use records::AlmaRecords;
