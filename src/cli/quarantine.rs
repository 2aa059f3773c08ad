//! `quarantine`: what could not be understood, and what becomes of it.

use std::borrow::Cow;
use std::io::Write;

use serde::Serialize;

use super::actor::act;
use super::asking::Asking;
use super::{clock, output};
use crate::acts;
use crate::config::Config;
use crate::ledger::{self, Quarantined, Reader};

/// The commands of `quarantine`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the quarantined items
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a quarantined item verbatim
    Show {
        /// Number of the item, from `quarantine list`
        seq: i64,
        /// Print JSON: the item with its metadata
        #[arg(long)]
        json: bool,
    },
    /// Apply a quarantined item again, for instance after an upgrade
    #[command(after_help = "Example: uzhkh-ledger quarantine retry 17")]
    Retry {
        /// Number of the item, from `quarantine list`
        seq: i64,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Give up a quarantined item without applying it
    ///
    /// An item of UZhKH is acknowledged there, and UZhKH forgets it; an item of another system
    /// is only marked as dealt with.
    #[command(after_help = "Example: uzhkh-ledger quarantine acknowledge 17 --yes")]
    Acknowledge {
        /// Number of the item, from `quarantine list`
        seq: i64,
        #[command(flatten)]
        asking: Asking,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let path = &config.ledger.path;
    match command {
        Command::List { json } => list(path, json),
        Command::Show { seq, json } => {
            let held = Reader::open(path)?.quarantined_item(seq)?;
            if json {
                return output::print_json(&Shown {
                    about: &held.about,
                    body: String::from_utf8_lossy(&held.body),
                    is_whole: held.is_whole(),
                });
            }
            output::print(|out| {
                out.write_all(&held.body)?;
                writeln!(out)
            })
        }
        Command::Retry { seq, json } => {
            let act = act();
            let source =
                ledger::edit(path, &clock(), |tx| acts::quarantine_retry(tx, &act, config, seq))?;
            say(seq, "applied", &source, json)
        }
        Command::Acknowledge { seq, asking, json } => {
            if asking.is_wanted() {
                asking.confirm(&loss(&Reader::open(path)?.quarantined_item(seq)?.about))?;
            }
            let act = act();
            let source =
                ledger::edit(path, &clock(), |tx| acts::quarantine_acknowledge(tx, &act, seq))?;
            say(seq, "given up", &source, json)
        }
    }
}

/// Something quarantined, for programs.
#[derive(Serialize)]
struct Shown<'h> {
    #[serde(flatten)]
    about: &'h Quarantined,
    body: Cow<'h, str>,
    /// True if the text was kept whole.
    is_whole: bool,
}

/// Explains the effect of an acknowledgement.
fn loss(about: &Quarantined) -> String {
    let then = match about.source.as_str() {
        "uzhkh" => "UZhKH is told to forget it",
        _ => "it is put away",
    };
    format!(
        "Quarantined {} ({}: {}) is given up: it is not applied, and {then}.",
        about.seq, about.queue, about.reason
    )
}

/// Only UZhKH waits to be told.
fn say(seq: i64, what: &str, source: &str, json: bool) -> anyhow::Result<()> {
    if json {
        let outcome = what.replace(' ', "_");
        return output::print_json(
            &serde_json::json!({ "seq": seq, "source": source, "outcome": outcome }),
        );
    }
    let then = match source {
        "uzhkh" => "; it will be acknowledged by the service",
        _ => "",
    };
    output::print(|out| writeln!(out, "{what}{then}"))
}

fn list(path: &std::path::Path, json: bool) -> anyhow::Result<()> {
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
                one.source,
                one.queue,
                one.guid,
                one.received_at,
                one.bytes.to_string(),
                one.reason,
            ]
        })
        .collect();
    output::print_table(&["seq", "source", "queue", "guid", "received", "bytes", "reason"], &rows)
}
