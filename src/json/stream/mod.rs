//! Splits a JSON list into its elements while it arrives.
//!
//! UZhKH answers with a bare array or with an object that has `Items`; Domoplaner's
//! feeds come in several layouts, and an operator can say where the list is. Any may
//! hold a million elements. The [`Splitter`] is fed the bytes as they come and hands
//! out each element's own bytes, untouched, as soon as its last one is there; it never
//! holds more than one element, and of one that is over the limit only the beginning.
//! It looks at brackets and strings only: whether an element is JSON is for whoever
//! takes it apart to say, so one bad element does not spoil the rest. A document that
//! breaks off has given out all elements that were whole, and so has one in which a
//! second list comes to light: whether all was well is known at the end only.
//!
//! Where the list is, is the [`Layout`]'s matter; an element of a nested feed says
//! with what [`NodeId`] it stood in which of the [`Ancestors`].

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
    /// All of its bytes, how deep it is nested, and what it stood in.
    Whole { bytes: &'a [u8], depth: usize, within: Option<NodeId> },
    /// It is over the limit: its beginning, the hash of all of it, its length, and
    /// what it stood in.
    Oversize { beginning: &'a [u8], sha256: [u8; 32], bytes: u64, within: Option<NodeId> },
}

/// What stood beside the elements.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// `Page`, where UZhKH's answer has it.
    pub(crate) page: Option<i64>,
    /// `NoResults`, where UZhKH's answer has it.
    pub(crate) no_results: Option<bool>,
}

/// How deep an element is nested.
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
