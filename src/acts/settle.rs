//! `settle`: a person says what came of a call whose outcome is not known, or puts away one that
//! failed.

use super::actor::{Act, Done};
use crate::ledger::{Error, Tx, Verb};

/// Settles a call. One that failed can only be put away, as done.
///
/// # Errors
/// Refused: there is no such call, or it has nothing to settle.
pub fn settle(tx: &Tx<'_>, act: &Act, seq: i64, is_done: bool) -> Result<(), Error> {
    act.begin(tx)?;
    tx.judge_call(seq, is_done)?;
    let (target, outcome) = (seq.to_string(), if is_done { "done" } else { "failed" });
    act.done(tx, Done { verb: Verb::Settle, target: &target, call: Some(seq), outcome })
}
