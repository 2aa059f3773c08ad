//! The handle by which a test, the demo or a bench looks into UZhKH and moves it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::download::{DownloadMode, List};
use super::fault::Fault;
use super::kind::Kind;
use super::report::Report;
use super::routes;
use super::server::Shared;

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
    /// When there is no such list.
    pub fn set_download(&self, list: &str, items: Vec<String>) {
        self.shared.lock().set_download(known(list), items);
    }

    /// How a Download list pages from now on.
    ///
    /// # Panics
    /// When there is no such list.
    pub fn set_download_mode(&self, list: &str, mode: DownloadMode) {
        self.shared.lock().modes.insert(known(list), mode);
    }

    /// Adds a fault; of several, the first that strikes wins.
    pub fn inject(&self, fault: Fault) {
        self.shared.lock().faults.push(fault);
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// How long every answer is held back.
    pub fn set_latency(&self, latency: Duration) {
        self.shared.lock().latency = latency;
    }

    /// At most so many entries in one queue answer; None is all.
    pub fn set_batch_limit(&self, limit: Option<usize>) {
        self.shared.lock().batch_limit = limit.unwrap_or(usize::MAX);
    }

    /// The token that is right from now on.
    pub fn set_token(&self, expected: impl Into<String>) {
        self.shared.lock().token = expected.into();
    }

    /// Entries in To1c/Requests.
    pub fn queue_len(&self) -> usize {
        self.shared.lock().requests.len()
    }

    /// Entries in To1c/DeletedItems.
    pub fn deleted_len(&self) -> usize {
        self.shared.lock().deleted.len()
    }

    /// The texts in To1c/Requests, in order.
    pub fn waiting(&self) -> Vec<Bytes> {
        self.shared.lock().requests.texts()
    }

    /// The texts in To1c/DeletedItems, in order.
    pub fn waiting_deleted(&self) -> Vec<Bytes> {
        self.shared.lock().deleted.texts()
    }

    /// The id that UZhKH has now for the object first known as `id`; `kind` is a
    /// type word, or `car`. The id itself when nothing else was assigned.
    pub fn current_id(&self, kind: &str, id: &str) -> String {
        let state = self.shared.lock();
        let kind = Kind::of_deleted_type(kind).unwrap_or(Kind::Car);
        state.identities.current(kind, id).to_owned()
    }

    /// The temporary ids that still stand for something that exists, as
    /// `kind/--N`: what nobody has announced a permanent id for.
    pub fn temporary_ids(&self) -> Vec<String> {
        self.shared.lock().identities.still_temporary()
    }

    /// What happened so far.
    pub fn report(&self) -> Report {
        routes::report(&self.shared)
    }
}

fn known(list: &str) -> List {
    list.parse()
        .expect("the list is one of Accounts, Flats, Payments, Counters, Requests, Docs")
}
