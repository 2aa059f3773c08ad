//! Updates an object that Alma has: sends the fields that differ.

use super::{Syncer, files, photos};
use crate::alma::api::{self, At, Object};
use crate::alma::fields::Fields;
use crate::alma::files::PHOTOS;
use crate::alma::lookup::Found;
use crate::alma::notes;
use crate::alma::state::Outcome;
use crate::alma::task::Task;
use crate::config::Archive;
use crate::ledger::AlmaKind;

/// Fields whose empty value says something: photos have rules of their own.
const NEVER_KEPT: [&str; 2] = [PHOTOS, "additional_external_id"];

impl Syncer<'_> {
    /// Sends what differs between `candidates`, the fields that may have to be sent, and
    /// `object` as Alma has it.
    pub(super) async fn update(
        &self,
        task: &Task,
        desired: &Fields,
        object: &Object,
        candidates: &Fields,
    ) -> Result<Outcome, api::Error> {
        let kind = task.key().kind;
        let synced = Outcome::Synced { alma_id: object.id, sent: desired.clone() };
        if object.is_archived {
            if self.over(kind, desired).is_some() {
                // Over in the ledger, and ended in Alma: nothing is left to do.
                return Ok(synced);
            }
            let may_unarchive = task.row.is_released || self.archive == Archive::Auto;
            if kind.is_rental() && may_unarchive {
                self.api.archive(kind, &At::Id(object.id), false).await?;
            } else if kind.is_contract() && task.row.is_released {
                return self.replace(task, desired).await;
            } else {
                return Ok(held(object, why_archived(task)));
            }
        }
        if kind.is_contract() && is_for_another(&task.resolved(desired), object) {
            return Ok(held(object, why_for_another(task)));
        }
        let mut changed = difference(task, candidates, object);
        keep_filled(&mut changed, task, desired, object);
        if kind.is_contract() && changed.get("unit_id").is_some() {
            match self.lookup.rental_object(task, desired).await? {
                Ok(unit_id) => changed.set("unit_id", unit_id.to_string()),
                Err(outcome) => return Ok(self.over(kind, desired).unwrap_or(outcome)),
            }
            // The rental object may be a room, and the contract be about it already.
            changed = changed.changed_from(&object.fields);
        }
        if changed.is_empty() {
            return Ok(synced);
        }
        if let Some(outcome) = self.over(kind, desired) {
            return Ok(still_in_force(task, outcome));
        }
        let photos = photos::resolve(task, &mut changed, Some(object));
        if changed.get(PHOTOS).is_some() {
            if let Some(reason) = photos::why_unwritable(task, object) {
                return Ok(Outcome::Blocked(reason));
            }
            if let Err(outcome) = self.record_intent(task, photos.as_ref()).await {
                return Ok(outcome);
            }
        }
        if changed.is_empty() {
            self.record_written(task, object.id, photos).await;
            return Ok(synced);
        }
        add_companion(&mut changed, task, desired);
        match self.send(task, desired, object.id, &changed).await {
            Ok(None) => {
                self.record_written(task, object.id, photos).await;
                Ok(synced)
            }
            Ok(Some(in_the_way)) => Ok(in_the_way),
            Err(error) => {
                self.record_refusal(task, photos.as_ref(), &error).await;
                Err(error)
            }
        }
    }

    /// Sends the PATCH. A refused e-mail is looked up: the outcome where another client of
    /// the source has it; where its holder has given it up meanwhile, it is sent again.
    async fn send(
        &self,
        task: &Task,
        desired: &Fields,
        alma_id: i64,
        changed: &Fields,
    ) -> Result<Option<Outcome>, api::Error> {
        let (kind, at) = (task.key().kind, At::Id(alma_id));
        let Err(error) = self.api.change(kind, &at, changed).await else {
            return Ok(None);
        };
        if kind != AlmaKind::Client || !error.refused_field("email") {
            return Err(error);
        }
        self.lookup.forget(kind).await;
        match self.lookup.by_email(task, desired).await? {
            Found::InTheWay(outcome) => Ok(Some(outcome)),
            Found::Object(_) => Err(error),
            Found::Nothing => self.api.change(kind, &at, changed).await.map(|()| None),
        }
    }
}

/// The fields of `candidates` that Alma holds otherwise, as they are sent. A client cannot be
/// exchanged, and an external id is not overwritten.
fn difference(task: &Task, candidates: &Fields, object: &Object) -> Fields {
    let mut changed = task.resolved(candidates).changed_from(&object.fields);
    if object.external_id.is_some() {
        changed.remove("external_id");
    }
    if task.sent.is_none() {
        files::keep_scans(&mut changed, object);
    }
    changed.remove("client_id");
    changed
}

/// Takes out what is empty in the source and filled in Alma, where we never sent it: people did.
fn keep_filled(changed: &mut Fields, task: &Task, desired: &Fields, object: &Object) {
    let kept: Vec<String> = changed
        .iter()
        .map(|(name, _)| name)
        .filter(|name| !NEVER_KEPT.contains(name) && notes::is_blank(desired, name))
        .filter(|name| task.sent.as_ref().is_none_or(|sent| sent.get(name).is_none()))
        .filter(|name| notes::is_filled(object.fields.get(name)))
        .map(str::to_owned)
        .collect();
    for name in kept {
        changed.remove(&name);
    }
}

/// Adds what the document demands beside a new name.
fn add_companion(changed: &mut Fields, task: &Task, desired: &Fields) {
    let companion = match task.key().kind {
        AlmaKind::Building => "project",
        AlmaKind::Unit => "building",
        AlmaKind::Room => "parent_unit",
        AlmaKind::Client | AlmaKind::OwnerContract | AlmaKind::TenantContract => return,
    };
    if changed.get("name").is_some()
        && let Some(value) = task.resolved(desired).get(companion)
    {
        changed.set(companion, value);
    }
}

/// Whether a contract has another client in Alma than it should have.
fn is_for_another(desired: &Fields, object: &Object) -> bool {
    match (desired.get("client_id"), object.fields.get("client_id")) {
        (Some(desired), Some(held)) => desired != held,
        _ => false,
    }
}

fn held(object: &Object, reason: String) -> Outcome {
    Outcome::Held { alma_id: Some(object.id), reason }
}

fn why_for_another(task: &Task) -> String {
    format!(
        "it has another client in Alma, whose API cannot change that: end it in Alma's web interface, then \
         `uzhkh-ledger alma release {}` makes another",
        task.key().typed()
    )
}

/// The outcome for a contract that is over, and that Alma has with a later end.
fn still_in_force(task: &Task, over: Outcome) -> Outcome {
    match over {
        Outcome::Blocked(reason) => Outcome::Blocked(format!(
            "{reason}; it is in force there: end it in Alma's web interface, then `uzhkh-ledger alma retry {}`",
            task.key().typed()
        )),
        over => over,
    }
}

/// Why an object that people have archived in Alma waits for the operator.
fn why_archived(task: &Task) -> String {
    let release = format!("`uzhkh-ledger alma release {}`", task.key().typed());
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
