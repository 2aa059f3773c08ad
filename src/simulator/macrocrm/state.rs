//! State of MACRO: the objects, their buyers, the slots that are taken.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use jiff::civil::{Date, DateTime};

use super::{Category, PhpShape, ReadyFlat, RefusalShape, slots};
use crate::Options;
use crate::clock::Clock;
use crate::endpoint::Endpoint;
use crate::invented::phone;

/// A list is not shorter than this for long once it moves.
const VILLAGE: usize = 8;

/// An object whose deal is done.
pub(super) struct Object {
    pub(super) house_id: String,
    pub(super) category: Category,
    pub(super) flat_num: String,
    /// Of the shareholders on the buyer's side.
    pub(super) phones: Vec<String>,
}

pub(crate) struct Memory {
    pub(super) clock: Clock,
    pub(super) domain: String,
    pub(super) app_secret: String,
    pub(super) php: PhpShape,
    pub(super) refusals: RefusalShape,
    /// Titles by house id.
    pub(super) houses: BTreeMap<String, String>,
    /// Objects ready to be handed over.
    pub(super) objects: Vec<Object>,
    /// By house.
    pub(super) taken: BTreeSet<(String, DateTime)>,
    pub(super) raw: HashMap<Endpoint, Bytes>,
    /// Whether a `time` may be as old as it likes.
    pub(super) takes_any_time: bool,
    pub(super) random: fastrand::Rng,
    /// Objects generated so far, those handed over too.
    pub(super) built: usize,
    /// About so many objects are ready at any time.
    pub(super) usual: usize,
}

impl Memory {
    pub(crate) fn new(options: &Options) -> Self {
        let mut memory = Self {
            clock: Clock::new(options.timezone.clone()),
            domain: options.domain.clone(),
            app_secret: options.app_secret.clone(),
            php: options.php,
            refusals: options.refusals,
            houses: BTreeMap::new(),
            objects: Vec::new(),
            taken: BTreeSet::new(),
            raw: HashMap::new(),
            takes_any_time: false,
            random: fastrand::Rng::with_seed(options.seed ^ 0x3ac0),
            built: 0,
            usual: options.ready_flats.max(VILLAGE),
        };
        for _ in 0..options.ready_flats {
            memory.build();
        }
        memory
    }

    /// An object with one or two shareholders becomes ready.
    pub(super) fn finish(&mut self, house_id: &str, category: Category, flat_num: String) {
        let shareholders = self.random.usize(1..=2);
        let phones = std::iter::repeat_with(|| phone(&mut self.random)).take(shareholders);
        let phones = phones.collect();
        self.objects.push(Object { house_id: house_id.to_owned(), category, flat_num, phones });
    }

    pub(super) fn set_ready(
        &mut self,
        house_id: &str,
        title: &str,
        category: Category,
        flats: &[&str],
    ) {
        self.houses.insert(house_id.to_owned(), title.to_owned());
        let wanted = |object: &Object| flats.contains(&object.flat_num.as_str());
        self.objects.retain(|object| {
            object.house_id != house_id || object.category != category || wanted(object)
        });
        for flat in flats {
            if self.find(house_id, flat, Some(category)).is_none() {
                self.finish(house_id, category, (*flat).to_owned());
            }
        }
    }

    pub(super) fn ready_flats(&self) -> Vec<ReadyFlat> {
        let flats = self.objects.iter().map(|object| ReadyFlat {
            house_id: object.house_id.clone(),
            category: object.category,
            flat_num: object.flat_num.clone(),
            phone: object.phones.first().cloned().unwrap_or_default(),
        });
        flats.collect()
    }

    /// The first object with this number, of this category if one is given.
    pub(super) fn find(
        &self,
        house_id: &str,
        flat_num: &str,
        category: Option<Category>,
    ) -> Option<&Object> {
        self.objects.iter().find(|object| {
            object.house_id == house_id
                && object.flat_num == flat_num
                && category.is_none_or(|category| category == object.category)
        })
    }

    /// The free slots of a house on a day, with their places in the grid.
    pub(super) fn free(&self, house_id: &str, day: Date) -> Vec<(usize, String)> {
        let now = self.clock.now();
        let grid = slots::grid(day).into_iter().enumerate();
        let free = grid
            .filter(|(_, slot)| *slot > now && !self.taken.contains(&(house_id.to_owned(), *slot)));
        free.map(|(place, slot)| (place, format!("{:02}:{:02}", slot.hour(), slot.minute())))
            .collect()
    }
}
