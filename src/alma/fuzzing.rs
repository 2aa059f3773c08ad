//! What must hold of Alma's answers, and of the texts that go to Alma.

pub(crate) use super::api::fuzzing::answer;
pub(crate) use super::projection::fuzzing::{dates, phones};
