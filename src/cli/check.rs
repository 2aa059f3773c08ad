//! `check`: is the config right, can the ledger be kept, and do the systems know us?

use std::fs::Metadata;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use super::{clock, output, run, runtime};
use crate::config::{Config, Forbidden, Secrets};
use crate::ledger::{self, Error, Reader};
use crate::ops::state_directory;
use crate::registry::SYSTEMS;
use crate::web;

/// The name under which files of the credentials directory are told.
const CREDENTIALS: &str = "credentials";

/// The options of `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Check only the config; send no requests
    #[arg(long)]
    offline: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A verdict, for programs.
#[derive(Serialize)]
struct Checked {
    part: String,
    ok: bool,
    error: Option<String>,
}

pub(super) fn run(path: &Path, args: &Args) -> anyhow::Result<ExitCode> {
    let (config, forbidden) = Config::load_readable(path, Secrets::All)?;
    SYSTEMS.iter().try_for_each(|system| system.check_config(&config, &clock()))?;
    web::check_config(&config)?;
    let mut parts = if args.offline { Vec::new() } else { tried(&config) };
    parts.extend(forbidden.iter().map(|one| one.section.clone()));
    // Told, and no failure: whatever is needed is there.
    let strays = config.stray_credentials.iter();
    let mut told: Vec<_> =
        strays.map(|stray| (CREDENTIALS.to_owned(), Err(stray.to_string()))).collect();
    let is_read = |source: &&str| forbidden.iter().all(|one| one.section != *source);
    told.extend(config.missing_source().filter(is_read).map(|source| {
        let problem = format!("is {source:?}, and there is no [{source}]: Alma gets nothing new");
        ("alma.source".to_owned(), Err(problem))
    }));
    parts.extend(told.iter().map(|(part, _)| part.clone()));
    let widest = parts.iter().map(|name| name.chars().count()).max();
    let width = widest.unwrap_or_default().max("config".len());
    if !args.json {
        say("config", width, &Ok(()))?;
    }
    let mut verdicts = vec![("config".to_owned(), Ok(()))];
    if !args.offline {
        ask_around(&config, &mut verdicts)?;
    }
    // Whether their secrets are right, only the service's start or root's check can tell.
    let is_well = verdicts.iter().all(|(_, verdict)| verdict.is_ok());
    let is_well = is_well && (args.offline || forbidden.is_empty());
    verdicts.extend(told);
    let not_read = |one: Forbidden| (one.section, Err(format!("not checked: {}", one.problem)));
    verdicts.extend(forbidden.into_iter().map(not_read));
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

/// What was tried, and what is wrong with it.
type Verdict = (String, Result<(), String>);

/// Tries the ledger's place and each system.
fn ask_around(config: &Config, verdicts: &mut Vec<Verdict>) -> anyhow::Result<()> {
    run::start_logging("error");
    verdicts.push(("ledger".to_owned(), kept(&config.ledger.path)));
    let backups = config.backup.iter().map(|one| backup(&one.dir, &config.ledger.path));
    verdicts.extend(backups.map(|verdict| ("backup".to_owned(), verdict)));
    verdicts.extend(config.web.iter().map(|one| ("web".to_owned(), listen(config, one.listen))));
    runtime::block_on(async {
        for system in SYSTEMS {
            let names = system.checked(config);
            if !names.is_empty() {
                verdicts.extend(names.into_iter().zip(system.check(config, &clock()).await));
            }
        }
    })
}

/// What is tried: the ledger's place and each system.
fn tried(config: &Config) -> Vec<String> {
    let mut tried = vec!["ledger".to_owned()];
    tried.extend(config.backup.iter().map(|_| "backup".to_owned()));
    tried.extend(config.web.iter().map(|_| "web".to_owned()));
    tried.extend(SYSTEMS.iter().flat_map(|system| system.checked(config)));
    tried
}

/// Whether the ledger has a place, and what stands there is no file of something else. What a start
/// of the service makes or carries on with is not looked into.
fn kept(path: &Path) -> Result<(), String> {
    state_directory::find(path).map_err(|missing| missing.to_string())?;
    if path.metadata().is_ok_and(|file| file.len() == 0) {
        return Ok(());
    }
    match Reader::open(path) {
        Err(error @ (Error::NotALedger { .. } | Error::Newer { .. } | Error::Older { .. })) => {
            Err(error.to_string())
        }
        _ => Ok(()),
    }
}

/// Whether the backups have a place, and one that whom the ledger belongs to may write.
fn backup(dir: &Path, ledger: &Path) -> Result<(), String> {
    let shown = dir.display();
    let Some(folder) = dir.metadata().ok().filter(Metadata::is_dir) else {
        return Err(format!(
            "backup.dir: {shown} is no directory; create it, owned by the service's user"
        ));
    };
    let of_ledger = ledger.metadata().or_else(|_| ledger.parent().unwrap_or(ledger).metadata());
    match of_ledger {
        Ok(of_ledger) if !may_write(&folder, of_ledger.uid()) => Err(format!(
            "backup.dir: {shown} cannot be written by user {}, whom the ledger belongs to; chown it",
            of_ledger.uid()
        )),
        _ => Ok(()),
    }
}

/// Whether a user may make files in a directory, as far as its mode tells: of which other groups
/// the user is, it does not.
fn may_write(directory: &Metadata, user: u32) -> bool {
    let mode = directory.mode();
    let bits = if directory.uid() == user { mode >> 6 } else { mode >> 3 | mode };
    user == 0 || bits & 0o3 == 0o3
}

/// Whether the address of `[web]` can be had; the service that runs has it already.
fn listen(config: &Config, address: SocketAddr) -> Result<(), String> {
    if ledger::owner(&config.ledger.path).is_some() {
        return Ok(());
    }
    let bound = TcpListener::bind(address).map(drop);
    bound.map_err(|error| web::Error::Listen(address, error).to_string())
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
