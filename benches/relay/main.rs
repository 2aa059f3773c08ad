//! How fast PostgreSQL follows a ledger, and what that costs the drain.
//!
//! Run it with `cargo bench --bench relay`. It starts a PostgreSQL of its own (Debian's
//! package), and measures in one run: the changes that a relay brings in a second, beside what
//! COPY takes for the very same rows (goal: at least half of its rate); and a drain with a relay
//! running, beside one without (goal: at least 95 % of its rate). Medians are printed, and
//! nothing is judged: a busy machine must not make it fail.
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
#[allow(dead_code, reason = "it serves other benches, too")]
mod process;
#[path = "../drain/rig.rs"]
#[allow(dead_code, reason = "it serves other benches, too")]
mod rig;
mod server;

use knob::knob;
use median::median;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use process::Place;
use rig::{Simulator, World};
use server::Server;
use tokio::runtime::Runtime;
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;
use uzhkh_ledger::clock::{Clock, SystemClock};
use uzhkh_ledger::config::{Config, Environment};
use uzhkh_ledger::ledger::Reader;
use uzhkh_ledger::service::{self, Mode};

const ENVELOPES: usize = 20_000;
const COPY_GOAL: f64 = 0.5;
const DRAIN_GOAL: f64 = 0.95;
const LOOK: Duration = Duration::from_millis(10);

fn main() -> anyhow::Result<()> {
    let scale: f64 = knob("UZHKH_BENCH_SCALE", 1.0);
    let runs: usize = knob("UZHKH_BENCH_RUNS", 3).clamp(1, 100);
    let envelopes = ((ENVELOPES as f64 * scale) as usize).max(100);
    let server = Server::start()?;
    let runtime = service::runtime()?;
    println!("medians of {runs} runs; the server and the simulator share the processors\n");
    let (mut relayed, mut copied, mut alone, mut beside) = (vec![], vec![], vec![], vec![]);
    for run in 0..runs {
        let (relay, copy) = against_copy(&runtime, &server, envelopes, run)?;
        relayed.push(relay);
        copied.push(copy);
        alone.push(drain(&runtime, &server, envelopes, None)?);
        beside.push(drain(&runtime, &server, envelopes, Some(&format!("beside_{run}")))?);
    }
    let row = |name: &str, rate: f64, other: f64, goal: f64| {
        println!("{name:<34} {rate:>9.0} {other:>9.0} {:>7.2} {goal:>6.2}", rate / other);
    };
    println!("{:<34} {:>9} {:>9} {:>7} {:>6}", "", "a second", "against", "ratio", "goal");
    row("changes relayed, against COPY", median(&relayed), median(&copied), COPY_GOAL);
    row("drain with a relay, and without", median(&beside), median(&alone), DRAIN_GOAL);
    Ok(())
}

/// The config of a service on this ledger, with a relay into a schema.
fn config(
    simulator: &Simulator,
    ledger: &Path,
    server: &Server,
    schema: Option<&str>,
) -> anyhow::Result<Config> {
    let mut text = simulator.config_text(ledger);
    text += "requests_schedule = '* * * * * *'\n";
    if let Some(schema) = schema {
        let url = server.url();
        text += &format!("[relay]\nurl = '{url}'\nledger = 'bench'\nschema = '{schema}'\n");
    }
    Ok(Config::parse(&text, Path::new("bench.toml"), &Environment::new())?)
}

fn pass(runtime: &Runtime, config: &Config) -> anyhow::Result<f64> {
    let mode = Mode { once: true, ..Mode::default() };
    let began = Instant::now();
    let is_well = runtime.block_on(service::run(config, mode, CancellationToken::new()))?;
    anyhow::ensure!(is_well, "not everything succeeded");
    Ok(began.elapsed().as_secs_f64())
}

/// Changes a second by the relay, and by COPY of the same rows.
fn against_copy(
    runtime: &Runtime,
    server: &Server,
    envelopes: usize,
    run: usize,
) -> anyhow::Result<(f64, f64)> {
    let schema = format!("copy_{run}");
    let place = Place::new()?;
    let ledger = place.ledger();
    let empty = Simulator::start(World::default())?;
    let relaying = config(&empty, &ledger, server, Some(&schema))?;
    // The cursor stands at the beginning.
    pass(runtime, &relaying)?;
    let full = Simulator::start(World { envelopes, ..World::default() })?;
    pass(runtime, &config(&full, &ledger, server, None)?)?;
    let idle = pass(runtime, &config(&empty, &ledger, server, None)?)?;
    let relay = pass(runtime, &relaying)? - idle;
    let (changes, copy) = runtime.block_on(async {
        let client = server.client().await?;
        copy_again(&client, &schema).await
    })?;
    Ok((changes / relay, changes / copy))
}

/// Copies all that is in a schema into tables like those; how many changes, and the time.
async fn copy_again(client: &Client, schema: &str) -> anyhow::Result<(f64, f64)> {
    let mut took = 0.0;
    let mut changes = 0;
    for table in ["record", "change"] {
        let out = client.copy_out(&format!("COPY {schema}.{table} TO STDOUT")).await?;
        let rows: Vec<Result<Bytes, _>> = out.collect().await;
        let rows: Vec<Bytes> = rows.into_iter().collect::<Result<_, _>>()?;
        client
            .batch_execute(&format!(
                "CREATE TABLE {schema}.{table}_again (LIKE {schema}.{table} INCLUDING ALL)"
            ))
            .await?;
        let began = Instant::now();
        let sink = client.copy_in(&format!("COPY {schema}.{table}_again FROM STDIN")).await?;
        let mut sink = std::pin::pin!(sink);
        for row in rows {
            sink.feed(row).await?;
        }
        let copied = sink.as_mut().finish().await?;
        took += began.elapsed().as_secs_f64();
        if table == "change" {
            changes = copied;
        }
    }
    Ok((changes as f64, took))
}

/// Entries a second that a service drains, until the last one is acknowledged.
fn drain(
    runtime: &Runtime,
    server: &Server,
    envelopes: usize,
    schema: Option<&str>,
) -> anyhow::Result<f64> {
    let place = Place::new()?;
    let ledger = place.ledger();
    if schema.is_some() {
        // Both begin with a ledger that is there, and tables.
        let empty = Simulator::start(World::default())?;
        pass(runtime, &config(&empty, &ledger, server, schema)?)?;
    } else {
        let empty = Simulator::start(World::default())?;
        pass(runtime, &config(&empty, &ledger, server, None)?)?;
    }
    let simulator = Simulator::start(World { envelopes, ..World::default() })?;
    let config = config(&simulator, &ledger, server, schema)?;
    let stop = CancellationToken::new();
    runtime.block_on(async {
        let began = Instant::now();
        let service = tokio::spawn({
            let stop = stop.clone();
            async move { service::run(&config, Mode::default(), stop).await }
        });
        let took = loop {
            tokio::time::sleep(LOOK).await;
            anyhow::ensure!(!service.is_finished(), "the service has ended");
            if is_drained(&ledger, envelopes)? {
                break began.elapsed();
            }
        };
        stop.cancel();
        service.await??;
        Ok(envelopes as f64 / took.as_secs_f64())
    })
}

fn is_drained(ledger: &Path, envelopes: usize) -> anyhow::Result<bool> {
    let reader = Reader::open(ledger)?;
    let waiting = reader.standing(SystemClock.now())?.pending_acknowledgements;
    Ok(reader.progress()?.envelopes >= envelopes as u64 && waiting == 0)
}
