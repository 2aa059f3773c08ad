//! `demo`: the service at work, without any set-up.
//!
//! Starts a simulator of all four systems, with a queue that keeps growing and lists
//! that keep moving, and runs the very service of `run` against it, on a ledger and
//! with a config that stay in the folder afterwards. The simulator checks, each time
//! it is told to forget an entry, that the ledger on the disk holds it already.
//!
//! A second demo in the same folder goes on with the ledger, while the simulator begins
//! anew: what it had made of its lists is gone from them, flats ready to be handed over
//! above all. That is more than `max_shrink` lets go, so it is accepted as an operator
//! would accept it. What Alma had is gone too, and held once it changes.

mod booking;
mod folder;
mod portal;
mod summary;
mod watch;

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio_util::sync::CancellationToken;

use super::simulated::{Schedules, sections};
use super::{output, run};
use crate::config::Config;
use crate::ledger::Reader;
use crate::registry;
use crate::service::{self, Mode};
use crate::simulator::{Acknowledged, FeedKind, Options, Simulator, Witness};
use booking::Bookings;
use folder::{Folder, command};

/// Entries that wait at the start.
const WAITING: usize = 5000;
/// Entries per second that keep coming.
const RATE: f64 = 150.0;
/// Premises, and objects ready to be handed over. So many that what happens between two
/// reads is a small part of them.
const PREMISES: usize = 600;
const READY_FLATS: usize = 400;
/// What happens per second in Domoplaner, and in MACRO.
const CATALOGUE_RATE: f64 = 4.0;
/// How long the simulator takes for an answer: a near server's distance.
const LATENCY: Duration = Duration::from_millis(5);
const TOKEN: &str = "demo-token";
const SCHEDULES: Schedules = Schedules { queues: Some("* * * * * *"), lists: "*/2 * * * * *" };

/// The options of `demo`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the ledger, the config and the log go [default: a new folder here]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// What is carried to Alma: what UZhKH says, beside Domoplaner and MACRO, or the rentals
    /// of a Bitrix24 portal
    #[arg(long, value_name = "SOURCE", value_enum, default_value_t = Source::Uzhkh)]
    source: Source,
    /// How long it lasts; Ctrl-C ends it before
    #[arg(long, value_name = "N", default_value_t = 20)]
    seconds: u64,
}

/// What a demo shows on its way to Alma.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Source {
    Uzhkh,
    Bitrix24,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let folder = Folder::prepare(args.dir.as_deref())?;
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.log())
        .with_context(|| format!("cannot write {}", folder.log().display()))?;
    run::start_logging_to("info", Mutex::new(log));
    let length = Duration::from_secs(args.seconds);
    let runtime = run::runtime()?;
    match args.source {
        Source::Uzhkh => runtime.block_on(demonstrate(&folder, length)),
        Source::Bitrix24 => runtime.block_on(portal::demonstrate(&folder, length)),
    }
}

async fn demonstrate(folder: &Folder, length: Duration) -> anyhow::Result<ExitCode> {
    let ledger = folder.ledger();
    let simulator = Simulator::start(Options {
        token: TOKEN.to_owned(),
        envelopes: WAITING,
        rate: RATE,
        accounts: 300,
        catalogue: PREMISES,
        ready_flats: READY_FLATS,
        catalogue_rate: CATALOGUE_RATE,
        latency: LATENCY,
        witness: Some(witness(ledger.clone())),
        ..Options::default()
    })
    .await
    .context("the simulator cannot listen on 127.0.0.1")?;
    folder.write_config(&sections(&simulator, TOKEN, &SCHEDULES))?;
    let config = Config::load(&folder.config())?;
    let before = watch::progress(&ledger)?;
    let mut bookings = Bookings::new(&config, simulator.macrocrm());
    let mode = Mode {
        accept_shrink: if folder.is_used { registry::feeds(&config) } else { Vec::new() },
        ..Mode::default()
    };

    let stop = CancellationToken::new();
    run::stop_on_signals(stop.clone())?;
    introduce(folder, &simulator, &bookings)?;
    let began = Instant::now();
    let mut service = tokio::spawn({
        let (config, stop) = (config.clone(), stop.clone());
        async move { service::run(&config, mode, stop).await }
    });
    let watched = watch::watch(&ledger, &simulator, &mut bookings, length, &stop);
    tokio::select! {
        watched = watched => watched?,
        ended = &mut service => {
            ended.context("the service panicked")??;
            bail!("the service ended by itself; see {}", folder.log().display());
        }
    }
    stop.cancel();
    service.await.context("the service panicked")??;
    let report = simulator.report();
    summary::summarize(folder, &mut bookings, before, began.elapsed(), &report)?;
    if !report.violations.is_empty() {
        bail!("the simulator saw what must not be; see above");
    }
    Ok(ExitCode::SUCCESS)
}

/// What is simulated, and what to try meanwhile.
fn introduce(folder: &Folder, simulator: &Simulator, bookings: &Bookings) -> anyhow::Result<()> {
    let deals = simulator.domoplaner().ids(FeedKind::Deals);
    let deals: Vec<String> = deals.iter().rev().take(2).map(u64::to_string).collect();
    let flats = simulator.macrocrm().ready_flats();
    let house = flats.first().map_or("", |flat| flat.house_id.as_str());
    output::print(|out| {
        writeln!(
            out,
            "Simulated: UZhKH with {WAITING} entries waiting and {RATE} more a second; Domoplaner with {PREMISES} \
             premises\nand their deals; MACRO with {READY_FLATS} flats, parking places, storage rooms and shops ready \
             to be handed over;\nAlma, empty: what UZhKH says of flats, their owners and tenants is carried there."
        )?;
        if folder.is_used {
            writeln!(
                out,
                "The ledger of the last demo goes on. The simulator begins anew, so what it had moved on is as it \
                 was;\nwhat its lists lack is let go, as `run --once --accept-shrink` would. Deals never vanish. What Alma \
                 no longer has is\nheld as soon as it changes."
            )?;
        }
        writeln!(out, "\nMeanwhile, in another terminal:")?;
        for arguments in [
            "status".to_owned(),
            "check".to_owned(),
            "alma plan".to_owned(),
            format!("fetch deals --deal-ids {}", deals.join(",")),
            format!("keys free-times --house {house} --date {}", bookings.day()),
        ] {
            writeln!(out, "  {}", command(folder, &arguments))?;
        }
        writeln!(out)
    })
}

/// What the simulator asks before it forgets an entry.
fn witness(ledger: PathBuf) -> Witness {
    let reader: Mutex<Option<Reader>> = Mutex::new(None);
    Arc::new(move |told: &Acknowledged| {
        let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
        if reader.is_none() {
            *reader = Some(Reader::open(&ledger).map_err(|error| error.to_string())?);
        }
        let held =
            reader.as_ref().map(|reader| reader.holds_envelope(told.queue, &told.guid, &told.body));
        match held {
            Some(Ok(true)) => Ok(()),
            Some(Err(error)) => Err(error.to_string()),
            _ => Err(format!("{} was acknowledged before it was committed", told.guid)),
        }
    })
}
