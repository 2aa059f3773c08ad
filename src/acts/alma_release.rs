//! `alma-release`: what held objects wait for may be done: a unit or room is archived, or unarchived; a
//! contract that was archived is made anew.

use super::actor::Act;
use super::objects::{Acted, Objects, OneDone, on_all};
use crate::alma;
use crate::ledger::{AlmaKey, Error, Tx, Verb};

/// Releases held objects of Alma. Answers what came of each.
///
/// # Errors
/// Refused only as a whole: it was done before.
pub fn alma_release(tx: &Tx<'_>, act: &Act, objects: &Objects) -> Result<Vec<Acted>, Error> {
    on_all(tx, act, (Verb::AlmaRelease, "released", one), objects)
}

fn one(tx: &Tx<'_>, key: &AlmaKey) -> Result<OneDone, Error> {
    let reason = Some(alma::release(tx, key)?);
    Ok(OneDone { reason, call: None })
}
