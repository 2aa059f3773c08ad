//! `alma blocks`: the units and rooms that were blocked through us.

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::super::output;
use crate::ledger::{AlmaKind, Reader};

/// The options of `alma blocks`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A block, as JSON.
#[derive(Serialize)]
struct Block {
    kind: AlmaKind,
    external_id: String,
    /// When Alma answered that it is blocked.
    since: String,
}

pub(super) fn run(path: &Path, args: &Args) -> anyhow::Result<()> {
    let blocks = Reader::open(path)?.alma_blocks()?.into_iter();
    let blocks =
        blocks.map(|(key, since)| Block { kind: key.kind, external_id: key.external_id, since });
    let blocks: Vec<Block> = blocks.collect();
    if args.json {
        return output::print_json(&blocks);
    }
    if blocks.is_empty() {
        return output::print(|out| writeln!(out, "nothing is blocked through this ledger"));
    }
    let row = |block: &Block| {
        vec![block.kind.word().to_owned(), block.external_id.clone(), block.since.clone()]
    };
    let rows: Vec<Vec<String>> = blocks.iter().map(row).collect();
    output::print_table(&["kind", "id", "since"], &rows)
}
