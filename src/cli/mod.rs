//! The command line: one file for each family of commands.
//!
//! Exit codes: 0 done; 1 something failed; 2 wrong usage; 78 the config is wrong
//! or missing.

mod alma;
mod asking;
mod backup;
mod calls;
mod changes;
mod check;
mod decide;
mod demo;
mod fetch;
mod findings;
mod generate;
mod identity;
mod init;
mod keys;
mod logging;
mod output;
mod quarantine;
mod restore;
mod run;
mod simulate;
mod simulated;
mod status;
mod verify;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::clock::{SharedClock, SystemClock};
use crate::config::{self, Config};
use crate::domoplaner::FetchError;
use crate::http::BuildError;
use crate::service;

/// The configuration is wrong or missing: systemd does not restart on it.
const EX_CONFIG: u8 = 78;

/// Mirrors property systems into one local SQLite ledger, and keeps Alma in step with it
///
/// Drains the queue of Umnoe ZhKH without losing an entry, reads Domoplaner's feeds, MACRO's
/// ready flats and the rentals of a Bitrix24 portal, and books the handing over of keys.
/// Keeps Alma in step with the ledger.
#[derive(Debug, Parser)]
#[command(name = "uzhkh-ledger", version, arg_required_else_help = true)]
struct Cli {
    /// The configuration
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
    /// Try the whole thing against the built-in simulator of all systems, without any set-up
    Demo(demo::Args),
    /// Run the simulator of all systems alone
    Simulate(simulate::Args),
    /// Check the config, then try each system's credentials
    Check(check::Args),
    /// Show what each part last did, what waits and what is stuck
    Status(status::Args),
    /// Follow the ledger: print what has changed since, one JSON object a line
    ///
    /// Numbers only grow, and nothing comes later with a lower one: keep the `seq` that was
    /// dealt with last, and ask for what comes after it.
    Changes(changes::Args),
    /// Write a commented config to begin with
    Init(init::Args),
    /// Look at what could not be understood, and decide about it
    #[command(subcommand)]
    Quarantine(quarantine::Command),
    /// See what became of what is sent once: decisions, bookings, ids, blocks
    #[command(subcommand)]
    Calls(calls::Command),
    /// See what is odd about the data: each problem, and in how many records
    Findings(findings::Args),
    /// Look at permanent ids, or set one by hand (UZhKH)
    #[command(subcommand)]
    Identity(identity::Command),
    /// Approve or reject a request to register or to add an object (UZhKH)
    #[command(subcommand)]
    Decide(decide::Command),
    /// Ask for free times for handing over keys, or book one (MACRO)
    #[command(subcommand)]
    Keys(keys::Command),
    /// See what would be sent to Alma, and decide about it
    #[command(subcommand)]
    Alma(alma::Command),
    /// Read a Domoplaner feed once, with filters of its own
    ///
    /// What it brings is stored; nothing is deleted, and what the service reads next is
    /// what it would have read anyway. Filters given here take the place of those that
    /// the config gives the feed.
    Fetch(Box<fetch::Args>),
    /// Write a verified copy of the ledger, while the service runs or not
    Backup(backup::Args),
    /// Put a backup into the place of the ledger, which is kept aside; the service must be stopped
    Restore(restore::Args),
    /// Check a ledger: the file, and every promise about what is in it
    Verify(verify::Args),
    /// Print what completes the command line in bash, zsh, fish and others
    Completions(generate::Completions),
    /// Write the pages of the manual
    #[command(hide = true)]
    Man(generate::Pages),
}

/// Runs the program.
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(run::say_panic));
    let cli = Cli::parse();
    match dispatch(cli) {
        Ok(code) => code,
        Err(error) => {
            output::say_error(&error);
            // A client that cannot be built is the config's fault too: its CA file, say.
            let is_config = error.is::<config::Error>()
                || error.is::<BuildError>()
                || matches!(error.downcast_ref(), Some(FetchError::Build(_)))
                || matches!(error.downcast_ref(), Some(service::Error::Http(_)));
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
            run::runtime()?.block_on(simulate::run(args)).map(done)
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
        Command::Identity(command) => {
            on_ledger(config, |config| identity::run(&config.ledger.path, command))
        }
        Command::Calls(command) => {
            on_ledger(config, |config| calls::run(&config.ledger.path, command))
        }
        Command::Findings(args) => {
            on_ledger(config, |config| findings::run(&config.ledger.path, &args))
        }
        Command::Decide(command) => {
            on_ledger(config, |config| decide::run(&config.ledger.path, command))
        }
        Command::Keys(command) => keys::run(config, command).map(done),
        Command::Alma(command) => alma::run(config, command).map(done),
        Command::Fetch(args) => fetch::run(config, *args).map(done),
        Command::Backup(args) => backup::run(config, &args).map(done),
        Command::Restore(args) => restore::run(config, &args),
        Command::Verify(args) => verify::run(config, &args),
        Command::Completions(args) => generate::completions(&args).map(done),
        Command::Man(args) => generate::man(&args).map(done),
    }
}

/// Ends the program as clap does where the command line is wrong, with the usage of the
/// command that was given.
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

fn done(_: ()) -> ExitCode {
    ExitCode::SUCCESS
}

/// Runs a command on the ledger that the config names; its errors name the file.
fn on_ledger(
    config: &Path,
    command: impl FnOnce(&Config) -> anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    let config = Config::load(config)?;
    match command(&config) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(naming(&config.ledger.path, error)),
    }
}

/// An error that the ledger has no part in.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Elsewhere(String);

/// An error of a ledger that names the file, if it did not before.
fn naming(path: &Path, error: anyhow::Error) -> anyhow::Error {
    let path = path.display().to_string();
    if error.is::<Elsewhere>() || error.to_string().contains(&path) {
        error
    } else {
        error.context(path)
    }
}

fn ledger_path(config: &Path) -> Result<PathBuf, config::Error> {
    Ok(Config::load(config)?.ledger.path)
}

fn clock() -> SharedClock {
    std::sync::Arc::new(SystemClock)
}
