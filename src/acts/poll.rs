//! `poll`: a poller runs now, and not only when its schedule says so.

use super::actor::{Act, Done};
use crate::ledger::{Error, Tx, Verb};

/// Asks the running service to poll a feed now; [`super::polled_feed`] finds it.
///
/// # Errors
/// Refused only when it was done before.
pub fn poll(tx: &Tx<'_>, act: &Act, (source, feed): (&str, &str)) -> Result<(), Error> {
    act.begin(tx)?;
    tx.want_poll(source, feed)?;
    let target = format!("{source}/{feed}");
    act.done(tx, Done { verb: Verb::Poll, target: &target, call: None, outcome: "asked" })
}
