//! State shared by the systems: the report, the faults, chance, and each system's own
//! memory.
//!
//! All of it stands behind one lock, held only for short computations; nothing
//! waits while it holds it.

use std::time::Duration;

use hyper::Method;

use super::endpoint::Endpoint;
use super::fault::{Fault, FaultKind};
use super::report::Report;
use super::{Options, alma, bitrix24, domoplaner, macrocrm, uzhkh};

pub(super) struct State {
    pub(super) report: Report,
    pub(super) faults: Vec<Fault>,
    pub(super) random: fastrand::Rng,
    pub(super) latency: Duration,
    /// True if the report keeps what grows with the number of requests.
    pub(super) record: bool,
    pub(super) uzhkh: uzhkh::state::Memory,
    pub(super) domoplaner: domoplaner::state::Memory,
    pub(super) macrocrm: macrocrm::state::Memory,
    pub(super) alma: alma::state::Memory,
    pub(super) bitrix24: bitrix24::state::Memory,
}

impl State {
    pub(super) fn new(options: &Options) -> Self {
        let mut state = Self {
            report: Report::default(),
            faults: options.faults.clone(),
            random: fastrand::Rng::with_seed(options.seed.wrapping_add(1)),
            latency: options.latency,
            record: options.record,
            uzhkh: uzhkh::state::Memory::new(options),
            domoplaner: domoplaner::state::Memory::new(options),
            macrocrm: macrocrm::state::Memory::new(options),
            alma: alma::state::Memory::new(options),
            bitrix24: bitrix24::state::Memory::new(options),
        };
        state.generate(options.envelopes);
        state
    }

    /// Notes a request and says which fault, if any, strikes it.
    pub(super) fn strike(
        &mut self,
        endpoint: Endpoint,
        method: &Method,
        address: &str,
    ) -> Option<FaultKind> {
        let kind = self.faults.iter_mut().find_map(|fault| {
            fault.strikes(endpoint, method, address, &mut self.random).then(|| fault.kind.clone())
        })?;
        *self.report.faults.entry(kind.to_string()).or_default() += 1;
        Some(kind)
    }
}
