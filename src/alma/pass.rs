//! What a pass over the objects came to.

use super::state::{Cause, Outcome};

/// The counts of a pass.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Pass {
    /// Objects that were synced or tried.
    pub(super) looked_at: u64,
    /// Objects that Alma holds as wanted.
    pub(super) synced: u64,
    pub(super) archived: u64,
    pub(super) blocked: u64,
    pub(super) rejected: u64,
    pub(super) held: u64,
    /// Attempts that failed and are to be repeated.
    pub(super) failed: u64,
    /// The first of their errors: later ones may not even have been sent. A refusal of our
    /// key takes precedence.
    pub(super) error: Option<String>,
    pub(super) is_unauthorized: bool,
}

impl Pass {
    /// Counts an outcome.
    pub(super) fn count(&mut self, outcome: &Outcome) {
        self.looked_at += 1;
        let counter = match outcome {
            Outcome::Synced { .. } | Outcome::Ended { .. } => &mut self.synced,
            Outcome::Archived { .. } | Outcome::Absent => &mut self.archived,
            Outcome::Rejected(_) | Outcome::Partial { cause: Cause::Refused, .. } => {
                &mut self.rejected
            }
            Outcome::Partial { .. }
            | Outcome::Waiting(..)
            | Outcome::Clash(..)
            | Outcome::Blocked(_) => &mut self.blocked,
            Outcome::Held { .. } => &mut self.held,
            Outcome::Retry { .. } => &mut self.failed,
        };
        *counter += 1;
    }

    /// Adds what another one, or a part of this one, came to.
    pub(super) fn add(&mut self, other: Pass) {
        self.looked_at += other.looked_at;
        self.synced += other.synced;
        self.archived += other.archived;
        self.blocked += other.blocked;
        self.rejected += other.rejected;
        self.held += other.held;
        self.failed += other.failed;
        if self.error.is_none() || other.is_unauthorized && !self.is_unauthorized {
            self.error = other.error.or(self.error.take());
        }
        self.is_unauthorized |= other.is_unauthorized;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_added_and_what_ended_one_ended_all() {
        let one = Pass {
            looked_at: 3,
            synced: 4,
            archived: 5,
            blocked: 6,
            rejected: 7,
            held: 8,
            failed: 9,
            error: None,
            is_unauthorized: true,
        };
        let mut all = one.clone();
        all.add(one);
        all.add(Pass::default());
        let twice = Pass {
            looked_at: 6,
            synced: 8,
            archived: 10,
            blocked: 12,
            rejected: 14,
            held: 16,
            failed: 18,
            error: None,
            is_unauthorized: true,
        };
        assert_eq!(all, twice);
    }

    #[test]
    fn the_first_error_is_told_but_for_a_refusal_of_the_key() {
        let failed = |error: &str| Pass { error: Some(error.to_owned()), ..Pass::default() };
        let refused = |error| Pass { is_unauthorized: true, ..failed(error) };
        let mut all = Pass::default();
        for (pass, told) in [
            (failed("first"), "first"),
            (failed("second"), "first"),
            (refused("refused"), "refused"),
            (refused("refused again"), "refused"),
            (failed("third"), "refused"),
        ] {
            all.add(pass);
            assert_eq!(all.error.as_deref(), Some(told));
        }
    }
}
