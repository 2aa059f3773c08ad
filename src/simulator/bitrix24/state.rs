//! State of the portal: items, their files, the order in which they were changed.
//!
//! Items lie by kind and id, and once more by the time of their last change, so that a page
//! of twenty thousand costs what a page of fifty does.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::BitrixOptions;
use super::bucket::Level;
use super::file::File;
use super::kind::BitrixKind;
use super::names::inside;
use super::world::World;
use crate::Options;
use crate::clock::Clock;

pub(super) type Place = (BitrixKind, u64);

/// What a field holds.
#[derive(Clone, Debug)]
pub(super) enum Held {
    /// JSON as it is sent.
    Json(String),
    /// Files by their ids, sent as a list or as the only one.
    Files { ids: Vec<u64>, is_list: bool },
}

/// An item of a smart process, or a contact.
pub(super) struct Item {
    /// In seconds since 1970, as is the next.
    pub(super) created: i64,
    pub(super) updated: i64,
    /// By original name.
    pub(super) fields: BTreeMap<String, Held>,
}

pub(crate) struct Memory {
    pub(super) clock: Clock,
    /// `http://HOST:PORT`
    pub(super) portal: String,
    pub(super) secret: String,
    pub(super) options: BitrixOptions,
    pub(super) items: BTreeMap<Place, Item>,
    /// Fields that a kind does not have here, by original name.
    pub(super) lacking: BTreeSet<(BitrixKind, String)>,
    pub(super) by_update: BTreeSet<(BitrixKind, i64, u64)>,
    pub(super) files: BTreeMap<u64, File>,
    pub(super) last_file: u64,
    pub(super) seed: u64,
    pub(super) level: Level,
    pub(super) world: World,
    /// Violations of the current request.
    pub(super) problems: Vec<String>,
    pub(super) downloads: u64,
    pub(super) calls: u64,
}

impl Memory {
    pub(crate) fn new(options: &Options) -> Self {
        let mut memory = Self {
            clock: Clock::new(options.timezone.clone()),
            portal: String::new(),
            secret: options.bitrix_secret.clone(),
            options: options.bitrix.clone(),
            items: BTreeMap::new(),
            by_update: BTreeSet::new(),
            files: BTreeMap::new(),
            last_file: 7000,
            seed: options.seed,
            level: Level::default(),
            world: World::new(options),
            lacking: BTreeSet::new(),
            problems: Vec::new(),
            downloads: 0,
            calls: 0,
        };
        memory.populate(options.bitrix_apartments);
        memory
    }

    /// Seconds since 1970 on the portal's clock.
    pub(super) fn now(&self) -> i64 {
        let now = self.clock.now().to_zoned_datetime(self.clock.zone().clone());
        now.map_or_else(|_| Clock::unix_seconds(), |now| now.timestamp().as_second())
    }

    /// `2026-11-22T10:00:00+03:00`
    pub(super) fn moment(&self, seconds: i64) -> String {
        let moment = Timestamp::from_second(seconds).unwrap_or_default();
        let local = moment.to_zoned_datetime(self.clock.zone().clone());
        local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// The ids of a kind, ascending.
    pub(super) fn ids(&self, kind: BitrixKind) -> impl DoubleEndedIterator<Item = u64> {
        self.range(kind, 0, u64::MAX)
    }

    pub(super) fn range(
        &self,
        kind: BitrixKind,
        low: u64,
        high: u64,
    ) -> impl DoubleEndedIterator<Item = u64> {
        // A range that ends before it begins would panic.
        let range = (kind, low)..=(kind, high.max(low));
        let ids = self.items.range(range).map(|((_, id), _)| *id);
        ids.filter(move |id| *id <= high)
    }

    /// An item comes to be, or is another one from now on.
    pub(super) fn insert(&mut self, place: Place, item: Item) {
        self.remove_entry(place);
        let (kind, id) = place;
        self.by_update.insert((kind, item.updated, id));
        self.items.insert(place, item);
    }

    fn remove_entry(&mut self, (kind, id): Place) -> Option<Item> {
        let item = self.items.remove(&(kind, id))?;
        self.by_update.remove(&(kind, item.updated, id));
        Some(item)
    }

    /// An item is no more, nor are its files.
    pub(super) fn remove(&mut self, place: Place) -> bool {
        let Some(item) = self.remove_entry(place) else {
            return false;
        };
        for held in item.fields.into_values() {
            self.forget(held);
        }
        true
    }

    /// Files that no field holds any more cannot be fetched.
    fn forget(&mut self, held: Held) {
        if let Held::Files { ids, .. } = held {
            for id in ids {
                self.files.remove(&id);
            }
        }
    }

    /// An item moves to the end of the order of changes.
    pub(super) fn touch(&mut self, (kind, id): Place) -> bool {
        let now = self.now();
        let Some(item) = self.items.get_mut(&(kind, id)) else {
            return false;
        };
        self.by_update.remove(&(kind, item.updated, id));
        item.updated = now;
        self.by_update.insert((kind, now, id));
        true
    }

    /// A field holds something else from now on.
    pub(super) fn change(&mut self, place: Place, field: &str, held: Held) -> bool {
        let name = inside(place.0, field);
        if !self.touch(place) {
            return false;
        }
        let item = self.items.get_mut(&place);
        let earlier = item.and_then(|item| item.fields.insert(name, held));
        if let Some(earlier) = earlier {
            self.forget(earlier);
        }
        true
    }

    /// Takes the members of a JSON object, in whatever spelling.
    pub(super) fn put(&mut self, place: Place, members: BTreeMap<String, String>) {
        let now = self.now();
        let mut item = Item { created: now, updated: now, fields: BTreeMap::new() };
        for (name, raw) in members {
            let name = inside(place.0, &name);
            let moment = || self.parse_moment(raw.trim_matches('"'));
            match name.as_str() {
                "ID" | "ENTITY_TYPE_ID" => {}
                "CREATED_TIME" => item.created = moment().unwrap_or(now),
                "UPDATED_TIME" => item.updated = moment().unwrap_or(now),
                _ => {
                    item.fields.insert(name, Held::Json(raw));
                }
            }
        }
        self.remove(place);
        self.insert(place, item);
    }

    /// A moment as a filter writes it, in one of the two ways, in seconds.
    pub(super) fn parse_moment(&self, text: &str) -> Option<i64> {
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Some(moment.as_second());
        }
        let local: jiff::civil::DateTime = text.parse().ok()?;
        let zoned = local.to_zoned_datetime(self.clock.zone().clone()).ok()?;
        Some(zoned.timestamp().as_second())
    }
}
