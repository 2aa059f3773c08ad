//! How fast a large feed of deals is read, for the first time and again unchanged, and
//! in how much memory.
//!
//! Run it with `cargo bench --bench feed`. The simulator writes the feed once, into a
//! file; a thread serves that file, so that its bytes cost as little as they can. The
//! program runs as a process of its own, `run --once` from its start to its end. The
//! limit is parsing alone: the same file, split and taken apart by the same code, with
//! no HTTP, no hash and no ledger. Each is measured several times in one run, and the
//! medians are printed. It judges nothing by itself: a busy machine must not make it
//! fail.
//!
//! ```text
//! UZHKH_BENCH_SCALE=0.1          a tenth of everything
//! UZHKH_BENCH_RUNS=1             instead of 3
//! ```

#[path = "../drain/knob.rs"]
mod knob;
#[path = "../drain/median.rs"]
mod median;
#[path = "../drain/process.rs"]
mod process;
mod serve;

use knob::knob;
use median::median;
use std::fs::File;
use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use process::Place;
use uzhkh_ledger::config::{Config, Environment};
use uzhkh_ledger::domoplaner;

const DEALS: usize = 100_000;
/// Of the speed of parsing alone.
const GOAL: f64 = 0.60;
const MEMORY_GOAL: f64 = 64.0;

fn main() -> anyhow::Result<()> {
    let scale: f64 = knob("UZHKH_BENCH_SCALE", 1.0);
    let runs: usize = knob("UZHKH_BENCH_RUNS", 3).clamp(1, 100);
    let deals = ((DEALS as f64 * scale) as usize).max(1);
    let feed = serve::Feed::of(deals)?;
    let size = feed.size()? as f64 / f64::from(1 << 20);
    let (mut alone, mut first, mut again, mut peak) = (vec![], vec![], vec![], 0);
    for _ in 0..runs {
        let place = Place::new()?;
        let config = format!(
            "[ledger]\npath = '{}'\n[[domoplaner.feed]]\nname = 'deals'\nkind = 'deals'\nurl = '{}'\n",
            place.ledger().display(),
            feed.url()
        );
        alone.push(parse(&config, &feed.file())?);
        for times in [&mut first, &mut again] {
            let once = place.run_once(&config, &[])?;
            times.push(once.took.as_secs_f64());
            peak = peak.max(once.peak);
        }
        anyhow::ensure!(feed.reads() % 2 == 0, "the feed was not read twice");
    }
    println!("{deals} deals, {size:.0} MiB; medians of {runs} runs\n");
    println!("{:<24} {:>8} {:>8} {:>7} {:>6}", "", "s", "MiB/s", "ratio", "goal");
    let limit = median(&alone);
    for (name, times, goal) in [
        ("parsing alone", &alone, String::new()),
        ("first load", &first, String::new()),
        ("unchanged, read again", &again, format!("{GOAL:.2}")),
    ] {
        let took = median(times);
        println!("{name:<24} {took:>8.2} {:>8.0} {:>7.2} {goal:>6}", size / took, limit / took);
    }
    let peak = peak as f64 / f64::from(1 << 20);
    println!("\npeak memory {peak:.1} MiB (goal: under {MEMORY_GOAL:.0})");
    Ok(())
}

/// The seconds that parsing alone takes.
fn parse(config: &str, file: &Path) -> anyhow::Result<f64> {
    let config = Config::parse(config, Path::new("bench.toml"), &Environment::new())?;
    let feeds = config.domoplaner.context("no [domoplaner]")?.feeds;
    let feed = feeds.first().context("no feed")?;
    let began = Instant::now();
    let items = domoplaner::parse(feed, File::open(file)?)?;
    let took = began.elapsed().as_secs_f64();
    anyhow::ensure!(items > 0, "nothing was parsed");
    Ok(took)
}
