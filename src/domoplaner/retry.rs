//! Retries a quarantined item, for instance after `id_field` was corrected.

use super::items::Form;
use super::{DECIMALS, SOURCE, kind};
use crate::config::Config;
use crate::ledger::{self, Comparison, Error, QuarantinedItem, Refusal, Tx, UNKNOWN_SHA};
use crate::mirror::Form as _;

/// Applies a quarantined item by the config as it is now. An item of a nested feed gets its
/// ancestors with the next poll.
///
/// # Errors
/// [`Refusal::StillQuarantined`] with the reason.
pub fn retry(tx: &Tx<'_>, config: &Config, held: &QuarantinedItem) -> Result<(), Error> {
    let about = &held.about;
    let seq = about.seq;
    let refused = |reason: &str| {
        let reason = reason.to_owned();
        Error::from(Refusal::StillQuarantined { seq, reason, is_envelope: false })
    };
    if !held.is_whole() {
        return Err(refused("only its beginning was kept"));
    }
    let mut feeds = config.domoplaner.iter().flat_map(|system| &system.feeds);
    let feed = feeds
        .find(|feed| feed.name == about.queue)
        .ok_or_else(|| refused("its feed is not in the config any more"))?;
    let form = Form::new(feed);
    let depth = crate::json::stream::depth(&held.body);
    let (id, text) = form.identified(&held.body, depth).map_err(|reason| refused(&reason))?;
    // Changes since it was received are newer.
    let as_of = tx.came_after(seq)?;
    let shown_by = ledger::Feed { source: SOURCE, name: feed.name.clone(), kind: kind(feed.kind) };
    let body = form.compose(text, "").body;
    tx.put_item(&shown_by, &id, &UNKNOWN_SHA, &body, Comparison::of(&DECIMALS), as_of)?;
    tx.release_item(seq)
}
