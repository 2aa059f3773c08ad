//! Events in the catalogue.

use fastrand::Rng;
use jiff::civil::DateTime;

use super::catalogue::{CANCELLED, Catalogue, REGISTERED};

/// Number of tries to find something suitable before the step is spent otherwise.
const TRIES: usize = 24;
/// Fewer flats than this are too few to take one away.
const VILLAGE: usize = 12;

impl Catalogue {
    /// Makes one event happen.
    pub(super) fn step(&mut self, random: &mut Rng, now: DateTime) {
        while self.flats.len() < VILLAGE {
            self.build(random);
        }
        match random.u8(..100) {
            0..25 => self.reprice(random),
            25..50 => match self.free_flat(random) {
                Some(flat) => self.book(flat, random, now),
                None => self.reprice(random),
            },
            50..85 => match self.open_deal(random) {
                Some(deal) => {
                    let stage = self.deals[deal].stage + 1;
                    self.move_deal(deal, stage, now);
                }
                None => self.reprice(random),
            },
            85..93 => match self.open_deal(random) {
                Some(deal) => {
                    let deal = &mut self.deals[deal];
                    deal.paid = deal.paid.saturating_add(1);
                    deal.updated = now;
                }
                None => self.reprice(random),
            },
            93..95 => {
                if let Some(deal) = self.open_deal(random) {
                    self.move_deal(deal, CANCELLED, now);
                }
            }
            95..97 => {
                if let Some(flat) = self.free_flat(random) {
                    self.flats[flat].gone = true;
                }
            }
            _ => {
                self.build(random);
            }
        }
    }

    fn reprice(&mut self, random: &mut Rng) {
        let index = random.usize(..self.flats.len());
        let flat = &mut self.flats[index];
        flat.price += random.u64(1..100_000) * 100;
    }

    fn free_flat(&self, random: &mut Rng) -> Option<usize> {
        let mut tries = std::iter::repeat_with(|| random.usize(..self.flats.len())).take(TRIES);
        tries.find(|index| {
            let flat = &self.flats[*index];
            flat.status == 0 && !flat.gone
        })
    }

    /// A deal that can go on.
    fn open_deal(&self, random: &mut Rng) -> Option<usize> {
        if self.deals.is_empty() {
            return None;
        }
        let mut tries = std::iter::repeat_with(|| random.usize(..self.deals.len())).take(TRIES);
        tries.find(|index| self.deals[*index].stage < REGISTERED)
    }
}
