//! Sends an object without the fields whose files are not uploaded yet: they follow when the
//! files are there.

use crate::alma::api::Object;
use crate::alma::fields::Fields;
use crate::alma::files::{PHOTOS, of_field};
use crate::alma::state::{Cause, Outcome};
use crate::alma::task::Task;
use crate::ledger::AlmaFile;

/// The fields that an object goes without, and the file that it waits for.
#[derive(Debug, Clone)]
pub(super) struct AwaitedFiles {
    fields: Vec<String>,
    file: String,
    /// Whether it is still to come.
    comes: bool,
    reason: String,
}

/// Splits `desired` into the fields whose files are in Alma, and the rest.
pub(super) fn split_off_missing(task: &Task, desired: &Fields) -> (Fields, Option<AwaitedFiles>) {
    let mut ready = desired.clone();
    let mut fields: Vec<String> = Vec::new();
    let mut missing: Vec<&(String, AlmaFile)> = Vec::new();
    for (name, value) in desired.iter() {
        let named = of_field(name, value);
        let before = missing.len();
        missing.extend(task.files.iter().filter(|(file, state)| {
            named.contains(file) && !matches!(state, AlmaFile::Uploaded(_))
        }));
        if missing.len() > before {
            ready.remove(name);
            fields.push(name.to_owned());
        }
    }
    let last = missing.iter().max_by_key(|(_, state)| match state {
        // Files are uploaded in this order: with the last one all are there.
        AlmaFile::Pending(seq, _) => *seq,
        _ => i64::MIN,
    });
    let awaited = last.map(|(file, state)| AwaitedFiles {
        reason: reason(task, &fields, file, state, &missing),
        fields: fields.clone(),
        file: file.clone(),
        comes: matches!(state, AlmaFile::Pending(..)),
    });
    (ready, awaited)
}

/// Why an object waits, in words that an operator can act on.
fn reason(
    task: &Task,
    fields: &[String],
    file: &str,
    state: &AlmaFile,
    missing: &[&(String, AlmaFile)],
) -> String {
    let fields = fields.join(", ");
    let failed = missing.iter().find_map(|(file, state)| match state {
        AlmaFile::Failed(reason) => Some((file, reason)),
        _ => None,
    });
    if let Some((file, reason)) = failed {
        return format!(
            "{fields}: the file {file} cannot be had: {reason}; then `uzhkh-ledger alma retry {}`",
            task.key().typed()
        );
    }
    let tried = match state {
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

impl AwaitedFiles {
    /// The outcome for an object that was synced without these fields.
    pub(super) fn apply(self, task: &Task, outcome: Outcome) -> Outcome {
        let (alma_id, mut sent, other) = match outcome {
            Outcome::Synced { alma_id, sent } => (alma_id, sent, None),
            Outcome::Partial { alma_id, sent, cause, reason } => {
                (alma_id, sent, Some((cause, reason)))
            }
            outcome => return outcome,
        };
        for field in self.fields {
            // The field was not sent: Alma holds what it was sent before.
            if let Some(before) = task.sent.as_ref().and_then(|sent| sent.get(&field)) {
                sent.set(&field, before);
            }
        }
        let (cause, reason) = match other {
            None => (Cause::File(self.file), self.reason),
            // The next look, which the file brings about, finds the other one again.
            Some((Cause::Refused | Cause::Lacks | Cause::Object(_), reason)) if self.comes => {
                (Cause::File(self.file), format!("{}; {reason}", self.reason))
            }
            Some((cause, reason)) => (cause, format!("{reason}; {}", self.reason)),
        };
        Outcome::Partial { alma_id, sent, cause, reason }
    }
}

/// Takes the scans of the source out of what is sent where the object has a scan already that
/// we never sent, put there by people or by a request whose answer was lost.
pub(super) fn keep_scans(changed: &mut Fields, task: &Task, object: &Object) {
    let has_scan = |name: &str, value: &str| {
        let held = object.fields.get(name).unwrap_or("null");
        let was_sent = task.sent.as_ref().is_some_and(|sent| sent.get(name).is_some());
        !was_sent
            && name != PHOTOS
            && !of_field(name, value).is_empty()
            && !matches!(held, "null" | "\"\"")
    };
    let kept: Vec<String> = changed
        .iter()
        .filter(|(name, value)| has_scan(name, value))
        .map(|(name, _)| name.to_owned())
        .collect();
    for name in kept {
        changed.remove(&name);
    }
}
