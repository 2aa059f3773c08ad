//! The index that the console searches: `ledger-search.db`, a file of its own beside the ledger.
//!
//! Nothing in it is of its own: it is made of the ledger's records by following the changes, and
//! made anew where it is missing, damaged, of another ledger, of views that say something else by
//! now, or of a cursor that the ledger no longer knows. So it is in no backup, and a crash costs no
//! more than a moment of indexing. It holds personal data and has the mode of the ledger.
//!
//! ```text
//! words     folds texts and phones so that spellings meet
//! entry     what of a record is found, and by which words
//! file      the file: made, opened, thrown away
//! fill      walks all records once, then follows the changes
//! query     what was typed, taken apart
//! find      the records that match
//! ```

mod entry;
mod file;
mod fill;
mod find;
mod query;
mod words;

pub(super) use file::path;
pub(crate) use fill::{Indexer, Step};
pub(crate) use find::{Hit, Searcher};

#[cfg(test)]
mod tests;
