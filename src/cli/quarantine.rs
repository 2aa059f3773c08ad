//! `quarantine`: what could not be understood, and what becomes of it.

use std::io::Write;
use std::path::Path;

use super::{clock, output};
use crate::ledger::{self, Reader};
use crate::uzhkh;

/// The commands of `quarantine`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List everything quarantined
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print one as it was received
    Show {
        /// Its number
        seq: i64,
    },
    /// Try to apply one again, for instance after an upgrade
    Retry {
        /// Its number
        seq: i64,
    },
    /// Give one up: UZhKH is told to forget it, although it was not applied
    Acknowledge {
        /// Its number
        seq: i64,
    },
}

pub(super) fn run(path: &Path, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List { json } => list(path, json),
        Command::Show { seq } => {
            let held = Reader::open(path)?.held(seq)?;
            output::print(|out| {
                out.write_all(&held.body)?;
                writeln!(out)
            })
        }
        Command::Retry { seq } => {
            ledger::edit(path, &clock(), |tx| uzhkh::retry(tx, &tx.held(seq)?))?;
            output::print(|out| writeln!(out, "applied; it will be acknowledged by the service"))
        }
        Command::Acknowledge { seq } => {
            ledger::edit(path, &clock(), |tx| tx.give_up(seq))?;
            output::print(|out| writeln!(out, "given up; it will be acknowledged by the service"))
        }
    }
}

fn list(path: &Path, json: bool) -> anyhow::Result<()> {
    let quarantined = Reader::open(path)?.quarantined()?;
    if json {
        return output::print_json(&quarantined);
    }
    if quarantined.is_empty() {
        return output::print(|out| writeln!(out, "nothing is quarantined"));
    }
    let rows: Vec<Vec<String>> = quarantined
        .into_iter()
        .map(|one| {
            vec![
                one.seq.to_string(),
                one.queue,
                one.guid,
                one.received_at,
                one.bytes.to_string(),
                one.reason,
            ]
        })
        .collect();
    output::print_table(
        &["seq", "queue", "guid", "received", "bytes", "reason"],
        &rows,
    )
}
