//! `alma`: what would be sent to Alma, and what the operator decides about it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};

use super::{clock, naming, output, run as service};
use crate::alma::{self, Planned};
use crate::config::{self, Config};
use crate::ledger::{self, AlmaKey, AlmaKind, AlmaState, Error, Ledger, Tx};

/// The commands of `alma`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Show what would be sent, as a difference to what was sent last; nothing is sent
    Plan {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Try an object again at once that Alma rejected, that is blocked, or that waits
    Retry(Object),
    /// Let happen what an object is held for
    ///
    /// Of a unit or room that is no longer in the ledger: it is archived in Alma, its
    /// contracts for good. Of one that was archived in Alma: it is unarchived. Of a contract
    /// that was archived there: another is made in its place.
    Release(Object),
    /// Block a unit or a room from today on, until it is unblocked
    Block(Object),
    /// Take the block of a unit or a room away
    Unblock(Object),
}

/// An object of Alma.
#[derive(Debug, clap::Args)]
pub(super) struct Object {
    /// Its kind
    #[arg(value_name = "KIND", value_parser = kind())]
    kind: AlmaKind,
    /// Its external id, as `alma plan` and the table alma_object show it
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
    let config = Config::load(path)?;
    let Some(alma) = &config.alma else {
        return Err(config::Error::NoSection {
            path: path.to_owned(),
            section: "alma",
        }
        .into());
    };
    let ledger = config.ledger.path.as_path();
    let outcome = match command {
        Command::Plan { json } => plan(&config, alma, json),
        Command::Retry(object) => say(ledger, object, |tx, key| {
            alma::retry(tx, key)?;
            Ok(format!("{key} is tried again"))
        }),
        Command::Release(object) => say(ledger, object, |tx, key| {
            let reason = alma::release(tx, key)?;
            Ok(format!("{key} is released; it was held: {reason}"))
        }),
        Command::Block(object) => block(ledger, object, true),
        Command::Unblock(object) => block(ledger, object, false),
    };
    outcome.map_err(|error| naming(ledger, error))
}

/// Writes a decision into the ledger and says so.
fn say(
    ledger: &Path,
    object: Object,
    decide: impl FnOnce(&Tx<'_>, &AlmaKey) -> Result<String, Error>,
) -> anyhow::Result<()> {
    let key = AlmaKey::from(object);
    let said = ledger::edit(ledger, &clock(), |tx| decide(tx, &key))?;
    let when = match ledger::owner(ledger) {
        Some(_) => "the service takes it up at once",
        None => "it is taken up when the service runs",
    };
    output::print(|out| writeln!(out, "{}; {when}", output::plain(&said)))
}

fn block(ledger: &Path, object: Object, is_blocked: bool) -> anyhow::Result<()> {
    say(ledger, object, |tx, key| {
        let call = alma::block(tx, key, is_blocked)?;
        let word = if is_blocked { "blocked" } else { "unblocked" };
        Ok(format!("{key} is to be {word} (call {call})"))
    })
}

fn plan(config: &Config, alma: &config::Alma, json: bool) -> anyhow::Result<()> {
    let path = config.ledger.path.as_path();
    let is_served = ledger::owner(path).is_some();
    let ledger = Arc::new(Ledger::beside(path, clock())?);
    let planned = service::runtime()?.block_on(alma::plan(&ledger, config, alma, is_served))?;
    ledger.close()?;
    if json {
        return output::print_json(&planned);
    }
    output::print(|out| {
        for object in &planned {
            write_object(out, object)?;
        }
        write_summary(out, &planned)
    })
}

fn write_object(out: &mut impl Write, object: &Planned) -> io::Result<()> {
    let Planned { kind, state, .. } = object;
    let sign = match (object.is_wanted, object.alma_id) {
        (true, None) => '+',
        (true, Some(_)) => '~',
        (false, _) if *state == AlmaState::Blocked => '?',
        (false, _) => '-',
    };
    let id = output::plain(&object.external_id);
    write!(out, "{sign} {kind} {id}  {}", state.word())?;
    if let Some(alma_id) = object.alma_id {
        write!(out, "  (in Alma {alma_id})")?;
    }
    writeln!(out)?;
    if let Some(reason) = &object.reason {
        writeln!(out, "      {}", output::plain(reason))?;
    }
    let is_to_be_sent = matches!(state, AlmaState::Pending);
    for (name, before, now) in object.fields.iter().filter(|_| is_to_be_sent) {
        let (name, now) = (output::plain(name), output::plain(now));
        match before {
            Some(before) => writeln!(out, "    {name}: {} -> {now}", output::plain(before))?,
            None => writeln!(out, "    {name}: {now}")?,
        }
    }
    Ok(())
}

fn write_summary(out: &mut impl Write, planned: &[Planned]) -> io::Result<()> {
    if planned.is_empty() {
        return writeln!(
            out,
            "nothing to send: Alma was sent all that the ledger wants"
        );
    }
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for object in planned {
        *counts.entry(object.state.word()).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    writeln!(
        out,
        "{}; what Alma has already is adopted, not made",
        counts.join(", ")
    )
}
