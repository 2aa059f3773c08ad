//! Compares what Alma holds with what it was last sent: everything is read, by GET alone.
//!
//! What people change in Alma is left alone until the ledger changes the same field. An audit
//! shows it, and taking an object back has exactly those fields sent again.

use std::collections::HashMap;

use futures_util::{StreamExt, stream};
use serde::Serialize;

use super::api::{Api, Object};
use super::fields::Fields;
use super::files::{PHOTOS, of_field};
use super::lists::Lists;
use super::lookup::Lookup;
use super::merged::Merged;
use super::plan::{AskError, shown};
use super::refused::Refused;
use super::sync::ended::EARLY_END;
use super::task::Task;
use crate::config::{self, Config};
use crate::http::Deadline;
use crate::json;
use crate::ledger::{AlmaKey, AlmaPhoto, AlmaRow, AlmaState, AlmaWait, AsPhoto, Error, Reader, Tx};

/// An object that Alma holds otherwise than it was last sent.
#[derive(Debug, Clone, Serialize)]
pub struct Audited {
    /// `alma_object.kind`
    pub kind: &'static str,
    /// `alma_object.external_id`
    pub external_id: String,
    /// `alma_object.alma_id`
    pub alma_id: Option<i64>,
    /// What is otherwise.
    pub finding: Finding,
    /// Each field that differs: its name, what was sent, what Alma has; JSON texts, secrets
    /// masked.
    pub fields: Vec<(String, String, String)>,
    /// The fields to be taken back, each with Alma's value, which is not shown.
    #[serde(skip)]
    differing: Vec<(String, String)>,
    /// What was sent when this was read.
    #[serde(skip)]
    sent: Option<String>,
}

/// How Alma holds an object otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Finding {
    /// Fields differ.
    Differs,
    /// It is archived.
    Archived,
    /// Alma has no such object of ours any more.
    Vanished,
}

impl Finding {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Finding::Differs => "differs",
            Finding::Archived => "archived",
            Finding::Vanished => "vanished",
        }
    }
}

/// Reads every object that Alma was sent, or only one, and answers those that are otherwise there.
///
/// # Errors
/// The ledger cannot be read, there is no such object or nothing of it is sent, or Alma does not
/// answer.
pub async fn audit(
    config: &Config,
    alma: &config::Alma,
    only: Option<&AlmaKey>,
) -> Result<Vec<Audited>, AskError> {
    let tasks = sent(&Reader::open(&config.ledger.path)?, only)?;
    let api = Api::new(alma, &config.http, &Deadline::of_pass())?;
    let lists = Lists::default();
    let lookup = Lookup {
        api: &api,
        lists: &lists,
        merged: Merged::Never,
        are_many: true,
        buildings: HashMap::new(),
    };
    let mut audited = Vec::new();
    let mut looks = stream::iter(tasks)
        .map(|task| async {
            let found = match task.row.alma_id {
                Some(alma_id) => lookup.read_ours(&task, alma_id).await?,
                None => None,
            };
            Ok::<_, AskError>((task, found))
        })
        .buffered(alma.concurrency);
    while let Some(look) = looks.next().await {
        let (task, found) = look?;
        audited.extend(compared(task, found));
    }
    Ok(audited)
}

/// The objects that Alma was sent, each wanted as it was sent.
fn sent(reader: &Reader, only: Option<&AlmaKey>) -> Result<Vec<Task>, Error> {
    let rows = match only {
        None => reader.known_alma()?,
        Some(key) => {
            let row = reader.alma_row(key)?;
            let row = row.ok_or_else(|| Error::system(Refused::NoSuchObject(key.clone())))?;
            if let Some(refused) = why_not_audited(&row) {
                return Err(Error::system(refused));
            }
            vec![row]
        }
    };
    let rows = rows.into_iter().filter(|row| why_not_audited(row).is_none());
    rows.map(|row| Task::read(AlmaRow { desired: row.sent.clone(), ..row }, reader)).collect()
}

/// Why there is nothing of an object to compare; `None`: it was sent, and goes on being sent.
fn why_not_audited(row: &AlmaRow) -> Option<Refused> {
    let key = || row.key.clone();
    match row.state {
        AlmaState::Ended => Some(Refused::Ended(key())),
        AlmaState::Excluded => Some(Refused::LeftOut(key())),
        _ if row.alma_id.is_none() => Some(Refused::NotInAlma(key())),
        _ if row.sent.is_none() => Some(Refused::NeverSent(key())),
        _ => None,
    }
}

/// What is otherwise; `None`: nothing.
fn compared(task: Task, found: Option<Object>) -> Option<Audited> {
    let of = |finding, differing: Vec<(String, String, String)>| Audited {
        kind: task.key().kind.word(),
        external_id: task.key().external_id.clone(),
        alma_id: task.row.alma_id,
        finding,
        fields: differing
            .iter()
            .map(|(name, sent, now)| (name.clone(), shown(name, sent), shown(name, now)))
            .collect(),
        differing: differing.into_iter().map(|(name, _, now)| (name, now)).collect(),
        sent: task.row.sent.clone(),
    };
    let Some(object) = found else {
        return Some(of(Finding::Vanished, Vec::new()));
    };
    if object.is_archived {
        return Some(of(Finding::Archived, Vec::new()));
    }
    let differing = differences(&task, &object);
    (!differing.is_empty()).then(|| of(Finding::Differs, differing))
}

/// The fields that differ: the name, what was sent, what Alma has.
fn differences(task: &Task, object: &Object) -> Vec<(String, String, String)> {
    let sent = task.sent.clone().unwrap_or_default();
    let mut expected = task.resolved(&sent);
    expected.remove(EARLY_END);
    let photos = expected.get(PHOTOS).map(str::to_owned);
    expected.remove(PHOTOS);
    if let Some((field, ..)) = task.missing() {
        // What it refers to has left Alma's side of the ledger: that is told of that object.
        expected.remove(field);
    }
    let mut differing: Vec<(String, String, String)> = expected
        .changed_from(&object.fields)
        .iter()
        .filter(|(name, value)| !is_scan_there(name, value, object))
        // What an answer leaves out is empty.
        .filter(|(name, value)| *value != "null" || object.fields.get(name).is_some())
        .map(|(name, _)| {
            let before = sent.get(name).unwrap_or("null").to_owned();
            (name.to_owned(), before, object.fields.get(name).unwrap_or("null").to_owned())
        })
        .collect();
    let there = object.fields.get(PHOTOS).unwrap_or("[]");
    if photos.is_some() && lacks_photos(&task.photos, there) {
        differing.push((PHOTOS.to_owned(), known(&task.photos), there.to_owned()));
    }
    differing
}

/// Whether a field is a scan that Alma has: it reads back as a path, which tells no more.
fn is_scan_there(name: &str, value: &str, object: &Object) -> bool {
    let held = object.fields.get(name).unwrap_or("null");
    !of_field(name, value).is_empty() && !matches!(held, "null" | "\"\"")
}

/// Whether a photo that was written is no longer there.
fn lacks_photos(written: &[AlmaPhoto], there: &str) -> bool {
    let there = json::elements(there).unwrap_or_default();
    written.iter().any(|photo| match &photo.as_photo {
        AsPhoto::Id(id) => !there.contains(&format!("{{\"id\":{id}}}").as_str()),
        AsPhoto::Beside(_) => false,
    })
}

fn known(written: &[AlmaPhoto]) -> String {
    let ids = written.iter().filter_map(|photo| match &photo.as_photo {
        AsPhoto::Id(id) => Some(format!("{{\"id\":{id}}}")),
        AsPhoto::Beside(_) => None,
    });
    format!("[{}]", ids.collect::<Vec<_>>().join(","))
}

/// Has the fields of an object that differ sent again, and no others. One that is archived or gone
/// is looked at as a pass would.
///
/// # Errors
/// [`Refused`] where the object waits for a release, is not wanted, or was sent anew meanwhile.
pub fn take(tx: &Tx<'_>, key: &AlmaKey, audited: &Audited) -> Result<(), Error> {
    let row = tx.alma_row(key)?.ok_or_else(|| Error::system(Refused::NoSuchObject(key.clone())))?;
    if row.state == AlmaState::Held {
        return Err(Error::system(Refused::Held(key.clone())));
    }
    if row.desired.is_none() || row.sent != audited.sent {
        return Err(Error::system(Refused::Moved(key.clone())));
    }
    let mut sent = row.sent.as_deref().and_then(Fields::parse).unwrap_or_default();
    for (name, now) in &audited.differing {
        // As Alma has it: the difference to what is wanted is sent.
        sent.set(name, now.as_str());
    }
    let sent = (audited.finding == Finding::Differs).then(|| sent.text());
    tx.put_alma_row(&AlmaRow {
        sent,
        state: AlmaState::Pending,
        reason: None,
        attempts: 0,
        next_attempt_at: None,
        waits_for: None::<AlmaWait>,
        ..row
    })
}
