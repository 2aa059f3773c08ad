//! Alma: buildings, units, rooms, clients and contracts, written to by its clients.
//!
//! It keeps the document's rules and refuses in the form of Django REST Framework. What
//! is written is kept as it was written; what is read has the document's other shape.
//! People work beside the API: the handle's `create`, `edit`, `archive` and `remove` are
//! theirs, and know no rules.
//!
//! ```text
//! routes      request to target            path       what a path names
//! effects     what each target does        write      POST and PATCH
//! fields      the fields of each kind      accept     what a field accepts
//! contracts   what a contract must be      archive    archiving, blocking
//! read        what GET shows               refusal    how it says no
//! state       objects, how to find them    object     one of them
//! upload      pictures and scans           body       JSON that is written
//! restore     what it had before
//! ```
//!
//! Where the document is silent: units and rooms share their ids; lists show archived
//! objects too, the newest first; of several contracts with one external id the newest
//! live one answers; a tenant may come on the day that another goes; a contract is live
//! until its last day is over; one on an archived unit is refused; a unit that is
//! blocked lets its rooms be blocked too; archiving answers what it was asked.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use jiff::civil::{Date, Time};

use super::server::Shared;

mod accept;
mod archive;
mod body;
mod contracts;
mod effects;
mod fields;
mod kind;
mod object;
mod path;
mod read;
mod refusal;
mod restore;
pub(super) mod routes;
pub(super) mod state;
mod upload;
mod write;

pub use kind::AlmaKind;
pub use restore::{RestoredObject, RestoredPhoto};

use object::Object;
use path::Which;
use state::Key;

/// An object as Alma has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlmaObject {
    /// Kind of the object.
    pub kind: AlmaKind,
    /// Alma's id.
    pub id: i64,
    /// `external_id`, which may be empty.
    pub external_id: String,
    /// Every field that was ever written, as raw JSON: a reference is Alma's id,
    /// `photos` are the uploads that they came from.
    pub fields: BTreeMap<String, String>,
    /// True if the object is archived; for a client, if no live contract is left.
    pub is_archived: bool,
    /// True if the object has a block of its own.
    pub is_blocked: bool,
    /// `status`, which only clients, units and rooms have.
    pub status: String,
}

/// An upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlmaFile {
    /// Id, for `external_file_id` and for scans.
    pub id: i64,
    /// Name of the file.
    pub name: String,
    /// Size in bytes.
    pub length: usize,
    /// Of the bytes, in hexadecimal; None where an address was sent.
    pub sha256: Option<String>,
    /// The address, where one was sent.
    pub url: Option<String>,
}

/// Alma itself: cheap to clone, usable from any thread.
#[derive(Clone)]
pub struct Alma {
    shared: Arc<Shared>,
    address: SocketAddr,
}

impl Alma {
    pub(super) fn new(shared: &Arc<Shared>, address: SocketAddr) -> Self {
        Self { shared: Arc::clone(shared), address }
    }

    /// Base URL, before `external_api/…`; ends in a slash.
    pub fn base_url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Key that the header `Api-Key` must carry.
    pub fn api_key(&self) -> String {
        self.shared.lock().alma.api_key.clone()
    }

    /// The key that is right from now on.
    pub fn set_api_key(&self, expected: impl Into<String>) {
        self.shared.lock().alma.api_key = expected.into();
    }

    /// The only project that its clients may build in.
    pub fn project(&self) -> i64 {
        self.shared.lock().alma.project
    }

    /// The day that it is.
    pub fn today(&self) -> Date {
        self.shared.lock().alma.today()
    }

    /// For contracts it is this day, or with None the day of the clock.
    pub fn set_today(&self, day: Option<Date>) {
        let moment = day.map(|day| day.to_datetime(Time::midnight()));
        self.shared.lock().alma.clock.stop_at(moment);
    }

    /// All objects of a kind, the oldest first.
    pub fn objects(&self, kind: AlmaKind) -> Vec<AlmaObject> {
        let state = self.shared.lock();
        state.alma.all(kind).map(seen).collect()
    }

    /// The object with this external id, a live one first.
    pub fn object(&self, kind: AlmaKind, external_id: &str) -> Option<AlmaObject> {
        let state = self.shared.lock();
        let which = Which::External(external_id.to_owned());
        state.alma.find(kind, &which).map(seen)
    }

    /// Every external id that two objects of a kind have, of contracts two live ones,
    /// and every e-mail that two clients have; in words, sorted.
    pub fn twins(&self) -> Vec<String> {
        let state = self.shared.lock();
        let shared = state.alma.shared_keys();
        let mut twins: Vec<String> = shared.filter_map(|(key, all)| twin(key, &all)).collect();
        twins.sort();
        twins
    }

    /// Every upload, in order.
    pub fn files(&self) -> Vec<AlmaFile> {
        let state = self.shared.lock();
        let files = state.alma.files.iter().map(|(id, file)| AlmaFile {
            id: *id,
            name: file.name.clone(),
            length: file.length,
            sha256: file.sha256.clone(),
            url: file.url.clone(),
        });
        files.collect()
    }

    /// Number of requests other than GET, failed ones included.
    pub fn writes(&self) -> u64 {
        self.shared.lock().alma.writes
    }

    /// Number of GET requests, failed ones included.
    pub fn reads(&self) -> u64 {
        self.shared.lock().alma.reads
    }

    /// Archives an object, with all that follows, or brings it back, as a person would; a contract
    /// never comes back.
    pub fn archive(&self, kind: AlmaKind, id: i64, is_archived: bool) {
        self.shared.lock().alma.archive(kind, id, is_archived);
    }

    /// Sets a field to this JSON, as a person would. Panics where there is no such object or
    /// field.
    pub fn edit(&self, kind: AlmaKind, id: i64, field: &str, raw_json: &str) {
        self.shared.lock().alma.overwrite(kind, id, field, raw_json);
    }

    /// Makes an object with the members of this JSON object, as a person would, whatever the rules
    /// say; answers its id. Panics where there is no such field.
    pub fn create(&self, kind: AlmaKind, fields: &str) -> i64 {
        let members = body::members(fields.as_bytes());
        let members = members.unwrap_or_else(|_| panic!("no JSON object: {fields}"));
        self.shared.lock().alma.place(kind, &members)
    }

    /// Deletes an object, with what stands in it and the contracts about it, as a person would.
    pub fn remove(&self, kind: AlmaKind, id: i64) {
        self.shared.lock().alma.remove(kind, id);
    }
}

fn seen(object: &Object) -> AlmaObject {
    let written = object.fields.iter();
    let mut fields: BTreeMap<String, String> =
        written.map(|(name, raw)| ((*name).to_owned(), raw.clone())).collect();
    if object.kind.is_rental() {
        let photos = object.photos.iter();
        let photos: Vec<String> =
            photos.map(|photo| format!("{{\"external_file_id\":{}}}", photo.file)).collect();
        fields.insert("photos".to_owned(), format!("[{}]", photos.join(",")));
    }
    let is_archived = match object.kind {
        AlmaKind::Client => object.status == object::Status::Archived,
        _ => object.is_archived,
    };
    AlmaObject {
        kind: object.kind,
        id: object.id,
        external_id: object.external_id(),
        fields,
        is_archived,
        is_blocked: object.block.is_some(),
        status: object.status_word().to_owned(),
    }
}

/// Describes objects that wrongly share a key.
fn twin(key: &Key, all: &[&Object]) -> Option<String> {
    match key {
        Key::External(kind, id) => {
            let counted = |object: &&&Object| !kind.is_contract() || !object.is_archived;
            let several = all.iter().filter(counted).count() > 1;
            several.then(|| format!("{kind} {id}"))
        }
        Key::Email(email) if !email.is_empty() => Some(format!("client {email}")),
        _ => None,
    }
}
