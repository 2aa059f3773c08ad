//! Deals with one object: looks at what Alma holds, and closes the difference.
//!
//! Nothing is made before it was looked for, so an answer that was lost, or a ledger that
//! was put back from a backup, makes no twin: what is found is adopted, and only what
//! differs by meaning is sent. Nothing is changed before it was looked at: what people
//! have archived in Alma stays so until the operator, or `archive = "auto"`, says
//! otherwise.

use jiff::civil::Date;

use super::api::{self, Api, At, Object};
use super::fields::Fields;
use super::find::Finder;
use super::stand::{Outcome, why_held};
use super::task::Task;
use crate::config::Archive;
use crate::ledger::{AlmaKey, AlmaKind};

/// What decides about all objects alike.
pub(super) struct Dealer<'d> {
    pub(super) api: &'d Api,
    pub(super) finder: Finder<'d>,
    pub(super) archive: Archive,
    /// The day it is where the contracts are.
    pub(super) today: Date,
}

/// Why an object that left is where it should be.
const ARCHIVED: &str = "no longer in the ledger, and archived in Alma";

/// What a look for an object brought.
pub(super) enum Found {
    /// It is there.
    Object(Box<Object>),
    /// It is not.
    Nothing,
    /// Something is in the way.
    InTheWay(Outcome),
}

impl Dealer<'_> {
    /// Brings Alma to what the ledger wants of one object.
    ///
    /// # Errors
    /// What Alma answered instead.
    pub(super) async fn deal(&self, task: &Task) -> Result<Outcome, api::Error> {
        match &task.desired {
            Some(desired) => self.keep(task, desired).await,
            None => self.leave(task).await,
        }
    }

    /// An object that should be there.
    async fn keep(&self, task: &Task, desired: &Fields) -> Result<Outcome, api::Error> {
        if let Some((key, how)) = task.missing() {
            return Ok(Outcome::Waiting(key.clone(), how.to_owned()));
        }
        let Some(alma_id) = task.row.alma_id else {
            return match self.finder.find(task, desired).await? {
                Found::Object(object) => self.bring_up(task, desired, &object, desired).await,
                Found::Nothing => self.create(task, desired).await,
                Found::InTheWay(outcome) => Ok(outcome),
            };
        };
        let changed = match &task.sent {
            Some(sent) => desired.changed_from(sent),
            None => desired.clone(),
        };
        if changed.is_empty() {
            let sent = desired.clone();
            return Ok(Outcome::Synced { alma_id, sent });
        }
        match self.read_ours(task, alma_id).await? {
            Some(object) => self.bring_up(task, desired, &object, &changed).await,
            None => Ok(Outcome::Held {
                alma_id: None,
                reason: format!(
                    "Alma no longer has it under its id {alma_id}; `uzhkh-ledger alma release {}` looks for it \
                     anew, and makes it where there is none",
                    task.key()
                ),
            }),
        }
    }

    /// The object under an id that was ours. Where Alma was put back from a backup, the id
    /// may be somebody else's by now: then ours is not there.
    async fn read_ours(&self, task: &Task, alma_id: i64) -> Result<Option<Object>, api::Error> {
        let AlmaKey { kind, external_id } = task.key();
        let object = self.api.read(*kind, &At::Id(alma_id)).await?;
        let is_ours = |object: &Object| {
            // Alma is not told the external ids of buildings.
            *kind == AlmaKind::Building || object.external_id.as_ref() == Some(external_id)
        };
        Ok(object.filter(is_ours))
    }

    /// Sends what differs of an object that Alma has. `of`: what may have to be sent.
    async fn bring_up(
        &self,
        task: &Task,
        desired: &Fields,
        object: &Object,
        of: &Fields,
    ) -> Result<Outcome, api::Error> {
        let kind = task.key().kind;
        let held = |reason: String| Outcome::Held {
            alma_id: Some(object.id),
            reason,
        };
        if object.is_archived {
            let may_return = task.row.is_released || self.archive == Archive::Auto;
            match kind {
                AlmaKind::Unit | AlmaKind::Room if may_return => {
                    self.api.archive(kind, &At::Id(object.id), false).await?;
                }
                AlmaKind::OwnerContract | AlmaKind::TenantContract if task.row.is_released => {
                    return self.replace(task, desired).await;
                }
                _ => return Ok(held(why_archived(task))),
            }
        }
        if kind.is_contract() && is_for_another(&task.resolved(desired), object) {
            return Ok(held(format!(
                "it has another client in Alma, whose API cannot change that: end it in Alma's web interface, \
                 then `uzhkh-ledger alma release {}` makes another",
                task.key()
            )));
        }
        let changed = changed(&task.resolved(of), object, task.sent.is_none());
        let synced = Outcome::Synced {
            alma_id: object.id,
            sent: desired.clone(),
        };
        if changed.is_empty() {
            return Ok(synced);
        }
        if let Some(outcome) = self.is_over(kind, desired) {
            return Ok(outcome);
        }
        let mut changed = changed;
        let companion = companion(kind).filter(|_| changed.get("name").is_some());
        if let Some(companion) = companion
            && let Some(value) = task.resolved(desired).get(companion)
        {
            changed.set(companion, value);
        }
        if kind.is_contract() && changed.get("unit_id").is_some() {
            match self.finder.rental_object(task, desired).await? {
                Ok(unit_id) => changed.set("unit_id", unit_id.to_string()),
                Err(outcome) => return Ok(outcome),
            }
        }
        self.api.change(kind, &At::Id(object.id), &changed).await?;
        Ok(synced)
    }

    /// Makes another contract in the place of one that was archived for good; it may have
    /// been made already, and the answer lost.
    async fn replace(&self, task: &Task, desired: &Fields) -> Result<Outcome, api::Error> {
        match self.finder.find_by_external_id(task).await? {
            Some(object) if !object.is_archived => {
                Box::pin(self.bring_up(task, desired, &object, desired)).await
            }
            _ => self.create(task, desired).await,
        }
    }

    /// Makes an object that Alma does not have.
    async fn create(&self, task: &Task, desired: &Fields) -> Result<Outcome, api::Error> {
        let kind = task.key().kind;
        if let Some(outcome) = self.is_over(kind, desired) {
            return Ok(outcome);
        }
        let mut fields = task.resolved(desired);
        if kind.is_contract() {
            match self.finder.rental_object(task, desired).await? {
                Ok(unit_id) => fields.set("unit_id", unit_id.to_string()),
                Err(outcome) => return Ok(outcome),
            }
        }
        match self.api.create(kind, &fields).await {
            Ok(alma_id) => Ok(Outcome::Synced {
                alma_id,
                sent: desired.clone(),
            }),
            Err(error) => {
                // It may have been made, or what is in its way came after the list was read.
                self.finder.forget(kind).await;
                let is_in_the_way = match kind {
                    AlmaKind::Building => error.refused_field("name"),
                    AlmaKind::Client => error.refused_field("email"),
                    _ => false,
                };
                if !is_in_the_way {
                    return Err(error);
                }
                match self.finder.find(task, desired).await? {
                    Found::Object(object) => {
                        Box::pin(self.bring_up(task, desired, &object, desired)).await
                    }
                    Found::InTheWay(outcome) => Ok(outcome),
                    Found::Nothing => Err(error),
                }
            }
        }
    }

    /// A contract that has ended cannot be written any more.
    fn is_over(&self, kind: AlmaKind, desired: &Fields) -> Option<Outcome> {
        let end = desired.string("end_date").filter(|_| kind.is_contract())?;
        let day: Date = end.get(..10)?.parse().ok()?;
        (day <= self.today).then(|| {
            Outcome::Blocked(format!(
                "the contract ends on {day}, and Alma takes none that does not end after today"
            ))
        })
    }

    /// An object that should not be there.
    async fn leave(&self, task: &Task) -> Result<Outcome, api::Error> {
        let kind = task.key().kind;
        let may_leave = task.row.is_released || self.archive == Archive::Auto;
        let left = |alma_id, reason: &str| {
            Ok(Outcome::Archived {
                alma_id,
                reason: reason.to_owned(),
            })
        };
        let object = match task.row.alma_id {
            Some(alma_id) if matches!(kind, AlmaKind::Building | AlmaKind::Client) => {
                return if may_leave {
                    left(alma_id, "left in Alma, whose API cannot archive it")
                } else {
                    Ok(self.hold(task, alma_id))
                };
            }
            Some(alma_id) => match self.read_ours(task, alma_id).await? {
                Some(object) => object,
                None => return left(alma_id, "Alma no longer has it"),
            },
            None => match self.finder.find_by_external_id(task).await? {
                Some(object) => object,
                None => return Ok(Outcome::Gone),
            },
        };
        let is_unit = matches!(kind, AlmaKind::Unit | AlmaKind::Room);
        if object.is_archived {
            return left(object.id, ARCHIVED);
        }
        if is_unit && may_leave {
            self.api.archive(kind, &At::Id(object.id), true).await?;
            return left(object.id, ARCHIVED);
        }
        if kind.is_contract() && task.row.is_released {
            return left(
                object.id,
                "taken for ended, as the operator said; Alma shows it in force",
            );
        }
        Ok(self.hold(task, object.id))
    }

    fn hold(&self, task: &Task, alma_id: i64) -> Outcome {
        Outcome::Held {
            alma_id: Some(alma_id),
            reason: why_held(task.key()),
        }
    }
}

/// What the document demands beside a new name.
fn companion(kind: AlmaKind) -> Option<&'static str> {
    match kind {
        AlmaKind::Building => Some("project"),
        AlmaKind::Unit => Some("building"),
        AlmaKind::Room => Some("parent_unit"),
        _ => None,
    }
}

/// Whether a contract is another client's than it should be.
fn is_for_another(desired: &Fields, object: &Object) -> bool {
    match (desired.get("client_id"), object.fields.get("client_id")) {
        (Some(desired), Some(held)) => desired != held,
        _ => false,
    }
}

/// The fields that Alma does not hold so.
fn changed(desired: &Fields, object: &Object, is_adopted: bool) -> Fields {
    let mut changed = desired.changed_from(&object.fields);
    if object.external_id.is_some() {
        changed.remove("external_id");
    }
    // Photos that are there already were put there by people: where the source has
    // none, theirs stay.
    if is_adopted && changed.get("photos") == Some("[]") {
        changed.remove("photos");
    }
    changed.remove("client_id");
    changed
}

/// Why an object that people have archived in Alma waits for the operator.
fn why_archived(task: &Task) -> String {
    let release = format!("`uzhkh-ledger alma release {}`", task.key());
    match task.key().kind {
        AlmaKind::Unit | AlmaKind::Room => format!(
            "archived in Alma, and live in the ledger; {release} unarchives it, with its rooms and its building"
        ),
        AlmaKind::OwnerContract | AlmaKind::TenantContract => format!(
            "archived in Alma, for good, and live in the ledger; {release} makes another in its place"
        ),
        AlmaKind::Building | AlmaKind::Client => format!(
            "archived in Alma, and live in the ledger; unarchive it in Alma's web interface, then {release}"
        ),
    }
}
