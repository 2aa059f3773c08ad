//! A queue: entries in order, found by guid.
//!
//! An entry stays until it is deleted by its guid. Entries are kept as the bytes
//! that are offered; an answer walks them in order from a cursor, a chunk at a
//! time, so that neither the lock nor the memory depends on how many wait.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;

use super::kind::Kind;

/// An entry: its text, and what UZhKH knows it to be about.
pub(super) struct Entry {
    /// None for rubbish without a readable Guid: it can never be deleted.
    pub(super) guid: Option<Box<str>>,
    /// The element of the answer's array, verbatim.
    pub(super) body: Bytes,
    /// The top-level objects (requests) or the deleted object, with the ids
    /// that the text has for them.
    pub(super) objects: Vec<(Kind, Box<str>)>,
    offered: bool,
}

impl Entry {
    pub(super) fn new(guid: Option<&str>, body: Bytes, objects: Vec<(Kind, Box<str>)>) -> Self {
        Self { guid: guid.map(Into::into), body, objects, offered: false }
    }
}

/// Entries by their place in the order, and the places of each guid.
#[derive(Default)]
pub(super) struct Queue {
    entries: BTreeMap<u64, Entry>,
    places: HashMap<Box<str>, Vec<u64>>,
    next: u64,
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn push(&mut self, entry: Entry) {
        let place = self.next;
        self.next += 1;
        if let Some(guid) = &entry.guid {
            self.places.entry(guid.clone()).or_default().push(place);
        }
        self.entries.insert(place, entry);
    }

    /// The place after the last entry: an answer that began now ends here.
    pub(super) fn end(&self) -> u64 {
        self.next
    }

    /// Size in bytes of the first `limit` entries, commas included.
    pub(super) fn measure(&self, limit: usize) -> usize {
        self.entries
            .values()
            .take(limit)
            .map(|entry| entry.body.len() + 1)
            .sum::<usize>()
            .saturating_sub(1)
    }

    /// The first entry at or after `from` and before `end`, marked as offered.
    pub(super) fn offer(&mut self, from: u64, end: u64) -> Option<(u64, &Bytes)> {
        let (place, entry) = self.entries.range_mut(from..end).next()?;
        entry.offered = true;
        Some((*place, &entry.body))
    }

    /// The waiting entries, in order.
    pub(super) fn texts(&self) -> Vec<Bytes> {
        self.entries.values().map(|entry| entry.body.clone()).collect()
    }

    /// The entries that a Delete of this guid is about: those offered, since a
    /// newer one of the same guid cannot be meant; all of them if none was.
    fn meant(&self, guid: &str) -> Vec<u64> {
        let all = self.places.get(guid).map_or(&[][..], Vec::as_slice);
        let offered: Vec<u64> = all
            .iter()
            .copied()
            .filter(|place| self.entries.get(place).is_some_and(|entry| entry.offered))
            .collect();
        if offered.is_empty() { all.to_vec() } else { offered }
    }

    /// The texts that a Delete of this guid is about.
    pub(super) fn find(&self, guid: &str) -> Vec<Bytes> {
        let meant = self.meant(guid);
        meant
            .iter()
            .filter_map(|place| self.entries.get(place))
            .map(|entry| entry.body.clone())
            .collect()
    }

    /// Takes out what a Delete of this guid is about.
    pub(super) fn remove(&mut self, guid: &str) -> Vec<Entry> {
        let meant = self.meant(guid);
        if let Some(places) = self.places.get_mut(guid) {
            places.retain(|place| !meant.contains(place));
            if places.is_empty() {
                self.places.remove(guid);
            }
        }
        meant.iter().filter_map(|place| self.entries.remove(place)).collect()
    }
}
