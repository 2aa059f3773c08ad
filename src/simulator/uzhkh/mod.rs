//! UZhKH, and the handle by which a test, the demo or a bench looks into it and
//! moves it.
//!
//! ```text
//! routes      request to endpoint          effects  what each endpoint does
//! state       what UZhKH remembers         walk     a queue, written while sent
//! queue       entries in order, by guid    world/   the generator
//! identities  which object has which id    kind     kinds and their words
//! download    lists and pages              word     the words of SetId
//! ```
//!
//! Where the document is silent: a Delete that worked is 200 with an empty body,
//! of an unknown guid 404; a missing Authorization is 403 `notAuthorized`
//! everywhere; decisions are answered with 200 and an empty body; the Download and
//! Handle paths lie below the internal link, as everything else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;

pub use download::DownloadMode;

use crate::fault::Fault;
use crate::report::Report;
use crate::server::Shared;
use crate::{Options, Witness, WordStyle};
use download::List;
use kind::Kind;

mod download;
mod effects;
mod identities;
mod kind;
mod queue;
pub(super) mod routes;
pub(super) mod state;
mod walk;
mod word;
mod world;

/// Settings of UZhKH, and the Deletes that are not answered yet.
pub(super) struct Settings {
    page_size: usize,
    wrap_items: bool,
    words: WordStyle,
    witness: Option<Witness>,
    deletes_under_way: AtomicU64,
    most_deletes: AtomicU64,
}

impl Settings {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            page_size: options.page_size.max(1),
            wrap_items: options.wrap_items,
            words: options.words,
            witness: options.witness.clone(),
            deletes_under_way: AtomicU64::new(0),
            most_deletes: AtomicU64::new(0),
        }
    }

    /// Counts a Delete as under way until the answer is made.
    fn delete_begins(&self) -> DeleteUnderWay<'_> {
        let now = self.deletes_under_way.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_deletes.fetch_max(now, Ordering::Relaxed);
        DeleteUnderWay(self)
    }

    /// The most Deletes ever under way at the same time.
    pub(super) fn most_deletes(&self) -> u64 {
        self.most_deletes.load(Ordering::Relaxed)
    }
}

/// A Delete that is not answered yet.
struct DeleteUnderWay<'a>(&'a Settings);

impl Drop for DeleteUnderWay<'_> {
    fn drop(&mut self) {
        self.0.deletes_under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// UZhKH itself: cheap to clone, usable from any thread.
#[derive(Clone)]
pub struct Uzhkh {
    pub(super) shared: Arc<Shared>,
}

impl Uzhkh {
    /// Puts an element into To1c/Requests, verbatim, any rubbish included. Its
    /// Guid and objects are learnt from it as far as it parses, what it refers to
    /// by a temporary id included; without a Guid it can never be deleted.
    pub fn push_request(&self, raw: impl Into<Vec<u8>>) {
        self.shared.lock().push_request(Bytes::from(raw.into()));
    }

    /// Puts an element into To1c/DeletedItems, verbatim. What it names counts as
    /// deleted.
    pub fn push_deleted(&self, raw: impl Into<Vec<u8>>) {
        self.shared.lock().push_deleted(Bytes::from(raw.into()));
    }

    /// Deletes an object by any id it ever had; DeletedItems shows its current
    /// one. `kind` is a type word. Answers the entry's guid.
    pub fn push_deletion(&self, kind: &str, id: &str) -> String {
        self.shared.lock().push_deletion(kind, id)
    }

    /// Generates so many more envelopes.
    pub fn generate(&self, n: usize) {
        // In portions, so that requests are answered meanwhile.
        let mut left = n;
        while left > 0 {
            let portion = left.min(500);
            self.shared.lock().generate(portion);
            left -= portion;
        }
    }

    /// Replaces the items of a Download list (`Accounts`, `Flats`, `Payments`,
    /// `Counters`, `Requests`, `Docs`) with these texts.
    ///
    /// # Panics
    /// If there is no such list.
    pub fn set_download(&self, list: &str, items: Vec<String>) {
        self.shared.lock().set_download(known(list), items);
    }

    /// Changes the paging of a Download list.
    ///
    /// # Panics
    /// If there is no such list.
    pub fn set_download_mode(&self, list: &str, mode: DownloadMode) {
        self.shared.lock().uzhkh.modes.insert(known(list), mode);
    }

    /// Adds a fault; of several, the first that strikes wins.
    pub fn inject(&self, fault: Fault) {
        self.shared.lock().faults.push(fault);
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// Delay of every answer.
    pub fn set_latency(&self, latency: Duration) {
        self.shared.lock().latency = latency;
    }

    /// At most so many entries in one queue answer; None is all.
    pub fn set_batch_limit(&self, limit: Option<usize>) {
        self.shared.lock().uzhkh.batch_limit = limit.unwrap_or(usize::MAX);
    }

    /// The token that is right from now on.
    pub fn set_token(&self, expected: impl Into<String>) {
        self.shared.lock().uzhkh.token = expected.into();
    }

    /// Entries in To1c/Requests.
    pub fn queue_len(&self) -> usize {
        self.shared.lock().uzhkh.requests.len()
    }

    /// Entries in To1c/DeletedItems.
    pub fn deleted_len(&self) -> usize {
        self.shared.lock().uzhkh.deleted.len()
    }

    /// The texts in To1c/Requests, in order.
    pub fn waiting(&self) -> Vec<Bytes> {
        self.shared.lock().uzhkh.requests.texts()
    }

    /// The texts in To1c/DeletedItems, in order.
    pub fn waiting_deleted(&self) -> Vec<Bytes> {
        self.shared.lock().uzhkh.deleted.texts()
    }

    /// The id that UZhKH has now for the object first known as `id`; `kind` is a
    /// type word, or `car`. The id itself when nothing else was assigned.
    pub fn current_id(&self, kind: &str, id: &str) -> String {
        let state = self.shared.lock();
        let kind = Kind::of_deleted_type(kind).unwrap_or(Kind::Car);
        state.uzhkh.identities.current(kind, id).to_owned()
    }

    /// The temporary ids that still stand for something that exists, as
    /// `kind/--N`: the objects without an announced permanent id.
    pub fn temporary_ids(&self) -> Vec<String> {
        self.shared.lock().uzhkh.identities.still_temporary()
    }

    /// Report so far.
    pub fn report(&self) -> Report {
        self.shared.report()
    }
}

fn known(list: &str) -> List {
    list.parse().expect("the list is one of Accounts, Flats, Payments, Counters, Requests, Docs")
}
