//! `status`: what each part last did, what waits, what is stuck.

use std::io::Write;

use serde::Serialize;

use super::output;
use crate::config::Config;
use crate::ledger::{self, AlmaCount, Overview, Reader};

/// The options of `status`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Status {
    ledger: String,
    /// Who runs on it; null when nobody does.
    daemon: Option<String>,
    /// Feeds in the config that have not been read yet: system and name.
    not_polled: Vec<(&'static str, String)>,
    #[serde(flatten)]
    overview: Overview,
}

pub(super) fn run(config: &Config, args: &Args) -> anyhow::Result<()> {
    let path = &config.ledger.path;
    let overview = Reader::open(path)?.overview()?;
    let mut not_polled = config.feeds();
    not_polled.retain(|(source, feed)| {
        let mut parts = overview.parts.iter();
        !parts.any(|part| part.source == *source && part.feed == *feed)
    });
    let status = Status {
        ledger: path.display().to_string(),
        daemon: ledger::owner(path),
        not_polled,
        overview,
    };
    if args.json {
        return output::print_json(&status);
    }
    output::print(|out| {
        let daemon = match &status.daemon {
            Some(how) => format!("running, {how}"),
            None => "not running".to_owned(),
        };
        writeln!(out, "ledger  {}\ndaemon  {daemon}\n", status.ledger)
    })?;
    print_parts(&status)?;
    output::print(|out| {
        writeln!(out)?;
        for line in waiting(&status.overview) {
            writeln!(out, "{line}")?;
        }
        Ok(())
    })
}

fn print_parts(status: &Status) -> anyhow::Result<()> {
    let parts = &status.overview.parts;
    let mut rows: Vec<Vec<String>> = parts
        .iter()
        .map(|part| {
            vec![
                format!("{} {}", part.source, part.feed),
                part.outcome.clone(),
                part.finished_at.clone(),
                part.fetched.to_string(),
                part.changed.to_string(),
                part.last_ok_at
                    .clone()
                    .unwrap_or_else(|| "never".to_owned()),
            ]
        })
        .collect();
    for (source, feed) in &status.not_polled {
        rows.push(vec![format!("{source} {feed}"), "not yet".to_owned()]);
    }
    if rows.is_empty() {
        return output::print(|out| writeln!(out, "nothing has been polled yet"));
    }
    let header = ["poll", "outcome", "at", "fetched", "changed", "last ok"];
    output::print_table(&header, &rows)?;
    let failed = parts
        .iter()
        .filter_map(|part| Some((part, part.error.as_ref()?)));
    output::print(|out| {
        for (at, (part, error)) in failed.enumerate() {
            let gap = if at == 0 { "\n" } else { "" };
            let error = output::unnamed(error, &part.source);
            let error = output::plain(output::unnamed(error, &part.feed));
            writeln!(
                out,
                "{gap}{} {} {}: {error}",
                part.source, part.feed, part.outcome
            )?;
        }
        Ok(())
    })
}

/// What waits and what is stuck, each with the command that leads on.
fn waiting(overview: &Overview) -> Vec<String> {
    let since = |at: &Option<String>| {
        at.as_ref()
            .map(|at| format!(", the oldest since {at}"))
            .unwrap_or_default()
    };
    let because = |error: &Option<String>| {
        error
            .as_ref()
            .map(|error| format!(": {error}"))
            .unwrap_or_default()
    };
    let mut lines = vec![
        format!(
            "{:>8}  acknowledgements waiting{}{}",
            overview.pending_acknowledgements,
            since(&overview.oldest_pending_acknowledgement),
            because(&overview.acknowledgement_error)
        ),
        format!(
            "{:>8}  calls waiting{}{}",
            overview.pending_calls,
            since(&overview.oldest_pending_call),
            because(&overview.call_error)
        ),
        format!(
            "{:>8}  ids reserved, not announced yet",
            overview.reserved_ids
        ),
    ];
    for (count, text) in [
        (
            overview.quarantined,
            "quarantined; see `uzhkh-ledger quarantine list`",
        ),
        (
            overview.unknown_calls,
            "calls with an unknown outcome; see rows of call with state unknown",
        ),
        (
            overview.failed_calls,
            "calls failed; see rows of call with state failed",
        ),
        (
            overview.rejected_ids,
            "ids that UZhKH refused; see `uzhkh-ledger identity list`",
        ),
        (
            overview.missing,
            "records missing from a full list; see record.missing_since",
        ),
        (overview.findings, "findings; see the table finding"),
    ] {
        if count > 0 {
            lines.push(format!("{count:>8}  {text}"));
        }
    }
    for (list, state) in overview.resync.iter().filter(|(_, state)| state != "done") {
        lines.push(format!("  resync  {list} {state}"));
    }
    lines.push(String::new());
    for (kind, count) in &overview.records {
        lines.push(format!("{count:>8}  {kind}"));
    }
    if !overview.alma.is_empty() {
        lines.push(String::new());
    }
    for AlmaCount {
        kind, state, count, ..
    } in &overview.alma
    {
        lines.push(format!("{count:>8}  alma {kind} {state}"));
    }
    for (state, count) in &overview.alma_files {
        lines.push(format!("{count:>8}  alma file {state}"));
    }
    if overview.alma.iter().any(|known| known.state != "synced") {
        lines.push(
            "          what is not synced: `uzhkh-ledger alma plan`, or the view alma_pending"
                .to_owned(),
        );
    }
    lines
}
