//! JSON as it arrives: the members of an object, with numbers as written, and a splitter
//! of lists that are too long to be held.

mod members;
pub(crate) mod stream;

pub(crate) use members::{
    Members, elements, object, quote, salvage, salvage_within, same, string, without_repetitions,
};
