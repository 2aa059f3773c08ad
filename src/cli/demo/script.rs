//! The parts in which the demos differ; [`super::runner`] has the rest.

use std::collections::BTreeMap;
use std::time::Duration;

use super::console::Console;
use crate::config::Config;
use crate::ledger::{AlmaCount, Reader};
use simulator::{Options, Report, Simulator};

/// Delay of every answer: that of a near server.
pub(super) const LATENCY: Duration = Duration::from_millis(5);

/// The surroundings of a script.
pub(super) struct Stage<'a> {
    pub(super) config: &'a Config,
    pub(super) simulator: &'a Simulator,
    /// The ledger of the last demo in the folder.
    pub(super) earlier: Option<&'a Reader>,
    /// The console of this run.
    pub(super) console: Console,
}

/// A demo.
pub(super) trait Script: Sized {
    /// SQL worth trying on the ledger afterwards.
    const QUERIES: &'static [&'static str];

    /// Options of the simulator.
    fn options() -> Options;

    /// The sections of the config that point at the simulator.
    fn sections(simulator: &Simulator) -> String;

    fn new(stage: Stage<'_>) -> anyhow::Result<Self>;

    /// Describes the simulated systems.
    fn simulated(&self) -> String;

    /// Describes the state that a second demo in the same folder starts from.
    fn continued(&self) -> &'static str;

    /// Commands to try meanwhile.
    fn commands(&self) -> &[String];

    /// The head of the table of seconds.
    fn head(&self) -> String;

    /// The line of a second.
    fn line(
        &mut self,
        second: u64,
        simulator: &Simulator,
        reader: &Reader,
    ) -> anyhow::Result<String>;

    /// Does the operator's part in this second, if there is any. Returns a line to print.
    async fn act(
        &mut self,
        _second: u64,
        _simulator: &Simulator,
        _reader: &Reader,
    ) -> anyhow::Result<Option<String>> {
        Ok(None)
    }

    /// What to do in the browser, where the demo has a console.
    fn console(&self) -> Option<String> {
        None
    }

    /// The outcome, in lines. `took`: how long the service ran.
    fn summary(
        &mut self,
        reader: &Reader,
        took: Duration,
        report: &Report,
    ) -> anyhow::Result<String>;
}

/// The number of Alma's objects in each state.
pub(super) fn alma_states(alma: &[AlmaCount]) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for AlmaCount { state, count, .. } in alma {
        *counts.entry(state).or_default() += count;
    }
    if counts.is_empty() {
        return "nothing has been carried there yet".to_owned();
    }
    let counts: Vec<String> =
        counts.iter().rev().map(|(state, count)| format!("{count} {state}")).collect();
    format!("objects: {}", counts.join(", "))
}
