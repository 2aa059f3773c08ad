//! What can happen, as proptest draws it.

use proptest::prelude::*;

use super::content::{KINDS, SLOTS};
use super::naming::Name;

/// An entity in an entry or in a list: which one, and what it says.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) kind: &'static str,
    pub(crate) slot: usize,
    pub(crate) version: usize,
    /// What it refers to.
    pub(crate) links: usize,
}

/// A run of the program.
#[derive(Clone, Debug)]
pub(crate) enum Run {
    Clean,
    /// Killed at the n-th Delete of an entry that this run has brought in.
    Killed(u8),
    /// To1c/Requests fails meanwhile, so deletions overtake what they delete.
    DeletionsFirst,
    /// So many answers to Delete, and to SetId, are lost.
    LostAnswers(u32),
    /// The full lists show these; killed when so many pages were asked for.
    Resync(Vec<Draft>, Option<u64>),
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A new entry; `spaced` writes the same with more white space.
    Put {
        drafts: Vec<Draft>,
        spaced: bool,
    },
    Delete(Draft),
    /// An earlier entry comes again, byte for byte.
    Again(prop::sample::Index),
    /// The Guid of an earlier entry comes with another body.
    Revise(prop::sample::Index, Draft),
    /// Something that cannot be understood.
    Bad(u8),
    /// Names that are given in one import.
    Name(Vec<Name>),
    Run(Run),
}

fn any_draft() -> impl Strategy<Value = Draft> {
    (0..KINDS.len(), 0..SLOTS, 0..3usize, 0..8usize)
        .prop_map(|(kind, slot, version, links)| Draft { kind: KINDS[kind], slot, version, links })
}

fn any_run() -> impl Strategy<Value = Run> {
    prop_oneof![
        3 => Just(Run::Clean),
        4 => (1..6u8).prop_map(Run::Killed),
        2 => Just(Run::DeletionsFirst),
        2 => (1..4u32).prop_map(Run::LostAnswers),
        2 => (prop::collection::vec(any_draft(), 0..14), prop::option::of(1..16u64))
            .prop_map(|(items, page)| Run::Resync(items, page)),
    ]
}

fn any_name() -> impl Strategy<Value = Name> {
    (0..KINDS.len(), 0..SLOTS, 0..8usize)
        .prop_map(|(kind, slot, choice)| Name::new(kind, slot, choice))
}

pub(crate) fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => (prop::collection::vec(any_draft(), 1..4), any::<bool>())
            .prop_map(|(drafts, spaced)| Step::Put { drafts, spaced }),
        4 => any_draft().prop_map(Step::Delete),
        2 => any::<prop::sample::Index>().prop_map(Step::Again),
        2 => (any::<prop::sample::Index>(), any_draft()).prop_map(|(index, draft)| Step::Revise(index, draft)),
        1 => any::<u8>().prop_map(Step::Bad),
        4 => prop::collection::vec(any_name(), 1..8).prop_map(Step::Name),
        6 => any_run().prop_map(Step::Run),
    ]
}
