//! `acts`: who had what done, and when.

use std::io::Write;
use std::path::Path;

use clap::builder::RangedU64ValueParser;

use super::output;
use crate::ledger::{ActRow, Reader};

/// The options of `acts`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only the last N
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    last: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(path: &Path, args: &Args) -> anyhow::Result<()> {
    let mut acts = Reader::open(path)?.acts(None, args.last)?;
    // As they came, so that the newest stands where the eye is.
    acts.reverse();
    if args.json {
        return output::print_json(&acts);
    }
    if acts.is_empty() {
        return output::print(|out| writeln!(out, "nothing has been done yet"));
    }
    let rows: Vec<Vec<String>> = acts.into_iter().map(cells).collect();
    let header = ["seq", "at", "actor", "via", "verb", "target", "call", "outcome"];
    output::print_table(&header, &rows)
}

fn cells(act: ActRow) -> Vec<String> {
    vec![
        act.seq.to_string(),
        act.at,
        act.actor,
        act.via.word().to_owned(),
        act.verb.word().to_owned(),
        act.target,
        act.call_seq.map(|call| call.to_string()).unwrap_or_default(),
        act.outcome,
    ]
}
