//! `alma-retry`: objects that were rejected, are blocked, or wait for their next attempt are tried
//! again at once.

use super::actor::Act;
use super::objects::{Acted, Objects, OneDone, on_all};
use crate::alma;
use crate::ledger::{AlmaKey, Error, Tx, Verb};

/// Tries objects of Alma again. Answers what came of each.
///
/// # Errors
/// Refused only as a whole: it was done before.
pub fn alma_retry(tx: &Tx<'_>, act: &Act, objects: &Objects) -> Result<Vec<Acted>, Error> {
    on_all(tx, act, (Verb::AlmaRetry, "retried", one), objects)
}

fn one(tx: &Tx<'_>, key: &AlmaKey) -> Result<OneDone, Error> {
    alma::retry(tx, key)?;
    Ok(OneDone::default())
}
