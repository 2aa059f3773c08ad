//! `decide`: approves or rejects what residents asked for. The service sends the
//! decision; people are notified by it, so it is sent once.

use std::io::Write;
use std::path::Path;

use clap::builder::NonEmptyStringValueParser;
use clap::error::ErrorKind;
use serde::Serialize;

use super::actor::act;
use super::asking::Asking;
use super::dashed::dashed;
use super::{clock, option, output, wrong_usage};
use crate::acts::{self, Decide, Request};
use crate::ledger;

/// The commands of `decide`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Decide a request to register an account (RequestToRegister)
    #[command(after_help = "Examples:\n  \
        uzhkh-ledger decide register 4711 --approve --notify\n  \
        uzhkh-ledger decide register 4711 --reject --cause 'Это не ваш счёт'")]
    Register {
        /// Id of the request in UZhKH
        #[arg(value_parser = dashed, allow_hyphen_values = true)]
        id: String,
        #[command(flatten)]
        verdict: Verdict,
        /// Reason for the rejection
        #[arg(
            long,
            value_name = "TEXT",
            value_parser = dashed,
            allow_hyphen_values = true,
            conflicts_with = "approve",
            required_if_eq("reject", "true")
        )]
        cause: Option<String>,
        /// Have UZhKH notify the people concerned
        #[arg(long)]
        notify: bool,
        #[command(flatten)]
        asking: Asking,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Decide a request to add an object (RequestToObjectAdding)
    #[command(after_help = "Examples:\n  \
        uzhkh-ledger decide object 4711 --approve --account-number 700000123\n  \
        uzhkh-ledger decide object 4711 --reject --notify")]
    Object {
        /// Id of the request in UZhKH
        #[arg(value_parser = dashed, allow_hyphen_values = true)]
        id: String,
        #[command(flatten)]
        verdict: Verdict,
        /// Account number for the object; required with --approve
        #[arg(
            long,
            value_name = "N",
            value_parser = NonEmptyStringValueParser::new(),
            conflicts_with = "reject",
            required_if_eq("approve", "true")
        )]
        account_number: Option<String>,
        /// Have UZhKH notify the people concerned
        #[arg(long)]
        notify: bool,
        #[command(flatten)]
        asking: Asking,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Verdict {
    /// Approve the request
    #[arg(long)]
    approve: bool,
    /// Reject the request
    #[arg(long)]
    reject: bool,
}

/// A recorded decision, as JSON.
#[derive(Serialize)]
struct Decided<'d> {
    /// The call that carries it out.
    call: i64,
    request: &'d str,
    verdict: &'static str,
    notify: bool,
    /// True if the ledger has the request.
    is_known: bool,
}

pub(super) fn run(path: &Path, command: Command) -> anyhow::Result<()> {
    let (decide, asking, json) = match command {
        Command::Register { id, verdict, cause, notify, asking, json } => {
            (Decide::new(Request::Register, id, verdict.approve, cause, None, notify), asking, json)
        }
        Command::Object { id, verdict, account_number, notify, asking, json } => {
            let approve = verdict.approve;
            let decide = Decide::new(Request::Object, id, approve, None, account_number, notify);
            (decide, asking, json)
        }
    };
    let decide = match decide {
        Ok(decide) => decide,
        // clap has seen to it that a cause comes with --reject, a number with --approve.
        Err(wrong) => wrong_usage(ErrorKind::ValueValidation, &option(&wrong)),
    };
    let verdict = decide.verdict();
    let told = if decide.notifies() { "are" } else { "are not" };
    asking.confirm(&format!(
        "Request {} is {verdict}; people {told} notified. It is sent once and cannot be taken back.",
        decide.id()
    ))?;
    // UZhKH may know a request that the ledger does not.
    let decided = ledger::edit(path, &clock(), |tx| acts::decide(tx, &act(), &decide, false))?;
    let acts::Decided { call, is_known } = decided;
    if json {
        return output::print_json(&Decided {
            call,
            request: decide.id(),
            verdict,
            notify: decide.notifies(),
            is_known,
        });
    }
    let doubt = if is_known {
        ""
    } else {
        "\nnote: the ledger holds no such request; UZhKH will say whether it has it"
    };
    output::print(|out| {
        writeln!(
            out,
            "{verdict} request {}; people {told} notified; the service sends it (call {call}){doubt}",
            decide.id()
        )
    })
}
