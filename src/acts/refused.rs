//! Why an act was not done, in the classes that its callers tell apart.

use crate::alma::Refused as AlmaRefused;
use crate::ledger::{ActRow, Error, Refusal};
use crate::macrocrm::AlreadyBooked;
use crate::uzhkh::AlreadyDecided;

/// A value that an act cannot take. Nothing is asked of the ledger for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{member} {problem}")]
pub struct Wrong {
    /// The member of a request, or the option of a command without its dashes.
    pub member: &'static str,
    /// What is wrong with it, to be read after its name.
    pub problem: String,
}

impl Wrong {
    pub(super) fn new(member: &'static str, problem: impl Into<String>) -> Self {
        Self { member, problem: problem.into() }
    }
}

/// The class of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// What it is about is not there.
    Missing,
    /// What the ledger holds forbids it.
    Conflict,
    /// The form or request was carried out before.
    Done,
}

/// An act that was refused. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its class.
    pub why: Why,
    /// In words, with what to do next. It may name what was asked for, never a value of a record.
    pub detail: String,
    /// The call that stands in the way.
    pub call: Option<i64>,
    /// The act that was done before.
    pub act: Option<ActRow>,
}

impl Refused {
    /// The refusal in an error; `None` where the ledger failed.
    pub fn of(error: &Error) -> Option<Self> {
        let Error::Refused(refusal) = error else { return None };
        let mut refused =
            Self { why: Why::Conflict, detail: error.to_string(), call: None, act: None };
        match refusal {
            Refusal::NoSuchCall { .. } | Refusal::NotQuarantined { .. } => {
                refused.why = Why::Missing;
            }
            Refusal::CallPending { seq }
            | Refusal::CallFailed { seq }
            | Refusal::CallDone { seq } => refused.call = Some(*seq),
            Refusal::StillQuarantined { .. }
            | Refusal::StillWithoutGuid { .. }
            | Refusal::ReadAnew { .. }
            | Refusal::NoGuid { .. } => {}
            Refusal::System(_) => return refused.by_system(error),
            _ => return None,
        }
        Some(refused)
    }

    fn by_system(mut self, error: &Error) -> Option<Self> {
        if let Some(
            AlreadyDecided::Done { call, .. }
            | AlreadyDecided::Pending { call, .. }
            | AlreadyDecided::Unknown { call, .. },
        ) = error.of_system()
        {
            self.call = Some(*call);
        } else if let Some(booked) = error.of_system::<AlreadyBooked>() {
            self.call = Some(booked.call);
        } else if let Some(refused) = error.of_system::<AlmaRefused>() {
            if matches!(refused, AlmaRefused::NoSuchObject(_)) {
                self.why = Why::Missing;
            }
        } else if let Some(rule) = error.of_system::<Rule>() {
            match rule {
                Rule::NoSuchRequest { .. } | Rule::NoSecret { .. } => self.why = Why::Missing,
                Rule::Done(done) => {
                    self.why = Why::Done;
                    self.call = done.call_seq;
                    self.act = Some(done.clone());
                }
            }
        } else {
            return None;
        }
        Some(self)
    }
}

/// A rule of the acts themselves; [`Error::of_system`] has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Rule {
    /// The form or request has been carried out.
    #[error("this was done already, at {} by {}", .0.at, .0.actor)]
    Done(ActRow),
    /// The ledger has no such request, or it was deleted.
    #[error("there is no request {id} of this kind to decide")]
    NoSuchRequest {
        /// UZhKH's id of the request.
        id: String,
    },
    /// There is nothing to show.
    #[error("{target} has no {member} to show")]
    NoSecret {
        /// SOURCE/KIND/ID
        target: String,
        /// The member of its body.
        member: String,
    },
}

impl From<Rule> for Error {
    fn from(rule: Rule) -> Self {
        Error::system(rule)
    }
}
