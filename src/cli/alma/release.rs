//! `alma release`: one held object, or all that are.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use clap::ValueEnum;
use clap::builder::NonEmptyStringValueParser;
use clap::error::ErrorKind;

use super::super::actor::act;
use super::super::asking::Asking;
use super::super::{clock, output, wrong_usage};
use super::{Told, kind, say};
use crate::acts::{self, Objects};
use crate::ledger::{self, AlmaKey, AlmaKind, AlmaRow, AlmaState, Reader};

/// The options of `alma release`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Kind of the object
    #[arg(value_name = "KIND", value_parser = kind(), required_unless_present = "state")]
    object_kind: Option<AlmaKind>,
    /// External id of the object, as in `alma plan` and the table alma_object
    #[arg(
        value_name = "ID",
        value_parser = NonEmptyStringValueParser::new(),
        allow_hyphen_values = true,
        required_unless_present = "state"
    )]
    id: Option<String>,
    /// Release every object in this state; without a terminal --yes is needed
    #[arg(long, conflicts_with_all = ["object_kind", "id"])]
    state: Option<State>,
    /// Only objects of this kind
    #[arg(long = "kind", value_name = "K", value_parser = kind(), requires = "state")]
    kind: Option<AlmaKind>,
    #[command(flatten)]
    asking: Asking,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The states that a release ends.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum State {
    Held,
}

pub(super) fn run(path: &Path, args: Args) -> anyhow::Result<()> {
    match (args.object_kind, args.id) {
        (Some(kind), Some(id)) => one(path, &AlmaKey::new(kind, id), args.asking, args.json),
        _ => all(path, args.kind, args.asking, args.json),
    }
}

fn one(path: &Path, key: &AlmaKey, asking: Asking, json: bool) -> anyhow::Result<()> {
    if asking.is_wanted() {
        let row = Reader::open(path)?.alma_row(key)?;
        // Where nothing is held there is nothing to ask: it is refused.
        if let Some(row) = row.filter(|row| row.state == AlmaState::Held) {
            let reason = row.reason.unwrap_or_default();
            asking.confirm(&format!("{key} is held: {reason}."))?;
        }
    }
    let objects = Objects::These(vec![key.clone()]);
    let released =
        ledger::edit(path, &clock(), |tx| acts::on_one(acts::alma_release(tx, &act(), &objects)?))?;
    let reason = released.reason.unwrap_or_default();
    if json {
        return output::print_json(&Told::of(key, "released", None, Some(&reason)));
    }
    say(path, &format!("{key} is released; it was held: {reason}"))
}

fn all(path: &Path, kind: Option<AlmaKind>, asking: Asking, json: bool) -> anyhow::Result<()> {
    let has_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    if !asking.is_sure() && !has_terminal {
        let problem = "without a terminal --state needs --yes";
        wrong_usage(ErrorKind::MissingRequiredArgument, problem);
    }
    let rows = Reader::open(path)?.unsynced_alma()?.into_iter();
    let rows: Vec<AlmaRow> = rows
        .filter(|row| row.state == AlmaState::Held)
        .filter(|row| kind.is_none_or(|kind| row.key.kind == kind))
        .collect();
    if !json {
        show(&rows)?;
    }
    if !rows.is_empty() && asking.is_wanted() {
        asking.confirm(&format!("{} held objects are to be released.", rows.len()))?;
    }
    let released = ledger::edit(path, &clock(), |tx| {
        let mut keys = Vec::new();
        for row in &rows {
            // What was shown is what is released: another reason is another matter.
            let now = tx.alma_row(&row.key)?;
            let is_as_shown = now.is_some_and(|now| now.reason == row.reason);
            keys.extend(is_as_shown.then(|| row.key.clone()));
        }
        acts::alma_release(tx, &act(), &Objects::These(keys))
    })?;
    let released = released.iter().filter(|one| one.done.is_ok()).count();
    if json {
        return output::print_json(
            &serde_json::json!({ "outcome": "released", "objects": released }),
        );
    }
    match released {
        0 => output::print(|out| writeln!(out, "nothing is held")),
        1 => say(path, "1 object is released"),
        _ => say(path, &format!("{released} objects are released")),
    }
}

fn show(rows: &[AlmaRow]) -> anyhow::Result<()> {
    output::print(|out| {
        for row in rows {
            let reason = row.reason.as_deref().unwrap_or_default();
            writeln!(out, "{}: {}", output::plain(&row.key.to_string()), output::plain(reason))?;
        }
        Ok(())
    })
}
