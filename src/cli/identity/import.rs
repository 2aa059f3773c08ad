//! `identity import`: names from a file of the accounting system.
//!
//! A thousand names go into one transaction; all of them are one act. What is refused is told with its line and
//! keeps back no other; a second import of the same file changes nothing.

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use serde::Serialize;

use super::rows::{self, Row};
use crate::acts::{self, Act, Names, NamesTally};
use crate::cli::actor::act;
use crate::cli::asking::Asking;
use crate::cli::{Elsewhere, clock, output};
use crate::config::Config;
use crate::ledger;
use crate::uzhkh::Naming;

pub(super) const HELP: &str = "\
The file is CSV with a header line (kind, temporary_id, permanent_id, in any order; comma or
semicolon; UTF-8, with a BOM or without, or Windows-1251), or JSON lines with these members.

Examples:
  uzhkh-ledger identity import names.csv
  uzhkh-ledger identity list --state waiting --json | my-accounting | uzhkh-ledger identity import -";

/// The most names of one transaction.
const AT_ONCE: usize = 1000;

/// The options of `identity import`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    asking: Asking,
    /// The file; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What stands between the values of a line; without it the header tells
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    delimiter: Option<u8>,
    /// Print JSON, one object a line
    #[arg(long)]
    json: bool,
}

fn delimiter(text: &str) -> Result<u8, &'static str> {
    match text.as_bytes() {
        b"\\t" => Ok(b'\t'),
        [one] if one.is_ascii() && !one.is_ascii_alphanumeric() => Ok(*one),
        _ => Err("one character, such as ; or \\t"),
    }
}

/// A line and what came of it.
#[derive(Serialize)]
struct Said<'r> {
    line: u64,
    kind: &'r str,
    temporary_id: &'r str,
    permanent_id: &'r str,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'r str>,
}

pub(super) fn run(config: &Config, args: &Args) -> anyhow::Result<ExitCode> {
    let bytes = read(&args.file)?;
    let text = rows::decode(&bytes);
    let rows = rows::parse(&text, args.delimiter)?;
    let named = rows.iter().filter(|row| row.names.is_ok()).count();
    if named > 0 {
        let are = if named == 1 { "id is" } else { "ids are" };
        args.asking.confirm(&format!(
            "{named} {are} to be named. Once UZhKH has been told, it is so for ever."
        ))?;
    }
    let mut all_well = true;
    let (mut act, mut tally) = (act(), NamesTally::default());
    for chunk in rows.chunks(AT_ONCE) {
        let namings;
        (namings, tally) = name(config, &act, chunk, &tally)?;
        act = act.going_on();
        all_well &= namings.iter().all(|naming| naming.detail().is_none());
        output::print(|out| {
            chunk
                .iter()
                .zip(&namings)
                .try_for_each(|(row, naming)| say(out, row, naming, args.json))
        })?;
    }
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).context("standard input cannot be read")?;
        return Ok(bytes);
    }
    std::fs::read(file)
        .map_err(|error| Elsewhere(format!("{} cannot be read: {error}", file.display())).into())
}

/// Names the rows in one transaction.
fn name(
    config: &Config,
    act: &Act,
    rows: &[Row],
    before: &NamesTally,
) -> Result<(Vec<Naming>, NamesTally), ledger::Error> {
    let assign = config.identity.assign;
    let names: Vec<Names> = rows.iter().map(|row| row.names.clone()).collect();
    ledger::edit(&config.ledger.path, &clock(), |tx| acts::name(tx, act, assign, &names, before))
}

fn say(out: &mut impl Write, row: &Row, naming: &Naming, json: bool) -> io::Result<()> {
    let none = [const { String::new() }; 3];
    let [kind, temporary_id, permanent_id] = row.names.as_ref().unwrap_or(&none);
    let (result, detail) = (naming.word(), naming.detail());
    if json {
        let line = row.line;
        let said = Said { line, kind, temporary_id, permanent_id, result, detail };
        return writeln!(out, "{}", serde_json::to_string(&said)?);
    }
    let shown = [kind, temporary_id, permanent_id].map(|text| match text.as_str() {
        "" => Cow::Borrowed("-"),
        text => Cow::Owned(output::plain(text)),
    });
    let detail = detail.map(|detail| format!(" {}", output::plain(detail))).unwrap_or_default();
    writeln!(out, "{} {} {result}{detail}", row.line, shown.join(" "))
}
