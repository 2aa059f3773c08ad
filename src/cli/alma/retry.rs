//! `alma retry`: one object, or all that stand in the same way.

use std::io::Write;
use std::path::Path;

use clap::ValueEnum;
use clap::builder::NonEmptyStringValueParser;

use super::super::actor::act;
use super::super::{clock, output};
use super::{Told, kind, say};
use crate::acts::{self, Objects};
use crate::ledger::{self, AlmaKey, AlmaKind, AlmaState};

/// The options of `alma retry`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Kind of the object
    #[arg(value_name = "KIND", value_parser = kind(), required_unless_present_any = ["all", "state"])]
    kind: Option<AlmaKind>,
    /// External id of the object, as in `alma plan` and the table alma_object
    #[arg(
        value_name = "ID",
        value_parser = NonEmptyStringValueParser::new(),
        allow_hyphen_values = true,
        required_unless_present_any = ["all", "state"]
    )]
    id: Option<String>,
    /// Retry every rejected, blocked or pending object
    #[arg(long, conflicts_with_all = ["id", "state", "kind"])]
    all: bool,
    /// Retry every object in this state
    #[arg(long, conflicts_with_all = ["id", "kind"])]
    state: Option<State>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The states whose objects can be retried.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum State {
    Rejected,
    Blocked,
    Pending,
}

impl From<State> for AlmaState {
    fn from(state: State) -> Self {
        match state {
            State::Rejected => AlmaState::Rejected,
            State::Blocked => AlmaState::Blocked,
            State::Pending => AlmaState::Pending,
        }
    }
}

pub(super) fn run(path: &Path, args: Args) -> anyhow::Result<()> {
    if let (Some(kind), Some(id)) = (args.kind, args.id) {
        return one(path, &AlmaKey::new(kind, id), args.json);
    }
    let states = match args.state {
        Some(state) => vec![AlmaState::from(state)],
        None => vec![AlmaState::Rejected, AlmaState::Blocked, AlmaState::Pending],
    };
    let objects = Objects::In { states, kind: None };
    let acted = ledger::edit(path, &clock(), |tx| acts::alma_retry(tx, &act(), &objects))?;
    let tried = acted.iter().filter(|one| one.done.is_ok()).count();
    if args.json {
        return output::print_json(&serde_json::json!({ "outcome": "retried", "objects": tried }));
    }
    match tried {
        0 => output::print(|out| writeln!(out, "nothing to try again")),
        1 => say(path, "1 object is tried again"),
        _ => say(path, &format!("{tried} objects are tried again")),
    }
}

fn one(path: &Path, key: &AlmaKey, json: bool) -> anyhow::Result<()> {
    let objects = Objects::These(vec![key.clone()]);
    ledger::edit(path, &clock(), |tx| acts::on_one(acts::alma_retry(tx, &act(), &objects)?))?;
    if json {
        return output::print_json(&Told::of(key, "retried", None, None));
    }
    say(path, &format!("{key} is tried again"))
}
