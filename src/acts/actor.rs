//! Who acts, and the act that is about to be done.

use uuid::Uuid;

use super::refused::Rule;
use crate::ledger::{Error, NewAct, Tx, Verb, Via};

/// Who acts, and by what way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The name of the token or the user, or the login name of a shell.
    pub name: String,
    /// The way by which the acts come.
    pub via: Via,
}

impl Actor {
    /// The actor of this name. An empty one, which the log does not take, becomes `-`.
    pub fn new(name: impl Into<String>, via: Via) -> Self {
        let name = name.into();
        Self { name: if name.is_empty() { "-".to_owned() } else { name }, via }
    }
}

/// An act that is about to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    actor: Actor,
    id: String,
    goes_on: bool,
}

/// What is to be recorded of an act.
#[derive(Debug, Clone, Copy)]
pub(super) struct Done<'d> {
    pub(super) verb: Verb,
    pub(super) target: &'d str,
    pub(super) call: Option<i64>,
    pub(super) outcome: &'d str,
}

impl Act {
    /// An act of its own.
    pub fn of(actor: Actor) -> Self {
        Self::once(actor, Uuid::now_v7())
    }

    /// The act that the form or request with this id asks for: it is done once, however often
    /// that comes.
    pub fn once(actor: Actor, id: impl Into<String>) -> Self {
        Self { actor, id: id.into(), goes_on: false }
    }

    /// The same act in a further transaction.
    pub fn going_on(&self) -> Self {
        Self { goes_on: true, ..self.clone() }
    }

    /// The part of it that is on one of several things, by its number.
    pub(super) fn part(&self, number: i64) -> Self {
        Self { id: format!("{}.{number}", self.id), ..self.clone() }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Who does it.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Refuses an act that has been done.
    pub(super) fn begin(&self, tx: &Tx<'_>) -> Result<(), Error> {
        match tx.act(&self.id)? {
            Some(done) if !self.goes_on => Err(Rule::Done(done).into()),
            _ => Ok(()),
        }
    }

    /// Refuses an act on several that has been done.
    pub(super) fn begin_several(&self, tx: &Tx<'_>) -> Result<(), Error> {
        match tx.part_of_act(&self.id)? {
            Some(done) => Err(Rule::Done(done).into()),
            None => self.begin(tx),
        }
    }

    /// Records it.
    pub(super) fn done(&self, tx: &Tx<'_>, done: Done<'_>) -> Result<(), Error> {
        let Done { verb, target, call, outcome } = done;
        if self.goes_on && tx.act(&self.id)?.is_some() {
            return tx.amend_act(&self.id, target, outcome);
        }
        tx.record_act(&NewAct {
            id: &self.id,
            actor: &self.actor.name,
            via: self.actor.via,
            verb,
            target,
            call_seq: call,
            outcome,
        })
    }
}
