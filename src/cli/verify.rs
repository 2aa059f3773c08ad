//! `verify`: checks a ledger file.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{ledger_path, naming, output};
use crate::ledger::{Error, Promise, Reader};
use crate::uzhkh::Parser;

/// The options of `verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Ledger to check [default: the one in the config]
    #[arg(value_name = "LEDGER")]
    ledger: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(config: &Path, args: &Args) -> anyhow::Result<ExitCode> {
    let path = match &args.ledger {
        Some(path) => path.clone(),
        None => ledger_path(config)?,
    };
    let verified = Reader::open(&path).and_then(|reader| reader.verify(&Parser));
    let promises = match verified {
        // Where not even the schema can be read, this is all there is to tell.
        Err(Error::Damaged(error)) => vec![Promise::of_a_damaged_file(&error)],
        verified => verified.map_err(|error| naming(&path, error.into()))?,
    };
    let broken = promises.iter().any(|promise| promise.broken > 0);
    if args.json {
        output::print_json(&promises)?;
    } else {
        output::print(|out| {
            for promise in &promises {
                let verdict = if promise.broken > 0 { "BROKEN" } else { "kept" };
                writeln!(out, "{verdict:<6}  {} ({} checked)", promise.promise, promise.checked)?;
                for example in &promise.examples {
                    writeln!(out, "          {example}")?;
                }
            }
            Ok(())
        })?;
    }
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
