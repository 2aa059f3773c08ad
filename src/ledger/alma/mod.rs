//! The tables of Alma: what it should hold, and the state of each object.
//!
//! `alma_dirty` says which objects a change has touched ([`mark`]), with the help of
//! `alma_link`, which says what each record names ([`records`]); `alma_object` is how
//! they stand ([`object`], [`related`] where one depends on another, and [`heal`] where Alma refused,
//! [`tenancy`] where contracts are about one flat, [`standing`] what stands for a record,
//! [`shown`] what a person was shown); `alma_taken` keeps what bare numbers mean ([`taken`]);
//! `alma_file` and `alma_photo` are the files that they name ([`file`], [`photo`]). Of another
//! Alma all that is forgotten ([`anew`]). What the rows mean is the business of [`crate::alma`].

mod anew;
mod file;
mod heal;
mod kind;
mod mark;
mod object;
mod photo;
mod records;
mod rehearsal;
mod related;
mod rename;
mod shown;
mod standing;
mod taken;
mod tenancy;

pub use file::{AlmaFile, DueAlmaFile};
pub use heal::{ALMA_AGAIN_AFTER, AlmaName};
pub use kind::{AlmaKey, AlmaKind, AlmaWait};
pub use mark::{AlmaCursor, RecordId};
pub use object::{AlmaCount, AlmaRow, AlmaState, Phase};
pub use photo::{AlmaPhoto, AsPhoto};
pub use records::AlmaRecords;
pub(in crate::ledger) use related::STANDS;
pub use rename::AlmaParted;
pub use shown::AlmaShown;
pub use standing::AlmaStanding;
pub use taken::{AlmaTaken, TakenFor};
