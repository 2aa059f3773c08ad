//! How fast Alma is brought to what a ledger wants: all of it, nothing of it, and one
//! change of it.
//!
//! Run it with `cargo bench --bench alma`. The simulator plays UZhKH and Alma in this
//! process; the program runs as a process of its own, `run --once` from its start to its
//! end. The limit of a first sync is the same number of bare requests at the same
//! concurrency, asked of the same simulator in the same run (the median of three); both are
//! measured on loopback as it is, and with answers held back as a network would. It judges
//! nothing by itself: a busy machine must not make it fail.
//!
//! ```text
//! UZHKH_BENCH_SCALE=0.1          a tenth of everything
//! ```

#[path = "../drain/median.rs"]
mod median;
#[path = "../drain/process.rs"]
mod process;
mod world;

use std::cell::Cell;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use median::median;
use process::Place;
use simulator::{Options, Simulator};
use tokio::runtime::Runtime;

/// Buildings, units, clients and contracts, in all.
const OBJECTS: usize = 10_000;
/// `alma.concurrency`
const CONCURRENCY: usize = 8;
/// How long a network holds an answer back.
const NETWORK: Duration = Duration::from_millis(5);

fn main() -> anyhow::Result<()> {
    let given = std::env::var("UZHKH_BENCH_SCALE").ok();
    let scale: f64 = given.and_then(|text| text.parse().ok()).unwrap_or(1.0);
    let objects = ((OBJECTS as f64 * scale) as usize).max(20);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    println!("{:<34} {:>8} {:>9} {:>9} {:>6}", "", "s", "requests", "per s", "ratio");
    for (name, latency) in [("loopback", Duration::ZERO), ("answers after 5 ms", NETWORK)] {
        let bench = Bench::new(&runtime, objects, latency)?;
        if latency.is_zero() {
            let plan = bench.plan()?;
            row("projection alone (alma plan)", plan, 0, None);
        }
        let (first, requests) = bench.run()?;
        let mut times = Vec::new();
        for _ in 0..3 {
            times.push(runtime.block_on(bare(&bench.simulator, requests))?);
        }
        let bare = median(&times);
        row(&format!("bare requests, {name}"), bare, requests, None);
        row(&format!("first sync, {name}"), first, requests, Some(bare));
        let (again, requests) = bench.run()?;
        anyhow::ensure!(requests == 0, "an unchanged ledger was asked about");
        row("unchanged, run again", again, requests, None);
        let (change, requests) = bench.change()?;
        row(&format!("one change among {objects}"), change, requests, None);
        let peak = bench.peak.get() as f64 / f64::from(1 << 20);
        println!("{:<34} {peak:>8.1} MiB", "peak memory");
    }
    let small = Bench::new(&runtime, objects / 10, Duration::ZERO)?;
    small.run()?;
    let (change, requests) = small.change()?;
    row(&format!("one change among {}", objects / 10), change, requests, None);
    Ok(())
}

fn row(name: &str, took: f64, requests: u64, limit: Option<f64>) {
    let ratio = limit.map(|limit| format!("{:.2}", took / limit));
    println!(
        "{name:<34} {took:>8.2} {requests:>9} {:>9.0} {:>6}",
        requests as f64 / took,
        ratio.unwrap_or_default()
    );
}

/// A ledger that was filled from UZhKH, and an empty Alma.
struct Bench {
    simulator: Simulator,
    place: Place,
    config: String,
    /// The most memory that the program had, in bytes.
    peak: Cell<u64>,
}

impl Bench {
    fn new(runtime: &Runtime, objects: usize, latency: Duration) -> anyhow::Result<Self> {
        let options = Options { record: false, ..Options::default() };
        let simulator = runtime.block_on(Simulator::start(options))?;
        let place = Place::new()?;
        let uzhkh = format!(
            "[ledger]\npath = '{}'\n[uzhkh]\nbase_url = '{}'\ntoken = 'simulator-token'\n",
            place.ledger().display(),
            simulator.base_url()
        );
        world::fill(simulator.uzhkh(), objects);
        place.run_once(&uzhkh, &[])?;
        let alma = simulator.alma();
        let config = format!(
            "{uzhkh}[alma]\nbase_url = '{}'\napi_key = '{}'\nconcurrency = {CONCURRENCY}\n",
            alma.base_url(),
            alma.api_key()
        );
        simulator.uzhkh().set_latency(latency);
        Ok(Self { simulator, place, config, peak: Cell::new(0) })
    }

    fn asked(&self) -> u64 {
        self.simulator.alma().writes() + self.simulator.alma().reads()
    }

    /// `run --once`: the seconds it takes and the requests that Alma gets.
    fn run(&self) -> anyhow::Result<(f64, u64)> {
        let before = self.asked();
        let once = self.place.run_once(&self.config, &[])?;
        self.peak.set(self.peak.get().max(once.peak));
        let twins = self.simulator.alma().twins();
        anyhow::ensure!(twins.is_empty(), "twins: {twins:?}");
        Ok((once.took.as_secs_f64(), self.asked() - before))
    }

    /// The same after one more thing has changed in UZhKH.
    fn change(&self) -> anyhow::Result<(f64, u64)> {
        world::change(self.simulator.uzhkh());
        let (took, requests) = self.run()?;
        anyhow::ensure!(requests > 0, "the change did not arrive");
        Ok((took, requests))
    }

    /// The seconds that `alma plan` takes.
    fn plan(&self) -> anyhow::Result<f64> {
        let took = self.place.command(&self.config, &["alma", "plan", "--json"])?;
        Ok(took.as_secs_f64())
    }
}

/// The seconds that so many requests take which do nothing.
async fn bare(simulator: &Simulator, requests: u64) -> anyhow::Result<f64> {
    // It may have been installed already, which is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder().no_proxy().build()?;
    let alma = simulator.alma();
    let url = format!("{}external_api/realty/rental_object/none/", alma.base_url());
    let key = alma.api_key();
    let began = Instant::now();
    let mut asking = stream::iter(0..requests)
        .map(|_| async {
            let answer = client.get(&url).header("Api-Key", &key).send().await?;
            answer.bytes().await
        })
        .buffer_unordered(CONCURRENCY);
    while let Some(answer) = asking.next().await {
        answer?;
    }
    Ok(began.elapsed().as_secs_f64())
}
