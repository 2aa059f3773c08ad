//! Bitrix24: a portal behind an incoming webhook, with the items that Alma's document
//! maps.
//!
//! It plays the documented methods that read: lists page by page, items one by one, fifty
//! commands in a batch, and files behind links whose tokens change with every listing.
//! [`BitrixOptions`] has what portals differ in, [`Options`](super::Options) the world that
//! there is at the start.
//!
//! ```text
//! routes    request to method             state    items, in two orders
//! params    JSON, PHP's nested names      file     bytes, links, tokens
//! method    what can be called            fields   what each kind has
//! effects   what each method does         names    two spellings of a field
//! filter    which items, in what order    show     an item in an answer
//! batch     fifty at once                 bucket   how many requests are too many
//! envelope  around every result           world/   apartments, people, contracts
//! ```
//!
//! Where the documents are silent: a filter or a select by a field that there is not is
//! dropped and counts as a violation; `id` comes only when it is selected; a token opens
//! its file until the item is shown again.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::civil::{Date, DateTime};

use super::server::Shared;

mod batch;
mod bucket;
mod effects;
mod envelope;
mod fields;
mod file;
mod filter;
mod kind;
mod method;
mod names;
mod params;
pub(super) mod routes;
mod show;
pub(super) mod state;
mod world;

pub use bucket::Bucket;
pub use kind::BitrixKind;

use file::Content;
use state::{Held, Place};

/// Settings in which portals differ.
#[derive(Clone, Debug, PartialEq)]
pub struct BitrixOptions {
    /// Rate limit; None: no limit.
    pub bucket: Option<Bucket>,
    /// True if the links of files lack the host.
    pub relative_links: bool,
    /// A token opens its file until the item was shown so many times more; 1 is the last
    /// listing's alone.
    pub token_life: u64,
    /// True if a download also needs Accept and Accept-Language.
    pub strict_downloads: bool,
    /// True if a filter by a moment in ISO form filters nothing; that with a space does.
    pub ignores_iso: bool,
    /// True if `time` has `operating` and `operating_reset_at`.
    pub has_operating: bool,
    /// Time until `operating_reset_at`.
    pub operating_reset: Duration,
}

impl Default for BitrixOptions {
    fn default() -> Self {
        Self {
            bucket: None,
            relative_links: false,
            token_life: 1,
            strict_downloads: false,
            ignores_iso: false,
            has_operating: true,
            operating_reset: Duration::from_secs(600),
        }
    }
}

/// In which shapes the generated items have their values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BitrixShape {
    /// As the document has them.
    Documented,
    /// Lists where one is enough, ids as text or with a prefix, empty texts.
    Odd,
    /// Now so, now so; a value keeps its shape.
    #[default]
    Mixed,
}

/// The portal itself: cheap to clone, usable from any thread.
///
/// Names of fields are taken in either spelling, `ufCrm6_1682232396330` or
/// `UF_CRM_6_1682232396330`.
#[derive(Clone)]
pub struct Bitrix24 {
    shared: Arc<Shared>,
    address: SocketAddr,
}

impl Bitrix24 {
    pub(super) fn new(shared: &Arc<Shared>, address: SocketAddr) -> Self {
        shared.lock().bitrix24.portal = format!("http://{address}");
        Self { shared: Arc::clone(shared), address }
    }

    /// The incoming webhook, with its secret and a slash at the end.
    pub fn webhook_url(&self) -> String {
        let secret = self.shared.lock().bitrix24.secret.clone();
        format!("http://{}/rest/1/{secret}/", self.address)
    }

    /// The webhook's secret that is right from now on.
    pub fn set_secret(&self, secret: impl Into<String>) {
        self.shared.lock().bitrix24.secret = secret.into();
    }

    /// Settings of the portal.
    pub fn options(&self) -> BitrixOptions {
        self.shared.lock().bitrix24.options.clone()
    }

    /// Changes the settings of the portal.
    pub fn set_options(&self, options: BitrixOptions) {
        self.shared.lock().bitrix24.options = options;
    }

    /// The day that it is.
    pub fn today(&self) -> Date {
        self.shared.lock().bitrix24.clock.now().date()
    }

    /// Stops the clock at this moment; None lets it run.
    pub fn set_now(&self, moment: Option<DateTime>) {
        self.shared.lock().bitrix24.clock.stop_at(moment);
    }

    /// An item comes to be with the members of this JSON object and nothing else; one that
    /// there was is no more. It was changed now, unless `updatedTime` says otherwise. Panics
    /// where it is no JSON object.
    pub fn put(&self, kind: BitrixKind, id: u64, fields: &str) {
        let members: Result<BTreeMap<String, Box<serde_json::value::RawValue>>, _> =
            serde_json::from_str(fields);
        let members = members.unwrap_or_else(|_| panic!("no JSON object: {fields}"));
        let members = members.into_iter();
        let members = members.map(|(name, raw)| (name, raw.get().to_owned()));
        let mut state = self.shared.lock();
        state.bitrix24.put((kind, id), members.collect());
    }

    /// Sets a field to this JSON, as a person would. Panics where there is no such item.
    pub fn change(&self, kind: BitrixKind, id: u64, field: &str, raw_json: &str) {
        let held = Held::Json(raw_json.to_owned());
        let there = self.shared.lock().bitrix24.change((kind, id), field, held);
        assert!(there, "there is no {kind} {id}");
    }

    /// Saves an item unchanged, as a person would. Panics where there is no such item.
    pub fn touch(&self, kind: BitrixKind, id: u64) {
        let there = self.shared.lock().bitrix24.touch((kind, id));
        assert!(there, "there is no {kind} {id}");
    }

    /// Takes a field away from a kind, as a portal with other codes lacks it: its items have no
    /// such member, and `crm.item.fields` does not know it.
    pub fn lack(&self, kind: BitrixKind, field: &str) {
        let name = names::inside(kind, field);
        self.shared.lock().bitrix24.lacking.insert((kind, name));
    }

    /// Gives a kind a field back that it lacked: its items have it as it was written, and none
    /// counts as changed.
    pub fn regain(&self, kind: BitrixKind, field: &str) {
        let name = names::inside(kind, field);
        self.shared.lock().bitrix24.lacking.remove(&(kind, name));
    }

    /// Deletes an item; returns whether there was one.
    pub fn remove(&self, kind: BitrixKind, id: u64) -> bool {
        self.shared.lock().bitrix24.remove((kind, id))
    }

    /// The ids of all items of a kind, ascending.
    pub fn ids(&self, kind: BitrixKind) -> Vec<u64> {
        self.shared.lock().bitrix24.ids(kind).collect()
    }

    /// The written fields of an item: JSON by original name, `UF_CRM_6_1682232396330`. Files
    /// are lists of ids.
    pub fn item(&self, kind: BitrixKind, id: u64) -> Option<BTreeMap<String, String>> {
        let state = self.shared.lock();
        let item = state.bitrix24.items.get(&(kind, id))?;
        let fields = item.fields.iter();
        let fields = fields.map(|(name, held)| (name.clone(), written(held)));
        Some(fields.collect())
    }

    /// A field of [`Bitrix24::item`], by either name.
    pub fn field(&self, kind: BitrixKind, id: u64, field: &str) -> Option<String> {
        let name = names::inside(kind, field);
        let state = self.shared.lock();
        state.bitrix24.held((kind, id), &name).map(written)
    }

    /// Attaches a file to a field, beside those that it has; returns its id. Panics
    /// where there is no such item.
    pub fn add_file(
        &self,
        kind: BitrixKind,
        id: u64,
        field: &str,
        name: &str,
        bytes: impl Into<Bytes>,
    ) -> u64 {
        let content = Content::Given(bytes.into());
        let mut state = self.shared.lock();
        let file = state.bitrix24.add_file((kind, id), field, name, content);
        file.unwrap_or_else(|| panic!("there is no {kind} {id}"))
    }

    /// Removes a file from a field; returns whether it was there.
    pub fn remove_file(&self, kind: BitrixKind, id: u64, field: &str, file: u64) -> bool {
        let place: Place = (kind, id);
        let mut state = self.shared.lock();
        state.bitrix24.remove_file(place, field, file)
    }

    /// The bytes of a file, by its id.
    pub fn file(&self, id: u64) -> Option<Bytes> {
        let state = self.shared.lock();
        state.bitrix24.files.get(&id).map(file::File::bytes)
    }

    /// Something happens in the portal, `n` times: a price, a phone or a photo changes, a
    /// contract is signed, prolonged or thrown away, an apartment comes that a contract was
    /// about already.
    pub fn step(&self, n: usize) {
        self.shared.lock().bitrix24.step(n);
    }

    /// Requests that came with the right secret, downloads included.
    pub fn calls(&self) -> u64 {
        self.shared.lock().bitrix24.calls
    }

    /// Files that were sent.
    pub fn downloads(&self) -> u64 {
        self.shared.lock().bitrix24.downloads
    }
}

fn written(held: &Held) -> String {
    match held {
        Held::Json(raw) => raw.clone(),
        Held::Files { ids, .. } => format!("{ids:?}"),
    }
}
