//! `quarantine-acknowledge`: something quarantined is given up. An entry of UZhKH is acknowledged
//! there without having been applied; what is of another system is put away.

use super::actor::{Act, Done};
use crate::ledger::{Error, Tx, Verb};

/// Gives something quarantined up; answers the system that it is of.
///
/// # Errors
/// Refused: nothing of that number is quarantined, or it has no Guid to acknowledge it by.
pub fn quarantine_acknowledge(tx: &Tx<'_>, act: &Act, seq: i64) -> Result<String, Error> {
    act.begin(tx)?;
    let about = tx.quarantined_item(seq)?.about;
    tx.give_up(seq)?;
    let target = format!("{}/{}/{seq}", about.source, about.queue);
    let verb = Verb::QuarantineAcknowledge;
    act.done(tx, Done { verb, target: &target, call: None, outcome: "given up" })?;
    Ok(about.source)
}
