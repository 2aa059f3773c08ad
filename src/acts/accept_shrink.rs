//! `accept-shrink`: the next full read of a feed may delete every record that it lacks.

use super::actor::{Act, Done};
use crate::ledger::{Error, Tx, Verb};

/// Accepts that a feed lacks more than `max_shrink`; [`super::mirrored_feed`] finds it.
///
/// # Errors
/// Refused only when it was done before.
pub fn accept_shrink(tx: &Tx<'_>, act: &Act, (source, feed): (&str, &str)) -> Result<(), Error> {
    act.begin(tx)?;
    tx.accept_shrink(source, feed)?;
    let (verb, target) = (Verb::AcceptShrink, format!("{source}/{feed}"));
    act.done(tx, Done { verb, target: &target, call: None, outcome: "accepted" })
}
