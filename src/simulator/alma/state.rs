//! State of Alma, with its indexes.
//!
//! Every way to find an object other than by its id is a [`Key`] in one index, so that
//! ten thousand objects are as quick as ten. An object is changed only through
//! [`Memory::change`], which keeps the index right.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;

use super::kind::AlmaKind;
use super::object::{Object, Photo};
use super::path::Which;
use crate::Options;
use crate::clock::Clock;

/// Key of an index.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    External(AlmaKind, String),
    /// A unit that stands for the room that it has not.
    Additional(String),
    /// Unique inside its project, building or unit.
    Name(AlmaKind, i64, String),
    Email(String),
    /// Units of a building, rooms of a unit.
    Inside(AlmaKind, i64),
    /// Contracts on a unit or a room.
    On(i64),
    /// Contracts of a client.
    Of(i64),
}

/// An upload.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) length: usize,
    pub(super) sha256: Option<String>,
    pub(super) url: Option<String>,
}

type Place = (AlmaKind, i64);

pub(crate) struct Memory {
    pub(super) clock: Clock,
    pub(super) api_key: String,
    pub(super) project: i64,
    pub(super) contracts_by_external_id: bool,
    pub(super) photo_ids: bool,
    objects: BTreeMap<Place, Object>,
    index: HashMap<Key, BTreeSet<Place>>,
    pub(super) files: BTreeMap<i64, File>,
    pub(super) reads: u64,
    pub(super) writes: u64,
    last: Last,
}

/// The last id of each sequence.
struct Last {
    building: i64,
    /// Units and rooms have one, since a contract's `unit_id` may be either.
    rental: i64,
    client: i64,
    owner_contract: i64,
    tenant_contract: i64,
    usage: i64,
    file: i64,
    photo: i64,
}

/// A sequence goes one on.
fn next(last: &mut i64) -> i64 {
    *last += 1;
    *last
}

impl Memory {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            clock: Clock::new(options.timezone.clone()),
            api_key: options.api_key.clone(),
            project: options.alma_project,
            contracts_by_external_id: options.contracts_by_external_id,
            photo_ids: options.photo_ids,
            objects: BTreeMap::new(),
            index: HashMap::new(),
            files: BTreeMap::new(),
            reads: 0,
            writes: 0,
            last: Last {
                building: 1074,
                rental: 9190,
                client: 850,
                owner_contract: 541,
                tenant_contract: 968,
                usage: 1940,
                file: 9143,
                photo: 4505,
            },
        }
    }

    pub(super) fn today(&self) -> Date {
        self.clock.now().date()
    }

    pub(super) fn next_id(&mut self, kind: AlmaKind) -> i64 {
        next(self.last_id(kind))
    }

    /// Takes an id and all before it: none of them is given again.
    pub(super) fn reserve_id(&mut self, kind: AlmaKind, id: i64) {
        let last = self.last_id(kind);
        *last = (*last).max(id);
    }

    fn last_id(&mut self, kind: AlmaKind) -> &mut i64 {
        match kind {
            AlmaKind::Building => &mut self.last.building,
            AlmaKind::Unit | AlmaKind::Room => &mut self.last.rental,
            AlmaKind::Client => &mut self.last.client,
            AlmaKind::OwnerContract => &mut self.last.owner_contract,
            AlmaKind::TenantContract => &mut self.last.tenant_contract,
        }
    }

    /// Puts an upload back under its id.
    pub(super) fn restore_file(&mut self, id: i64, file: File) {
        self.last.file = self.last.file.max(id);
        self.files.insert(id, file);
    }

    /// Puts a photo back under its id.
    pub(super) fn restore_photo(&mut self, photo: Photo) -> Photo {
        self.last.photo = self.last.photo.max(photo.id);
        photo
    }

    pub(super) fn next_usage(&mut self) -> i64 {
        next(&mut self.last.usage)
    }

    pub(super) fn next_photo(&mut self) -> i64 {
        next(&mut self.last.photo)
    }

    /// Keeps an upload.
    pub(super) fn keep(&mut self, file: File) -> i64 {
        let id = next(&mut self.last.file);
        self.files.insert(id, file);
        id
    }

    pub(super) fn get(&self, kind: AlmaKind, id: i64) -> Option<&Object> {
        self.objects.get(&(kind, id))
    }

    /// A unit or a room.
    pub(super) fn rental(&self, id: i64) -> Option<&Object> {
        let unit = self.get(AlmaKind::Unit, id);
        unit.or_else(|| self.get(AlmaKind::Room, id))
    }

    /// All of a kind, the oldest first.
    pub(super) fn all(&self, kind: AlmaKind) -> impl DoubleEndedIterator<Item = &Object> {
        let range = (kind, i64::MIN)..=(kind, i64::MAX);
        self.objects.range(range).map(|(_, object)| object)
    }

    /// The objects under an index key, the oldest first.
    pub(super) fn by<'a>(&'a self, key: &Key) -> impl Iterator<Item = &'a Object> + use<'a> {
        let places = self.index.get(key).into_iter().flatten();
        places.filter_map(|place| self.objects.get(place))
    }

    /// Number of objects under an index key.
    pub(super) fn count(&self, key: &Key) -> usize {
        self.index.get(key).map_or(0, BTreeSet::len)
    }

    /// Finds an object by either id; of several with one external id a live one, and of
    /// those the newest.
    pub(super) fn find(&self, kind: AlmaKind, which: &Which) -> Option<&Object> {
        match which {
            Which::Id(id) => self.get(kind, *id),
            Which::External(id) => {
                let found = self.by(&Key::External(kind, id.clone()));
                found.max_by_key(|object| (!object.is_archived, object.id))
            }
        }
    }

    /// An object comes to be.
    pub(super) fn insert(&mut self, object: Object) {
        let place = (object.kind, object.id);
        for key in keys(&object) {
            self.index.entry(key).or_default().insert(place);
        }
        self.objects.insert(place, object);
    }

    /// An object is no more; what stood in it or was about it is the caller's.
    pub(super) fn take(&mut self, kind: AlmaKind, id: i64) -> Option<Object> {
        let object = self.objects.remove(&(kind, id))?;
        for key in keys(&object) {
            if let Some(places) = self.index.get_mut(&key) {
                places.remove(&(kind, id));
                if places.is_empty() {
                    self.index.remove(&key);
                }
            }
        }
        Some(object)
    }

    /// Changes an object that there is.
    pub(super) fn change(&mut self, kind: AlmaKind, id: i64, change: impl FnOnce(&mut Object)) {
        if let Some(mut object) = self.take(kind, id) {
            change(&mut object);
            self.insert(object);
        }
    }

    /// The keys that lead to more than one object, with those.
    pub(super) fn shared_keys(&self) -> impl Iterator<Item = (&Key, Vec<&Object>)> {
        let shared = self.index.iter().filter(|(_, places)| places.len() > 1);
        shared.map(|(key, _)| (key, self.by(key).collect()))
    }
}

/// Every way to find an object.
fn keys(object: &Object) -> Vec<Key> {
    let kind = object.kind;
    let mut keys = Vec::with_capacity(4);
    let external = object.external_id();
    if !external.is_empty() {
        keys.push(Key::External(kind, external));
    }
    let mut inside = |parent: &str| {
        let parent = object.reference(parent);
        keys.push(Key::Name(kind, parent, object.text("name")));
        keys.push(Key::Inside(kind, parent));
    };
    match kind {
        AlmaKind::Building => inside("project"),
        AlmaKind::Unit => {
            inside("building");
            if object.is_set("is_used_additional_external_id") {
                keys.push(Key::Additional(object.text("additional_external_id")));
            }
        }
        AlmaKind::Room => inside("parent_unit"),
        AlmaKind::Client => keys.push(Key::Email(object.text("email").to_lowercase())),
        AlmaKind::OwnerContract | AlmaKind::TenantContract => {
            keys.push(Key::On(object.reference("unit_id")));
            keys.push(Key::Of(object.reference("client_id")));
        }
    }
    keys
}
