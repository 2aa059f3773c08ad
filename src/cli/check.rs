//! `check`: is the config right, can the ledger be kept, and do the systems know us?

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use super::{clock, output, run};
use crate::config::Config;
use crate::{alma, bitrix24, domoplaner, macrocrm, uzhkh};

/// The options of `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only read the config; ask nobody
    #[arg(long)]
    offline: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// How a part fares, for programs.
#[derive(Serialize)]
struct Checked {
    part: String,
    ok: bool,
    error: Option<String>,
}

pub(super) fn run(path: &Path, args: &Args) -> anyhow::Result<ExitCode> {
    let config = Config::load(path)?;
    uzhkh::check_config(&config)?;
    domoplaner::check_config(&config)?;
    macrocrm::check_config(&config, &clock())?;
    bitrix24::check_config(&config, &clock())?;
    alma::check_config(&config)?;
    let parts = if args.offline { Vec::new() } else { parts(&config) };
    let widest = parts.iter().map(|part| part.chars().count()).max();
    let width = widest.unwrap_or_default().max("config".len());
    if !args.json {
        say("config", width, &Ok(()))?;
    }
    let mut verdicts = vec![("config".to_owned(), Ok(()))];
    if !args.offline {
        ask_around(&config, &mut verdicts)?;
    }
    let is_well = verdicts.iter().all(|(_, verdict)| verdict.is_ok());
    if args.json {
        let checked = verdicts.into_iter().map(|(part, verdict)| Checked {
            part,
            ok: verdict.is_ok(),
            error: verdict.err(),
        });
        output::print_json(&checked.collect::<Vec<_>>())?;
    } else {
        for (part, verdict) in verdicts.iter().skip(1) {
            say(part, width, verdict)?;
        }
    }
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether a part is all right, and why not.
type Verdict = (String, Result<(), String>);

/// Tries the ledger's place and each system.
fn ask_around(config: &Config, verdicts: &mut Vec<Verdict>) -> anyhow::Result<()> {
    run::start_logging("error");
    verdicts.push(("ledger".to_owned(), directory(config)));
    run::runtime()?.block_on(async {
        if config.uzhkh.is_some() {
            let access = uzhkh::check_access(config).await;
            verdicts.push(("uzhkh".to_owned(), access.map_err(|error| error.to_string())));
        }
        for (feed, access) in domoplaner::check_access(config).await? {
            verdicts.push((format!("domoplaner {feed}"), access));
        }
        if config.macrocrm.is_some() {
            let access = macrocrm::check_access(config, &clock()).await;
            verdicts.push(("macrocrm".to_owned(), access.map_err(|error| error.to_string())));
        }
        if config.bitrix24.is_some() {
            let access = bitrix24::check_access(config, &clock()).await;
            verdicts.push(("bitrix24".to_owned(), access));
        }
        if config.alma.is_some() {
            let access = alma::check_access(config).await;
            verdicts.push(("alma".to_owned(), access.map_err(|error| error.to_string())));
        }
        anyhow::Ok(())
    })
}

/// What is tried.
fn parts(config: &Config) -> Vec<String> {
    let mut parts = vec!["ledger".to_owned()];
    parts.extend(config.uzhkh.iter().map(|_| "uzhkh".to_owned()));
    let feeds = config.domoplaner.iter().flat_map(|system| &system.feeds);
    parts.extend(feeds.map(|feed| format!("domoplaner {}", feed.name)));
    parts.extend(config.macrocrm.iter().map(|_| "macrocrm".to_owned()));
    parts.extend(config.bitrix24.iter().map(|_| "bitrix24".to_owned()));
    parts.extend(config.alma.iter().map(|_| "alma".to_owned()));
    parts
}

/// Whether the ledger has a place.
fn directory(config: &Config) -> Result<(), String> {
    let directory = match config.ledger.path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if directory.is_dir() {
        return Ok(());
    }
    Err(format!(
        "the directory {} does not exist; create it, owned by the service's user",
        directory.display()
    ))
}

fn say(part: &str, width: usize, verdict: &Result<(), String>) -> anyhow::Result<()> {
    let verdict = match verdict {
        Ok(()) => "ok",
        Err(error) => error,
    };
    // The errors begin with the system's name, as the parts do.
    let system = part.split(' ').next().unwrap_or_default();
    let verdict = output::unnamed(verdict, system);
    output::print(|out| writeln!(out, "{part:<width$}  {verdict}"))
}
