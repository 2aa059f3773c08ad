//! `calls`: what is sent once, what became of it, and what a person says of it.

use std::io::Write;
use std::path::Path;

use clap::ValueEnum;

use super::actor::act;
use super::asking::Asking;
use super::{clock, output};
use crate::acts;
use crate::ledger::{self, CallDetail, CallState, Reader};

/// The commands of `calls`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List calls that are pending, failed, or of unknown outcome
    List {
        /// Only calls in this state; `done` calls are listed only if asked for
        #[arg(long)]
        state: Option<State>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a call in full
    Show {
        /// Number of the call, from `calls list`
        seq: i64,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Record the outcome of a call of unknown outcome, or dismiss a failed one
    ///
    /// Look into the system that was called first. A call that was not done can then be made
    /// again.
    #[command(after_help = "Example: uzhkh-ledger calls settle 546 --failed")]
    Settle {
        /// Number of the call, from `calls list`
        seq: i64,
        #[command(flatten)]
        outcome: Outcome,
        #[command(flatten)]
        asking: Asking,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// State of a call.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum State {
    Pending,
    Unknown,
    Failed,
    Done,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Outcome {
    /// The call was carried out, or no longer matters
    #[arg(long)]
    done: bool,
    /// The call was not carried out
    #[arg(long)]
    failed: bool,
}

impl From<State> for CallState {
    fn from(state: State) -> Self {
        match state {
            State::Pending => CallState::Pending,
            State::Unknown => CallState::Unknown,
            State::Failed => CallState::Failed,
            State::Done => CallState::Done,
        }
    }
}

pub(super) fn run(path: &Path, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List { state, json } => list(path, state, json),
        Command::Show { seq, json } => show(&Reader::open(path)?.call(seq)?, json),
        Command::Settle { seq, outcome, asking, json } => {
            let word = if outcome.done { "done" } else { "failed" };
            if asking.is_wanted() {
                let call = Reader::open(path)?.call(seq)?;
                let CallDetail { op, target, .. } = call;
                asking.confirm(&format!("Call {seq} ({op} to {target}) is noted as {word}."))?;
            }
            ledger::edit(path, &clock(), |tx| acts::settle(tx, &act(), seq, outcome.done))?;
            if json {
                return output::print_json(&serde_json::json!({ "call": seq, "state": word }));
            }
            output::print(|out| writeln!(out, "call {seq} is noted as {word}"))
        }
    }
}

fn list(path: &Path, state: Option<State>, json: bool) -> anyhow::Result<()> {
    let states = match state {
        Some(state) => vec![state.into()],
        None => vec![CallState::Pending, CallState::Unknown, CallState::Failed],
    };
    let calls = Reader::open(path)?.calls_in(&states)?;
    if json {
        return output::print_json(&calls);
    }
    if calls.is_empty() {
        return output::print(|out| writeln!(out, "no call waits, failed or is in doubt"));
    }
    let is_in_doubt = calls.iter().any(|call| call.state == CallState::Unknown);
    let rows: Vec<Vec<String>> = calls.into_iter().map(cells).collect();
    output::print_table(&["seq", "target", "op", "state", "created", "attempts", "error"], &rows)?;
    if !is_in_doubt {
        return Ok(());
    }
    output::print(|out| {
        writeln!(
            out,
            "\nunknown: it may have been done; look there, then `uzhkh-ledger calls settle SEQ --done` or `--failed`"
        )
    })
}

fn cells(call: CallDetail) -> Vec<String> {
    vec![
        call.seq.to_string(),
        call.target,
        call.op,
        call.state.word().to_owned(),
        call.created_at,
        call.attempts.to_string(),
        call.last_error.unwrap_or_default(),
    ]
}

fn show(call: &CallDetail, json: bool) -> anyhow::Result<()> {
    if json {
        return output::print_json(call);
    }
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let rows = [
        ("call", call.seq.to_string()),
        ("target", call.target.clone()),
        ("op", call.op.clone()),
        ("params", call.params.get().to_owned()),
        ("state", call.state.word().to_owned()),
        ("attempts", call.attempts.to_string()),
        ("created", call.created_at.clone()),
        ("next", or_none(&call.next_attempt_at)),
        ("finished", or_none(&call.finished_at)),
        ("status", or_none(&call.last_status.map(|status| status.to_string()))),
        ("error", or_none(&call.last_error)),
        ("said", or_none(&call.said)),
    ];
    output::print(|out| {
        for (name, value) in &rows {
            writeln!(out, "{name:<8}  {}", output::plain(value))?;
        }
        Ok(())
    })
}
