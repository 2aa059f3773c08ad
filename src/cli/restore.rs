//! `restore`: a backup takes the place of the ledger.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::backup::up_to;
use super::{clock, naming, output};
use crate::config::{Config, Secrets};
use crate::ledger::{Error, Present, Restore, Restored};
use crate::uzhkh::{self, Parser};

/// Wrong usage, as clap says it.
const EX_USAGE: u8 = 2;
/// Where no past can be read that the backup belongs to.
const NOT_KNOWN: &str = "decisions and bookings since the backup are not known here";

/// The options of `restore`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Backup to put in place
    #[arg(value_name = "FILE", required_unless_present = "in_place")]
    file: Option<PathBuf>,
    /// Take the file that stands in the ledger's place for a backup, put there by other means
    #[arg(long, conflicts_with = "file")]
    in_place: bool,
    /// Do not ask for confirmation
    #[arg(long, short)]
    yes: bool,
}

pub(super) fn run(config: &Path, args: &Args) -> anyhow::Result<ExitCode> {
    let config = Config::load_with(config, Secrets::None)?;
    let path = &config.ledger.path;
    let named = |error: Error| match error {
        Error::Refused(_) => error.into(),
        error => naming(path, error.into()),
    };
    let restore = match &args.file {
        Some(file) => Restore::prepare(path, file, &Parser),
        None => Restore::prepare_in_place(path, &Parser),
    };
    let restore = restore.map_err(named)?;
    output::print(|out| say_what_is_lost(out, &config, args, &restore))?;
    if !args.yes {
        if !io::stdin().is_terminal() {
            let problem =
                anyhow::anyhow!("no terminal to confirm on: add --yes; nothing was replaced");
            output::say_error(&problem);
            return Ok(ExitCode::from(EX_USAGE));
        }
        if !is_wanted()? {
            anyhow::bail!("nothing was replaced");
        }
    }
    let lists: Vec<&str> = match config.uzhkh {
        Some(_) => uzhkh::lists().collect(),
        None => Vec::new(),
    };
    let restored = restore.carry_out(&lists, clock().now(), &Parser);
    let restored = restored.map_err(named)?;
    output::print(|out| say_what_is_next(out, &config, &restored))?;
    Ok(ExitCode::SUCCESS)
}

fn is_wanted() -> anyhow::Result<bool> {
    output::print(|out| write!(out, "Replace the ledger? Type yes: "))?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

fn say_what_is_lost(
    out: &mut impl Write,
    config: &Config,
    args: &Args,
    restore: &Restore,
) -> io::Result<()> {
    let backup = restore.backup();
    writeln!(
        out,
        "backup   {}: {} envelopes, {} records, {}",
        args.file.as_ref().unwrap_or(&config.ledger.path).display(),
        backup.envelopes,
        backup.records,
        up_to(backup)
    )?;
    let ledger = config.ledger.path.display();
    match restore.present() {
        Present::Absent => writeln!(out, "present  {ledger}: there is none")?,
        Present::Itself => {
            writeln!(
                out,
                "present  {ledger}: the same file, which is kept as it is beside the new one"
            )?;
        }
        Present::Unreadable(why) => writeln!(out, "present  {ledger}: cannot be read: {why}")?,
        Present::Is { span, newer_envelopes, newer_changes, continues } => {
            writeln!(
                out,
                "present  {ledger}: {} envelopes, {} records, {}",
                span.envelopes,
                span.records,
                up_to(span)
            )?;
            if *continues {
                return writeln!(
                    out,
                    "lost     {newer_envelopes} envelopes and {newer_changes} changes that came since"
                );
            }
            writeln!(
                out,
                "lost     all of it, as far as can be told: it is another ledger than the backup's, or does not have its \
                 last change"
            )?;
        }
    }
    match sends_once(config) {
        true => writeln!(out, "lost     {NOT_KNOWN}"),
        false => Ok(()),
    }
}

/// Whether there is a system that decisions or bookings go to.
fn sends_once(config: &Config) -> bool {
    config.uzhkh.is_some() || config.macrocrm.is_some()
}

fn say_what_is_next(out: &mut impl Write, config: &Config, restored: &Restored) -> io::Result<()> {
    writeln!(out, "restored {}", config.ledger.path.display())?;
    if let Some(aside) = &restored.aside {
        writeln!(out, "         the replaced ledger is kept: {}", aside.display())?;
    }
    for (count, text) in [
        (restored.identities.unwrap_or(0), "permanent ids of the replaced ledger were taken over"),
        (
            restored.sent.unwrap_or(0),
            "decisions, bookings and blocks of the replaced ledger were taken over",
        ),
        (
            restored.unknown_calls,
            "calls may have been sent since the backup: `uzhkh-ledger calls list --state unknown`",
        ),
        (restored.held, "objects that were leaving Alma wait for `uzhkh-ledger alma release`"),
    ] {
        if count > 0 {
            writeln!(out, "{count:>8} {text}")?;
        }
    }
    if restored.sent.is_none() && sends_once(config) {
        writeln!(
            out,
            "         {NOT_KNOWN}: what is open may have been sent; look into UZhKH and MACRO before \
             it is decided or booked again"
        )?;
    }
    if config.uzhkh.is_some() {
        writeln!(
            out,
            "         the next start reads UZhKH's full lists anew, which brings what came since"
        )?;
    }
    writeln!(out, "next     start the service; `uzhkh-ledger status` shows how it fares")
}
