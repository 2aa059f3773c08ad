//! `demo`: the service at work, without any set-up.
//!
//! Starts the simulator with a queue that keeps growing and runs the very service
//! of `run` against it, on a ledger and with a config that stay in the folder
//! afterwards. The simulator checks, each time it is told to forget an entry, that
//! the ledger on the disk holds it already.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio_util::sync::CancellationToken;

use super::{clock, output, run};
use crate::config::Config;
use crate::ledger::Reader;
use crate::service::{self, Mode};
use crate::simulator::{Acknowledged, Options, Simulator, Witness};

/// Entries that wait at the start.
const WAITING: usize = 5000;
/// Entries per second that keep coming.
const RATE: f64 = 150.0;
/// How long the simulator takes for an answer: a near server's distance.
const LATENCY: Duration = Duration::from_millis(5);
const TOKEN: &str = "demo-token";

/// The options of `demo`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the ledger, the config and the log go [default: a new folder here]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// How long it lasts; Ctrl-C ends it before
    #[arg(long, value_name = "N", default_value_t = 20)]
    seconds: u64,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let dir = folder(args.dir.as_deref())?;
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(dir.join("demo.log"))
        .with_context(|| format!("cannot write into {}", dir.display()))?;
    run::start_logging_to("info", Mutex::new(log));
    run::runtime()?.block_on(demonstrate(&dir, Duration::from_secs(args.seconds)))
}

/// The folder, made where it is not there yet.
fn folder(wanted: Option<&Path>) -> anyhow::Result<PathBuf> {
    let dir = match wanted {
        Some(dir) => dir.to_owned(),
        None => format!("demo-{}", clock().now().strftime("%Y%m%d-%H%M%S")).into(),
    };
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    // The config names the ledger, and is used from elsewhere too.
    std::path::absolute(&dir).with_context(|| format!("cannot find {}", dir.display()))
}

async fn demonstrate(dir: &Path, length: Duration) -> anyhow::Result<ExitCode> {
    let ledger = dir.join("ledger.db");
    let simulator = Simulator::start(Options {
        token: TOKEN.to_owned(),
        envelopes: WAITING,
        rate: RATE,
        accounts: 300,
        latency: LATENCY,
        witness: Some(witness(ledger.clone())),
        ..Options::default()
    })
    .await
    .context("the simulator cannot listen on 127.0.0.1")?;
    let config_path = dir.join("config.toml");
    std::fs::write(&config_path, config(&ledger, &simulator.base_url()))
        .with_context(|| format!("cannot write {}", config_path.display()))?;
    let config = Config::load(&config_path)?;
    let before = progress(&ledger)?;

    let stop = CancellationToken::new();
    run::stop_on_signals(stop.clone())?;
    let service = tokio::spawn({
        let (config, stop) = (config.clone(), stop.clone());
        async move { service::run(&config, Mode::default(), stop).await }
    });
    output::print(|out| {
        writeln!(
            out,
            "The simulator of UZhKH has {WAITING} entries waiting and adds {RATE} a second. Meanwhile, try:\n  \
             uzhkh-ledger status --config {}\n",
            config_path.display()
        )
    })?;
    let began = Instant::now();
    let watched = watch(&ledger, &simulator, began, length, &stop);
    tokio::select! {
        watched = watched => watched?,
        () = stop.cancelled() => {}
    }
    stop.cancel();
    service.await.context("the service panicked")??;
    let report = simulator.uzhkh().report();
    summarize(dir, &ledger, before, began.elapsed(), &report.violations)?;
    if !report.violations.is_empty() {
        bail!("the simulator saw what must not be; see above");
    }
    Ok(ExitCode::SUCCESS)
}

/// What the simulator asks before it forgets an entry.
fn witness(ledger: PathBuf) -> Witness {
    let reader: Mutex<Option<Reader>> = Mutex::new(None);
    Arc::new(move |told: &Acknowledged| {
        let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
        if reader.is_none() {
            *reader = Some(Reader::open(&ledger).map_err(|error| error.to_string())?);
        }
        let held = reader
            .as_ref()
            .map(|reader| reader.holds_envelope(told.queue, &told.guid, &told.body));
        match held {
            Some(Ok(true)) => Ok(()),
            Some(Err(error)) => Err(error.to_string()),
            _ => Err(format!(
                "{} was acknowledged before it was committed",
                told.guid
            )),
        }
    })
}

fn config(ledger: &Path, base_url: &str) -> String {
    let quoted = |text: &str| toml::Value::from(text).to_string();
    format!(
        "# Written by `uzhkh-ledger demo`; its simulator ends with it.\n\
         [ledger]\npath = {}\n\n\
         [uzhkh]\nbase_url = {}\ntoken = {}\n\
         requests_schedule = \"* * * * * *\"\ndeleted_schedule = \"*/2 * * * * *\"\n\n\
         [identity]\nannounce_after = \"5s\"\n",
        quoted(&ledger.display().to_string()),
        quoted(base_url),
        quoted(TOKEN),
    )
}

/// Prints a line every second until the time is over.
async fn watch(
    ledger: &Path,
    simulator: &Simulator,
    began: Instant,
    length: Duration,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    output::print(|out| {
        writeln!(
            out,
            "{:>6} {:>12} {:>10} {:>13} {:>13} {:>11}",
            "second", "in the queue", "applied", "acknowledged", "ids assigned", "per second"
        )
    })?;
    let mut reader = None;
    let (_, mut before, _) = progress(ledger)?;
    let mut ticks = tokio::time::interval_at(
        tokio::time::Instant::from_std(began + Duration::from_secs(1)),
        Duration::from_secs(1),
    );
    while began.elapsed() < length && !stop.is_cancelled() {
        tokio::select! {
            _ = ticks.tick() => {}
            () = tokio::time::sleep(length.saturating_sub(began.elapsed())) => break,
        }
        if reader.is_none() {
            reader = Reader::open(ledger).ok();
        }
        let Some(reader) = &reader else { continue };
        let (applied, acknowledged, ids) = reader.progress()?;
        let waiting = simulator.uzhkh().queue_len() + simulator.uzhkh().deleted_len();
        let second = began.elapsed().as_secs();
        output::print(|out| {
            writeln!(
                out,
                "{second:>6} {waiting:>12} {applied:>10} {acknowledged:>13} {ids:>13} {:>11}",
                acknowledged.saturating_sub(before)
            )
        })?;
        before = acknowledged;
    }
    Ok(())
}

/// Entries applied and acknowledged and ids announced so far; nothing where there is
/// no ledger yet.
fn progress(ledger: &Path) -> anyhow::Result<(u64, u64, u64)> {
    if !ledger.exists() {
        return Ok((0, 0, 0));
    }
    Ok(Reader::open(ledger)?.progress()?)
}

fn summarize(
    dir: &Path,
    ledger: &Path,
    before: (u64, u64, u64),
    took: Duration,
    violations: &[String],
) -> anyhow::Result<()> {
    let reader = Reader::open(ledger)?;
    let overview = reader.overview()?;
    let (applied, acknowledged, ids) = reader.progress()?;
    let ledger = ledger.display();
    output::print(|out| {
        writeln!(
            out,
            "\n{} entries applied, {} acknowledged, {} permanent ids assigned in {:.0} s; {applied}, {acknowledged} \
             and {ids} in all.",
            applied - before.0,
            acknowledged.saturating_sub(before.1),
            ids - before.2,
            took.as_secs_f64()
        )?;
        if violations.is_empty() {
            writeln!(
                out,
                "The simulator looked into the ledger at each acknowledgement: every entry was on the disk before."
            )?;
        }
        for violation in violations {
            writeln!(out, "VIOLATION  {violation}")?;
        }
        writeln!(
            out,
            "{} wait for their acknowledgement, {} are quarantined, {} findings.\n",
            overview.pending_acknowledgements, overview.quarantined, overview.findings
        )?;
        writeln!(
            out,
            "The log is {}. Look into the ledger:",
            dir.join("demo.log").display()
        )?;
        for query in [
            "SELECT kind, count(*) AS live FROM record WHERE deleted_at IS NULL GROUP BY kind",
            "SELECT at, id, fields FROM recent_change WHERE kind = 'counter' AND op = 'update' LIMIT 5",
            "SELECT a.account_number, a.balance, p.surname, p.name FROM account AS a \
             JOIN account_person AS p ON p.account_id = a.id WHERE p.is_owner LIMIT 5",
        ] {
            writeln!(out, "  sqlite3 -readonly -box {ledger} \"{query}\"")?;
        }
        Ok(())
    })
}
