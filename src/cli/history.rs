//! `history`: one record's life.

use std::io::{self, Write};

use anyhow::bail;
use clap::builder::PossibleValuesParser;
use serde_json::Value;

use super::output;
use crate::config::{AlmaSource, Config};
use crate::ledger::{CameBy, HistoricChange, History, Reader, RecordKey};
use crate::registry;

/// The options of `history`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    uzhkh-ledger history uzhkh counter 0190a5d0-7c1e-7b4e-9d55-0a1b2c3d4e5f\n  \
    uzhkh-ledger history macrocrm ready_flat 1051/flat/16 --json")]
pub(super) struct Args {
    /// The system
    #[arg(value_parser = PossibleValuesParser::new(registry::sources()))]
    source: String,
    /// The kind of the record
    #[arg(value_parser = PossibleValuesParser::new(registry::record_kinds()))]
    kind: String,
    /// Its id; of UZhKH the permanent one, or the temporary one that it had
    #[arg(allow_hyphen_values = true)]
    id: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(config: &Config, args: &Args) -> anyhow::Result<()> {
    let Args { source, kind, id, json } = args;
    let of_alma = config.alma.as_ref().map(|alma| match alma.source {
        AlmaSource::Uzhkh => "uzhkh",
        AlmaSource::Bitrix24 => "bitrix24",
    });
    let reader = Reader::open(&config.ledger.path)?;
    let with_alma = of_alma.is_none_or(|of| of == source);
    let Some(history) = reader.history(RecordKey::new(source, kind, id), with_alma)? else {
        bail!("nothing is known of {source} {kind} {id}; the views list what there is");
    };
    if *json {
        return output::print_json(&history);
    }
    output::print(|out| write(out, &history))
}

fn write(out: &mut impl Write, history: &History) -> io::Result<()> {
    let History { source, kind, id, record, identity, .. } = history;
    let standing = match record {
        None => "no record".to_owned(),
        Some(dates) => match (&dates.deleted_at, &dates.missing_since) {
            (Some(at), _) => format!("deleted {at}"),
            (None, Some(since)) => format!("missing from its list since {since}"),
            (None, None) => "live".to_owned(),
        },
    };
    writeln!(out, "{source} {kind} {id}  {standing}")?;
    if let Some(identity) = identity {
        let announced = match &identity.announced_at {
            Some(at) => format!("announced {at}"),
            None => identity.state.clone(),
        };
        writeln!(out, "came as {}, {announced}", identity.temporary_id)?;
    }
    for earlier in history.earlier_ids.iter().filter(|earlier| !is_temporary(history, earlier)) {
        writeln!(out, "was {earlier}")?;
    }
    writeln!(out)?;
    history.changes.iter().try_for_each(|change| write_change(out, change))?;
    for call in &history.calls {
        let ended = call.finished_at.as_deref().unwrap_or("not finished");
        let why = call.last_error.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        let state = output::plain(&format!("{}{why}", call.state.word()));
        writeln!(
            out,
            "call {} of {}  {} {}, {ended}, {state}",
            call.seq, call.created_at, call.target, call.op
        )?;
    }
    for finding in &history.findings {
        writeln!(out, "finding of {}  {}: {}", finding.at, finding.path, finding.problem)?;
    }
    for object in &history.alma {
        let known = object.alma_id.map(|id| format!(" ({id})")).unwrap_or_default();
        let why = object.reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        let line = output::plain(&format!("{}{why}", object.state));
        writeln!(out, "alma {} {}{known}  {line}", object.kind, object.external_id)?;
    }
    Ok(())
}

/// It has been shown as what the record came as.
fn is_temporary(history: &History, id: &str) -> bool {
    history.identity.as_ref().is_some_and(|identity| identity.temporary_id == id)
}

fn write_change(out: &mut impl Write, change: &HistoricChange) -> io::Result<()> {
    let from = match (&change.envelope, change.from) {
        (Some(envelope), _) => {
            format!("{} {} (envelope {})", envelope.queue, envelope.guid, envelope.seq)
        }
        (None, CameBy::Operator) => "named".to_owned(),
        (None, _) => "a list, or an envelope that is no longer kept".to_owned(),
    };
    writeln!(out, "{:>8}  {}  {}  {from}", change.seq, change.at, change.op.word())?;
    let fields = change.fields.as_deref().map(|fields| serde_json::from_str(fields.get()));
    if let Some(Ok(Value::Object(fields))) = fields {
        for (name, values) in &fields {
            writeln!(out, "            {name}: {} → {}", shown(&values[0]), shown(&values[1]))?;
        }
    }
    Ok(())
}

/// A value of a change, on one line.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => output::plain(text),
        Value::Null => "nothing".to_owned(),
        other => output::plain(&other.to_string()),
    }
}
