//! `alma`: what would be sent to Alma, and what the operator decides about it.

mod audit;
mod blocks;
mod plan;
mod release;
mod retry;

use std::io::Write;
use std::path::Path;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};
use serde::Serialize;

use super::actor::act;
use super::{clock, naming, output};
use crate::acts::{self, Objects};
use crate::config::{self, Config, Secrets};
use crate::ledger::{self, AlmaKey, AlmaKind};

/// The commands of `alma`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Show what would be sent, as a diff against what was sent last or Alma has; sends nothing
    ///
    /// What the ledger does not know in Alma yet is looked for there. Each object is marked: + to
    /// be created, ~ exists in Alma, - no longer in the ledger, ? something is missing, or a
    /// person must decide.
    Plan(plan::Args),
    /// Retry rejected, blocked or pending objects now
    #[command(after_help = "Examples:\n  \
        uzhkh-ledger alma retry unit 0190c6e2-7ab0-746b-9895-dfa42be39a7b\n  \
        uzhkh-ledger alma retry --state rejected")]
    Retry(retry::Args),
    /// Allow what a held object is waiting for
    ///
    /// A unit or room that is no longer in the ledger is archived in Alma, and its contracts
    /// are archived for good. A unit or room that was archived in Alma is unarchived. A contract
    /// that was archived in Alma is replaced by a new one.
    #[command(after_help = "Examples:\n  \
        uzhkh-ledger alma release building 'Lake House, 1'\n  \
        uzhkh-ledger alma release --state held --kind tenant_contract")]
    Release(release::Args),
    /// Block a unit or a room from today until it is unblocked
    Block(Blocked),
    /// Remove the block of a unit or a room
    Unblock(Blocked),
    /// List what was blocked with `alma block` and is not unblocked, and since when
    Blocks(blocks::Args),
    /// List what Alma holds otherwise than it was last sent; changes nothing
    ///
    /// Every object that Alma was sent is read there. What people have archived or removed is
    /// listed too. Fields that open doors and networks are masked.
    #[command(after_help = "Example: uzhkh-ledger alma audit --take unit 1204")]
    Audit(audit::Args),
}

/// The options of `alma block` and `alma unblock`.
#[derive(Debug, clap::Args)]
pub(super) struct Blocked {
    #[command(flatten)]
    object: Object,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// An object of Alma.
#[derive(Debug, clap::Args)]
pub(super) struct Object {
    /// Kind of the object
    #[arg(value_name = "KIND", value_parser = kind())]
    kind: AlmaKind,
    /// External id of the object, as in `alma plan` and the table alma_object
    #[arg(value_name = "ID", value_parser = NonEmptyStringValueParser::new(), allow_hyphen_values = true)]
    id: String,
}

fn kind() -> impl TypedValueParser<Value = AlmaKind> {
    PossibleValuesParser::new(AlmaKind::ALL.map(AlmaKind::word))
        .map(|word| AlmaKind::from_word(&word).unwrap_or(AlmaKind::Unit))
}

impl From<Object> for AlmaKey {
    fn from(object: Object) -> Self {
        AlmaKey::new(object.kind, object.id)
    }
}

pub(super) fn run(path: &Path, command: Command) -> anyhow::Result<()> {
    let secrets = match command {
        Command::Audit(_) => Secrets::Of("alma"),
        _ => Secrets::None,
    };
    let config = Config::load_with(path, secrets)?;
    let alma = section(path, &config)?;
    let ledger = config.ledger.path.as_path();
    let outcome = match command {
        Command::Plan(args) => plan::run(path, &config, alma, &args),
        Command::Retry(args) => retry::run(ledger, args),
        Command::Release(args) => release::run(ledger, args),
        Command::Block(args) => block(ledger, args, true),
        Command::Unblock(args) => block(ledger, args, false),
        Command::Blocks(args) => blocks::run(ledger, &args),
        Command::Audit(args) => audit::run(&config, alma, args),
    };
    outcome.map_err(|error| naming(ledger, error))
}

/// `[alma]` of a config.
fn section<'c>(path: &Path, config: &'c Config) -> Result<&'c config::Alma, config::Error> {
    let missing = || config::Error::NoSection { path: path.to_owned(), section: "alma" };
    config.alma.as_ref().ok_or_else(missing)
}

fn block(path: &Path, args: Blocked, is_blocked: bool) -> anyhow::Result<()> {
    let key = AlmaKey::from(args.object);
    let objects = Objects::These(vec![key.clone()]);
    let block = if is_blocked { acts::alma_block } else { acts::alma_unblock };
    let asked = ledger::edit(path, &clock(), |tx| acts::on_one(block(tx, &act(), &objects)?))?;
    let word = if is_blocked { "blocked" } else { "unblocked" };
    if args.json {
        return output::print_json(&Told::of(&key, word, asked.call, None));
    }
    let call = asked.call.map(|call| format!(" (call {call})")).unwrap_or_default();
    say(path, &format!("{key} is to be {word}{call}"))
}

/// A decision, as JSON.
#[derive(Serialize)]
struct Told<'k> {
    kind: &'static str,
    external_id: &'k str,
    outcome: &'static str,
    /// The call that carries it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<i64>,
    /// Reason for which the object was held.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'k str>,
}

impl<'k> Told<'k> {
    fn of(
        key: &'k AlmaKey,
        outcome: &'static str,
        call: Option<i64>,
        reason: Option<&'k str>,
    ) -> Self {
        Self { kind: key.kind.word(), external_id: &key.external_id, outcome, call, reason }
    }
}

/// Says what was written into the ledger, and who acts on it.
fn say(path: &Path, what: &str) -> anyhow::Result<()> {
    let when = match ledger::owner(path) {
        Some(_) => "the service takes it up at once",
        None => "it is taken up when the service runs",
    };
    output::print(|out| writeln!(out, "{}; {when}", output::plain(what)))
}
