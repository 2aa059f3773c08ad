//! `demo --source bitrix24`: the rentals of a simulated Bitrix24 portal on their way to
//! Alma: apartments and rooms, people and contracts.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::folder::{Folder, command};
use super::summary::{close, standing};
use crate::cli::simulated::portal_sections;
use crate::cli::{output, run};
use crate::config::Config;
use crate::ledger::{Overview, Reader};
use crate::registry;
use crate::service::{self, Mode};
use crate::simulator::{Options, Report, Simulator};

/// Apartments of the portal, with their units, people and contracts.
/// So many that their photos and scans arrive in the time: a portal allows two requests a
/// second.
const APARTMENTS: usize = 10;
/// What happens there per second.
const RATE: f64 = 0.5;
const LATENCY: Duration = Duration::from_millis(5);
const SCHEDULE: &str = "*/2 * * * * *";

/// The kinds that are shown as they arrive in the ledger, and in Alma.
const MIRRORED: [&str; 5] = ["apartment", "unit", "contact", "owner_contract", "tenant_contract"];
const CARRIED: [&str; 6] =
    ["building", "unit", "room", "client", "owner_contract", "tenant_contract"];

/// What is worth a look afterwards.
const QUERIES: [&str; 4] = [
    "SELECT kind, count(*) AS live FROM record WHERE deleted_at IS NULL GROUP BY kind",
    "SELECT id, title, building, apartment_number, floor FROM bitrix_apartment LIMIT 5",
    "SELECT kind, state, count(*) AS objects, min(reason) AS reason FROM alma_object GROUP BY kind, state",
    "SELECT state, count(*) AS files, sum(bytes) AS bytes FROM alma_file GROUP BY state",
];

pub(super) async fn demonstrate(folder: &Folder, length: Duration) -> anyhow::Result<ExitCode> {
    let simulator = Simulator::start(Options {
        bitrix_apartments: APARTMENTS,
        catalogue_rate: RATE,
        latency: LATENCY,
        ..Options::default()
    })
    .await
    .context("the simulator cannot listen on 127.0.0.1")?;
    folder.write_config(&portal_sections(&simulator, SCHEDULE))?;
    let config = Config::load(&folder.config())?;
    let mode = Mode {
        accept_shrink: if folder.is_used { registry::feeds(&config) } else { Vec::new() },
        ..Mode::default()
    };
    let stop = CancellationToken::new();
    run::stop_on_signals(stop.clone())?;
    introduce(folder)?;
    let mut service = tokio::spawn({
        let (config, stop) = (config.clone(), stop.clone());
        async move { service::run(&config, mode, stop).await }
    });
    let ledger = folder.ledger();
    let watched = watch(&ledger, &simulator, length, &stop);
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
    summarize(folder, &report)?;
    if !report.violations.is_empty() {
        bail!("the simulator saw what must not be; see above");
    }
    Ok(ExitCode::SUCCESS)
}

fn introduce(folder: &Folder) -> anyhow::Result<()> {
    output::print(|out| {
        writeln!(
            out,
            "Simulated: a portal of Bitrix24 with {APARTMENTS} apartments, their units, people and contracts, where \
             things keep\nhappening; and Alma, empty: what the portal says is carried there."
        )?;
        if folder.is_used {
            writeln!(
                out,
                "The ledger of the last demo goes on; the simulator begins anew, and what Alma no longer has is \
                 held as soon as\nit changes."
            )?;
        }
        writeln!(out, "\nMeanwhile, in another terminal:")?;
        for arguments in ["status", "check", "alma plan"] {
            writeln!(out, "  {}", command(folder, arguments))?;
        }
        writeln!(out, "\n{:>6}  {:-^45}  {:-^59}", "", " Bitrix24 in the ledger ", " in Alma ")?;
        writeln!(
            out,
            "{:>6}{:>12}{:>7}{:>10}{:>8}{:>10}{:>11}{:>7}{:>7}{:>9}{:>8}{:>9}{:>7}",
            "second",
            "apartments",
            "units",
            "contacts",
            "owners",
            "tenants",
            "buildings",
            "units",
            "rooms",
            "clients",
            "owners",
            "tenants",
            "files"
        )
    })
}

/// Prints a line every second until the time is over.
async fn watch(
    ledger: &Path,
    simulator: &Simulator,
    length: Duration,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    ticks.tick().await;
    while began.elapsed() < length && !stop.is_cancelled() {
        tokio::select! {
            _ = ticks.tick() => {}
            () = tokio::time::sleep(length.saturating_sub(began.elapsed())) => break,
            () = stop.cancelled() => break,
        }
        let Ok(reader) = Reader::open(ledger) else {
            continue;
        };
        line(began.elapsed().as_secs(), &reader.overview()?)?;
    }
    tracing::debug!(requests = simulator.bitrix24().calls(), "asked the portal");
    Ok(())
}

fn line(second: u64, overview: &Overview) -> anyhow::Result<()> {
    let live = MIRRORED.map(|kind| {
        let known = overview.records.iter().find(|(name, _)| name == kind);
        known.map_or(0, |(_, count)| *count)
    });
    let carried = CARRIED.map(|kind| {
        let counts = overview.alma.iter().filter(|known| known.kind == kind);
        counts.map(|known| known.in_alma).sum::<u64>()
    });
    let mut files = overview.alma_files.iter();
    let uploaded = files.find(|(state, _)| state == "uploaded");
    let files = uploaded.map_or(0, |(_, count)| *count);
    let [apartments, units, contacts, owners, tenants] = live;
    let [buildings, flats, rooms, clients, owned, let_out] = carried;
    output::print(|out| {
        writeln!(
            out,
            "{second:>6}{apartments:>12}{units:>7}{contacts:>10}{owners:>8}{tenants:>10}{buildings:>11}{flats:>7}\
             {rooms:>7}{clients:>9}{owned:>8}{let_out:>9}{files:>7}"
        )
    })
}

fn summarize(folder: &Folder, report: &Report) -> anyhow::Result<()> {
    let overview = Reader::open(&folder.ledger())?.overview()?;
    output::print(|out| {
        writeln!(out, "\nAlma  {}", standing(&overview))?;
        close(out, folder, report, &QUERIES)
    })
}
