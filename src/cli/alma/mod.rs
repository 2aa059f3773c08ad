//! `alma`: what would be sent to Alma, and what the operator decides about it.

mod plan;
mod retry;

use std::io::Write;
use std::path::Path;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};
use serde::Serialize;

use super::actor::act;
use super::asking::Asking;
use super::{clock, naming, output};
use crate::acts::{self, Objects};
use crate::config::{self, Config, Secrets};
use crate::ledger::{self, AlmaKey, AlmaKind, AlmaState, Reader};

/// The commands of `alma`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Show what would be sent, as a diff against what was sent last; sends nothing
    ///
    /// Each object is marked: + to be created, ~ exists in Alma, - no longer in the ledger,
    /// ? a value that decides whether it is wanted is missing.
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
    #[command(after_help = "Example: uzhkh-ledger alma release building 'Lake House, 1'")]
    Release {
        #[command(flatten)]
        object: Object,
        #[command(flatten)]
        asking: Asking,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Block a unit or a room from today until it is unblocked
    Block(Blocked),
    /// Remove the block of a unit or a room
    Unblock(Blocked),
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
    let config = Config::load_with(path, Secrets::None)?;
    let Some(alma) = &config.alma else {
        return Err(config::Error::NoSection { path: path.to_owned(), section: "alma" }.into());
    };
    let ledger = config.ledger.path.as_path();
    let outcome = match command {
        Command::Plan(args) => plan::run(&config, alma, &args),
        Command::Retry(args) => retry::run(ledger, args),
        Command::Release { object, asking, json } => release(ledger, &object.into(), asking, json),
        Command::Block(args) => block(ledger, args, true),
        Command::Unblock(args) => block(ledger, args, false),
    };
    outcome.map_err(|error| naming(ledger, error))
}

fn release(path: &Path, key: &AlmaKey, asking: Asking, json: bool) -> anyhow::Result<()> {
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
