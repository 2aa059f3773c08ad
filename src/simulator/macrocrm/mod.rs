//! MACRO: the transfer of keys, from the list of ready flats to a booked slot.
//!
//! The document's samples are PHP's: a list can be an object with numeric keys and
//! holes, an empty one `[]` or null, an id a string or a number. Which it is is
//! drawn anew for each answer unless [`PhpShape`] says otherwise; a refusal comes
//! inside HTTP 200, in one of two shapes ([`RefusalShape`]). A slot is free until
//! `add` takes it.
//!
//! ```text
//! routes      request to endpoint          effects    what each endpoint does
//! signature   who asks                     php        lists, envelopes, refusals
//! state       objects, slots taken         step       what happens next
//! slots       the grid, transfer_date
//! ```
//!
//! Where the document is silent: each house has its own schedule, half-hours from
//! 08:30 to 17:30 on weekdays; `time` may be five minutes off; what is missing,
//! unknown, taken or past is refused; a phone is compared by its digits.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::endpoint::Endpoint;
use super::report::Booking;
use super::server::Shared;

mod effects;
mod php;
pub(super) mod routes;
mod signature;
mod slots;
pub(super) mod state;
mod step;

/// Shape of lists and ids as PHP writes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PhpShape {
    /// Arrays, `[]` where empty; ids as strings.
    Lists,
    /// Objects with numeric keys and holes, null where empty; ids as numbers.
    Holes,
    /// Now so, now so.
    #[default]
    Mixed,
}

/// Shape of a refusal inside HTTP 200.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefusalShape {
    /// `{"status_code":403,"data":null,"message":"…"}`
    StatusCode,
    /// `{"success":false,"error":true,"message":"…"}`
    Success,
    /// Now so, now so.
    #[default]
    Mixed,
}

/// A category of objects, by the document's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// «Квартиры»
    Flat,
    /// «Парковки»
    Garage,
    /// «Кладовые»
    Storageroom,
    /// «Коммерческие помещения»
    Comm,
}

impl Category {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Flat, Self::Garage, Self::Storageroom, Self::Comm];

    /// The document's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::Garage => "garage",
            Self::Storageroom => "storageroom",
            Self::Comm => "comm",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Category {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        all.find(|category| category.word() == text)
            .ok_or_else(|| format!("there is no category {text:?}"))
    }
}

/// An object whose keys can be handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadyFlat {
    /// `houses[].id`
    pub house_id: String,
    /// Category of the object.
    pub category: Category,
    /// An element of `houses[].flats`
    pub flat_num: String,
    /// The phone of one of its shareholders.
    pub phone: String,
}

/// MACRO itself: cheap to clone, usable from any thread.
#[derive(Clone)]
pub struct Macrocrm {
    shared: Arc<Shared>,
    address: SocketAddr,
}

impl Macrocrm {
    pub(super) fn new(shared: &Arc<Shared>, address: SocketAddr) -> Self {
        Self { shared: Arc::clone(shared), address }
    }

    /// Base URL, before `estate/transfer/…`; ends in a slash.
    pub fn base_url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The registered domain.
    pub fn domain(&self) -> String {
        self.shared.lock().macrocrm.domain.clone()
    }

    /// Secret that signs the requests.
    pub fn app_secret(&self) -> String {
        self.shared.lock().macrocrm.app_secret.clone()
    }

    /// The domain that is registered from now on.
    pub fn set_domain(&self, domain: impl Into<String>) {
        self.shared.lock().macrocrm.domain = domain.into();
    }

    /// The secret that is right from now on.
    pub fn set_app_secret(&self, expected: impl Into<String>) {
        self.shared.lock().macrocrm.app_secret = expected.into();
    }

    /// Changes the shape of lists and ids.
    pub fn set_php(&self, shape: PhpShape) {
        self.shared.lock().macrocrm.php = shape;
    }

    /// Changes the shape of refusals.
    pub fn set_refusals(&self, shape: RefusalShape) {
        self.shared.lock().macrocrm.refusals = shape;
    }

    /// The developer's time zone from now on.
    pub fn set_timezone(&self, zone: TimeZone) {
        self.shared.lock().macrocrm.clock.set_zone(zone);
    }

    /// The day that it is.
    pub fn today(&self) -> Date {
        self.shared.lock().macrocrm.clock.now().date()
    }

    /// For the slots it is this moment, or with None the time of the clock; how
    /// fresh a `time` is the clock alone decides.
    pub fn set_now(&self, moment: Option<DateTime>) {
        self.shared.lock().macrocrm.clock.stop_at(moment);
    }

    /// From now on a `time` may be as old as it likes, for clients whose clock is not ours.
    pub fn take_any_time(&self) {
        self.shared.lock().macrocrm.takes_any_time = true;
    }

    /// The ready objects of a house and category are these and no others; a house
    /// that is new comes to be.
    pub fn set_ready(&self, house_id: &str, title: &str, category: Category, flats: &[&str]) {
        let mut state = self.shared.lock();
        state.macrocrm.set_ready(house_id, title, category, flats);
    }

    /// Nothing is ready, and there are no houses.
    pub fn clear_ready(&self) {
        let mut state = self.shared.lock();
        state.macrocrm.houses.clear();
        state.macrocrm.objects.clear();
    }

    /// The objects that are ready, in the order of the list.
    pub fn ready_flats(&self) -> Vec<ReadyFlat> {
        self.shared.lock().macrocrm.ready_flats()
    }

    /// The slots of a house that are still free on a day.
    pub fn free_times(&self, house_id: &str, day: Date) -> Vec<String> {
        let state = self.shared.lock();
        let free = state.macrocrm.free(house_id, day);
        free.into_iter().map(|(_, slot)| slot).collect()
    }

    /// Takes a slot, as another person would.
    pub fn take(&self, house_id: &str, slot: DateTime) {
        let mut state = self.shared.lock();
        state.macrocrm.taken.insert((house_id.to_owned(), slot));
    }

    /// An endpoint of MACRO answers exactly these bytes, after doing what it is
    /// asked; with None it answers by itself again.
    pub fn set_raw(&self, endpoint: Endpoint, body: Option<Bytes>) {
        let mut state = self.shared.lock();
        match body {
            Some(body) => state.macrocrm.raw.insert(endpoint, body),
            None => state.macrocrm.raw.remove(&endpoint),
        };
    }

    /// So many things happen: objects become ready, others are handed over and
    /// vanish from the list.
    pub fn step(&self, n: usize) {
        self.shared.lock().macrocrm.step(n);
    }

    /// Every `add` that arrived, in order, whatever became of it.
    pub fn bookings(&self) -> Vec<Booking> {
        self.shared.lock().report.bookings.clone()
    }
}
