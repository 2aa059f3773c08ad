//! `resync`: UZhKH's full lists are read again.

use super::actor::{Act, Done};
use crate::ledger::{Error, Tx, Verb};
use crate::uzhkh;

/// Asks the running service for a full resync, or the next one that runs.
///
/// # Errors
/// Refused only when it was done before.
pub fn resync(tx: &Tx<'_>, act: &Act) -> Result<(), Error> {
    act.begin(tx)?;
    tx.want_resync()?;
    record(tx, act)
}

/// Records a resync that the service begins at its start, as it was told. Where it does not come
/// to that, another process does; one that is under way is gone on with.
///
/// # Errors
/// Refused only when it was done before.
pub fn resync_begins(tx: &Tx<'_>, act: &Act) -> Result<(), Error> {
    act.begin(tx)?;
    if !tx.resync_under_way()? {
        tx.want_resync()?;
    }
    record(tx, act)
}

fn record(tx: &Tx<'_>, act: &Act) -> Result<(), Error> {
    let verb = Verb::Resync;
    act.done(tx, Done { verb, target: uzhkh::SOURCE, call: None, outcome: "asked" })
}
