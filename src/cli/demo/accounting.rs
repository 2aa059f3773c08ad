//! The demo's accounting system, with `--assign external`: once a second it looks at what
//! waits for its name, as `identity list --state waiting` shows it, and names that, as
//! `identity import` does.
//!
//! Its names are codes made of the kind and the number of the temporary id, so that a second
//! demo in the same folder finds each object under the name that it has. One meter it knew
//! all along, and gives it the id that it has for it: two records are joined.

use anyhow::Context as _;
use jiff::Timestamp;

use crate::cli::clock;
use crate::config::{Assign, Config};
use crate::ledger::{self, Identity, Reader};
use crate::uzhkh::{self, Naming};

/// The most objects that it names in a second.
const AT_ONCE: usize = 1000;
/// The kind of the object that it knew.
const KNOWN_KIND: &str = "counter";

/// The accounting system of a demo.
pub(super) struct Accounting {
    config: Config,
    named: u64,
    /// It has met the object that it knew all along.
    has_joined: bool,
}

impl Accounting {
    /// The one that names objects; `None` where the ledger does.
    pub(super) fn new(config: &Config) -> Option<Self> {
        (config.identity.assign == Assign::External).then(|| Self {
            config: config.clone(),
            named: 0,
            has_joined: false,
        })
    }

    /// Names what waits. Returns a line to print.
    pub(super) fn step(&mut self, reader: &Reader) -> anyhow::Result<Option<String>> {
        let waiting = reader.waiting(Timestamp::MAX, AT_ONCE)?;
        if waiting.is_empty() {
            return Ok(None);
        }
        let known =
            if self.has_joined { None } else { reader.never_temporary(KNOWN_KIND, 1)?.pop() };
        let mut names = Vec::with_capacity(waiting.len());
        let mut met = None;
        for identity in waiting {
            let name = match &known {
                Some(known) if met.is_none() && identity.kind == KNOWN_KIND => {
                    met = Some(format!("{} with {known}", identity.temporary_id));
                    known.clone()
                }
                _ => code(&identity),
            };
            names.push((identity, name));
        }
        let assign = self.config.identity.assign;
        let namings = ledger::edit(&self.config.ledger.path, &clock(), |tx| {
            let name = |(identity, name): &(Identity, String)| {
                uzhkh::name(tx, assign, &identity.kind, &identity.temporary_id, name)
            };
            names.iter().map(name).collect::<Result<Vec<_>, _>>()
        })
        .context("the accounting system could not name what waits")?;
        let named = namings.iter().filter(|naming| naming.detail().is_none()).count() as u64;
        let is_first = self.named == 0 && named > 0;
        self.named += named;
        if namings.contains(&Naming::Merged)
            && let Some(met) = met
        {
            let told = format!("joins {KNOWN_KIND} {met}, which it knew all along");
            self.has_joined = true;
            return Ok(Some(told));
        }
        Ok(is_first.then(|| format!("names {named} objects, as `identity import` does")))
    }

    /// What it has done, for the summary.
    pub(super) fn summary(&self) -> String {
        let joined = if self.has_joined { "; one of them it knew" } else { "" };
        format!("{} objects named by the accounting system{joined}", self.named)
    }
}

/// The code that the accounting system gives an object.
fn code(identity: &Identity) -> String {
    let number = identity.temporary_id.trim_start_matches('-');
    let prefix = match identity.kind.as_str() {
        "counter" => "ПУ",
        "resident" => "ФЛ",
        "account" => "ЛС",
        "object" => "ОН",
        "payment" => "ПЛ",
        "car" => "ТС",
        _ => "ДОК",
    };
    format!("{prefix}-{number:0>6}")
}
