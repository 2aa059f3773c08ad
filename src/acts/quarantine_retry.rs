//! `quarantine-retry`: something quarantined is applied after all, for instance after an upgrade.

use super::actor::{Act, Done};
use crate::config::Config;
use crate::ledger::{Error, Refusal, Tx, Verb};
use crate::{domoplaner, uzhkh};

/// Applies something quarantined; answers the system that it is of.
///
/// # Errors
/// Refused: nothing of that number is quarantined, it still cannot be applied, or its list is
/// read whole each time.
pub fn quarantine_retry(
    tx: &Tx<'_>,
    act: &Act,
    config: &Config,
    seq: i64,
) -> Result<String, Error> {
    act.begin(tx)?;
    let held = tx.quarantined_item(seq)?;
    match held.about.source.as_str() {
        domoplaner::SOURCE => domoplaner::retry(tx, config, &held)?,
        uzhkh::SOURCE => uzhkh::retry(tx, &held, config.identity.assign)?,
        _ => return Err(Refusal::ReadAnew { seq }.into()),
    }
    let about = held.about;
    let target = format!("{}/{}/{seq}", about.source, about.queue);
    let verb = Verb::QuarantineRetry;
    act.done(tx, Done { verb, target: &target, call: None, outcome: "applied" })?;
    Ok(about.source)
}
