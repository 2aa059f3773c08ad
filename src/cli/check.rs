//! `check`: is the config right, can the ledger be kept, and do the systems know us?

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
    uzhkh::check_config(&config)?;
    say("config", "ok")?;
    if args.offline {
        return Ok(ExitCode::SUCCESS);
    }
    let mut code = ExitCode::SUCCESS;
    let directory = match config.ledger.path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if directory.is_dir() {
        say("ledger", "ok")?;
    } else {
        let missing = format!(
            "the directory {} does not exist; create it, owned by the service's user",
            directory.display()
        );
        say("ledger", &missing)?;
        code = ExitCode::FAILURE;
    }
    run::start_logging("error");
    match run::runtime()?.block_on(uzhkh::check_access(&config)) {
        Ok(()) => say("uzhkh", "ok")?,
        Err(error) => {
            let error = error.to_string();
            say("uzhkh", error.trim_start_matches("uzhkh: "))?;
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

fn say(part: &str, verdict: &str) -> anyhow::Result<()> {
    output::print(|out| writeln!(out, "{part:<7} {verdict}"))
}
