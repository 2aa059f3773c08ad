//! `identity`: the permanent ids that stand for temporary ones.

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod import;
mod rows;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;

use super::actor::act;
use super::asking::Asking;
use super::{clock, naming, output};
use crate::acts::{self, NamesTally};
use crate::config::{Config, Secrets};
use crate::ledger::{self, IdentityState, PermanentId, Reader};
use crate::uzhkh::{Kind, Naming};

/// The commands of `identity`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the ids, with those not yet announced to UZhKH first
    List {
        /// Only those of this state
        #[arg(long, value_parser = states())]
        state: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Set the permanent id for a temporary one, before another is announced to UZhKH
    ///
    /// Options stand before the three values.
    #[command(after_help = "Example: uzhkh-ledger identity set account --14 ЛС-700000123")]
    Set {
        #[command(flatten)]
        asking: Asking,
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Kind of the entity
        #[arg(value_parser = kinds())]
        kind: String,
        /// Temporary id from UZhKH, which begins with --
        #[arg(allow_hyphen_values = true, value_parser = temporary_id)]
        temporary: String,
        /// Permanent id to assign
        #[arg(allow_hyphen_values = true)]
        permanent: String,
    },
    /// Name many temporary ids at once, from CSV or JSON lines
    #[command(after_help = import::HELP)]
    Import(import::Args),
}

/// The kinds whose permanent ids are assigned here.
fn kinds() -> PossibleValuesParser {
    let kinds = Kind::ALL.into_iter().filter(|kind| kind.is_reidentified());
    PossibleValuesParser::new(kinds.map(Kind::word))
}

fn states() -> PossibleValuesParser {
    PossibleValuesParser::new(IdentityState::ALL.map(<&str>::from))
}

fn temporary_id(text: &str) -> Result<String, &'static str> {
    let id = text.starts_with("--").then(|| text.to_owned());
    id.ok_or("temporary ids begin with --; `uzhkh-ledger identity list` shows them")
}

pub(super) fn run(config: &Path, command: Command) -> anyhow::Result<ExitCode> {
    let config = Config::load_with(config, Secrets::None)?;
    carry_out(&config, command).map_err(|error| naming(&config.ledger.path, error))
}

fn carry_out(config: &Config, command: Command) -> anyhow::Result<ExitCode> {
    let path = &config.ledger.path;
    match command {
        Command::List { state, json } => {
            list(path, state.as_deref(), json)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Set { asking, json, kind, temporary, permanent } => {
            asking.confirm(&format!(
                "{kind} {temporary} is to be {permanent}. Once UZhKH has been told, it is so for ever."
            ))?;
            set(config, &kind, &temporary, &permanent, json)
        }
        Command::Import(args) => import::run(config, &args),
    }
}

/// Wrong usage, as clap says it.
const EX_USAGE: u8 = 2;

fn set(
    config: &Config,
    kind: &str,
    temporary: &str,
    permanent: &str,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let assign = config.identity.assign;
    let names = [Ok([kind, temporary, permanent].map(str::to_owned))];
    let (mut namings, _) = ledger::edit(&config.ledger.path, &clock(), |tx| {
        acts::name(tx, &act(), assign, &names, &NamesTally::default())
    })?;
    let named = namings.remove(0);
    match &named {
        Naming::Invalid(detail) => {
            output::say_error(&anyhow::anyhow!("{detail}"));
            return Ok(ExitCode::from(EX_USAGE));
        }
        Naming::Conflict(detail) => {
            return Err(anyhow::anyhow!("{detail}"));
        }
        Naming::Named | Naming::Merged | Naming::Already => {}
    }
    if json {
        output::print_json(&serde_json::json!({
            "kind": kind,
            "temporary_id": temporary,
            "permanent_id": permanent,
            "result": named.word(),
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let joined = match named {
        Naming::Merged => "; two records were joined",
        _ => "",
    };
    output::print(|out| writeln!(out, "{kind} {temporary} is {permanent}{joined}"))?;
    Ok(ExitCode::SUCCESS)
}

fn list(path: &Path, state: Option<&str>, json: bool) -> anyhow::Result<()> {
    let mut identities = Reader::open(path)?.identities()?;
    identities.retain(|identity| state.is_none_or(|state| <&str>::from(identity.state) == state));
    if json {
        return output::print_json(&identities);
    }
    if identities.is_empty() {
        let which = state.map_or_else(String::new, |state| format!(" that is {state}"));
        return output::print(|out| writeln!(out, "no temporary id{which} has been seen"));
    }
    let rows: Vec<Vec<String>> = identities
        .into_iter()
        .map(|one| {
            vec![
                one.kind,
                one.temporary_id,
                one.permanent_id.map(PermanentId::into).unwrap_or_default(),
                one.state.word().to_owned(),
                one.reserved_at.or(one.first_seen_at).unwrap_or_default(),
            ]
        })
        .collect();
    output::print_table(&["kind", "temporary", "permanent", "state", "since"], &rows)
}
