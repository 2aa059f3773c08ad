//! Updates an object that Alma has: sends the fields that differ. What Alma refuses of them, or
//! what another object has still, waits alone.

use super::withheld::{Withheld, refused, terms};
use super::{Syncer, files, photos, sent_by_now};
use crate::alma::api::{self, At, Object};
use crate::alma::fields::Fields;
use crate::alma::files::PHOTOS;
use crate::alma::lookup::Found;
use crate::alma::state::{Cause, Outcome};
use crate::alma::sync::photo_set::Plan;
use crate::alma::task::Task;
use crate::alma::{heal, names, notes};
use crate::config::Archive;
use crate::ledger::AlmaKind;

/// Fields whose empty value says something: photos have rules of their own.
const NEVER_KEPT: [&str; 2] = [PHOTOS, "additional_external_id"];

/// An update that is under way.
pub(super) struct Update<'u> {
    pub(super) task: &'u Task,
    pub(super) desired: &'u Fields,
    /// As Alma had it.
    pub(super) object: &'u Object,
    /// What differs and is to be sent.
    pub(super) changed: Fields,
    /// What differs and is not sent.
    pub(super) withheld: Withheld,
    /// What the photos are to become, where any are sent.
    photos: Option<Plan>,
    /// What Alma holds and people have put there.
    kept: Vec<String>,
}

impl Update<'_> {
    /// The outcome once everything was sent that can be.
    fn outcome(self) -> Outcome {
        let mut sent = sent_by_now(self.task, self.desired);
        for name in &self.kept {
            sent.remove(name);
        }
        self.withheld.outcome(self.task, self.object.id, sent, Some(self.object))
    }
}

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
        self.update_but(task, desired, object, candidates, Withheld::default()).await
    }

    /// The same, where some fields are withheld from the beginning.
    pub(super) async fn update_but(
        &self,
        task: &Task,
        desired: &Fields,
        object: &Object,
        candidates: &Fields,
        withheld: Withheld,
    ) -> Result<Outcome, api::Error> {
        let kind = task.key().kind;
        if object.is_archived {
            let may_unarchive = task.row.is_released || self.archive == Archive::Auto;
            if kind.is_rental()
                && let Err(outcome) = self.doubt_what_went(task, may_unarchive).await
            {
                return Ok(outcome);
            }
            if kind.is_rental() && may_unarchive {
                self.api.archive(kind, &At::Id(object.id), false).await?;
            } else if kind.is_contract() && task.row.is_released {
                return self.replace(task, desired).await;
            } else {
                return Ok(held(object, why_archived(task)));
            }
        }
        if kind.is_contract() && is_for_another(&task.resolved(desired), object) {
            return Ok(self.held_where_it_stands(task, object, why_for_another(task)).await);
        }
        let (changed, kept) = to_send(task, desired, object, candidates);
        let mut update = Update { task, desired, object, changed, withheld, photos: None, kept };
        if kind.is_contract() && update.changed.get("unit_id").is_some() {
            match self.lookup.rental_object(task, desired).await? {
                Ok(unit_id) => {
                    update.changed.set("unit_id", unit_id.to_string());
                    // The rental object may be a room, and the contract be about it already.
                    update.changed = update.changed.changed_from(&object.fields);
                }
                Err(outcome) => {
                    let Update { changed, withheld, .. } = &mut update;
                    if let Err(outcome) = withheld.wait(changed, terms(), outcome) {
                        return Ok(outcome);
                    }
                }
            }
        }
        if let Err(outcome) = self.prepare_photos(&mut update).await {
            return Ok(outcome);
        }
        self.send(update).await
    }

    /// Has everything looked at again that went with a unit or a room that people have archived:
    /// its contracts, for good; and, where a unit `comes_back`, the rooms that were archived before,
    /// which Alma brings back with it.
    async fn doubt_what_went(&self, task: &Task, comes_back: bool) -> Result<(), Outcome> {
        let key = task.key().clone();
        let doubted = self.ledger.write(move |tx| {
            tx.doubt_alma_contracts_in(&key)?;
            match comes_back && key.kind == AlmaKind::Unit {
                true => tx.doubt_archived_alma_rooms(),
                false => Ok(()),
            }
        });
        doubted.await.map_err(|error| self.later(task, &error))
    }

    /// Puts the uploads into the photos that are to be sent, and takes those out that cannot be.
    async fn prepare_photos(&self, update: &mut Update<'_>) -> Result<(), Outcome> {
        let Update { task, object, changed, withheld, photos, .. } = update;
        *photos = photos::resolve(task, changed, Some(object));
        if changed.get(PHOTOS).is_none() {
            return Ok(());
        }
        if let Some(reason) = photos::why_unwritable(task, object) {
            withheld.take(changed, &[PHOTOS], Cause::Lacks, reason);
            *photos = None;
            return Ok(());
        }
        self.record_intent(task, photos.as_ref()).await
    }

    /// Sends what differs, and what Alma refuses of it no more, until it takes the rest.
    async fn send(&self, mut update: Update<'_>) -> Result<Outcome, api::Error> {
        let (kind, at) = (update.task.key().kind, At::Id(update.object.id));
        let mut is_looked_up = false;
        while !update.changed.is_empty() {
            let mut body = update.changed.clone();
            add_companion(&mut body, update.task, update.desired);
            let Err(error) = self.api.change(kind, &at, &body).await else {
                break;
            };
            if !(error.is_refusal() && error.is_final()) {
                self.record_refusal(update.task, update.photos.as_ref(), &error).await;
                return Err(error);
            }
            let has_email = kind == AlmaKind::Client && update.changed.get("email").is_some();
            if has_email && error.refused_field("email") {
                match self.find_email(&mut update).await? {
                    // Its holder has given it up meanwhile: it is sent again.
                    Found::Nothing if !is_looked_up => {
                        is_looked_up = true;
                        continue;
                    }
                    Found::InTheWay(_) => continue,
                    Found::Nothing | Found::Object(_) => {}
                }
            }
            let mut names = refused(kind, &update.changed, &error);
            if names.is_empty() {
                names = update.changed.iter().map(|(name, _)| name.to_owned()).collect();
            }
            if names.iter().any(|name| name == PHOTOS) {
                self.record_refusal(update.task, update.photos.as_ref(), &error).await;
                update.photos = None;
            }
            if kind.is_contract() && names.iter().any(|name| terms().contains(&name.as_str())) {
                names.extend(terms().iter().map(|name| (*name).to_owned()));
            }
            let is_name = names::place(kind).is_some() && names.iter().any(|name| name == "name");
            if is_name && self.go_round(&mut update, &names).await? {
                continue;
            }
            update.withheld.take(&mut update.changed, &names, Cause::Refused, error.in_full());
        }
        let photos = update.photos.take();
        self.record_written(update.task, update.object.id, photos).await;
        let was_sent_for = update.task.sent.as_ref().and_then(heal::place);
        if was_sent_for.is_none() && update.withheld.has(terms()[0]) {
            match self.stands(update.task, update.object).await {
                Ok(stands) => update.withheld.stands(stands),
                Err(outcome) => return Ok(outcome),
            }
        }
        Ok(update.outcome())
    }

    /// Looks up who has the e-mail that Alma refused. Where another client of the source has it,
    /// it is withheld until that one moves.
    async fn find_email(&self, update: &mut Update<'_>) -> Result<Found, api::Error> {
        self.lookup.forget(AlmaKind::Client).await;
        let found = self.lookup.by_email(update.task, update.desired).await?;
        if let Found::InTheWay(outcome) = &found {
            let Update { changed, withheld, .. } = update;
            // Nothing else than a wait stands in the way of an e-mail.
            drop(withheld.wait(changed, &["email"], outcome.clone()));
        }
        Ok(found)
    }
}

/// What is to be sent of `candidates`, and the fields that people have filled in Alma where the
/// source says nothing.
pub(in crate::alma) fn to_send(
    task: &Task,
    desired: &Fields,
    object: &Object,
    candidates: &Fields,
) -> (Fields, Vec<String>) {
    let mut changed = difference(task, candidates, object);
    let kept = keep_filled(&mut changed, task, desired, object);
    (changed, kept)
}

/// The fields of `candidates` that Alma holds otherwise, as they are sent. A client cannot be
/// exchanged, and an external id is not overwritten but by the new name of what has it from us.
fn difference(task: &Task, candidates: &Fields, object: &Object) -> Fields {
    let mut changed = task.resolved(candidates).changed_from(&object.fields);
    if object.external_id.is_some() && object.external_id != task.sent_external_id() {
        changed.remove("external_id");
    }
    files::keep_scans(&mut changed, task, object);
    changed.remove("client_id");
    changed
}

/// Takes out what is empty in the source and filled in Alma, where we never sent it: people did.
/// Answers what it took out.
fn keep_filled(
    changed: &mut Fields,
    task: &Task,
    desired: &Fields,
    object: &Object,
) -> Vec<String> {
    let kept: Vec<String> = changed
        .iter()
        .map(|(name, _)| name)
        .filter(|name| !NEVER_KEPT.contains(name) && notes::is_blank(desired, name))
        .filter(|name| task.sent.as_ref().is_none_or(|sent| sent.get(name).is_none()))
        .filter(|name| notes::is_filled(object.fields.get(name)))
        .map(str::to_owned)
        .collect();
    for name in &kept {
        changed.remove(name);
    }
    kept
}

/// Adds what the document demands beside a new name.
fn add_companion(changed: &mut Fields, task: &Task, desired: &Fields) {
    let Some(companion) = names::place(task.key().kind) else { return };
    if changed.get("name").is_some()
        && let Some(value) = task.resolved(desired).get(companion)
    {
        changed.set(companion, value);
    }
}

/// Whether a contract has another client in Alma than it should have.
pub(in crate::alma) fn is_for_another(desired: &Fields, object: &Object) -> bool {
    match (desired.get("client_id"), object.fields.get("client_id")) {
        (Some(desired), Some(held)) => desired != held,
        _ => false,
    }
}

fn held(object: &Object, reason: String) -> Outcome {
    Outcome::Held { alma_id: Some(object.id), stands: Fields::default(), reason }
}

pub(in crate::alma) fn why_for_another(task: &Task) -> String {
    format!(
        "it has another client in Alma, whose API cannot change that: end it in Alma's web interface, then \
         `uzhkh-ledger alma release {}` makes another",
        task.key().typed()
    )
}

/// Why an object that people have archived in Alma waits for the operator.
pub(in crate::alma) fn why_archived(task: &Task) -> String {
    let release = format!("`uzhkh-ledger alma release {}`", task.key().typed());
    match task.key().kind {
        AlmaKind::Unit => format!(
            "archived in Alma, and live in the ledger; {release} unarchives it, with its rooms and its building"
        ),
        AlmaKind::Room => format!(
            "archived in Alma, and live in the ledger; {release} unarchives it, with its unit and its building"
        ),
        AlmaKind::OwnerContract | AlmaKind::TenantContract => format!(
            "archived in Alma, for good, and live in the ledger; {release} makes another in its place"
        ),
        AlmaKind::Building | AlmaKind::Client => format!(
            "archived in Alma, and live in the ledger; unarchive it in Alma's web interface, then {release}"
        ),
    }
}
