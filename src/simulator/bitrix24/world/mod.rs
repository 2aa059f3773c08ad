//! Apartments, people, contracts.

use super::BitrixShape;
use super::state::Memory;
use crate::simulator::Options;

/// What the generator remembers.
pub(super) struct World {
    random: fastrand::Rng,
    shape: BitrixShape,
}

impl World {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            random: fastrand::Rng::with_seed(options.seed ^ 0xb24),
            shape: options.bitrix_shape,
        }
    }
}

impl Memory {
    pub(super) fn populate(&mut self, apartments: usize) {
        let _ = (apartments, self.world.random.bool(), self.world.shape);
    }
    pub(super) fn step(&mut self, n: usize) {
        let _ = n;
    }
}
