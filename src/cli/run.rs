//! `run`: the service.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::error::ErrorKind;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::actor::act;
pub(super) use super::logging::{start_logging, start_logging_to};
use super::{clock, logging, naming, output, runtime, wrong_usage};
use crate::acts::{self, Act};
use crate::config::Config;
use crate::ledger::{self, Tx};
use crate::service::{self, Begin, Mode};

/// The options of `run`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Start by reading UZhKH's full lists (Download…) again
    ///
    /// If the service is running, this only asks it to, and ends at once.
    #[arg(long)]
    full_resync: bool,
    /// Make one pass of everything that is due, then exit; 0 if all of it succeeded
    #[arg(long)]
    once: bool,
    /// Let the next full read of this feed, within a day, delete every record that it lacks, beyond
    /// max_shrink; may be repeated
    ///
    /// FEED is a feed of Domoplaner, a category of MACRO, or a kind of Bitrix24. If the service
    /// is running, this only tells it to, and makes no pass.
    #[arg(long, value_name = "FEED")]
    accept_shrink: Vec<String>,
}

pub(super) fn run(path: &Path, args: &Args) -> anyhow::Result<ExitCode> {
    let config = &Config::load(path)?;
    let accepted = accepted(config, &args.accept_shrink);
    if args.full_resync && config.uzhkh.is_none() {
        // Only UZhKH has full lists.
        return Err(super::no_section(path, "uzhkh"));
    }
    let asked = Asked {
        resync: args.full_resync.then(act),
        accepted: accepted.into_iter().map(|feed| (act(), feed)).collect(),
    };
    let logging = logging::start(&config.log)?;
    config.stray_credentials.iter().for_each(|stray| tracing::warn!("{stray}"));
    if let Some(source) = config.missing_source() {
        tracing::warn!(
            "alma.source is {source:?}, and there is no [{source}]: Alma gets nothing new"
        );
    }
    let mode = Mode {
        full_resync: args.full_resync,
        once: args.once,
        begin: Begin::with({
            let asked = asked.clone();
            move |tx| asked.begin(tx)
        }),
    };
    let stop = CancellationToken::new();
    let outcome = runtime::block_on(async {
        stop_on_signals(stop.clone())?;
        logging.reload_on_hangup(path.to_owned())?;
        anyhow::Ok(service::run(config, mode, stop.clone()).await)
    })?;
    let all_well = match outcome? {
        Err(service::Error::Ledger(ledger::Error::Owned { .. }))
            if asked.resync.is_some() || !asked.accepted.is_empty() =>
        {
            return ask_the_service(config, &asked);
        }
        outcome => outcome?,
    };
    if all_well {
        return Ok(ExitCode::SUCCESS);
    }
    if stop.is_cancelled() {
        anyhow::bail!("interrupted; the next run takes up the rest");
    }
    anyhow::bail!("not everything succeeded; the log above and `uzhkh-ledger status` say what")
}

/// The feeds whose shrinking is accepted: system and name. Wrong usage where there is
/// no such feed, or more than one.
fn accepted(config: &Config, names: &[String]) -> Vec<(&'static str, String)> {
    let find = |name: &String| match acts::mirrored_feed(config, name) {
        Ok(feed) => feed,
        Err(problem) => wrong_usage(ErrorKind::InvalidValue, &problem.to_string()),
    };
    names.iter().map(find).collect()
}

/// What is asked for beside the running itself; each is an act of its own.
#[derive(Clone)]
struct Asked {
    resync: Option<Act>,
    accepted: Vec<(Act, (&'static str, String))>,
}

impl Asked {
    /// At the start of the service itself, which reads the full lists as its mode has it.
    fn begin(&self, tx: &Tx<'_>) -> Result<(), ledger::Error> {
        if let Some(act) = &self.resync {
            acts::resync_begins(tx, act)?;
        }
        self.accept(tx)
    }

    fn accept(&self, tx: &Tx<'_>) -> Result<(), ledger::Error> {
        let mut accepted = self.accepted.iter();
        accepted.try_for_each(|(act, (source, feed))| acts::accept_shrink(tx, act, (source, feed)))
    }
}

/// The service runs already: it finds in the ledger what it is asked for.
fn ask_the_service(config: &Config, asked: &Asked) -> anyhow::Result<ExitCode> {
    let path = &config.ledger.path;
    let asking = ledger::edit(path, &clock(), |tx| {
        if let Some(act) = &asked.resync {
            acts::resync(tx, act)?;
        }
        asked.accept(tx)
    });
    asking.map_err(|error| naming(path, error.into()))?;
    output::print(|out| {
        if asked.resync.is_some() {
            writeln!(out, "the service is running; it reads UZhKH's full lists again")?;
        }
        if !asked.accepted.is_empty() {
            writeln!(out, "the service is running; it accepts what is missing with its next read")?;
        }
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The first SIGTERM or SIGINT stops the service in order, a second one at once:
/// the ledger takes that like a crash.
pub(super) fn stop_on_signals(stop: CancellationToken) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    tokio::spawn(async move {
        either(&mut terminate, &mut interrupt).await;
        tracing::info!("stopping; a second signal ends at once");
        stop.cancel();
        either(&mut terminate, &mut interrupt).await;
        std::process::exit(1);
    });
    Ok(())
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
