//! `alma plan`: what would be sent, as a difference to what was sent last.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use super::super::{clock, output, run as service, runtime};
use super::audit::apart;
use super::section;
use crate::alma::{self, Planned};
use crate::config::{self, Config, Secrets};
use crate::ledger::{self, AlmaState};

/// The options of `alma plan`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Show those too that are archived: there is nothing to be sent of them
    #[arg(long)]
    archived: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// `path`: of the config, which is read again with the key where Alma is asked.
pub(super) fn run(
    path: &Path,
    config: &Config,
    alma: &config::Alma,
    args: &Args,
) -> anyhow::Result<()> {
    let is_served = ledger::owner(&config.ledger.path).is_some();
    let plan = alma::plan(config, alma, &clock(), is_served)?;
    let mut planned = if plan.asks() {
        let (config, forbidden) = Config::load_readable(path, Secrets::Of("alma"))?;
        if let Some(one) = forbidden.first() {
            // A member of the group sees what the ledger alone can tell.
            output::warn(&format!("not looked for in Alma: {}", one.problem));
            plan.not_looked_for()
        } else {
            service::start_logging("error");
            let asked = plan.planned(&config, section(path, &config)?);
            runtime::block_on(asked)?.map_err(apart)?
        }
    } else {
        runtime::block_on(plan.planned(config, alma))?.map_err(apart)?
    };
    planned.retain(|object| args.archived || object.state != AlmaState::Archived);
    if args.json {
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
    let Planned { kind, state, sign, .. } = object;
    let sign = sign.text();
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
        return writeln!(out, "nothing to send: Alma was sent all that the ledger wants");
    }
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for object in planned {
        *counts.entry(object.state.word()).or_default() += 1;
    }
    let counts: Vec<String> =
        counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
    writeln!(out, "{}; what Alma has already is adopted, not made", counts.join(", "))
}
