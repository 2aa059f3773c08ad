//! Brings Alma to what the ledger wants of one object.
//!
//! - What Alma may have already is looked for before it is created ([`adopt`], [`create`]):
//!   an answer that was lost, or a ledger restored from a backup, creates no duplicate.
//! - What is in Alma is read before it is written ([`update`]), and only what differs by
//!   meaning is sent. What people have archived in Alma stays archived until the operator,
//!   or `archive = "auto"`, says otherwise.
//! - What Alma refuses waits alone, and the rest is sent ([`withheld`]); names that objects
//!   exchange go by way of a temporary one ([`detour`]).
//! - What is over is left alone ([`ended`]).
//! - What should not be there is archived where Alma's API and the config allow it, and not
//!   while a contract that is to stay is still on it ([`archive`]).
//!
//! An object goes to Alma without the files that are not uploaded yet ([`files`]); which of
//! its photos are ours is kept by [`photos`].

mod adopt;
mod archive;
mod create;
mod detour;
pub(super) mod ended;
mod files;
mod photo_set;
pub(super) mod photos;
pub(super) mod update;
mod withheld;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;
use tokio::sync::Mutex;

use self::ended::EARLY_END;
use self::withheld::Withheld;
use super::api::{self, Api, Object};
use super::fields::Fields;
use super::lookup::{Found, Lookup};
use super::state::{Cause, Outcome};
use super::task::{RENTAL_OBJECT, Task, is_only_place, stands_on};
use super::{heal, notes, term};
use crate::clock::{SharedClock, later};
use crate::config::{Archive, EndContracts};
use crate::http::Backoff;
use crate::ledger::{self, AlmaName, Ledger};

/// What the sync of every object of a pass needs.
pub(super) struct Syncer<'s> {
    pub(super) api: &'s Api,
    pub(super) lookup: Lookup<'s>,
    pub(super) ledger: &'s Ledger,
    pub(super) clock: &'s SharedClock,
    pub(super) archive: Archive,
    pub(super) end_contracts: EndContracts,
    /// Today in the time zone of the contracts.
    pub(super) today: Date,
    /// The clients that are being adopted, by Alma's ids.
    pub(super) adopting: Mutex<HashMap<i64, Arc<Mutex<()>>>>,
    /// The names that objects have just given up to let others have them.
    pub(super) given_up: Mutex<HashSet<AlmaName>>,
}

/// The outcome for an object that was synced without a field that the source lacks.
fn lacking(desired: &Fields, outcome: Outcome) -> Outcome {
    match (outcome, desired.string(notes::LACKS)) {
        (Outcome::Synced { alma_id, sent }, Some(reason)) => {
            Outcome::Partial { alma_id, sent, cause: Cause::Lacks, reason }
        }
        (outcome, _) => outcome,
    }
}

/// What Alma holds by our doing once it was sent what is wanted: a field that the source does not
/// name now stays there as it was sent before.
fn sent_by_now(task: &Task, desired: &Fields) -> Fields {
    let mut sent = desired.clone();
    for (name, value) in task.sent.iter().flat_map(Fields::iter) {
        let is_note = notes::ALL.contains(&name) || [RENTAL_OBJECT, EARLY_END].contains(&name);
        if !is_note && sent.get(name).is_none() {
            sent.set(name, value);
        }
    }
    sent
}

impl Syncer<'_> {
    /// The outcome where the ledger could not store what must be stored before a request.
    fn later(&self, task: &Task, error: &ledger::Error) -> Outcome {
        let delay = Backoff::default().delay(task.row.attempts, &mut fastrand::Rng::new());
        Outcome::Retry { next: later(self.clock.now(), delay), error: error.to_string() }
    }

    /// What a contract is about in Alma: what it was last sent for, or else the unit or room of
    /// ours that Alma shows; nothing where it is none of ours.
    async fn stands(&self, task: &Task, object: &Object) -> Result<Fields, Outcome> {
        if let Some(sent) = task.sent.as_ref().and_then(heal::place) {
            return Ok(stands_on(&sent));
        }
        let unit = object.fields.get("unit_id").and_then(|id| id.parse::<i64>().ok());
        let Some(alma_id) = unit else {
            return Ok(Fields::default());
        };
        match self.ledger.read(move |reader| reader.alma_rental(alma_id)).await {
            Ok(found) => Ok(found.as_ref().map(stands_on).unwrap_or_default()),
            Err(error) => Err(self.later(task, &error)),
        }
    }

    /// The outcome of a contract in force that waits for the operator.
    async fn held_where_it_stands(&self, task: &Task, object: &Object, reason: String) -> Outcome {
        match self.stands(task, object).await {
            Ok(stands) => Outcome::Held { alma_id: Some(object.id), stands, reason },
            Err(outcome) => outcome,
        }
    }

    /// Closes the difference between Alma and the ledger for one object.
    pub(super) async fn sync(&self, task: &Task) -> Result<Outcome, api::Error> {
        let Some(desired) = &task.desired else {
            return self.archive(task).await;
        };
        if let Some(day) = term::over(task.key().kind, desired, self.today) {
            return self.end(task, desired, day).await;
        }
        let (desired, awaited) = files::split_off_missing(task, desired);
        let outcome = self.keep(task, &desired).await?;
        Ok(match awaited {
            Some(awaited) => awaited.apply(task, outcome),
            None => lacking(&desired, outcome),
        })
    }

    /// An object that should be in Alma.
    async fn keep(&self, task: &Task, desired: &Fields) -> Result<Outcome, api::Error> {
        let mut withheld = Withheld::default();
        let missing = task.missing();
        let Some(alma_id) = task.row.alma_id else {
            if let Some((_, key, how)) = missing {
                return Ok(Outcome::Waiting(key.clone(), how.to_owned()));
            }
            return match self.lookup.find(task, desired).await? {
                Found::Object(object) => self.adopt(task, desired, &object).await,
                Found::Nothing => self.create(task, desired).await,
                Found::InTheWay(outcome) => Ok(outcome),
            };
        };
        // Where only its place is known, Alma is looked at for that too.
        let mut changed = match task.sent.as_ref().filter(|sent| !is_only_place(sent)) {
            Some(sent) => desired.changed_from(sent),
            None => desired.clone(),
        };
        if let Some((field, key, how)) = missing {
            withheld.await_parent(&mut changed, task.key().kind, field, key, how);
            // Alma cannot exchange a contract's client.
            if changed.is_empty() || field == "client_id" {
                return Ok(Outcome::Waiting(key.clone(), how.to_owned()));
            }
        }
        if changed.is_empty() {
            return Ok(Outcome::Synced { alma_id, sent: sent_by_now(task, desired) });
        }
        match self.lookup.read_ours(task, alma_id).await? {
            Some(object) => self.update_but(task, desired, &object, &changed, withheld).await,
            None => Ok(Outcome::Held {
                alma_id: None,
                stands: Fields::default(),
                reason: format!(
                    "Alma no longer has it under its id {alma_id}; `uzhkh-ledger alma release {}` looks for it \
                     anew, and makes it where there is none",
                    task.key().typed()
                ),
            }),
        }
    }
}
