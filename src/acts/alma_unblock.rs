//! `alma-unblock`: the blocks of units or rooms in Alma are removed.

use super::actor::Act;
use super::objects::{Acted, Objects, OneDone, on_all};
use crate::alma;
use crate::ledger::{AlmaKey, Error, Tx, Verb};

/// Has units or rooms unblocked. Answers what came of each.
///
/// # Errors
/// Refused only as a whole: it was done before.
pub fn alma_unblock(tx: &Tx<'_>, act: &Act, objects: &Objects) -> Result<Vec<Acted>, Error> {
    on_all(tx, act, (Verb::AlmaUnblock, "unblocked", one), objects)
}

fn one(tx: &Tx<'_>, key: &AlmaKey) -> Result<OneDone, Error> {
    let call = Some(alma::block(tx, key, false)?);
    Ok(OneDone { reason: None, call })
}
