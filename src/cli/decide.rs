//! `decide`: approves or rejects what residents asked for. The service sends the
//! decision; people are notified by it, so it is sent once.

use std::io::Write;
use std::path::Path;

use super::{clock, output};
use crate::ledger;
use crate::uzhkh::{self, Decision, Ruling};

/// The commands of `decide`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Decide a request to add an account (RequestToRegister)
    Register {
        /// UZhKH's id of the request
        id: String,
        #[command(flatten)]
        verdict: Verdict,
        /// Why it is rejected
        #[arg(
            long,
            value_name = "TEXT",
            conflicts_with = "approve",
            required_if_eq("reject", "true")
        )]
        cause: Option<String>,
        /// Have UZhKH notify the people concerned
        #[arg(long)]
        notify: bool,
    },
    /// Decide a request to add an object (RequestToObjectAdding)
    Object {
        /// UZhKH's id of the request
        id: String,
        #[command(flatten)]
        verdict: Verdict,
        /// The number of the account that the object gets
        #[arg(
            long,
            value_name = "N",
            conflicts_with = "reject",
            required_if_eq("approve", "true")
        )]
        account_number: Option<String>,
        /// Have UZhKH notify the people concerned
        #[arg(long)]
        notify: bool,
    },
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Verdict {
    /// Approve it
    #[arg(long)]
    approve: bool,
    /// Reject it
    #[arg(long)]
    reject: bool,
}

pub(super) fn run(path: &Path, command: Command) -> anyhow::Result<()> {
    let decision = match command {
        Command::Register {
            id, cause, notify, ..
        } => Decision {
            id,
            ruling: Ruling::Register {
                rejected_because: cause,
            },
            notify,
        },
        Command::Object {
            id,
            account_number,
            notify,
            ..
        } => Decision {
            id,
            ruling: Ruling::ObjectAdding { account_number },
            notify,
        },
    };
    let call = ledger::edit(path, &clock(), |tx| uzhkh::decide(tx, &decision))?;
    output::print(|out| {
        writeln!(
            out,
            "decided; the service sends it (call {call}, see `uzhkh-ledger status`)"
        )
    })
}
