//! The model: what must stand in a ledger, as plainly as it can be said.

use std::collections::{BTreeMap, BTreeSet};

use super::content::{Content, Key, is_temporary};

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

/// A record, and what has happened to it so far.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) content: Content,
    pub(crate) is_deleted: bool,
    pub(crate) is_missing: bool,
    pub(crate) ops: Vec<&'static str>,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) records: BTreeMap<Key, Record>,
    /// What has a permanent id.
    pub(crate) identified: BTreeSet<Key>,
    /// What came in an entry whose Guid had come with another body.
    pub(crate) revised: BTreeSet<Key>,
    /// Queue, Guid and text of every entry.
    entries: BTreeSet<(&'static str, String, String)>,
}

impl Ledger {
    pub(crate) fn knows(&self, entry: &Entry) -> bool {
        let known = (entry.queue, entry.guid.clone(), entry.text.clone());
        self.entries.contains(&known)
    }

    pub(crate) fn entries(&self) -> usize {
        self.entries.len()
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
                            self.revised.insert(content.key());
                        }
                    }
                }
            }
        }
    }

    fn delete(&mut self, key: Key) {
        self.identify(&[key]);
        let record = self.records.entry(key).or_insert_with(|| Record {
            content: Content::tombstone(key),
            is_deleted: false,
            is_missing: false,
            ops: Vec::new(),
        });
        if !record.is_deleted {
            record.is_deleted = true;
            record.is_missing = false;
            record.ops.push("delete");
        }
    }

    /// From an entry: what is deleted stays so.
    fn put(&mut self, content: &Content) {
        self.identify(&content.named());
        let persons = content.persons();
        for content in std::iter::once(content).chain(&persons) {
            if self.records.get(&content.key()).is_none_or(|record| !record.is_deleted) {
                self.record(content);
            }
        }
    }

    fn record(&mut self, content: &Content) {
        let op = match self.records.get(&content.key()) {
            None => "insert",
            Some(record) if record.is_deleted => "restore",
            Some(record) if record.content != *content => "update",
            Some(_) => {
                // Seen again, wherever.
                self.records.get_mut(&content.key()).unwrap().is_missing = false;
                return;
            }
        };
        let record = self.records.entry(content.key()).or_insert_with(|| Record {
            content: content.clone(),
            is_deleted: false,
            is_missing: false,
            ops: Vec::new(),
        });
        record.content = content.clone();
        record.is_deleted = false;
        record.is_missing = false;
        record.ops.push(op);
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
            seen.insert(item.key());
        }
        for (key, record) in &mut self.records {
            let is_listed = !matches!(key.0, "resident" | "car");
            if is_listed && !record.is_deleted && !seen.contains(key) {
                record.is_missing = true;
            }
        }
    }

    fn identify(&mut self, keys: &[Key]) {
        let ours = keys.iter().filter(|key| is_temporary(**key));
        self.identified.extend(ours);
    }
}
