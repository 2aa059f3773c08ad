//! A verb on several things at once, by their numbers: each stands by itself, with a row of `act`
//! of its own.

use super::actor::Act;
use super::refused::Refused;
use crate::ledger::{Error, Tx};

/// What came of an act on several.
#[derive(Debug, Clone, Default)]
pub struct Several {
    /// How many it was done on.
    pub done: usize,
    /// Why it was not done on the others.
    pub refused: Vec<Refused>,
}

/// Has a verb done on each of several numbers. What one is refused for changes nothing and holds
/// back no other.
///
/// # Errors
/// Refused only as a whole: it was done before.
pub fn several<T>(
    tx: &Tx<'_>,
    act: &Act,
    numbers: &[i64],
    verb: impl Fn(&Tx<'_>, &Act, i64) -> Result<T, Error>,
) -> Result<Several, Error> {
    act.begin_several(tx)?;
    let mut several = Several::default();
    for number in numbers {
        match tx.isolated(|tx| verb(tx, &act.part(*number), *number)) {
            Ok(_) => several.done += 1,
            Err(error) => several.refused.push(Refused::of(&error).ok_or(error)?),
        }
    }
    Ok(several)
}
