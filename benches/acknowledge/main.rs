//! How many acknowledgements at once are best, and how near to that the service comes by
//! itself.
//!
//! Run it with `cargo bench --bench acknowledge`. A queue is drained with 4, 16 and 64 at once
//! and with the default, which follows UZhKH's answers, while each answer takes 0, 5, 20 and
//! 100 ms. The goal is 0.95 of the best fixed number everywhere. Medians of runs that take
//! turns; `UZHKH_BENCH_RUNS` and `UZHKH_BENCH_SCALE` as in the drain's bench.

#[path = "../drain/knob.rs"]
mod knob;
#[path = "../drain/process.rs"]
#[expect(dead_code, reason = "the drain's bench uses the rest")]
mod process;
#[path = "../drain/rig.rs"]
#[expect(dead_code, reason = "the drain's bench uses the rest")]
mod rig;

use knob::knob;
use std::path::Path;
use std::time::{Duration, Instant};

use rig::{Simulator, World};
use tokio_util::sync::CancellationToken;
use uzhkh_ledger::config::{Config, Environment};
use uzhkh_ledger::service::{self, Mode};

/// Milliseconds that an answer takes, and how many entries wait then.
const WORLDS: [(u64, usize); 4] = [(0, 20_000), (5, 20_000), (20, 20_000), (100, 10_000)];
/// At once; the last one is the default.
const SETTINGS: [Option<usize>; 4] = [Some(4), Some(16), Some(64), None];
/// A setting that can only take longer is left out.
const TOO_LONG: Duration = Duration::from_secs(30);

fn main() -> anyhow::Result<()> {
    let runs: usize = knob("UZHKH_BENCH_RUNS", 3);
    let scale: f64 = knob("UZHKH_BENCH_SCALE", 1.0);
    println!("envelopes a second, medians of {runs} runs\n");
    println!(
        "{:>8} {:>8} {:>8} {:>8} {:>9} {:>8}",
        "latency", "4", "16", "64", "adapts", "of best"
    );
    for (latency, envelopes) in WORLDS {
        let latency = Duration::from_millis(latency);
        let world = World {
            envelopes: ((envelopes as f64 * scale) as usize).max(1),
            latency,
            ..World::default()
        };
        let mut rates = [const { Vec::new() }; SETTINGS.len()];
        for _ in 0..runs.max(1) {
            for (setting, rates) in SETTINGS.iter().zip(&mut rates) {
                let at_once = setting.unwrap_or(64) as u32;
                if latency * world.envelopes as u32 / at_once <= TOO_LONG {
                    rates.push(drain(world, *setting)?);
                }
            }
        }
        let rates = rates.map(|mut rates| {
            rates.sort_by(f64::total_cmp);
            rates.get(rates.len() / 2).copied()
        });
        let shown = rates.map(|rate| rate.map_or("-".to_owned(), |rate| format!("{rate:.0}")));
        let best = rates[..3].iter().flatten().copied().fold(0.0, f64::max);
        println!(
            "{:>5} ms {:>8} {:>8} {:>8} {:>9} {:>8.2}",
            latency.as_millis(),
            shown[0],
            shown[1],
            shown[2],
            shown[3],
            rates[3].unwrap_or_default() / best
        );
    }
    Ok(())
}

/// Drains a fresh queue into a fresh ledger; answers envelopes a second.
fn drain(world: World, setting: Option<usize>) -> anyhow::Result<f64> {
    let simulator = Simulator::start(world)?;
    let place = tempfile::tempdir()?;
    let mut text = simulator.config_text(&place.path().join("ledger.db"));
    if let Some(at_once) = setting {
        text.push_str(&format!("acknowledge_concurrency = {at_once}\n"));
    }
    let config = Config::parse(&text, Path::new("bench.toml"), &Environment::new())?;
    let runtime = service::runtime()?;
    let began = Instant::now();
    let mode = Mode { once: true, ..Mode::default() };
    let well = runtime.block_on(service::run(&config, mode, CancellationToken::new()))?;
    anyhow::ensure!(well, "not everything succeeded");
    Ok(world.envelopes as f64 / began.elapsed().as_secs_f64())
}
