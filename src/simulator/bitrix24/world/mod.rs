//! The generated world: apartments, people, contracts, files.
//!
//! Every value of every list occurs once there are as many apartments as metro stations.
//! One apartment in fifteen comes later than the contract and the units that are about it.

use std::collections::BTreeMap;

use super::kind::BitrixKind;
use super::state::{Held, Memory, Place};
use crate::Options;
use shape::Shaper;

mod apartment;
mod contract;
mod shape;
mod step;

/// The members of an item, by original name.
type Members = BTreeMap<String, String>;

fn members<const N: usize>(fields: [(&str, String); N]) -> Members {
    let fields = fields.into_iter();
    fields.map(|(name, raw)| (name.to_owned(), raw)).collect()
}

/// State of the generator.
pub(super) struct World {
    shaper: Shaper,
    /// The last id of each kind.
    last: BTreeMap<BitrixKind, u64>,
    /// Apartments that are still to come, with their units.
    late: Vec<(usize, u64, Vec<u64>)>,
    /// Number of leases added to each unit since the start.
    bookings: BTreeMap<u64, i32>,
}

impl World {
    pub(super) fn new(options: &Options) -> Self {
        let units = if options.bitrix_same_ids { 1000 } else { 20_000 };
        Self {
            shaper: Shaper {
                random: fastrand::Rng::with_seed(options.seed ^ 0xb24),
                shape: options.bitrix_shape,
            },
            last: BTreeMap::from([
                (BitrixKind::Apartment, 1000),
                (BitrixKind::Unit, units),
                (BitrixKind::OwnerContract, 300),
                (BitrixKind::TenantContract, 300),
                (BitrixKind::Contact, 500),
            ]),
            late: Vec::new(),
            bookings: BTreeMap::new(),
        }
    }

    fn next(&mut self, kind: BitrixKind) -> u64 {
        let last = self.last.entry(kind).or_insert(0);
        *last += 1;
        *last
    }
}

impl Memory {
    pub(super) fn populate(&mut self, apartments: usize) {
        let mut owner = None;
        for number in 0..apartments {
            let (id, units) = self.build(number);
            // One in five belongs to whom the one before belongs to.
            let known = owner.filter(|_| number % 5 == 4);
            let person = known.unwrap_or_else(|| self.person());
            owner = Some(person);
            self.owned(number, id, person);
            for unit in &units {
                self.rented(*unit);
            }
            match number % 15 == 7 {
                true => self.world.late.push((number, id, units)),
                false => self.finish(number, id, &units),
            }
        }
        self.backdate();
    }

    /// Nothing of what there is at the start was changed in the last day.
    fn backdate(&mut self) {
        let now = self.now();
        let random = &mut self.world.shaper.random;
        for item in self.items.values_mut() {
            item.updated = now - random.i64(1..30) * 86_400 - random.i64(0..86_400);
            item.created = item.updated - random.i64(0..300) * 86_400;
        }
        let items = self.items.iter();
        let updates = items.map(|((kind, id), item)| (*kind, item.updated, *id));
        self.by_update = updates.collect();
    }

    /// A field with one file shows it as a list, or no longer as one.
    fn turn_file(&mut self, place: Place, field: &str) {
        let item = self.items.get_mut(&place);
        let held = item.and_then(|item| item.fields.get_mut(field));
        if let Some(Held::Files { ids, is_list }) = held
            && ids.len() == 1
        {
            *is_list = !*is_list;
        }
    }
}
