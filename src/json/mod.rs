//! JSON kept as text: the members of an object, with numbers as written, and a streaming
//! splitter of lists that do not fit into memory.

mod members;
pub(crate) mod stream;

pub(crate) use members::{
    Members, elements, object, quote, salvage, salvage_within, same, string, without_repetitions,
};
