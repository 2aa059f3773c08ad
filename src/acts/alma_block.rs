//! `alma-block`: units or rooms are blocked in Alma from today on, until they are unblocked.

use super::actor::Act;
use super::objects::{Acted, Objects, OneDone, on_all};
use crate::alma;
use crate::ledger::{AlmaKey, Error, Tx, Verb};

/// Has units or rooms blocked. Answers what came of each.
///
/// # Errors
/// Refused only as a whole: it was done before.
pub fn alma_block(tx: &Tx<'_>, act: &Act, objects: &Objects) -> Result<Vec<Acted>, Error> {
    on_all(tx, act, (Verb::AlmaBlock, "blocked", one), objects)
}

fn one(tx: &Tx<'_>, key: &AlmaKey) -> Result<OneDone, Error> {
    let call = Some(alma::block(tx, key, true)?);
    Ok(OneDone { reason: None, call })
}
