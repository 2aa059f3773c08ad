//! `findings`: what is odd about the data.

use std::io::Write;
use std::path::Path;

use super::output;
use crate::ledger::Reader;

/// The options of `findings`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(path: &Path, args: &Args) -> anyhow::Result<()> {
    let findings = Reader::open(path)?.findings()?;
    if args.json {
        return output::print_json(&findings);
    }
    if findings.is_empty() {
        return output::print(|out| writeln!(out, "nothing odd was found in the data"));
    }
    let rows: Vec<Vec<String>> = findings
        .into_iter()
        .map(|one| {
            vec![one.records.to_string(), one.source, one.kind, one.path, one.problem, one.example]
        })
        .collect();
    let header = ["records", "source", "kind", "path", "problem", "example"];
    output::print_table(&header, &rows)
}
