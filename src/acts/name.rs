//! `name`: temporary ids get the permanent ones that the accounting system, or an operator, has
//! for them.

use super::actor::{Act, Done};
use crate::config::Assign;
use crate::ledger::{Error, Tx, Verb};
use crate::uzhkh::{self, Naming};

/// Kind, temporary and permanent id; or why a row has none.
pub type Names = Result<[String; 3], String>;

/// What came of all names of an act so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamesTally {
    named: u64,
    merged: u64,
    refused: u64,
    /// The only record that was named.
    target: Option<String>,
}

impl NamesTally {
    fn count(&mut self, names: &Names, naming: &Naming) {
        match naming {
            Naming::Named => self.named += 1,
            Naming::Merged => self.merged += 1,
            Naming::Already => return,
            Naming::Conflict(_) | Naming::Invalid(_) => {
                self.refused += 1;
                return;
            }
        }
        self.target = match names {
            Ok([kind, _, id]) if self.effects() == 1 => {
                Some(format!("{}/{kind}/{id}", uzhkh::SOURCE))
            }
            _ => None,
        };
    }

    fn effects(&self) -> u64 {
        self.named + self.merged
    }

    /// `named 2, merged 1, refused 3`, or the word alone where it was one.
    fn outcome(&self) -> String {
        let counts = [("named", self.named), ("merged", self.merged), ("refused", self.refused)];
        let words = counts.into_iter().filter(|(_, count)| *count > 0);
        let is_one = self.effects() + self.refused == 1;
        let words = words.map(|(word, count)| match is_one {
            true => word.to_owned(),
            false => format!("{word} {count}"),
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

/// Names temporary ids, each by itself: what is refused changes nothing and holds back no other.
/// `before`: what the act came to in the transactions before this one. Answers what came of
/// each, in order, and of all so far.
///
/// # Errors
/// Refused only as a whole: it was done before.
pub fn name(
    tx: &Tx<'_>,
    act: &Act,
    assign: Assign,
    names: &[Names],
    before: &NamesTally,
) -> Result<(Vec<Naming>, NamesTally), Error> {
    act.begin(tx)?;
    let mut tally = before.clone();
    let mut namings = Vec::with_capacity(names.len());
    for one in names {
        let naming = match one {
            Ok([kind, temporary, permanent]) => {
                uzhkh::name(tx, assign, kind, temporary, permanent)?
            }
            Err(problem) => Naming::Invalid(problem.clone()),
        };
        tally.count(one, &naming);
        namings.push(naming);
    }
    if tally.effects() > 0 && tally != *before {
        let target = tally.target.as_deref().unwrap_or(uzhkh::SOURCE);
        let outcome = tally.outcome();
        act.done(tx, Done { verb: Verb::Name, target, call: None, outcome: &outcome })?;
    }
    Ok((namings, tally))
}
