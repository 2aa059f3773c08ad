//! Photos and scans of one object: what of them can be written, and which photo of Alma
//! each has become.
//!
//! In what the ledger wants, a file stands for itself until it is uploaded, which
//! [`super::uploads`] does; so long the object goes without it ([`wanted`]), and the file
//! follows. Photos are written as a whole set: photos that are nobody's of ours were put
//! there by people, and stay.

use std::collections::HashMap;

use super::api::Object;
use super::fields::{Fields, photos};
use super::stand::Outcome;
use super::task::Task;
use crate::json::{self, Members};
use crate::ledger::{AlmaFile, AlmaPhoto, AsPhoto};

pub(super) const PHOTOS: &str = "photos";
/// What a scan begins with that is to be uploaded.
const FILE: &str = "file:";

/// The files that fields name.
pub(super) fn named(fields: &Fields) -> Vec<String> {
    fields.iter().flat_map(|(name, value)| of_field(name, value)).collect()
}

/// The files of the fields that Alma's words are about.
pub(super) fn named_in(fields: &Fields, words: &str) -> Vec<String> {
    let meant = fields.iter().filter(|(name, _)| words.contains(name));
    meant.flat_map(|(name, value)| of_field(name, value)).collect()
}

/// The files that a field names.
fn of_field(name: &str, value: &str) -> Vec<String> {
    if name == PHOTOS {
        // What is already in Alma is an object, not a text.
        let photos = photos(value).unwrap_or_default().into_iter();
        return photos.filter_map(|photo| Some(json::string(photo)?.into_owned())).collect();
    }
    let text = json::string(value).unwrap_or_default();
    text.strip_prefix(FILE).map(str::to_owned).into_iter().collect()
}

/// What an object waits for, which Alma is brought up to otherwise.
#[derive(Debug, Clone)]
pub(super) struct Withheld {
    fields: Vec<String>,
    file: String,
    reason: String,
}

/// What is wanted of an object as far as its files are in Alma, and the rest.
pub(super) fn wanted(task: &Task, desired: &Fields) -> (Fields, Option<Withheld>) {
    let mut fields = desired.clone();
    let mut withheld: Vec<String> = Vec::new();
    let mut missing: Vec<&(String, AlmaFile)> = Vec::new();
    for (name, value) in desired.iter() {
        let files = of_field(name, value);
        let mut lacking = task.files.iter().filter(|(file, stands)| {
            files.contains(file) && !matches!(stands, AlmaFile::Uploaded(_))
        });
        if let Some(first) = lacking.next() {
            fields.remove(name);
            withheld.push(name.to_owned());
            missing.push(first);
            missing.extend(lacking);
        }
    }
    let waits = missing.iter().max_by_key(|(_, stands)| match stands {
        // They are brought in this order: with the last one all are there.
        AlmaFile::Pending(seq, _) => *seq,
        _ => i64::MIN,
    });
    let withheld = waits.map(|(file, stands)| Withheld {
        reason: reason(task, &withheld, file, stands, &missing),
        fields: withheld.clone(),
        file: file.clone(),
    });
    (fields, withheld)
}

/// Why an object waits, in words that an operator can act on.
fn reason(
    task: &Task,
    fields: &[String],
    file: &str,
    stands: &AlmaFile,
    missing: &[&(String, AlmaFile)],
) -> String {
    let fields = fields.join(", ");
    let failed = missing.iter().find_map(|(file, stands)| match stands {
        AlmaFile::Failed(reason) => Some((file, reason)),
        _ => None,
    });
    if let Some((file, reason)) = failed {
        return format!(
            "{fields}: the file {file} cannot be had: {reason}; then `uzhkh-ledger alma retry {}`",
            task.key().typed()
        );
    }
    let tried = match stands {
        AlmaFile::Pending(_, Some(error)) => format!("; the last attempt: {error}"),
        _ => String::new(),
    };
    match missing.len() {
        1 => format!("{fields}: waits for the file {file}, which is to be uploaded{tried}"),
        more => format!(
            "{fields}: waits for {more} files that are to be uploaded, the last is {file}{tried}"
        ),
    }
}

impl Withheld {
    /// What comes of an object that is brought up but for this.
    pub(super) fn from(this: Option<Self>, task: &Task, outcome: Outcome) -> Outcome {
        match (this, outcome) {
            (Some(this), Outcome::Synced { alma_id, mut sent }) => {
                for field in this.fields {
                    // As it was, so it is.
                    if let Some(before) = task.sent.as_ref().and_then(|sent| sent.get(&field)) {
                        sent.set(&field, before);
                    }
                }
                Outcome::Partly { alma_id, sent, file: this.file, reason: this.reason }
            }
            (_, outcome) => outcome,
        }
    }
}

/// A set of photos that is about to be written.
#[derive(Debug)]
pub(super) struct Set {
    /// Each file of the set, with Alma's photo where it is known.
    files: Vec<(String, Option<i64>)>,
    /// Photos that were ours, and are not in the set.
    leaving: Vec<(String, i64)>,
    /// The photos that Alma has already.
    there: Vec<i64>,
}

/// Puts Alma's ids of uploads in the place of the files that fields name. Answers the set
/// of photos, where there is one.
pub(super) fn resolve(task: &Task, fields: &mut Fields, object: Option<&Object>) -> Option<Set> {
    let uploads: HashMap<&str, i64> = task
        .files
        .iter()
        .filter_map(|(file, stands)| match stands {
            AlmaFile::Uploaded(id) => Some((file.as_str(), *id)),
            _ => None,
        })
        .collect();
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
    let set = set_of(task, fields.get(PHOTOS)?, object);
    let written = set.written(&uploads);
    let there: Vec<String> = set.there.iter().map(|id| kept(*id)).collect();
    if object.is_some() && written == there {
        fields.remove(PHOTOS);
    } else {
        fields.set(PHOTOS, format!("[{}]", written.join(",")));
    }
    Some(set)
}

impl Set {
    /// As Alma is told: what is there by its id, what is new by that of its upload, and
    /// what people have put there.
    fn written(&self, uploads: &HashMap<&str, i64>) -> Vec<String> {
        let ours = |id: &i64| {
            self.files.iter().any(|(_, known)| known.as_ref() == Some(id))
                || self.leaving.iter().any(|(_, known)| known == id)
        };
        let new = |file: &str| Some(format!("{{\"external_file_id\":{}}}", uploads.get(file)?));
        let files = self.files.iter().filter_map(|(file, id)| match id {
            Some(id) => Some(kept(*id)),
            None => new(file),
        });
        let theirs = self.there.iter().filter(|id| !ours(id));
        files.chain(theirs.map(|id| kept(*id))).collect()
    }

    /// What is to be noted before the set is written: an answer that is lost, or a crash,
    /// must not write a photo twice.
    pub(super) fn before(&self) -> Vec<AlmaPhoto> {
        let there: Vec<String> = self.there.iter().map(ToString::to_string).collect();
        let beside = format!("[{}]", there.join(","));
        let files = self.files.iter().map(|(file, id)| AlmaPhoto {
            file: file.clone(),
            as_photo: match id {
                Some(id) => AsPhoto::Id(*id),
                None => AsPhoto::Beside(beside.clone()),
            },
        });
        let leaving = self
            .leaving
            .iter()
            .map(|(file, id)| AlmaPhoto { file: file.clone(), as_photo: AsPhoto::Id(*id) });
        files.chain(leaving).collect()
    }

    /// What is to be noted where Alma has said no to the set.
    pub(super) fn refused(&self) -> Vec<AlmaPhoto> {
        let mut photos = self.before();
        photos.retain(|photo| matches!(photo.as_photo, AsPhoto::Id(_)));
        photos
    }

    /// Whether all of its photos are known.
    pub(super) fn is_known(&self) -> bool {
        self.files.iter().all(|(_, id)| id.is_some())
    }

    /// What is to be noted after the set was written, where all of its photos are known.
    pub(super) fn known(&self) -> Option<Vec<AlmaPhoto>> {
        noted(self.files.iter().map(|(file, id)| Some((file, (*id)?))))
    }

    /// What is to be noted after the set was written, by the object as it is now; `None`
    /// where it cannot be told yet which photo is which.
    pub(super) fn after(&self, object: &Object) -> Option<Vec<AlmaPhoto>> {
        let mut there = ids(object);
        // In whatever order Alma shows them, they were made in that of the set.
        there.sort_unstable();
        let mut new = there.iter().filter(|id| !self.there.contains(id));
        let files = self.files.iter();
        noted(files.map(|(file, id)| Some((file, id.or_else(|| new.next().copied())?))))
    }
}

fn noted<'f>(files: impl Iterator<Item = Option<(&'f String, i64)>>) -> Option<Vec<AlmaPhoto>> {
    let photo =
        |(file, id): (&String, i64)| AlmaPhoto { file: file.clone(), as_photo: AsPhoto::Id(id) };
    files.map(|file| file.map(photo)).collect()
}

/// The set that photos are, with the photos of Alma that its files are known to be.
fn set_of(task: &Task, photos: &str, object: Option<&Object>) -> Set {
    let there = object.map(ids).unwrap_or_default();
    let files = of_field(PHOTOS, photos);
    let mut ours = ours(&task.photos, &there);
    let is_adopted = task.sent.is_none() && ours.is_empty();
    if is_adopted && files.len() == there.len() {
        // What was sent before the ledger knew of it.
        ours = files.iter().cloned().zip(there.iter().copied()).collect();
    }
    let known = |file: &String| {
        let mut ours = ours.iter();
        ours.find(|(known, _)| known == file).map(|(_, id)| *id)
    };
    let leaving = ours.iter().filter(|(file, _)| !files.contains(file));
    Set {
        leaving: leaving.cloned().collect(),
        files: files.iter().map(|file| (file.clone(), known(file))).collect(),
        there,
    }
}

/// The photos of ours that are there. Of what was being written, those are ours that have
/// come since, in the order of the set.
fn ours(noted: &[AlmaPhoto], there: &[i64]) -> Vec<(String, i64)> {
    let is_noted = |id: &i64| {
        let mut noted = noted.iter();
        noted.any(|photo| photo.as_photo == AsPhoto::Id(*id))
    };
    let mut come: Vec<i64> = there.iter().copied().filter(|id| !is_noted(id)).collect();
    come.sort_unstable();
    let mut ours = Vec::new();
    for photo in noted {
        let id = match &photo.as_photo {
            AsPhoto::Id(id) => Some(*id).filter(|id| there.contains(id)),
            AsPhoto::Beside(beside) => {
                let before = json::elements(beside).unwrap_or_default();
                let at = come.iter().position(|id| !before.contains(&id.to_string().as_str()));
                at.map(|at| come.remove(at))
            }
        };
        ours.extend(id.map(|id| (photo.file.clone(), id)));
    }
    ours
}

/// Of an object that is adopted, scans that people or an answer that was lost have put
/// there stay.
pub(super) fn leave_scans(changed: &mut Fields, object: &Object) {
    let is_there = |name: &str, value: &str| {
        let held = object.fields.get(name).unwrap_or("null");
        name != PHOTOS && !of_field(name, value).is_empty() && !matches!(held, "null" | "\"\"")
    };
    let left = changed.iter().filter(|(name, value)| is_there(name, value));
    let left: Vec<String> = left.map(|(name, _)| name.to_owned()).collect();
    for name in left {
        changed.remove(&name);
    }
}

/// Why the photos of an object cannot be written: what is there must be named, or Alma
/// deletes it.
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

/// Alma's ids of the photos of an object, in their order.
fn ids(object: &Object) -> Vec<i64> {
    let set = object.fields.get(PHOTOS).and_then(json::elements);
    let photos = set.unwrap_or_default().into_iter();
    photos.filter_map(id).collect()
}

fn id(photo: &str) -> Option<i64> {
    let photo = Members::parse(photo)?;
    let id = photo.get("id")?;
    json::string(id).unwrap_or(id.into()).parse().ok()
}

fn kept(id: i64) -> String {
    format!("{{\"id\":{id}}}")
}
