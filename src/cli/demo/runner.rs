//! Runs a [`Script`]: the very service of `run` against the simulator, on a ledger and with
//! a config that stay in the folder afterwards.
//!
//! Each time the simulated UZhKH is told to forget an entry, it checks that the ledger on
//! the disk holds it already.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::console::Console;
use super::folder::{Folder, command};
use super::script::{Script, Stage};
use super::{Assign, alma};
use crate::cli::{clock, output, run, status};
use crate::config::Config;
use crate::ledger::Reader;
use crate::registry;
use crate::service::{self, Begin, Mode};
use simulator::{Acknowledged, Options, Report, Simulator, Witness};

pub(super) async fn run<S: Script>(
    folder: &Folder,
    assign: Assign,
    length: Duration,
) -> anyhow::Result<ExitCode> {
    let ledger = folder.ledger();
    let mut options = Options { witness: Some(witness(ledger.clone())), ..S::options() };
    options.listen = folder.last_address().unwrap_or(options.listen);
    let simulator =
        Simulator::start(options).await.context("the simulator cannot listen on 127.0.0.1")?;
    let console = Console::new()?;
    let sections = format!("{}\n{}", S::sections(&simulator), console.sections()?);
    folder.write_config(&sections, assign)?;
    let config = Config::load(&folder.config())?;
    let mut script = set_up::<S>(folder, &config, &simulator, console)?;
    let mode = Mode {
        begin: Begin::with({
            let feeds = if folder.is_used { registry::feeds(&config) } else { Vec::new() };
            move |tx| feeds.iter().try_for_each(|(source, feed)| tx.accept_shrink(source, feed))
        }),
        ..Mode::default()
    };
    let stop = CancellationToken::new();
    run::stop_on_signals(stop.clone())?;
    introduce(folder, &script)?;
    let began = Instant::now();
    let mut service = tokio::spawn({
        let (config, stop) = (config.clone(), stop.clone());
        async move { service::run(&config, mode, stop).await }
    });
    let ended = tokio::select! {
        watched = watch(&ledger, &simulator, &mut script, length, &stop) => {
            watched?;
            None
        }
        ended = &mut service => Some(ended),
    };
    // Both end at a signal, the one or the other first.
    let is_by_itself = ended.is_some() && !stop.is_cancelled();
    stop.cancel();
    let ended = match ended {
        Some(ended) => ended,
        None => service.await,
    };
    ended.context("the service panicked")??;
    if is_by_itself {
        bail!("the service ended by itself; see {}", folder.log().display());
    }
    let report = simulator.report();
    let summary = script.summary(&Reader::open(&ledger)?, began.elapsed(), &report)?;
    conclude(folder, &summary, &report, S::QUERIES)?;
    tell_relay(folder)?;
    if !report.violations.is_empty() {
        bail!("the simulator saw what must not be; see above");
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes the script, and gives Alma what the last demo left there.
fn set_up<S: Script>(
    folder: &Folder,
    config: &Config,
    simulator: &Simulator,
    console: Console,
) -> anyhow::Result<S> {
    let earlier = if folder.is_used { Some(Reader::open(&folder.ledger())?) } else { None };
    if let Some(reader) = &earlier {
        alma::restore(reader, simulator.alma())?;
    }
    S::new(Stage { config, simulator, earlier: earlier.as_ref(), console })
}

/// Prints what is simulated, and what to try meanwhile.
fn introduce(folder: &Folder, script: &impl Script) -> anyhow::Result<()> {
    output::print(|out| {
        writeln!(out, "{}", script.simulated())?;
        if folder.is_used {
            writeln!(out, "{}", script.continued())?;
        }
        if let Some(console) = script.console() {
            writeln!(out, "\n{console}")?;
        }
        writeln!(out, "\nMeanwhile, in another terminal:")?;
        for arguments in script.commands() {
            writeln!(out, "  {}", command(folder, arguments))?;
        }
        writeln!(out, "\n{}", script.head())
    })
}

/// Prints a line every second until the time is over.
async fn watch(
    ledger: &Path,
    simulator: &Simulator,
    script: &mut impl Script,
    length: Duration,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut reader = None;
    let mut ticks = tokio::time::interval_at(
        tokio::time::Instant::from_std(began + Duration::from_secs(1)),
        Duration::from_secs(1),
    );
    // A second that was missed is not made up for.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    while began.elapsed() < length && !stop.is_cancelled() {
        tokio::select! {
            _ = ticks.tick() => {}
            () = tokio::time::sleep(length.saturating_sub(began.elapsed())) => break,
            () = stop.cancelled() => break,
        }
        if reader.is_none() {
            // The service may not have made the ledger yet.
            reader = Reader::open(ledger).ok();
        }
        let Some(reader) = &reader else { continue };
        let second = began.elapsed().as_secs();
        let line = script.line(second, simulator, reader)?;
        output::print(|out| writeln!(out, "{line}"))?;
        if let Some(told) = script.act(second, simulator, reader).await? {
            output::print(|out| writeln!(out, "{:>6}  {}", "", output::plain(&told)))?;
        }
    }
    Ok(())
}

/// Prints what came of it, what went wrong, and where to look next.
fn conclude(
    folder: &Folder,
    summary: &str,
    report: &Report,
    queries: &[&str],
) -> anyhow::Result<()> {
    output::print(|out| {
        write!(out, "\n{summary}")?;
        for violation in &report.violations {
            writeln!(out, "VIOLATION  {violation}")?;
        }
        writeln!(out, "\nThe log is {}. Look into the ledger:", folder.typed("demo.log"))?;
        let ledger = folder.typed("ledger.db");
        for query in queries {
            writeln!(out, "  sqlite3 -readonly -box {ledger} \"{query}\"")?;
        }
        Ok(())
    })
}

/// Prints how far PostgreSQL has followed, where the ledger is relayed.
fn tell_relay(folder: &Folder) -> anyhow::Result<()> {
    let Some(name) = &folder.relay else { return Ok(()) };
    let standing = Reader::open(&folder.ledger())?.relay_standing(name, clock().now())?;
    let line = status::relay_line(&standing);
    output::print(|out| writeln!(out, "\nPostgreSQL: {}", line.trim_start()))
}

/// The check that the simulator makes before it forgets an entry.
fn witness(ledger: PathBuf) -> Witness {
    let reader: Mutex<Option<Reader>> = Mutex::new(None);
    Arc::new(move |told: &Acknowledged| {
        let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = match reader.take() {
            Some(opened) => opened,
            None => Reader::open(&ledger).map_err(|error| error.to_string())?,
        };
        let is_held = opened.holds_envelope(told.queue, &told.guid, &told.body);
        *reader = Some(opened);
        match is_held {
            Ok(true) => Ok(()),
            Ok(false) => Err(format!("{} was acknowledged before it was committed", told.guid)),
            Err(error) => Err(error.to_string()),
        }
    })
}
