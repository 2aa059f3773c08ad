//! What a demo shows while it runs: a line each second, and the booking on its way.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::booking::Bookings;
use crate::cli::output;
use crate::ledger::{Progress, Reader};
use crate::simulator::Simulator;

/// The second from which on keys are booked: the ready flats have arrived by then.
const BOOKS_FROM: u64 = 2;

/// How far a ledger has come; nothing where there is none yet.
pub(super) fn progress(ledger: &Path) -> anyhow::Result<Progress> {
    if !ledger.exists() {
        return Ok(Progress::default());
    }
    Ok(Reader::open(ledger)?.progress()?)
}

/// Prints a line every second until the time is over.
pub(super) async fn watch(
    ledger: &Path,
    simulator: &Simulator,
    bookings: &mut Bookings,
    length: Duration,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    head()?;
    let began = Instant::now();
    let mut reader = None;
    let mut before = 0;
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
            reader = Reader::open(ledger).ok();
        }
        let Some(reader) = &reader else { continue };
        let now = reader.progress()?;
        let second = began.elapsed().as_secs();
        let acknowledged = simulator.report().deletes.len();
        line(second, simulator, now, [acknowledged, acknowledged - before])?;
        before = acknowledged;
        if now.ready_flats > 0
            && second >= BOOKS_FROM
            && let Some(told) = bookings.step(reader).await?
        {
            output::print(|out| writeln!(out, "{:>6}  {}", "", output::plain(&told)))?;
        }
    }
    Ok(())
}

fn head() -> anyhow::Result<()> {
    output::print(|out| {
        writeln!(
            out,
            "{:>6}  {:-^38}  {:-^21}  {:-^18}  {:-^13}",
            "", " UZhKH ", " Domoplaner ", " MACRO ", " Alma "
        )?;
        writeln!(
            out,
            "{:>6}{:>7}{:>8}{:>13}{:>6}{:>6}{:>9}{:>6}{:>8}{:>12}{:>8}{:>8}{:>7}",
            "second",
            "queue",
            "applied",
            "acknowledged",
            "per s",
            "ids",
            "premises",
            "deals",
            "changes",
            "ready flats",
            "changes",
            "synced",
            "asked"
        )
    })
}

/// What UZhKH and Alma know is the simulator's to say, the rest the ledger's.
fn line(
    second: u64,
    simulator: &Simulator,
    now: Progress,
    [acknowledged, lately]: [usize; 2],
) -> anyhow::Result<()> {
    let alma = simulator.alma();
    let waiting = simulator.uzhkh().queue_len() + simulator.uzhkh().deleted_len();
    output::print(|out| {
        writeln!(
            out,
            "{second:>6}{waiting:>7}{:>8}{acknowledged:>13}{lately:>6}{:>6}{:>9}{:>6}{:>8}{:>12}{:>8}{:>8}{:>7}",
            now.envelopes,
            now.ids,
            now.premises,
            now.deals,
            now.domoplaner_changes,
            now.ready_flats,
            now.macrocrm_changes,
            now.alma_synced,
            alma.reads() + alma.writes()
        )
    })
}
