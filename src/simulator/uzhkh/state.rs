//! State of UZhKH: the queues, the objects and their ids, and the world that
//! the generator lives in.

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::Value;

use super::download::{DownloadMode, List};
use super::identities::{Assignment, Identities};
use super::kind::{Kind, MEMBERS, id_text, is_temporary, temporary_references};
use super::queue::{Entry, Queue};
use super::world::World;
use crate::Options;
use crate::endpoint::Endpoint;
use crate::invented::{guid, sealed};
use crate::json::Writer;
use crate::report::{Decision, SetIdCall};
use crate::state::State;

/// The two queues of To1c.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Requests,
    Deleted,
}

/// State of UZhKH.
pub(crate) struct Memory {
    pub(super) requests: Queue,
    pub(super) deleted: Queue,
    pub(super) identities: Identities,
    pub(super) world: World,
    pub(super) downloads: HashMap<List, Vec<String>>,
    pub(super) modes: HashMap<List, DownloadMode>,
    pub(super) token: String,
    pub(super) batch_limit: usize,
}

impl Memory {
    pub(crate) fn new(options: &Options) -> Self {
        let mut identities = Identities::default();
        Self {
            requests: Queue::default(),
            deleted: Queue::default(),
            world: World::new(options.seed, options.accounts, &mut identities),
            identities,
            downloads: HashMap::new(),
            modes: HashMap::new(),
            token: options.token.clone(),
            batch_limit: options.batch_limit.unwrap_or(usize::MAX),
        }
    }

    /// Numbers of entries that wait in To1c/Requests and To1c/DeletedItems.
    pub(crate) fn waiting(&self) -> [usize; 2] {
        [self.requests.len(), self.deleted.len()]
    }
}

impl State {
    pub(super) fn queue(&mut self, which: Which) -> &mut Queue {
        match which {
            Which::Requests => &mut self.uzhkh.requests,
            Which::Deleted => &mut self.uzhkh.deleted,
        }
    }

    /// More of the generator's envelopes, and whatever deletions come with them.
    pub(crate) fn generate(&mut self, count: usize) {
        for _ in 0..count {
            let step = self.uzhkh.world.step(&mut self.uzhkh.identities);
            let entry = Entry::new(Some(&step.guid), step.body.into(), step.objects);
            self.uzhkh.requests.push(entry);
            if let Some((kind, id)) = step.deletion {
                self.announce_deletion(kind.word(), &id);
            }
        }
    }

    /// An element of To1c/Requests, verbatim; what it is about is learnt from it
    /// as far as it can be read.
    pub(super) fn push_request(&mut self, body: Bytes) {
        let Ok(envelope) = serde_json::from_slice::<Value>(&body) else {
            self.uzhkh.requests.push(Entry::new(None, body, Vec::new()));
            return;
        };
        let mut objects = Vec::new();
        for member in MEMBERS {
            let Some(object) = envelope.get(member) else {
                continue;
            };
            self.meet_named(object, false);
            if let (Some(kind), Some(id)) = (Kind::of_member(member, object), id_text(object)) {
                self.uzhkh.identities.meet(kind, &id);
                objects.push((kind, id.into()));
            }
        }
        let guid = envelope.get("Guid").and_then(Value::as_str);
        self.uzhkh.requests.push(Entry::new(guid, body, objects));
    }

    /// What an object names besides itself exists too: an account's Persons, and
    /// whatever it refers to by an id that only UZhKH can have made.
    fn meet_named(&mut self, object: &Value, listed: bool) {
        for (kind, id) in temporary_references(object) {
            self.uzhkh.identities.meet(kind, id);
        }
        let persons = object.get("Persons").and_then(Value::as_array);
        for person in persons.into_iter().flatten() {
            self.meet_named(person, listed);
            match id_text(person) {
                Some(id) if listed => self.uzhkh.identities.revive(Kind::Resident, &id),
                Some(id) => self.uzhkh.identities.meet(Kind::Resident, &id),
                None => {}
            }
        }
    }

    /// An element of To1c/DeletedItems, verbatim.
    pub(super) fn push_deleted(&mut self, body: Bytes) {
        let item: Value = serde_json::from_slice(&body).unwrap_or_default();
        let kind = item.get("Type").and_then(Value::as_str).and_then(Kind::of_deleted_type);
        let mut objects = Vec::new();
        if let (Some(kind), Some(id)) = (kind, id_text(&item)) {
            self.uzhkh.identities.bury(kind, &id);
            objects.push((kind, id.into()));
        }
        let guid = item.get("Guid").and_then(Value::as_str);
        self.uzhkh.deleted.push(Entry::new(guid, body, objects));
    }

    /// Deletes an object by any id it had; answers the entry's guid.
    pub(super) fn push_deletion(&mut self, kind: &str, id: &str) -> String {
        if let Some(known) = Kind::of_deleted_type(kind) {
            let first = self.uzhkh.identities.first(known, id).to_owned();
            self.uzhkh.world.bury(known, &first);
        }
        self.announce_deletion(kind, id)
    }

    /// A DeletedItems entry, under the id that the object has now.
    fn announce_deletion(&mut self, kind: &str, id: &str) -> String {
        let drawn = guid(&mut self.random);
        let current = match Kind::of_deleted_type(kind) {
            Some(known) => self.uzhkh.identities.current(known, id).to_owned(),
            None => id.to_owned(),
        };
        let mut json = Writer::default();
        json.open();
        json.text("Guid", &drawn);
        json.text("Id", &current);
        json.text("Type", kind);
        json.close();
        let (guid, text) = sealed(&json.into_text(), &drawn);
        self.push_deleted(text.into());
        guid
    }

    /// Items that a Download list shall answer exist, whatever was said before.
    pub(super) fn set_download(&mut self, list: List, items: Vec<String>) {
        for text in &items {
            let Ok(item) = serde_json::from_str::<Value>(text) else {
                continue;
            };
            self.meet_named(&item, true);
            if let (Some(kind), Some(id)) = (Kind::of_member(list.member(), &item), id_text(&item))
            {
                self.uzhkh.identities.revive(kind, &id);
            }
        }
        self.uzhkh.downloads.insert(list, items);
    }

    /// `To1c/Delete`; false when there is no such guid.
    pub(super) fn delete(&mut self, guid: &str, object_id: Option<&str>) -> bool {
        let mut removed = self.uzhkh.requests.remove(guid);
        removed.extend(self.uzhkh.deleted.remove(guid));
        if self.record {
            self.note_delete(guid, object_id, !removed.is_empty());
        }
        for entry in &removed {
            if let Some(object_id) = object_id {
                self.assign_object_id(guid, entry, object_id);
            }
        }
        !removed.is_empty()
    }

    fn note_delete(&mut self, guid: &str, object_id: Option<&str>, known: bool) {
        if !known {
            let report = &mut self.report;
            let tried = report.deletes.contains_key(guid);
            if tried && !report.unknown_deletes.contains_key(guid) {
                report.repeated_deletes += 1;
            } else {
                *report.unknown_deletes.entry(guid.to_owned()).or_default() += 1;
            }
        }
        self.report.deletes.entry(guid.to_owned()).or_default().push(object_id.map(str::to_owned));
    }

    fn assign_object_id(&mut self, guid: &str, entry: &Entry, object_id: &str) {
        let [(kind, id)] = entry.objects.as_slice() else {
            self.report.violation(format!(
                "Delete {guid}: objectId {object_id} for {} objects, so it belongs to none",
                entry.objects.len()
            ));
            return;
        };
        self.note_identity(*kind, id, object_id);
        if let Err(problem) = self.uzhkh.identities.assign_on_delete(*kind, id, object_id) {
            self.report.violation(format!("Delete {guid}: {problem}"));
        }
    }

    fn note_identity(&mut self, kind: Kind, id: &str, permanent: &str) {
        if self.record && is_temporary(id) {
            self.report
                .identities
                .entry(format!("{}/{id}", kind.word()))
                .or_default()
                .insert(permanent.to_owned());
        }
    }

    /// `SetId`; answers the document's word.
    pub(super) fn set_id(
        &mut self,
        uzhk_id: Option<&str>,
        external_id: Option<&str>,
        kind: Option<&str>,
    ) -> &'static str {
        let (Some(id), Some(permanent), Some(word)) = (uzhk_id, external_id, kind) else {
            return "noData";
        };
        let Some(kind) = Kind::of_set_id_type(word) else {
            if Kind::of_deleted_type(word).is_some() {
                self.report.violation(format!("SetId {word} {id}: requests keep their own ids"));
            }
            return "unknownType";
        };
        let (assignment, problem) = self.uzhkh.identities.assign_by_set_id(kind, id, permanent);
        if assignment != Assignment::NotFound || problem.is_some() {
            self.note_identity(kind, id, permanent);
        }
        if let Some(problem) = problem {
            self.report.violation(format!("SetId: {problem}"));
        }
        match assignment {
            Assignment::Done => "success",
            Assignment::NotFound => "notFound",
            Assignment::Refused(_) => "error",
        }
    }

    /// Notes the word that a SetId call was answered with.
    pub(super) fn note_set_id(&mut self, call: SetIdCall) {
        if self.record {
            self.report.set_ids.push(call);
        }
    }

    /// A decision on a request; people are notified by each, so a second one for
    /// the same request is wrong.
    pub(super) fn decide(&mut self, endpoint: Endpoint, id: &str, decision: Decision) {
        let handled = match endpoint {
            Endpoint::HandleRequestToRegister => &mut self.report.register_decisions,
            _ => &mut self.report.object_decisions,
        };
        let decisions = handled.entry(id.to_owned()).or_default();
        let again = !decisions.is_empty();
        match decisions.iter_mut().find(|earlier| earlier.parameters == decision.parameters) {
            Some(earlier) => earlier.times += 1,
            None => decisions.push(decision),
        }
        if again {
            self.report.violation(format!("{} {id}: decided again", endpoint.name()));
        }
    }
}
