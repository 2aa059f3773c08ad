//! The model: what must stand in a ledger, as plainly as it can be said.

use std::collections::{BTreeMap, BTreeSet};

use super::Assign;
use super::content::{Content, Key, first_id, is_temporary};

/// Where a record stands: its kind and its id. The model's ids are those of the ledger, but for
/// UUIDs, which it cannot know: it has the temporary id for them.
pub(crate) type Place = (String, String);

/// An entry of a queue.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) queue: &'static str,
    pub(crate) guid: String,
    pub(crate) text: String,
    pub(crate) says: Says,
}

#[derive(Clone, Debug)]
pub(crate) enum Says {
    Entities(Vec<Content>),
    Deleted(Key),
    Nothing,
}

/// A record.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) content: Content,
    pub(crate) is_deleted: bool,
    pub(crate) is_missing: bool,
    /// As the ledger has it, which no model could foresee.
    pub(crate) updated_at: String,
}

impl Record {
    fn new(content: &Content) -> Self {
        let (content, updated_at) = (content.clone(), String::new());
        Self { content, is_deleted: false, is_missing: false, updated_at }
    }
}

pub(crate) struct Ledger {
    pub(super) assign: Assign,
    pub(crate) records: BTreeMap<Place, Record>,
    /// What has happened at each place so far.
    pub(crate) log: BTreeMap<Place, Vec<&'static str>>,
    /// The temporary things that were seen.
    pub(crate) identified: BTreeSet<Key>,
    /// The names that were given, before or after their things were seen.
    pub(crate) names: BTreeMap<Key, String>,
    /// What came in an entry whose Guid had come with another body.
    pub(crate) revised: BTreeSet<Place>,
    /// Queue, Guid and text of every entry.
    entries: BTreeSet<(&'static str, String, String)>,
}

impl Ledger {
    pub(crate) fn new(assign: Assign) -> Self {
        Self {
            assign,
            records: BTreeMap::new(),
            log: BTreeMap::new(),
            identified: BTreeSet::new(),
            names: BTreeMap::new(),
            revised: BTreeSet::new(),
            entries: BTreeSet::new(),
        }
    }

    pub(crate) fn knows(&self, entry: &Entry) -> bool {
        let known = (entry.queue, entry.guid.clone(), entry.text.clone());
        self.entries.contains(&known)
    }

    pub(crate) fn entries(&self) -> usize {
        self.entries.len()
    }

    /// The id that a thing has by now.
    pub(crate) fn id(&self, key: Key) -> String {
        match self.names.get(&key) {
            Some(name) if is_temporary(key) => name.clone(),
            _ => first_id(key),
        }
    }

    pub(super) fn place(&self, key: Key) -> Place {
        (key.0.to_owned(), self.id(key))
    }

    pub(super) fn note(&mut self, place: &Place, op: &'static str) {
        self.log.entry(place.clone()).or_default().push(op);
    }

    /// Entries, in the order of their queue.
    pub(crate) fn commit(&mut self, entries: &[Entry]) {
        for entry in entries {
            if self.knows(entry) {
                continue;
            }
            let is_revision = !entry.guid.is_empty()
                && self
                    .entries
                    .iter()
                    .any(|(queue, guid, _)| (*queue, guid) == (entry.queue, &entry.guid));
            let known = (entry.queue, entry.guid.clone(), entry.text.clone());
            self.entries.insert(known);
            match &entry.says {
                Says::Nothing => {}
                Says::Deleted(key) => self.delete(*key),
                Says::Entities(entities) => {
                    for content in entities {
                        self.put(content);
                        if is_revision {
                            self.revised.insert(self.place(content.key()));
                        }
                    }
                }
            }
        }
    }

    fn delete(&mut self, key: Key) {
        self.identify(&[key]);
        let place = self.place(key);
        let record = self.records.entry(place.clone());
        let record = record.or_insert_with(|| Record::new(&Content::tombstone(key)));
        if !record.is_deleted {
            record.is_deleted = true;
            record.is_missing = false;
            self.note(&place, "delete");
        }
    }

    /// From an entry: what is deleted stays so.
    fn put(&mut self, content: &Content) {
        self.identify(&content.named());
        let persons = content.persons();
        for content in std::iter::once(content).chain(&persons) {
            let known = self.records.get(&self.place(content.key()));
            if known.is_none_or(|record| !record.is_deleted) {
                self.record(content);
            }
        }
    }

    fn record(&mut self, content: &Content) {
        let place = self.place(content.key());
        let id = |key| self.id(key);
        let op = match self.records.get(&place) {
            None => "insert",
            Some(record) if record.is_deleted => "restore",
            Some(record) if !record.content.says_as(content, &id) => "update",
            Some(_) => {
                // Seen again, wherever.
                self.records.get_mut(&place).unwrap().is_missing = false;
                return;
            }
        };
        self.records.insert(place.clone(), Record::new(content));
        self.note(&place, op);
    }

    /// The full lists: they bring back, and what they lack is missing. Residents
    /// and cars have no list.
    pub(crate) fn resync(&mut self, items: &[Content]) {
        let mut seen = BTreeSet::new();
        for item in items {
            self.identify(&item.named());
            let persons = item.persons();
            for content in std::iter::once(item).chain(&persons) {
                self.record(content);
            }
            seen.insert(self.place(item.key()));
        }
        for (place, record) in &mut self.records {
            let is_listed = !matches!(place.0.as_str(), "resident" | "car");
            if is_listed && !record.is_deleted && !seen.contains(place) {
                record.is_missing = true;
            }
        }
    }

    fn identify(&mut self, keys: &[Key]) {
        let ours = keys.iter().filter(|key| is_temporary(**key));
        self.identified.extend(ours);
    }
}
