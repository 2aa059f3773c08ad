//! Splits a JSON list into its elements while it arrives.
//!
//! UZhKH answers with a bare array or with an object that has `Items`; Domoplaner's
//! feeds come in several layouts, and an operator can say where the list is. Any may
//! hold a million elements. The [`Splitter`] is fed the bytes as they arrive and hands
//! out each element's own bytes, untouched, as soon as the last one is there; it never
//! holds more than one element, and only the beginning of one that is over the limit.
//! The splitter looks at brackets and strings only: the elements are validated when they are parsed, so
//! one bad element does not spoil the rest. Of a document that breaks off, or in which a second
//! list comes to light, all complete elements have been handed out: only
//! [`Splitter::finish`] tells whether the document was whole.
//!
//! The [`Layout`] finds the list; an element of a nested feed carries the [`NodeId`] of its
//! parent among the [`Ancestors`].

mod ancestors;
mod gather;
mod layout;
mod malformed;
mod pointer;
mod splitter;
mod token;

pub(crate) use ancestors::{Ancestors, NodeId};
pub(crate) use layout::Layout;
pub(crate) use malformed::Malformed;
pub use pointer::Pointer;
pub(crate) use splitter::Splitter;

/// An element of the list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// All of its bytes, its deepest nesting, and its parent.
    Whole { bytes: &'a [u8], depth: usize, within: Option<NodeId> },
    /// An element over the limit: its beginning, the hash of all of it, its length, and
    /// its parent.
    Oversize { beginning: &'a [u8], sha256: [u8; 32], bytes: u64, within: Option<NodeId> },
}

/// The members beside the list.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// `Page`, where UZhKH's answer has it.
    pub(crate) page: Option<i64>,
    /// `NoResults`, where UZhKH's answer has it.
    pub(crate) no_results: Option<bool>,
}

/// The deepest nesting of an element.
pub(crate) fn depth(element: &[u8]) -> usize {
    let element = element.trim_ascii_start();
    let mut token = token::Token::default();
    if let Some(first) = element.first() {
        token.begin(*first);
        token.end(element);
    }
    token.depth()
}

#[cfg(test)]
mod tests;
