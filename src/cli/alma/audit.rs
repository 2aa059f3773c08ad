//! `alma audit`: what Alma holds otherwise than it was last sent, and taking it back.

use std::io::Write;
use std::path::Path;

use clap::builder::NonEmptyStringValueParser;

use super::super::{Elsewhere, clock, output, run as service, runtime};
use super::{Told, kind, say};
use crate::alma::{self, AskError, Audited};
use crate::config::{self, Config};
use crate::ledger::{self, AlmaKey, AlmaKind};

/// The options of `alma audit`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Send the fields of the object KIND ID that differ, and no others, as the ledger has them
    #[arg(long, requires = "kind", requires = "id")]
    take: bool,
    /// Kind of the object that is taken back
    #[arg(value_name = "KIND", value_parser = kind(), requires = "take")]
    kind: Option<AlmaKind>,
    /// External id of the object, as in `alma audit` and the table alma_object
    #[arg(
        value_name = "ID",
        value_parser = NonEmptyStringValueParser::new(),
        allow_hyphen_values = true,
        requires = "take"
    )]
    id: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(config: &Config, alma: &config::Alma, args: Args) -> anyhow::Result<()> {
    service::start_logging("error");
    let only = args.kind.zip(args.id).map(|(kind, id)| AlmaKey::new(kind, id));
    let audit = alma::audit(config, alma, only.as_ref());
    let audited = runtime::block_on(audit)?.map_err(apart)?;
    match only {
        Some(key) => take(&config.ledger.path, &key, audited.first(), args.json),
        None if args.json => output::print_json(&audited),
        None => show(&audited),
    }
}

/// An error that is not the ledger's without its path.
pub(super) fn apart(error: AskError) -> anyhow::Error {
    match error {
        AskError::Ledger(error) => error.into(),
        AskError::Build(_) | AskError::Alma(_) => Elsewhere(error.to_string()).into(),
    }
}

fn show(audited: &[Audited]) -> anyhow::Result<()> {
    output::print(|out| {
        for object in audited {
            let id = output::plain(&object.external_id);
            write!(out, "{} {id}  {}", object.kind, object.finding.word())?;
            if let Some(alma_id) = object.alma_id {
                write!(out, "  (in Alma {alma_id})")?;
            }
            writeln!(out)?;
            for (name, sent, now) in &object.fields {
                let (sent, now) = (output::plain(sent), output::plain(now));
                writeln!(out, "    {}: sent {sent}, in Alma {now}", output::plain(name))?;
            }
        }
        match audited.len() {
            0 => writeln!(out, "Alma holds all that it was sent"),
            count => writeln!(
                out,
                "{count} differ; `uzhkh-ledger alma audit --take KIND ID` sends the fields that do again"
            ),
        }
    })
}

fn take(path: &Path, key: &AlmaKey, audited: Option<&Audited>, json: bool) -> anyhow::Result<()> {
    let Some(audited) = audited else {
        if json {
            return output::print_json(&Told::of(key, "unchanged", None, None));
        }
        return output::print(|out| {
            writeln!(out, "{}: Alma holds all that it was sent", output::plain(&key.to_string()))
        });
    };
    ledger::edit(path, &clock(), |tx| alma::take(tx, key, audited))?;
    if json {
        return output::print_json(&Told::of(key, "taken", None, None));
    }
    let names: Vec<&str> = audited.fields.iter().map(|(name, ..)| name.as_str()).collect();
    let what = match names.is_empty() {
        true => format!("it is {} in Alma, and looked at", audited.finding.word()),
        false => format!("to be sent again: {}", names.join(", ")),
    };
    say(path, &format!("{key}: {what}"))
}
