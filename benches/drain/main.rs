//! How fast a queue is drained and the lists are read, and in how much memory.
//!
//! Run it with `cargo bench`. Everything is measured in one run, each thing
//! several times with a fresh simulator and a fresh ledger, and the medians are
//! printed beside the two limits (see [`limits`]): what the same requests take
//! when nothing is stored, and what the same writes take when nothing is asked.
//! The goal is at most 1.25 of the larger limit. Beside them stand two plain programs that do
//! the same ([`peers`]), and a drain into a ledger that holds a million envelopes.
//! It prints and judges nothing by itself: a busy machine must not make it fail.
//!
//! ```text
//! UZHKH_BENCH_SCALE=0.1          a tenth of everything
//! UZHKH_BENCH_RUNS=1             instead of 3
//! UZHKH_BENCH_ONLY=drain,memory  some of drain, latency, resync, peers, lists, size, memory
//! UZHKH_BENCH_PYTHON=/opt/python a Python that has aiohttp
//! ```

mod kept;
mod knob;
mod limits;
mod median;
mod peers;
mod probe;
mod process;
mod rig;

use knob::knob;
use median::median;
use std::time::{Duration, Instant};

use process::Place;
use rig::{Simulator, World};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use uzhkh_ledger::service::{self, Mode};

use limits::Saved;

const ENVELOPES: usize = 20_000;
const ACCOUNTS: usize = 100_000;
const WAITING: usize = 200_000;
const LATENCY: Duration = Duration::from_millis(20);
const GOAL: f64 = 1.25;
const MEMORY_GOAL: f64 = 64.0;
const KEPT: usize = 1_000_000;

/// Seconds of the runs of one thing.
#[derive(Default)]
struct Times {
    total: Vec<f64>,
    http: Vec<f64>,
    ledger: Vec<f64>,
    /// Entries or items.
    count: u64,
}

fn main() -> anyhow::Result<()> {
    if peers::was_probe()? {
        return Ok(());
    }
    let scale: f64 = knob("UZHKH_BENCH_SCALE", 1.0);
    let runs: usize = knob("UZHKH_BENCH_RUNS", 3).clamp(1, 100);
    let only = std::env::var("UZHKH_BENCH_ONLY").unwrap_or_default();
    let wanted = |name: &str| only.is_empty() || only.split(',').any(|part| part == name);
    let scaled = |count: usize| ((count as f64 * scale) as usize).max(1);
    let envelopes = World { envelopes: scaled(ENVELOPES), ..World::default() };
    println!("medians of {runs} runs; the simulator is another process on the same processors\n");
    println!(
        "{:<34} {:>8} {:>8} {:>8} {:>7} {:>6} {:>9}",
        "", "total s", "HTTP s", "ledger s", "ratio", "goal", "a second"
    );
    if wanted("drain") {
        let times = measure(envelopes, false, runs)?;
        row(&format!("drain of {}", envelopes.envelopes), &times);
    }
    if wanted("latency") {
        let late = World { latency: LATENCY, ..envelopes };
        let times = measure(late, false, runs)?;
        row(&format!("drain of {}, 20 ms latency", late.envelopes), &times);
    }
    let accounts = World { accounts: scaled(ACCOUNTS), ..World::default() };
    if wanted("resync") {
        let times = measure(accounts, true, runs)?;
        row(&format!("resync of {} accounts", accounts.accounts), &times);
    }
    peers::head();
    if wanted("peers") {
        peers::compare(&format!("drain of {}", envelopes.envelopes), envelopes, runs)?;
    }
    if wanted("size") {
        peers::at_size(envelopes, scaled(KEPT), runs)?;
    }
    if wanted("lists") {
        peers::compare(&format!("resync of {} accounts", accounts.accounts), accounts, runs)?;
    }
    if wanted("memory") {
        println!("\n{:<34} {:>8} {:>8} {:>6}", "", "total s", "peak MiB", "goal");
        let waiting = World { envelopes: scaled(WAITING), ..World::default() };
        memory(&format!("{} waiting", waiting.envelopes), waiting, &[])?;
        let name = format!("resync of {} accounts", accounts.accounts);
        memory(&name, accounts, &["--full-resync"])?;
    }
    Ok(())
}

/// Measures the daemon, HTTP alone and the ledger alone, in turns.
fn measure(world: World, resync: bool, runs: usize) -> anyhow::Result<Times> {
    let runtime = service::runtime()?;
    let mut times = Times::default();
    for _ in 0..runs {
        let simulator = Simulator::start(world)?;
        let place = Place::new()?;
        let config = simulator.config(&place.ledger())?;
        let mode = Mode { once: true, full_resync: resync, ..Mode::default() };
        let run = service::run(&config, mode, CancellationToken::new());
        let (well, took) = timed(&runtime, run);
        anyhow::ensure!(well?, "not everything succeeded");
        times.total.push(took);
        let requests = runtime.block_on(simulator.requests())?;
        drop(simulator);

        let simulator = Simulator::start(world)?;
        let upstream = simulator.upstream()?;
        let saved = runtime.block_on(Saved::of(&upstream, resync))?;
        let upstream = simulator.upstream()?;
        let run = limits::http_alone(&upstream, &saved, &requests);
        let (sent, took) = timed(&runtime, run);
        sent?;
        times.http.push(took);
        drop(simulator);

        let place = Place::new()?;
        let (stored, took) = timed(&runtime, limits::ledger_alone(&place.ledger(), &saved));
        stored?;
        times.ledger.push(took);
        times.count = saved.entries();
    }
    Ok(times)
}

fn timed<T>(runtime: &Runtime, run: impl Future<Output = T>) -> (T, f64) {
    let began = Instant::now();
    let outcome = runtime.block_on(run);
    (outcome, began.elapsed().as_secs_f64())
}

fn row(name: &str, times: &Times) {
    let (total, http, ledger) = (median(&times.total), median(&times.http), median(&times.ledger));
    println!(
        "{name:<34} {total:>8.2} {http:>8.2} {ledger:>8.2} {:>7.2} {GOAL:>6.2} {:>9.0}",
        total / http.max(ledger),
        times.count as f64 / total
    );
}

fn memory(name: &str, world: World, arguments: &[&str]) -> anyhow::Result<()> {
    let simulator = Simulator::start(world)?;
    let place = Place::new()?;
    let config = simulator.config_text(&place.ledger());
    let once = place.run_once(&config, arguments)?;
    let peak = once.peak as f64 / f64::from(1 << 20);
    println!("{name:<34} {:>8.2} {peak:>8.1} {MEMORY_GOAL:>6.0}", once.took.as_secs_f64());
    Ok(())
}
