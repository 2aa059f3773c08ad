//! `decide`: approves or rejects what residents asked for. The service sends the
//! decision; people are notified by it, so it is sent once.

use std::io::Write;
use std::path::Path;

use anyhow::bail;
use clap::builder::NonEmptyStringValueParser;
use serde::Serialize;

use super::asking::Asking;
use super::{clock, output};
use crate::ledger;
use crate::uzhkh::{self, Decision, Ruling};

/// The commands of `decide`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Decide a request to register an account (RequestToRegister)
    #[command(after_help = "Examples:\n  \
        uzhkh-ledger decide register 4711 --approve --notify\n  \
        uzhkh-ledger decide register 4711 --reject --cause 'Это не ваш счёт'")]
    Register {
        /// Id of the request in UZhKH
        #[arg(value_parser = NonEmptyStringValueParser::new(), allow_hyphen_values = true)]
        id: String,
        #[command(flatten)]
        verdict: Verdict,
        /// Reason for the rejection
        #[arg(
            long,
            value_name = "TEXT",
            value_parser = NonEmptyStringValueParser::new(),
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
        #[arg(value_parser = NonEmptyStringValueParser::new(), allow_hyphen_values = true)]
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
    // clap has seen to it that a cause comes with --reject, a number with --approve.
    let (approve, decision, asking, json) = match command {
        Command::Register { id, verdict, cause, notify, asking, json } => {
            let ruling = Ruling::Register { rejected_because: cause };
            let decision = Decision { id, ruling, notify };
            (verdict.approve, decision, asking, json)
        }
        Command::Object { id, verdict, account_number, notify, asking, json } => {
            let ruling = Ruling::ObjectAdding { account_number };
            let decision = Decision { id, ruling, notify };
            (verdict.approve, decision, asking, json)
        }
    };
    if approve != decision.is_approval() {
        bail!("--approve and --reject contradict what else was given; nothing was decided");
    }
    let verdict = if approve { "approved" } else { "rejected" };
    let told = if decision.notify { "are" } else { "are not" };
    asking.confirm(&format!(
        "Request {} is {verdict}; people {told} notified. It is sent once and cannot be taken back.",
        decision.id
    ))?;
    let (call, is_known) = ledger::edit(path, &clock(), |tx| uzhkh::decide(tx, &decision))?;
    if json {
        return output::print_json(&Decided {
            call,
            request: &decision.id,
            verdict,
            notify: decision.notify,
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
            decision.id
        )
    })
}
