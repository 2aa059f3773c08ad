//! Photos and scans: uploaded before an object names them, each content once.
//!
//! What was uploaded is remembered in a commit before it is used, so a crash uploads
//! nothing again that was remembered. An answer that is lost may: Alma cannot be asked.
//!
//! Photos are written as a whole set. Which photo of Alma is which file is noted after
//! each write, by reading the object back; photos that are nobody's of ours were put there
//! by people, and stay.

use super::api::{self, Api, At, File, Object};
use super::fields::{Fields, photos};
use super::stand::Outcome;
use super::task::Task;
use crate::clock::{SharedClock, later};
use crate::config::Upload;
use crate::files::{self, FileSource};
use crate::http::{self, Backoff};
use crate::json::{self, Members};
use crate::ledger::{self, AlmaKind, Ledger};

const PHOTOS: &str = "photos";
/// What a scan begins with that is to be uploaded.
const FILE: &str = "file:";

/// Brings files from where they are to Alma.
pub(super) struct Files<'d> {
    pub(super) api: &'d Api,
    pub(super) ledger: &'d Ledger,
    pub(super) clock: &'d SharedClock,
    pub(super) source: Option<&'d dyn FileSource>,
    pub(super) upload: Upload,
    /// The most bytes of a file.
    pub(super) limit: usize,
}

/// A set of photos that is about to be written.
pub(super) struct Set {
    /// Each file of the set, with Alma's photo where it is known.
    files: Vec<(String, Option<i64>)>,
    /// The photos that Alma has already.
    there: Vec<i64>,
}

impl Files<'_> {
    /// Puts uploads in the place of the files that fields name. Answers the set of photos,
    /// where there is one, or what comes of the object instead.
    ///
    /// # Errors
    /// What Alma answered instead.
    pub(super) async fn upload(
        &self,
        task: &Task,
        fields: &mut Fields,
        object: Option<&Object>,
    ) -> Result<Result<Option<Set>, Outcome>, api::Error> {
        let scans: Vec<(String, String)> = fields
            .iter()
            .filter_map(|(name, value)| {
                let file = json::string(value)?.strip_prefix(FILE)?.to_owned();
                Some((name.to_owned(), file))
            })
            .collect();
        for (name, file) in scans {
            match self.id(task, &name, &file).await? {
                Ok(id) => fields.set(&name, id.to_string()),
                Err(outcome) => return Ok(Err(outcome)),
            }
        }
        let Some(set) = fields.get(PHOTOS).and_then(|set| set_of(set, task, object)) else {
            return Ok(Ok(None));
        };
        let ours = noted(task.sent.as_ref());
        let has_noted = task.sent.is_some() && ours.iter().all(|(_, id)| id.is_some());
        let is_ours = |id: &i64| {
            let mut all = ours.iter().chain(&set.files);
            all.any(|(_, known)| known.as_ref() == Some(id))
        };
        // Where it is not known which are ours, the set is made anew.
        let theirs = set.there.iter().filter(|id| has_noted && !is_ours(id));
        let mut written: Vec<String> = Vec::new();
        for (file, id) in &set.files {
            written.push(match id {
                Some(id) => format!("{{\"id\":{id}}}"),
                None => match self.id(task, PHOTOS, file).await? {
                    Ok(id) => format!("{{\"external_file_id\":{id}}}"),
                    Err(outcome) => return Ok(Err(outcome)),
                },
            });
        }
        written.extend(theirs.map(|id| format!("{{\"id\":{id}}}")));
        let there: Vec<String> = set
            .there
            .iter()
            .map(|id| format!("{{\"id\":{id}}}"))
            .collect();
        if object.is_some() && written == there {
            fields.remove(PHOTOS);
        } else {
            fields.set(PHOTOS, format!("[{}]", written.join(",")));
        }
        Ok(Ok(Some(set)))
    }

    /// Notes in what was sent which photo of Alma each file has become. Where it cannot be
    /// told, nothing is noted, and the next change makes the set anew.
    pub(super) async fn note(&self, kind: AlmaKind, id: i64, set: Option<Set>, sent: &mut Fields) {
        let Some(mut set) = set.filter(|set| !set.files.is_empty()) else {
            return;
        };
        let Ok(Some(object)) = self.api.read(kind, &At::Id(id)).await else {
            return;
        };
        let new: Vec<i64> = ids(&object)
            .into_iter()
            .filter(|id| !set.there.contains(id))
            .collect();
        let without = set.files.iter_mut().filter(|(_, id)| id.is_none());
        let without: Vec<_> = without.collect();
        if without.len() == new.len() {
            for ((_, id), new) in without.into_iter().zip(new) {
                *id = Some(new);
            }
            sent.set(PHOTOS, text(&set.files));
        }
    }

    /// Alma's id of a file, which is uploaded where it was not.
    async fn id(
        &self,
        task: &Task,
        field: &str,
        file: &str,
    ) -> Result<Result<i64, Outcome>, api::Error> {
        let name = file.to_owned();
        match self
            .ledger
            .read(move |reader| reader.alma_file(&name))
            .await
        {
            Ok(Some(id)) => return Ok(Ok(id)),
            Ok(None) => {}
            Err(error) => return Ok(Err(self.again(task, error.to_string()))),
        }
        let Some(source) = self.source else {
            return Ok(Err(Outcome::Blocked(format!(
                "{field}: its file is in Bitrix24, which the config switches off; switch it on, then \
                 `uzhkh-ledger alma retry {}`",
                task.key()
            ))));
        };
        let (sha256, id) = match self.upload {
            Upload::JsonUrl => match source.link(file).await {
                Ok(link) => (None, self.api.upload(&File::Link(&link)).await?),
                Err(error) => return Ok(Err(self.without(task, field, file, &error))),
            },
            Upload::Multipart => match source.fetch(file, self.limit).await {
                Ok(content) => match self.content(&content).await? {
                    Ok((sha256, id)) => (Some(sha256), id),
                    Err(error) => return Ok(Err(self.again(task, error.to_string()))),
                },
                Err(error) => return Ok(Err(self.without(task, field, file, &error))),
            },
        };
        let file = file.to_owned();
        let remembering = self
            .ledger
            .write(move |tx| tx.remember_alma_file(&file, sha256.as_deref(), id));
        Ok(match remembering.await {
            Ok(()) => Ok(id),
            Err(error) => Err(self.again(task, error.to_string())),
        })
    }

    /// The hash of a content and Alma's id of it, which may be known from another file.
    async fn content(
        &self,
        content: &files::Content,
    ) -> Result<Result<(String, i64), ledger::Error>, api::Error> {
        let sha256 = ledger::sha256(&content.bytes);
        let like = sha256.clone();
        let known = self.ledger.read(move |reader| reader.alma_file_like(&like));
        match known.await {
            Ok(Some(id)) => return Ok(Ok((sha256, id))),
            Ok(None) => {}
            Err(error) => return Ok(Err(error)),
        }
        let file = File::Content(http::File {
            name: &content.name,
            content_type: &content.content_type,
            content: &content.bytes,
        });
        Ok(Ok((sha256, self.api.upload(&file).await?)))
    }

    /// What comes of an object whose file cannot be had.
    fn without(&self, task: &Task, field: &str, file: &str, error: &files::Error) -> Outcome {
        let reason = format!("{field}: the file {file} cannot be had: {error}");
        match error {
            files::Error::Later(_) => self.again(task, reason),
            files::Error::Gone(_) => Outcome::Blocked(reason),
            files::Error::TooLarge(_) => Outcome::Blocked(format!(
                "{reason}; make it smaller there, or raise alma.max_file_bytes, then \
                 `uzhkh-ledger alma retry {}`",
                task.key()
            )),
        }
    }

    fn again(&self, task: &Task, error: String) -> Outcome {
        let delay = Backoff::default().delay(task.row.attempts, &mut fastrand::Rng::new());
        Outcome::Again {
            next: later(self.clock.now(), delay),
            error,
        }
    }
}

/// Of an object that is adopted, what people or an answer that was lost have put there
/// stays: a scan, and photos where there are as many as there should be.
pub(super) fn leave_what_is_there(changed: &mut Fields, object: &Object) {
    let is_there = |name: &str, value: &str| {
        let Some(held) = object.fields.get(name) else {
            return false;
        };
        let is_scan = json::string(value).is_some_and(|text| text.starts_with(FILE));
        let is_set = name == PHOTOS
            && json::elements(value).is_some_and(|set| set.len() == ids(object).len());
        is_set || is_scan && !matches!(held, "null" | "\"\"")
    };
    let left = changed.iter().filter(|(name, value)| is_there(name, value));
    let left: Vec<String> = left.map(|(name, _)| name.to_owned()).collect();
    for name in left {
        changed.remove(&name);
    }
}

/// The set that photos are, with the photos of Alma that its files are known to be.
fn set_of(set: &str, task: &Task, object: Option<&Object>) -> Option<Set> {
    let there = object.map(ids).unwrap_or_default();
    let mut before = noted(task.sent.as_ref());
    if object.is_none() {
        before.clear();
    }
    let mut files: Vec<(String, Option<i64>)> = Vec::new();
    for file in photos(set)? {
        let file = json::string(file)?.into_owned();
        let known = before.iter().find(|(known, _)| *known == file);
        let id = known
            .and_then(|(_, id)| *id)
            .filter(|id| there.contains(id));
        files.push((file, id));
    }
    // The answer to an earlier attempt was lost: the newest that nobody knows are ours.
    let unknown = there
        .iter()
        .filter(|id| !before.iter().any(|(_, known)| known.as_ref() == Some(*id)));
    let unknown: Vec<i64> = unknown.copied().collect();
    let missing = files.iter().filter(|(_, id)| id.is_none()).count();
    if task.row.attempts > 0 && missing > 0 && unknown.len() >= missing && task.sent.is_some() {
        let newest = unknown.into_iter().rev().take(missing).collect::<Vec<_>>();
        let without = files.iter_mut().filter(|(_, id)| id.is_none());
        for ((_, id), new) in without.zip(newest.into_iter().rev()) {
            *id = Some(new);
        }
    }
    Some(Set { files, there })
}

/// The files of the photos that were sent, with Alma's photos where they were noted.
fn noted(sent: Option<&Fields>) -> Vec<(String, Option<i64>)> {
    let set = sent.and_then(|sent| json::elements(sent.get(PHOTOS)?));
    let photos = set.unwrap_or_default().into_iter();
    let photo = |photo| {
        let members = Members::parse(photo)?;
        let file = json::string(members.get("file")?)?.into_owned();
        Some((file, members.get("id").and_then(|id| id.parse().ok())))
    };
    photos.filter_map(photo).collect()
}

/// Alma's ids of the photos of an object, in their order.
fn ids(object: &Object) -> Vec<i64> {
    let set = object.fields.get(PHOTOS).and_then(json::elements);
    let photos = set.unwrap_or_default().into_iter();
    photos
        .filter_map(|photo| Members::parse(photo)?.get("id")?.parse().ok())
        .collect()
}

fn text(files: &[(String, Option<i64>)]) -> String {
    let photos: Vec<String> = files
        .iter()
        .map(|(file, id)| match id {
            Some(id) => format!("{{\"file\":{},\"id\":{id}}}", json::quote(file)),
            None => format!("{{\"file\":{}}}", json::quote(file)),
        })
        .collect();
    format!("[{}]", photos.join(","))
}
