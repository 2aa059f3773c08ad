//! `demo`: the service at work, without any set-up.
//!
//! ```text
//! script      what a demo simulates and shows      folder      its config, ledger and log
//! uzhkh       the script of four systems           booking     the keys that it books
//! accounting  names what is new, where it shall    alma        what Alma has from the last demo
//! bitrix24    the script of a portal               runner      runs either against the simulator
//! console     the console, and what to click there
//! ```
//!
//! A second demo in the same folder goes on with the ledger, while the simulated upstreams
//! begin anew: what the first made of their lists is gone from them, flats ready to be
//! handed over above all. That is more than `max_shrink` lets go, so it is accepted as an
//! operator would accept it. Alma keeps what it had, and gives no id twice: an Alma that
//! gave the ids of known objects to others would be no Alma.

mod accounting;
mod alma;
mod bitrix24;
mod booking;
mod console;
mod folder;
mod runner;
mod script;
mod uzhkh;

use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::Context;
use clap::error::ErrorKind;

use super::{run, runtime};
use bitrix24::Rentals;
use folder::Folder;
use uzhkh::FourSystems;

/// The options of `demo`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder for the ledger, the config and the log [default: a new one in the current
    /// directory]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// System that is carried to Alma: UZhKH (with Domoplaner and MACRO beside it), or the
    /// rentals of a Bitrix24 portal
    #[arg(long, value_name = "SOURCE", value_enum, default_value_t = Source::Uzhkh)]
    source: Source,
    /// Who names what is new in UZhKH: the ledger, or a small accounting system in the demo
    #[arg(long, value_name = "WAY", value_enum, default_value_t = Assign::Uuid)]
    assign: Assign,
    /// PostgreSQL that the ledger is relayed to, postgres://ROLE:PASSWORD@HOST/DATABASE; it
    /// gets the schema uzhkh, and in it a ledger that is called as the folder is
    #[arg(long, value_name = "URL")]
    relay: Option<String>,
    /// Length in seconds; Ctrl-C ends it earlier
    #[arg(long, value_name = "N", default_value_t = 20)]
    seconds: u64,
}

/// The system that a demo carries to Alma.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Source {
    Uzhkh,
    Bitrix24,
}

/// `identity.assign` of a demo's config.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Assign {
    Uuid,
    External,
}

impl Assign {
    /// The word in the config.
    fn word(self) -> &'static str {
        match self {
            Assign::Uuid => "uuid",
            Assign::External => "external",
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if matches!((args.source, args.assign), (Source::Bitrix24, Assign::External)) {
        let problem = "--assign external is about UZhKH's objects, and goes with --source uzhkh";
        super::wrong_usage(ErrorKind::ArgumentConflict, problem);
    }
    let folder = Folder::prepare(args.dir.as_deref())?.relayed_to(args.relay.as_deref())?;
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.log())
        .with_context(|| format!("cannot write {}", folder.log().display()))?;
    run::start_logging_to("info", Mutex::new(log));
    let length = Duration::from_secs(args.seconds);
    // The simulator, which reads the ledger, ends with this.
    let outcome = match args.source {
        Source::Uzhkh => {
            runtime::block_on(runner::run::<FourSystems>(&folder, args.assign, length))
        }
        Source::Bitrix24 => runtime::block_on(runner::run::<Rentals>(&folder, args.assign, length)),
    };
    folder.remove_wal();
    outcome?
}
