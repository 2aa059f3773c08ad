//! `relay`: how the copy in PostgreSQL stands, and what the operator wants of it.

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::{clock, naming, output, status};
use crate::config::{Config, Relay, Secrets};
use crate::ledger::{self, Reader, RelayAct, RelayStanding, RelayStuck};

/// The commands of `relay`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Show how far PostgreSQL has followed, and the rows that it does not take
    Status(Args),
    /// Bring every record anew, in a new epoch
    ///
    /// What PostgreSQL has stays readable meanwhile. Changes before this moment keep their old
    /// epoch.
    Backfill(Args),
    /// Retry the rows that PostgreSQL does not take
    Retry(Args),
    /// Write where another relay wrote last, without waiting until it is silent
    ///
    /// Stop the other one first: `relay status` names both.
    Takeover(Args),
}

/// The options of each.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(path: &Path, command: Command) -> anyhow::Result<()> {
    let config = Config::load_with(path, Secrets::None)?;
    let Some(relay) = &config.relay else {
        return Err(super::no_section(path, "relay"));
    };
    let ledger = config.ledger.path.as_path();
    let outcome = match command {
        Command::Status(args) => show(ledger, relay, &args),
        Command::Backfill(args) => {
            want(ledger, RelayAct::Backfill, "every record is brought anew", &args)
        }
        Command::Retry(args) => retry(ledger, &args),
        Command::Takeover(args) => {
            want(ledger, RelayAct::Takeover, "another relay's place is taken", &args)
        }
    };
    outcome.map_err(|error| naming(ledger, error))
}

/// How it stands, for programs.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    standing: RelayStanding,
    rows: Vec<RelayStuck>,
}

fn show(path: &Path, relay: &Relay, args: &Args) -> anyhow::Result<()> {
    let reader = Reader::open(path)?;
    let shown = Shown {
        standing: reader.relay_standing(&relay.ledger, clock().now())?,
        rows: reader.relay_stuck()?,
    };
    if args.json {
        return output::print_json(&shown);
    }
    let line = status::relay_line(&shown.standing);
    output::print(|out| writeln!(out, "{}", line.trim_start()))?;
    if shown.rows.is_empty() {
        return Ok(());
    }
    let rows: Vec<Vec<String>> = shown
        .rows
        .into_iter()
        .map(|row| vec![row.seq.to_string(), row.source, row.kind, row.id, row.at, row.reason])
        .collect();
    output::print(|out| writeln!(out))?;
    output::print_table(&["change", "source", "kind", "id", "at", "reason"], &rows)?;
    output::print(|out| {
        writeln!(out, "\n`uzhkh-ledger relay retry` tries these again; change 0 is a record alone")
    })
}

fn retry(path: &Path, args: &Args) -> anyhow::Result<()> {
    if Reader::open(path)?.relay_stuck_count()? == 0 && !args.json {
        return output::print(|out| writeln!(out, "nothing is stuck"));
    }
    want(path, RelayAct::Retry, "what is stuck is tried again", args)
}

/// Writes the row that the service acts on.
fn want(path: &Path, act: RelayAct, what: &str, args: &Args) -> anyhow::Result<()> {
    ledger::edit(path, &clock(), |tx| tx.want_relay(act))?;
    if args.json {
        return output::print_json(&serde_json::json!({ "outcome": "asked", "act": act.word() }));
    }
    let when = match ledger::owner(path) {
        Some(_) => "the service takes it up at once",
        None => "it is taken up when the service runs",
    };
    output::print(|out| writeln!(out, "{what}; {when}"))
}
