//! `backup`: a verified copy of the ledger.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{ledger_path, naming, output};
use crate::ledger::{self, CancelFlag};
use crate::uzhkh::Parser;

/// The options of `backup`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// File to write
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace an existing file, once the new copy is complete and verified
    #[arg(long)]
    overwrite: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(config: &Path, args: &Args) -> anyhow::Result<()> {
    let path = ledger_path(config)?;
    let halt = CancelFlag::default();
    let backup = ledger::back_up(&path, &args.file, args.overwrite, &Parser, &halt);
    let backup = backup.map_err(|error| match error {
        // It speaks of the backup, and names that.
        ledger::Error::Refused(_) => error.into(),
        error => naming(&path, error.into()),
    })?;
    if args.json {
        return output::print_json(&backup);
    }
    let span = &backup.span;
    output::print(|out| {
        writeln!(
            out,
            "wrote and verified {}: {} bytes, {} envelopes, {} records, {}",
            backup.path.display(),
            backup.bytes,
            span.envelopes,
            span.records,
            up_to(span)
        )?;
        writeln!(
            out,
            "copied in {:.1} s, checked in {:.1} s",
            backup.copy_seconds, backup.check_seconds
        )
    })
}

/// The last change that a ledger holds, in words.
pub(super) fn up_to(span: &ledger::LedgerSpan) -> String {
    match &span.last_change_at {
        Some(at) => format!("changes up to {} of {at}", span.last_change),
        None => "no change".to_owned(),
    }
}
