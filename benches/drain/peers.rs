//! The service beside two plain programs that do the same: one in Rust ([`super::probe`]) and a
//! script (`peer.py`). Each is a process of its own, with a fresh simulator and a fresh ledger.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::probe::probe;
use super::process::{Once, Place, watch};
use super::rig::{Simulator, TOKEN, World};
use super::{kept, median};

/// Has this program be the probe: its value is the base URL and the database.
const PROBE: &str = "UZHKH_BENCH_PROBE";
const MIB: f64 = (1 << 20) as f64;

/// Several runs of one program.
#[derive(Default)]
struct Runs {
    once: Vec<Once>,
    /// Bytes of entries that came in a run.
    payload: u64,
    entries: u64,
}

impl Runs {
    fn median(&self, of: impl Fn(&Once) -> f64) -> f64 {
        median(&self.once.iter().map(of).collect::<Vec<_>>())
    }

    fn took(&self) -> f64 {
        self.median(|once| once.took.as_secs_f64())
    }

    fn row(&self, name: &str, beside: &Self) {
        let written = self.median(|once| once.written as f64);
        println!(
            "{name:<34} {:>8.2} {:>8.2} {:>9.0} {:>9.1} {:>9.1} {:>7.2}",
            self.took(),
            self.median(|once| once.cpu.as_secs_f64()),
            self.entries as f64 / self.took(),
            written / self.payload.max(1) as f64,
            self.median(|once| once.peak as f64) / MIB,
            self.took() / beside.took(),
        );
    }
}

pub(crate) fn head() {
    println!(
        "\n{:<34} {:>8} {:>8} {:>9} {:>9} {:>9} {:>7}",
        "", "total s", "CPU s", "a second", "written", "peak MiB", "ratio"
    );
}

/// A drain, or a resync of a world that has accounts, beside the peers.
pub(crate) fn compare(name: &str, world: World, runs: usize) -> anyhow::Result<()> {
    let resyncs = world.accounts > 0;
    let script = python();
    let (mut own, mut plain, mut scripted) = (Runs::default(), Runs::default(), Runs::default());
    for _ in 0..runs {
        service(world, None, &mut own)?;
        if !resyncs {
            let (simulator, place) = (Simulator::start(world)?, Place::new()?);
            let arguments = format!("{} {}", simulator.base_url(), place.ledger().display());
            let once = watch(Command::new(std::env::current_exe()?).env(PROBE, arguments))?;
            plain.once.push(once);
        }
        if let Some(python) = &script {
            let (simulator, place) = (Simulator::start(world)?, Place::new()?);
            let mut command = Command::new(python);
            command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/drain/peer.py"));
            command.args([simulator.base_url(), TOKEN]).arg(place.ledger());
            scripted.once.push(watch(command.arg(if resyncs { "resync" } else { "drain" }))?);
        }
    }
    own.row(name, &own);
    for (name, runs) in [("  a plain Rust program", plain), ("  an asyncio script", scripted)] {
        if !runs.once.is_empty() {
            let of = Runs { payload: own.payload, entries: own.entries, ..runs };
            of.row(name, &own);
        }
    }
    if script.is_none() {
        println!("  no asyncio script: python3 (or UZHKH_BENCH_PYTHON) has no aiohttp");
    }
    Ok(())
}

/// A drain into a ledger that holds much already, beside one into an empty ledger.
pub(crate) fn at_size(world: World, size: usize, runs: usize) -> anyhow::Result<()> {
    let full = Place::new()?;
    kept::fill(&full.ledger(), size)?;
    let (mut empty, mut large) = (Runs::default(), Runs::default());
    for _ in 0..runs {
        service(world, None, &mut empty)?;
        service(world, Some(&full.ledger()), &mut large)?;
    }
    empty.row(&format!("drain of {}, an empty ledger", world.envelopes), &empty);
    large.row(&format!("  {size} envelopes kept"), &empty);
    Ok(())
}

/// One run of the service, into a copy of a ledger if there is one.
fn service(world: World, kept: Option<&Path>, runs: &mut Runs) -> anyhow::Result<()> {
    let (simulator, place) = (Simulator::start(world)?, Place::new()?);
    let ledger = place.ledger();
    if let Some(kept) = kept {
        std::fs::copy(kept, &ledger)?;
        std::fs::File::open(&ledger)?.sync_all()?;
    }
    let newest = kept.map_or(Ok(0), kept::newest)?;
    let arguments: &[&str] = if world.accounts > 0 { &["--full-resync"] } else { &[] };
    runs.once.push(place.run_once(&simulator.config_text(&ledger), arguments)?);
    (runs.entries, runs.payload) = kept::came(&ledger, newest)?;
    Ok(())
}

/// A Python that has aiohttp.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("UZHKH_BENCH_PYTHON").unwrap_or_else(|| "python3".into());
    let found = Command::new(&python).args(["-c", "import aiohttp"]).output();
    found.is_ok_and(|found| found.status.success()).then(|| python.into())
}

/// Whether this process is to be the probe; then it has been by now.
pub(crate) fn was_probe() -> anyhow::Result<bool> {
    let Ok(arguments) = std::env::var(PROBE) else { return Ok(false) };
    let (base_url, database) = arguments.split_once(' ').unwrap_or((&arguments, "probe.db"));
    let upstream = Simulator::at(base_url).upstream()?;
    uzhkh_ledger::service::runtime()?.block_on(probe(&upstream, Path::new(database)))?;
    Ok(true)
}
