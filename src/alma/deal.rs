//! Deals with one object: looks at what Alma holds, and closes the difference.
//!
//! Nothing is made before it was looked for, so an answer that was lost, or a ledger that
//! was put back from a backup, makes no twin: what is found is adopted, and only what
//! differs by meaning is sent. Nothing is changed before it was looked at: what people
//! have archived in Alma stays so until the operator, or `archive = "auto"`, says
//! otherwise. Nothing is archived while a contract that is to stay is still on it.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use tokio::sync::Mutex;

use super::api::{self, Api, At, Object};
use super::fields::Fields;
use super::files::{self, Set, Withheld};
use super::find::Finder;
use super::stand::Outcome;
use super::task::Task;
use crate::clock::{SharedClock, later};
use crate::config::Archive;
use crate::http::Backoff;
use crate::ledger::{AlmaKey, AlmaKind, Ledger};

const CO_TENANT: &str = "co_tenant";

/// What decides about all objects alike.
pub(super) struct Dealer<'d> {
    pub(super) api: &'d Api,
    pub(super) finder: Finder<'d>,
    pub(super) ledger: &'d Ledger,
    pub(super) clock: &'d SharedClock,
    pub(super) archive: Archive,
    /// The day it is where the contracts are.
    pub(super) today: Date,
    /// The clients that are being adopted, by Alma's ids.
    pub(super) adopting: Mutex<HashMap<i64, Arc<Mutex<()>>>>,
}

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
            Some(desired) => {
                let (desired, withheld) = files::wanted(task, desired);
                // What is over is not written any more.
                let is_over = self.is_over(task.key().kind, &desired).is_some();
                let withheld = withheld.filter(|_| !is_over);
                let outcome = self.keep(task, &desired).await?;
                Ok(Withheld::from(withheld, task, outcome))
            }
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
                Found::Object(object) => self.adopt(task, desired, &object).await,
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
                    task.key().typed()
                ),
            }),
        }
    }

    /// The object under an id that was ours. Where Alma was put back from a backup, the id
    /// may be somebody else's by now: then ours is not there.
    pub(super) async fn read_ours(
        &self,
        task: &Task,
        alma_id: i64,
    ) -> Result<Option<Object>, api::Error> {
        let AlmaKey { kind, external_id } = task.key();
        let object = self.finder.read(*kind, alma_id).await?;
        let is_ours = |object: &Object| {
            // Alma is not told the external ids of buildings.
            *kind == AlmaKind::Building || object.external_id.as_ref() == Some(external_id)
        };
        Ok(object.filter(is_ours))
    }

    /// Makes what was found ours. Two of the ledger may have found one client that is
    /// nobody's yet: one after the other then, and the later one looks again.
    async fn adopt(
        &self,
        task: &Task,
        desired: &Fields,
        object: &Object,
    ) -> Result<Outcome, api::Error> {
        if task.key().kind != AlmaKind::Client || object.external_id.is_some() {
            return self.bring_up(task, desired, object, desired).await;
        }
        let turn = Arc::clone(self.adopting.lock().await.entry(object.id).or_default());
        let _turn = turn.lock().await;
        match self.finder.by_email(task, desired).await? {
            Found::InTheWay(outcome) => Ok(outcome),
            Found::Object(now) => self.bring_up(task, desired, &now, desired).await,
            // People have given it another e-mail meanwhile.
            Found::Nothing => self.create(task, desired).await,
        }
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
        let held = |reason: String| Outcome::Held { alma_id: Some(object.id), reason };
        if object.is_archived && self.is_over(kind, desired).is_some() {
            // Over in the ledger, and ended in Alma: nothing is left to do.
            return Ok(Outcome::Synced { alma_id: object.id, sent: desired.clone() });
        }
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
                task.key().typed()
            )));
        }
        let mut changed = changed(&task.resolved(of), object, task.sent.is_none());
        if kind.is_contract() && changed.get("unit_id").is_some() {
            match self.finder.rental_object(task, desired).await? {
                Ok(unit_id) => changed.set("unit_id", unit_id.to_string()),
                Err(outcome) => return Ok(self.is_over(kind, desired).unwrap_or(outcome)),
            }
            // What is let may be a room, and the contract be about it already.
            changed = changed.changed_from(&object.fields);
        }
        let synced = Outcome::Synced { alma_id: object.id, sent: desired.clone() };
        if changed.is_empty() {
            return Ok(synced);
        }
        if let Some(outcome) = self.is_over(kind, desired) {
            return Ok(still_in_force(task, outcome));
        }
        let photos = files::resolve(task, &mut changed, Some(object));
        if changed.get(files::PHOTOS).is_some()
            && let Some(reason) = files::why_unwritable(task, object)
        {
            return Ok(Outcome::Blocked(reason));
        }
        if changed.get(files::PHOTOS).is_some()
            && let Err(outcome) = self.note_before(task, photos.as_ref()).await
        {
            return Ok(outcome);
        }
        if changed.is_empty() {
            self.note_after(task, object.id, photos).await;
            return Ok(synced);
        }
        let companion = companion(kind).filter(|_| changed.get("name").is_some());
        if let Some(companion) = companion
            && let Some(value) = task.resolved(desired).get(companion)
        {
            changed.set(companion, value);
        }
        let at = At::Id(object.id);
        match self.api.change(kind, &at, &changed).await {
            Ok(()) => {
                self.note_after(task, object.id, photos).await;
                Ok(synced)
            }
            Err(error) if kind == AlmaKind::Client && error.refused_field("email") => {
                self.finder.forget(kind).await;
                match self.finder.by_email(task, desired).await? {
                    Found::InTheWay(outcome) => Ok(outcome),
                    Found::Object(_) => Err(error),
                    // Who had it has got another meanwhile.
                    Found::Nothing => {
                        self.api.change(kind, &at, &changed).await?;
                        Ok(synced)
                    }
                }
            }
            Err(error) => {
                self.note_refused(task, photos.as_ref(), &error).await;
                Err(error)
            }
        }
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
        let photos = files::resolve(task, &mut fields, None);
        if is_let(kind) && fields.get(files::PHOTOS).is_none() {
            // Alma demands a set; the photos follow.
            fields.set(files::PHOTOS, "[]");
        }
        if kind == AlmaKind::TenantContract && fields.get(CO_TENANT).is_none() {
            // Not ours to set: nobody is named, until people do it.
            fields.set(CO_TENANT, "\"\"");
        }
        if let Err(outcome) = self.note_before(task, photos.as_ref()).await {
            return Ok(outcome);
        }
        match self.api.create(kind, &fields).await {
            Ok(alma_id) => {
                self.note_after(task, alma_id, photos).await;
                let sent = desired.clone();
                Ok(Outcome::Synced { alma_id, sent })
            }
            Err(error) => {
                self.note_refused(task, photos.as_ref(), &error).await;
                // It may have been made, or what is in its way came after the list was read.
                self.finder.forget(kind).await;
                let is_in_the_way = match kind {
                    // Little else could be wrong with it, whatever the words are about.
                    AlmaKind::Building => error.is_final(),
                    AlmaKind::Client => error.refused_field("email"),
                    _ => false,
                };
                if !is_in_the_way {
                    return Err(error);
                }
                match self.finder.find(task, desired).await? {
                    Found::Object(object) => Box::pin(self.adopt(task, desired, &object)).await,
                    Found::InTheWay(outcome) => Ok(outcome),
                    Found::Nothing => Err(error),
                }
            }
        }
    }

    /// Notes which photos are about to be written, so that they are known again whatever
    /// comes of it.
    async fn note_before(&self, task: &Task, set: Option<&Set>) -> Result<(), Outcome> {
        let Some(set) = set.filter(|set| !set.is_known()) else {
            return Ok(());
        };
        let (key, photos) = (task.key().clone(), set.before());
        let noting = self.ledger.write(move |tx| tx.set_alma_photos(&key, &photos));
        noting.await.map_err(|error| {
            let delay = Backoff::default().delay(task.row.attempts, &mut fastrand::Rng::new());
            Outcome::Again { next: later(self.clock.now(), delay), error: error.to_string() }
        })
    }

    /// Notes that a set of photos was refused: what comes beside it from now on is people's.
    async fn note_refused(&self, task: &Task, set: Option<&Set>, error: &api::Error) {
        let Some(set) = set.filter(|set| error.is_final() && !set.is_known()) else {
            return;
        };
        let (key, photos) = (task.key().clone(), set.refused());
        let noting = self.ledger.write(move |tx| tx.set_alma_photos(&key, &photos));
        if let Err(error) = noting.await {
            tracing::warn!(%error, "that photos were refused was not noted");
        }
    }

    /// Notes which photo each file has become. Where it cannot be told now, it is when the
    /// set changes again.
    async fn note_after(&self, task: &Task, alma_id: i64, set: Option<Set>) {
        let Some(set) = set else { return };
        let key = task.key().clone();
        let photos = match set.known() {
            Some(photos) => Some(photos),
            None => {
                let object = self.api.read(key.kind, &At::Id(alma_id)).await;
                let object = object.ok().flatten();
                object.and_then(|object| set.after(&object))
            }
        };
        let Some(photos) = photos.filter(|photos| *photos != task.photos) else {
            return;
        };
        let noting = self.ledger.write(move |tx| tx.set_alma_photos(&key, &photos));
        if let Err(error) = noting.await {
            tracing::warn!(%error, "which photos of Alma are ours was not noted");
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
}

/// Whether it can be let, and has photos.
pub(super) fn is_let(kind: AlmaKind) -> bool {
    matches!(kind, AlmaKind::Unit | AlmaKind::Room)
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
    if is_adopted {
        files::leave_scans(&mut changed, object);
    }
    changed.remove("client_id");
    changed
}

/// What to do about a contract that is over, and that Alma has with a later end.
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
