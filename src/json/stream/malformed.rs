//! The errors of a text that is not a list. They quote no value of it, and name members by the
//! keys that this program or its config looks for. The caller, who knows the upstream, adds what
//! to look at.

use super::ancestors::{MAX_NODES, MAX_TEXTS};

/// The reason why a text is not a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    /// A page of HTML, or a feed of another format.
    #[error("expected JSON, got what looks like HTML or XML")]
    Markup,
    #[error("expected JSON, got an empty answer")]
    Empty,
    #[error("expected JSON, got compressed data that was not asked for")]
    Compressed,
    #[error("expected a JSON array or an object with a list in it, got something else")]
    NotAList,
    #[error("expected an object with Items, got one without")]
    NoItems,
    #[error(
        "expected an object with a list as data, items, flats, deals, objects or result, or with \
         projects, stages, houses, houses_without_stage, sections or floors, and got one without; \
         the config key items can name the list"
    )]
    NoList,
    #[error(
        "expected flats in projects, stages, houses, sections or floors, and found none of the \
         lists of them; the config key items can name another list"
    )]
    NoFlats,
    /// Two members could be the list, or one of them stands twice.
    #[error("{}; the config key items can name the right one", competing(first, second))]
    Ambiguous { first: String, second: String },
    #[error(
        "expected a list at {pointer:?}, as the config key items says, and found nothing there"
    )]
    NotThere { pointer: String },
    #[error("what stands at {pointer:?}, which the config key items names, is not an array")]
    NotAnArray { pointer: String },
    #[error(
        "over {MAX_NODES} projects, stages, houses, sections and floors, or over {MAX_TEXTS} bytes \
         of their ids and titles"
    )]
    TooManyNodes,
    #[error("the JSON is broken at byte {0}")]
    Broken(u64),
    #[error("the answer breaks off after {0} bytes")]
    Cut(u64),
}

fn competing(first: &str, second: &str) -> String {
    if first == second {
        format!("{first} stands twice")
    } else {
        format!("{first} and {second} could both be the list")
    }
}
