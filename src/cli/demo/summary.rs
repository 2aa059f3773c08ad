//! What came of a demo, system by system, and where to look next.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use super::booking::Bookings;
use super::folder::Folder;
use crate::cli::output;
use crate::ledger::{AlmaCount, Overview, Progress, Reader};
use crate::simulator::Report;

/// What is worth a look afterwards.
const QUERIES: [&str; 7] = [
    "SELECT kind, count(*) AS live FROM record WHERE deleted_at IS NULL GROUP BY kind",
    "SELECT a.account_number, a.balance, p.surname, p.name FROM account AS a \
     JOIN account_person AS p ON p.account_id = a.id WHERE p.is_owner LIMIT 5",
    "SELECT house, floor, number, area, price, status FROM premises LIMIT 5",
    "SELECT id, dogovor_number, deal_status, dt_updated FROM deal ORDER BY dt_updated DESC LIMIT 5",
    "SELECT title, category, flat FROM ready_flat LIMIT 5",
    "SELECT kind, state, count(*) AS objects, min(reason) AS reason FROM alma_object GROUP BY kind, state",
    "SELECT at, id, fields FROM recent_change WHERE kind = 'premises' AND op = 'update' LIMIT 5",
];

/// Prints what came of it since `before`.
pub(super) fn summarize(
    folder: &Folder,
    bookings: &mut Bookings,
    before: Progress,
    took: Duration,
    report: &Report,
) -> anyhow::Result<()> {
    let reader = Reader::open(&folder.ledger())?;
    bookings.look(&reader)?;
    let overview = reader.overview()?;
    let now = reader.progress()?;
    output::print(|out| {
        writeln!(
            out,
            "\nUZhKH       {} entries applied, {} acknowledged, {} permanent ids assigned in {:.0} s",
            now.envelopes.saturating_sub(before.envelopes),
            report.deletes.len(),
            now.ids.saturating_sub(before.ids),
            took.as_secs_f64(),
        )?;
        if folder.is_used {
            writeln!(
                out,
                "            {} entries and {} ids were there already; what is offered again is acknowledged again",
                before.envelopes, before.ids
            )?;
        }
        writeln!(
            out,
            "Domoplaner  {} premises and {} deals; {} changes",
            now.premises,
            now.deals,
            now.domoplaner_changes.saturating_sub(before.domoplaner_changes)
        )?;
        writeln!(
            out,
            "MACRO       {} ready flats; {} changes; {}",
            now.ready_flats,
            now.macrocrm_changes.saturating_sub(before.macrocrm_changes),
            output::plain(&bookings.summary())
        )?;
        writeln!(out, "Alma        {}", standing(&overview))?;
        for part in &overview.parts {
            if let Some(error) = &part.error {
                let (source, feed) = (&part.source, &part.feed);
                let error = output::unnamed(error, source);
                writeln!(out, "{source} {feed} {}: {}", part.outcome, output::plain(error))?;
            }
        }
        writeln!(
            out,
            "{} entries wait for their acknowledgement; {} quarantined, findings about the data: {}",
            overview.pending_acknowledgements, overview.quarantined, overview.findings
        )?;
        if report.violations.is_empty() && !report.deletes.is_empty() {
            writeln!(
                out,
                "\nAt each acknowledgement the simulator looked into the ledger: every entry was on the disk before. \
                 What\nwas asked of the four systems was as their documents have it."
            )?;
        }
        close(out, folder, report, &QUERIES)
    })
}

/// What went wrong, and where to look next.
pub(super) fn close(
    out: &mut impl Write,
    folder: &Folder,
    report: &Report,
    queries: &[&str],
) -> std::io::Result<()> {
    for violation in &report.violations {
        writeln!(out, "VIOLATION  {violation}")?;
    }
    writeln!(out, "\nThe log is {}. Look into the ledger:", folder.typed("demo.log"))?;
    let ledger = folder.typed("ledger.db");
    for query in queries {
        writeln!(out, "  sqlite3 -readonly -box {ledger} \"{query}\"")?;
    }
    Ok(())
}

/// How many objects of Alma stand how.
pub(super) fn standing(overview: &Overview) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for AlmaCount { state, count, .. } in &overview.alma {
        *counts.entry(state).or_default() += count;
    }
    let counts = counts.iter().rev();
    let counts: Vec<String> = counts.map(|(state, count)| format!("{count} {state}")).collect();
    match counts.is_empty() {
        true => "nothing has been carried there yet".to_owned(),
        false => format!("objects: {}", counts.join(", ")),
    }
}
