//! Carries out what [`PhotoSet`] decides: turns a plan into the field that is sent, and
//! stores each state in `alma_photo`.

use std::collections::HashMap;

use super::Syncer;
use super::photo_set::{Entry, Photo, PhotoSet, Plan};
use crate::alma::api::{self, At, Object};
use crate::alma::fields::Fields;
use crate::alma::files::{PHOTOS, of_field};
use crate::alma::state::Outcome;
use crate::alma::task::Task;
use crate::json::{self, Members};
use crate::ledger::{self, AlmaFile, AlmaPhoto, AsPhoto};

/// Puts Alma's ids of uploads in the place of the files that fields name, and takes the
/// photos out where Alma has that set. Answers the plan of the photos, where there are any.
pub(super) fn resolve(task: &Task, fields: &mut Fields, object: Option<&Object>) -> Option<Plan> {
    let uploads: HashMap<&str, i64> = task
        .files
        .iter()
        .filter_map(|(file, state)| match state {
            AlmaFile::Uploaded(id) => Some((file.as_str(), *id)),
            _ => None,
        })
        .collect();
    resolve_scans(fields, &uploads);
    let files = of_field(PHOTOS, fields.get(PHOTOS)?);
    let there = object.map(ids).unwrap_or_default();
    let was_sent = task.sent.as_ref().is_some_and(|sent| sent.get(PHOTOS).is_some());
    let plan = recorded(&task.photos).plan(files, there, was_sent);
    if object.is_some() && plan.is_in_alma() {
        fields.remove(PHOTOS);
    } else {
        fields.set(PHOTOS, text(&plan, &uploads));
    }
    Some(plan)
}

/// Takes the photos out of what differs where Alma has that set.
pub(in crate::alma) fn leave_same(task: &Task, fields: &mut Fields, object: &Object) {
    resolve(task, fields, Some(object));
}

fn resolve_scans(fields: &mut Fields, uploads: &HashMap<&str, i64>) {
    let scans: Vec<(String, i64)> = fields
        .iter()
        .filter(|(name, _)| *name != PHOTOS)
        .filter_map(|(name, value)| {
            let file = of_field(name, value).pop()?;
            Some((name.to_owned(), *uploads.get(file.as_str())?))
        })
        .collect();
    for (name, id) in scans {
        fields.set(&name, id.to_string());
    }
}

/// The set as Alma is told it: its own photos by their ids, new ones by those of their
/// uploads.
fn text(plan: &Plan, uploads: &HashMap<&str, i64>) -> String {
    let entries = plan.entries().into_iter().filter_map(|entry| match entry {
        Entry::Keep(id) => Some(format!("{{\"id\":{id}}}")),
        Entry::Add(file) => Some(format!("{{\"external_file_id\":{}}}", uploads.get(file)?)),
    });
    format!("[{}]", entries.collect::<Vec<_>>().join(","))
}

/// Why the photos of an object cannot be written: Alma deletes every photo that it is not
/// named.
pub(super) fn why_unwritable(task: &Task, object: &Object) -> Option<String> {
    let set = object.fields.get(PHOTOS);
    let photos = set.map(|set| json::elements(set).unwrap_or_default());
    let what = match photos {
        None => "Alma does not show which are there",
        Some(photos) if photos.iter().any(|photo| id(photo).is_none()) => {
            "some of those in Alma have no id there"
        }
        Some(_) => return None,
    };
    Some(format!(
        "photos: {what}, and it deletes what it is not named: set them in its web interface, and take them out in \
         the source; then `uzhkh-ledger alma retry {}`",
        task.key()
    ))
}

impl Syncer<'_> {
    /// Stores that photos are about to be written, so that they are known again after a lost
    /// answer or a crash. The outcome where the ledger cannot store it: nothing is sent then.
    pub(super) async fn record_intent(
        &self,
        task: &Task,
        plan: Option<&Plan>,
    ) -> Result<(), Outcome> {
        let Some(intent) = plan.map(Plan::intent).filter(|set| *set != recorded(&task.photos))
        else {
            return Ok(());
        };
        self.record_photos(task, &intent).await.map_err(|error| self.later(task, &error))
    }

    /// Stores that Alma has refused the photos.
    pub(super) async fn record_refusal(
        &self,
        task: &Task,
        plan: Option<&Plan>,
        error: &api::Error,
    ) {
        let Some(plan) = plan.filter(|plan| error.is_final() && plan.adds()) else {
            return;
        };
        if let Err(error) = self.record_photos(task, &plan.refused()).await {
            tracing::warn!(
                %error,
                "the ledger could not store that Alma refused photos of an object; the next look at it may take \
                 people's photos for ours"
            );
        }
    }

    /// Stores which photo each file has become. Where Alma does not show it now, the intent
    /// stays, and the next change of the set finds out.
    pub(super) async fn record_written(&self, task: &Task, alma_id: i64, plan: Option<Plan>) {
        let Some(plan) = plan else { return };
        let set = match plan.written() {
            Some(set) => Some(set),
            None => {
                let object = self.api.read(task.key().kind, &At::Id(alma_id)).await;
                object.ok().flatten().and_then(|object| plan.shown(ids(&object)))
            }
        };
        let Some(set) = set.filter(|set| *set != recorded(&task.photos)) else {
            return;
        };
        if let Err(error) = self.record_photos(task, &set).await {
            tracing::warn!(
                %error,
                "the ledger could not store which photos of an object are ours; the next change of its photos \
                 finds out"
            );
        }
    }

    async fn record_photos(&self, task: &Task, set: &PhotoSet) -> Result<(), ledger::Error> {
        let (key, rows) = (task.key().clone(), rows(set));
        self.ledger.write(move |tx| tx.set_alma_photos(&key, &rows)).await
    }
}

/// The state that the rows of `alma_photo` hold.
fn recorded(rows: &[AlmaPhoto]) -> PhotoSet {
    let photos = rows.iter().map(|row| {
        let photo = match &row.as_photo {
            AsPhoto::Id(id) => Photo::Known(*id),
            AsPhoto::Beside(beside) => {
                Photo::Sent { before: serde_json::from_str(beside).unwrap_or_default() }
            }
        };
        (row.file.clone(), photo)
    });
    PhotoSet(photos.collect())
}

/// The rows of `alma_photo` for a state.
fn rows(set: &PhotoSet) -> Vec<AlmaPhoto> {
    let rows = set.0.iter().map(|(file, photo)| {
        let as_photo = match photo {
            Photo::Known(id) => AsPhoto::Id(*id),
            Photo::Sent { before } => {
                let before: Vec<String> = before.iter().map(ToString::to_string).collect();
                AsPhoto::Beside(format!("[{}]", before.join(",")))
            }
        };
        AlmaPhoto { file: file.clone(), as_photo }
    });
    rows.collect()
}

/// Alma's ids of the photos of an object, in their order.
fn ids(object: &Object) -> Vec<i64> {
    let set = object.fields.get(PHOTOS).and_then(json::elements);
    set.unwrap_or_default().into_iter().filter_map(id).collect()
}

fn id(photo: &str) -> Option<i64> {
    let photo = Members::parse(photo)?;
    let id = photo.get("id")?;
    json::string(id).unwrap_or(id.into()).parse().ok()
}
