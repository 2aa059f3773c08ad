//! Acts on objects of Alma: on one, on several that are named, or on all that stand alike.

use super::actor::{Act, Done};
use crate::alma::{self, Refused};
use crate::ledger::{AlmaKey, AlmaKind, AlmaState, Error, Tx, Verb};

/// What an act is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objects {
    /// These.
    These(Vec<AlmaKey>),
    /// All in one of these states; of a kind, where one is given.
    In {
        /// Their states.
        states: Vec<AlmaState>,
        /// Their kind; `None`: all kinds.
        kind: Option<AlmaKind>,
    },
}

/// What came of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acted {
    /// The object.
    pub key: AlmaKey,
    /// What was done; or why it was refused, in words.
    pub done: Result<OneDone, Refused>,
}

/// What an act did to an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OneDone {
    /// What it was held for.
    pub reason: Option<String>,
    /// The call that carries it out.
    pub call: Option<i64>,
}

/// How an object is acted on.
pub(super) type OnOne = fn(&Tx<'_>, &AlmaKey) -> Result<OneDone, Error>;

/// Acts on all of them, each by itself; one row of `act`, and none where nothing was done.
pub(super) fn on_all(
    tx: &Tx<'_>,
    act: &Act,
    (verb, word, on_one): (Verb, &str, OnOne),
    objects: &Objects,
) -> Result<Vec<Acted>, Error> {
    act.begin(tx)?;
    let keys = match objects {
        Objects::These(keys) => keys.clone(),
        Objects::In { states, kind } => {
            let mut keys = Vec::new();
            for state in states {
                keys.extend(tx.alma_keys_in(*state, *kind)?);
            }
            keys
        }
    };
    let mut acted = Vec::with_capacity(keys.len());
    for key in keys {
        // A refusal comes before anything is written.
        let done = match on_one(tx, &key) {
            Ok(done) => Ok(done),
            Err(error) => match error.of_system::<Refused>() {
                Some(refused) => Err(refused.clone()),
                None => return Err(error),
            },
        };
        acted.push(Acted { key, done });
    }
    record(tx, act, (verb, word), &acted)?;
    Ok(acted)
}

fn record(
    tx: &Tx<'_>,
    act: &Act,
    (verb, word): (Verb, &str),
    acted: &[Acted],
) -> Result<(), Error> {
    let done = acted.iter().filter_map(|one| Some((&one.key, one.done.as_ref().ok()?)));
    match done.collect::<Vec<_>>().as_slice() {
        [] => Ok(()),
        [(key, one)] => {
            let target = format!("{}/{}/{}", alma::SOURCE, key.kind, key.external_id);
            act.done(tx, Done { verb, target: &target, call: one.call, outcome: word })
        }
        several => {
            let outcome = format!("{word} {}", several.len());
            act.done(tx, Done { verb, target: alma::SOURCE, call: None, outcome: &outcome })
        }
    }
}

/// The only result of an act on one object.
///
/// # Errors
/// Its refusal.
pub fn on_one(acted: Vec<Acted>) -> Result<OneDone, Error> {
    match acted.into_iter().next() {
        Some(Acted { done: Ok(done), .. }) => Ok(done),
        Some(Acted { done: Err(refused), .. }) => Err(Error::system(refused)),
        None => Ok(OneDone::default()),
    }
}
