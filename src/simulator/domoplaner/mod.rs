//! Domoplaner: a catalogue of premises and deals, read through feeds.
//!
//! A feed is a link that says nothing and opens everything, so the link is the
//! credential. What it answers is what the catalogue holds at that moment: an
//! answer is written while it is sent, from the catalogue as it stood when the
//! request came, and costs no more memory than a chunk of it.
//!
//! ```text
//! routes      request to feed              walk       the answer, item by item
//! filter      parameters, checked          layout     what stands around the items
//! facts       what filters look at         premises   an item of a premises feed
//! catalogue   flats and deals              deals      an item of a deals feed
//! step        what happens next            dates      how days are written
//! state       what Domoplaner remembers
//! ```
//!
//! Where the document is silent: filters that are given together must all hold; a
//! deal is active unless it is cancelled; a date that is not there is null or
//! `0000-00-00`; an unknown link is 404 with a page.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::server::Shared;

mod catalogue;
mod dates;
mod deals;
mod facts;
mod filter;
mod layout;
mod premises;
pub(super) mod routes;
pub(super) mod state;
mod step;
mod walk;

pub use layout::Layout;

use facts::Item;

/// Kind of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedKind {
    /// «Полный от помещений»
    Premises,
    /// «Полный от сделок»
    Deals,
}

impl FeedKind {
    /// `premises` or `deals`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Premises => "premises",
            Self::Deals => "deals",
        }
    }
}

/// Domoplaner itself: cheap to clone, usable from any thread. Feeds are named by
/// the link that [`Domoplaner::add_feed`] answered.
#[derive(Clone)]
pub struct Domoplaner {
    shared: Arc<Shared>,
    address: SocketAddr,
}

impl Domoplaner {
    pub(super) fn new(shared: &Arc<Shared>, address: SocketAddr) -> Self {
        Self { shared: Arc::clone(shared), address }
    }

    /// A new feed of the catalogue; answers its link.
    pub fn add_feed(&self, kind: FeedKind, layout: Layout) -> String {
        let root = format!("http://{}/dc-api/feeds/", self.address);
        self.shared.lock().domoplaner.add_feed(&root, kind, layout)
    }

    /// The feed holds these texts instead of the catalogue, verbatim, any rubbish
    /// included, in its layout (in the nested one all on one floor). Filters apply
    /// as far as a text says what they ask for: one without `dt_updated` passes
    /// `dt_updated_from`, one whose `dt_updated` is null does not.
    ///
    /// # Panics
    /// If there is no such feed.
    pub fn set_items(&self, feed: &str, items: Vec<String>) {
        let items = items.into_iter().map(Item::read).collect();
        self.shared.lock().domoplaner.feed(feed).items = Some(Arc::new(items));
    }

    /// The feed answers exactly these bytes, whatever it is asked.
    ///
    /// # Panics
    /// If there is no such feed.
    pub fn set_raw(&self, feed: &str, body: impl Into<Bytes>) {
        self.shared.lock().domoplaner.feed(feed).raw = Some(body.into());
    }

    /// The feed holds the catalogue again.
    ///
    /// # Panics
    /// If there is no such feed.
    pub fn clear(&self, feed: &str) {
        let mut state = self.shared.lock();
        let feed = state.domoplaner.feed(feed);
        (feed.items, feed.raw) = (None, None);
    }

    /// The feed's link is good no more.
    pub fn remove_feed(&self, feed: &str) {
        self.shared.lock().domoplaner.feeds.remove(feed);
    }

    /// So many things happen in the catalogue: bookings, sales, registrations,
    /// prices; now and then a flat is taken out of it or a new one comes.
    pub fn step(&self, n: usize) {
        self.shared.lock().domoplaner.step(n);
    }

    /// The catalogue has at least so many premises, about two in three with a
    /// deal of about 3 KB.
    pub fn grow(&self, premises: usize) {
        self.shared.lock().domoplaner.grow(premises);
    }

    /// Takes premises out of the catalogue; false when there are none with this id.
    pub fn remove_premises(&self, id: u64) -> bool {
        self.shared.lock().domoplaner.remove_premises(id)
    }

    /// The ids of what is in the catalogue, in the order of the feed.
    pub fn ids(&self, kind: FeedKind) -> Vec<u64> {
        self.shared.lock().domoplaner.ids(kind)
    }

    /// The day that it is.
    pub fn today(&self) -> Date {
        self.shared.lock().domoplaner.clock.now().date()
    }

    /// Stops the clock at noon of this day.
    pub fn set_today(&self, day: Date) {
        self.set_now(Some(day.at(12, 0, 0, 0)));
    }

    /// The clock stands at this moment, or with None shows the time again.
    pub fn set_now(&self, moment: Option<DateTime>) {
        self.shared.lock().domoplaner.clock.stop_at(moment);
    }

    /// The account's time zone from now on.
    pub fn set_timezone(&self, zone: TimeZone) {
        self.shared.lock().domoplaner.clock.set_zone(zone);
    }

    /// The decoded parameters of every read of a feed, in order.
    pub fn asked(&self, feed: &str) -> Vec<Vec<(String, String)>> {
        let state = self.shared.lock();
        state.report.feeds.get(feed).cloned().unwrap_or_default()
    }
}
