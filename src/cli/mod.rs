//! The command line: one file for each family of commands.
//!
//! Exit codes: 0 done; 1 something failed; 2 wrong usage; 78 the config is wrong
//! or missing.

mod actor;
mod acts;
mod alma;
mod asking;
mod backup;
mod calls;
mod changes;
mod check;
mod console;
mod dashed;
mod decide;
mod demo;
mod fetch;
mod findings;
mod generate;
mod history;
mod identity;
mod init;
mod keys;
mod logging;
mod output;
mod quarantine;
mod relay;
mod restore;
mod run;
mod runtime;
mod simulate;
mod simulated;
mod status;
mod verify;

#[cfg(any(test, fuzzing))]
pub(crate) use identity::fuzzing;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::acts::Wrong;
use crate::clock::{SharedClock, SystemClock};
use crate::config::{self, Config, Secrets};
use crate::domoplaner::FetchError;
use crate::http::BuildError;
use crate::{service, web};

/// The configuration is wrong or missing: systemd does not restart on it.
const EX_CONFIG: u8 = 78;

/// Mirrors property systems into one local SQLite ledger, and keeps Alma in step with it
///
/// Drains the queue of Umnoe ZhKH without losing an entry, reads Domoplaner's feeds, MACRO's
/// ready flats and the rentals of a Bitrix24 portal, books key handovers in MACRO, and keeps
/// Alma in step with the ledger. To see it at work without any set-up: `uzhkh-ledger demo`.
#[derive(Debug, Parser)]
#[command(name = "uzhkh-ledger", version, arg_required_else_help = true)]
struct Cli {
    /// Config file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "/etc/uzhkh-ledger/config.toml"
    )]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service
    Run(run::Args),
    /// Run the service for a while against the built-in simulator; needs no set-up
    Demo(demo::Args),
    /// Run only the simulator of all systems
    Simulate(simulate::Args),
    /// Check the config, then each system's credentials
    Check(check::Args),
    /// Show the last run of each poller, and what is waiting or stuck
    Status(status::Args),
    /// Print changes of the ledger as JSON, one object a line
    ///
    /// `seq` only grows, and no change appears later with a lower one: store the `seq` of the
    /// last change you processed, and pass it to --after.
    Changes(changes::Args),
    /// Write a commented example config
    Init(init::Args),
    /// List items that could not be processed; retry or acknowledge them
    #[command(subcommand)]
    Quarantine(quarantine::Command),
    /// List outgoing calls (decisions, bookings, ids, blocks); settle uncertain ones
    #[command(subcommand)]
    Calls(calls::Command),
    /// List data-quality findings: each problem, and the number of records that have it
    Findings(findings::Args),
    /// List what was done by people and programs: names, decisions, bookings, repairs, releases
    Acts(acts::Args),
    /// Show one record's life: every change and where it came from, calls, findings, Alma objects
    History(history::Args),
    /// List permanent ids, or set one by hand (UZhKH)
    #[command(subcommand)]
    Identity(identity::Command),
    /// Approve or reject a request (UZhKH)
    #[command(subcommand)]
    Decide(decide::Command),
    /// List free times for a key handover, or book one (MACRO)
    #[command(subcommand)]
    Keys(keys::Command),
    /// Show what would be sent to Alma; retry, release, block or unblock objects
    #[command(subcommand)]
    Alma(alma::Command),
    /// Show how the relay to PostgreSQL stands; bring everything anew, retry, take over
    #[command(subcommand)]
    Relay(relay::Command),
    /// Read a Domoplaner feed once, with filters
    ///
    /// Stores what the feed returns and deletes nothing; the service's own reads are not
    /// affected. Filters given here replace those in the config.
    Fetch(Box<fetch::Args>),
    /// Prepare the console in the browser
    #[command(subcommand)]
    Web(console::Command),
    /// Write a verified copy of the ledger; the service may be running
    Backup(backup::Args),
    /// Replace the ledger with a backup (the old file is kept); stop the service first
    Restore(restore::Args),
    /// Check the ledger: the integrity of the file, and the consistency of its data
    Verify(verify::Args),
    /// Generate shell completions (bash, zsh, fish and others)
    Completions(generate::Completions),
    /// Generate the manual pages
    #[command(hide = true)]
    Man(generate::Pages),
}

/// Runs the program.
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(runtime::say_panic));
    let cli = Cli::parse();
    match dispatch(cli) {
        Ok(code) => code,
        Err(error) => {
            output::say_error(&error);
            // A client that cannot be built is the config's fault too: its CA file, say.
            let is_config = error.is::<config::Error>()
                || error.is::<BuildError>()
                || matches!(error.downcast_ref(), Some(FetchError::Build(_)))
                || error.is::<web::TlsError>()
                || matches!(
                    error.downcast_ref(),
                    Some(service::Error::Http(_) | service::Error::Web(web::Error::Tls(_)))
                );
            if is_config { ExitCode::from(EX_CONFIG) } else { ExitCode::FAILURE }
        }
    }
}

fn dispatch(cli: Cli) -> anyhow::Result<ExitCode> {
    let config = cli.config.as_path();
    match cli.command {
        Command::Run(args) => run::run(config, &args),
        Command::Demo(args) => demo::run(&args),
        Command::Simulate(args) => {
            run::start_logging("warn");
            runtime::block_on(simulate::run(args))?.map(done)
        }
        Command::Check(args) => check::run(config, &args),
        Command::Status(args) => on_ledger(config, |config| status::run(config, &args)),
        Command::Changes(args) => {
            on_ledger(config, |config| changes::run(&config.ledger.path, args))
        }
        Command::Init(_) => init::run(config).map(done),
        Command::Quarantine(command) => {
            on_ledger(config, |config| quarantine::run(config, command))
        }
        Command::Identity(command) => identity::run(config, command),
        Command::Calls(command) => {
            on_ledger(config, |config| calls::run(&config.ledger.path, command))
        }
        Command::Findings(args) => {
            on_ledger(config, |config| findings::run(&config.ledger.path, &args))
        }
        Command::Acts(args) => on_ledger(config, |config| acts::run(&config.ledger.path, &args)),
        Command::History(args) => on_ledger(config, |config| history::run(config, &args)),
        Command::Decide(command) => {
            if Config::load_with(config, Secrets::None)?.uzhkh.is_none() {
                return Err(no_section(config, "uzhkh"));
            }
            on_ledger(config, |config| decide::run(&config.ledger.path, command))
        }
        Command::Keys(command) => keys::run(config, command).map(done),
        Command::Alma(command) => alma::run(config, command).map(done),
        Command::Relay(command) => relay::run(config, command).map(done),
        Command::Fetch(args) => fetch::run(config, *args).map(done),
        Command::Web(command) => console::run(&command).map(done),
        Command::Backup(args) => backup::run(config, &args).map(done),
        Command::Restore(args) => restore::run(config, &args),
        Command::Verify(args) => verify::run(config, &args),
        Command::Completions(args) => generate::completions(&args).map(done),
        Command::Man(args) => generate::man(&args).map(done),
    }
}

/// Exits as clap does on wrong usage, and shows the usage of the command that was given.
fn wrong_usage(kind: clap::error::ErrorKind, problem: &str) -> ! {
    use clap::CommandFactory;

    let mut cli = Cli::command();
    cli.build();
    let mut given = &mut cli;
    for word in std::env::args().skip(1) {
        if given.find_subcommand(&word).is_some() {
            given = given.find_subcommand_mut(&word).expect("it was just found");
        }
    }
    given.error(kind, problem).exit()
}

/// A wrong value, told of as that of an option.
fn option(wrong: &Wrong) -> String {
    format!("--{} {}", wrong.member.replace('_', "-"), wrong.problem)
}

fn done(_: ()) -> ExitCode {
    ExitCode::SUCCESS
}

/// The config has no section that a command needs.
fn no_section(config: &Path, section: &'static str) -> anyhow::Error {
    config::Error::NoSection { path: config.to_owned(), section }.into()
}

/// Runs a command on the ledger that the config names; errors name that file.
fn on_ledger(
    config: &Path,
    command: impl FnOnce(&Config) -> anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    let config = Config::load_with(config, Secrets::None)?;
    match command(&config) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(naming(&config.ledger.path, error)),
    }
}

/// An error in which the ledger has no part, so that its path is not put before it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Elsewhere(String);

/// Puts the path of the ledger before an error, unless the error names it already.
fn naming(path: &Path, error: anyhow::Error) -> anyhow::Error {
    let path = path.display().to_string();
    if error.is::<Elsewhere>() || error.to_string().contains(&path) {
        error
    } else {
        error.context(path)
    }
}

fn ledger_path(config: &Path) -> Result<PathBuf, config::Error> {
    Ok(Config::load_with(config, Secrets::None)?.ledger.path)
}

fn clock() -> SharedClock {
    std::sync::Arc::new(SystemClock)
}
