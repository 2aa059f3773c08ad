//! `check`: is the config right, and do the systems know us?

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use super::{output, run};
use crate::config::Config;
use crate::uzhkh;

/// The options of `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only read the config; ask nobody
    #[arg(long)]
    offline: bool,
}

pub(super) fn run(path: &Path, args: &Args) -> anyhow::Result<ExitCode> {
    let config = Config::load(path)?;
    output::print(|out| writeln!(out, "config  ok"))?;
    if args.offline {
        return Ok(ExitCode::SUCCESS);
    }
    run::start_logging("error");
    let outcome = run::runtime()?.block_on(uzhkh::check(&config));
    let (code, text) = match outcome {
        Ok(()) => (ExitCode::SUCCESS, "ok".to_owned()),
        Err(error) => (ExitCode::FAILURE, error.to_string()),
    };
    output::print(|out| writeln!(out, "uzhkh   {text}"))?;
    Ok(code)
}
