//! `identity`: the permanent ids that stand for temporary ones.

use std::io::Write;
use std::path::Path;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::asking::Asking;
use super::{clock, output};
use crate::ledger::{self, PermanentId, Reader, TemporaryId};
use crate::uzhkh::Kind;

/// The commands of `identity`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the ids, with those not yet announced to UZhKH first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Set the permanent id for a temporary one, before another is announced to UZhKH
    #[command(after_help = "Example: uzhkh-ledger identity set account --14 ЛС-700000123")]
    Set {
        /// Kind of the entity
        #[arg(value_parser = kind())]
        kind: Kind,
        /// Temporary id from UZhKH, which begins with --
        #[arg(allow_hyphen_values = true, value_parser = temporary_id)]
        temporary: String,
        /// Permanent id to assign
        #[arg(value_parser = permanent_id)]
        permanent: PermanentId,
        #[command(flatten)]
        asking: Asking,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// The kinds whose permanent ids are assigned here.
fn kind() -> impl TypedValueParser<Value = Kind> {
    let kinds = Kind::ALL.into_iter().filter(|kind| kind.is_reidentified());
    PossibleValuesParser::new(kinds.map(Kind::word))
        .map(|word| Kind::from_word(&word).unwrap_or(Kind::Account))
}

fn temporary_id(text: &str) -> Result<String, &'static str> {
    let id = text.starts_with("--").then(|| text.to_owned());
    id.ok_or("temporary ids begin with --; `uzhkh-ledger identity list` shows them")
}

fn permanent_id(text: &str) -> Result<PermanentId, &'static str> {
    let is_one = !text.is_empty() && !text.starts_with("--");
    let id = is_one.then(|| PermanentId::new(text));
    id.ok_or("a permanent id is not empty and does not begin with --")
}

pub(super) fn run(path: &Path, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List { json } => list(path, json),
        Command::Set { kind, temporary, permanent, asking, json } => {
            asking.confirm(&format!(
                "{} {temporary} is to be {permanent}. Once UZhKH has been told, it is so for ever.",
                kind.word()
            ))?;
            ledger::edit(path, &clock(), |tx| {
                tx.set_permanent_id(&TemporaryId::new(kind.word(), &*temporary), &permanent)
            })?;
            if json {
                return output::print_json(&serde_json::json!({
                    "kind": kind.word(),
                    "temporary_id": temporary,
                    "permanent_id": permanent,
                }));
            }
            output::print(|out| writeln!(out, "{} {temporary} is {permanent}", kind.word()))
        }
    }
}

fn list(path: &Path, json: bool) -> anyhow::Result<()> {
    let identities = Reader::open(path)?.identities()?;
    if json {
        return output::print_json(&identities);
    }
    if identities.is_empty() {
        return output::print(|out| writeln!(out, "no temporary id has been seen"));
    }
    let rows: Vec<Vec<String>> = identities
        .into_iter()
        .map(|one| {
            vec![
                one.kind,
                one.temporary_id,
                one.permanent_id.into(),
                one.state.word().to_owned(),
                one.reserved_at,
            ]
        })
        .collect();
    output::print_table(&["kind", "temporary", "permanent", "state", "reserved"], &rows)
}
