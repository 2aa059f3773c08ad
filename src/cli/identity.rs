//! `identity`: the permanent ids that stand for temporary ones.

use std::io::Write;
use std::path::Path;

use anyhow::bail;

use super::asking::Asking;
use super::{clock, output};
use crate::ledger::{self, Reader};
use crate::uzhkh::Kind;

/// The commands of `identity`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List all ids, those that UZhKH does not know yet first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Set the permanent id of a temporary one, before UZhKH is told another
    #[command(after_help = "Example: uzhkh-ledger identity set account --14 ЛС-700000123")]
    Set {
        /// The kind of the entity: account, resident, object, counter, …
        kind: String,
        /// The id that UZhKH gave, beginning with --
        #[arg(allow_hyphen_values = true)]
        temporary: String,
        /// The id to put in its place
        permanent: String,
        #[command(flatten)]
        asking: Asking,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(path: &Path, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List { json } => list(path, json),
        Command::Set {
            kind,
            temporary,
            permanent,
            asking,
            json,
        } => {
            let known = Kind::from_word(&kind).filter(|kind| kind.is_reidentified());
            let Some(kind) = known else {
                bail!(
                    "{kind} is not a kind whose ids are assigned here; `uzhkh-ledger identity list` shows those that are"
                );
            };
            if !temporary.starts_with("--") {
                bail!(
                    "{temporary} is not a temporary id: those begin with --; see `uzhkh-ledger identity list`"
                );
            }
            if permanent.is_empty() || permanent.starts_with("--") {
                bail!("a permanent id is not empty and does not begin with --");
            }
            asking.confirm(&format!(
                "{} {temporary} is to be {permanent}. Once UZhKH has been told, it is so for ever.",
                kind.word()
            ))?;
            ledger::edit(path, &clock(), |tx| {
                tx.set_permanent_id(kind.word(), &temporary, &permanent)
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
                one.permanent_id,
                one.state.word().to_owned(),
                one.reserved_at,
            ]
        })
        .collect();
    output::print_table(
        &["kind", "temporary", "permanent", "state", "reserved"],
        &rows,
    )
}
