//! Announces the permanent ids of entities that were only referred to, once they have
//! waited for their own envelope for `identity.announce_after`.

use super::Uzhkh;
use super::apply::request_set_id;
use super::model::Kind;
use crate::ledger;

/// The most ids of one transaction.
const AT_ONCE: usize = 1000;

impl Uzhkh {
    /// Adds a SetId for every id that has been reserved for
    /// `identity.announce_after`.
    pub(super) async fn announce_reserved(&self) -> Result<(), ledger::Error> {
        let now = self.clock.now();
        let before = now.checked_sub(self.announce_after).unwrap_or(jiff::Timestamp::MIN);
        let kinds = Kind::ALL.into_iter().filter(|kind| kind.has_set_id());
        let kinds: Vec<&str> = kinds.map(Kind::word).collect();
        loop {
            let kinds = kinds.clone();
            let waiting = self
                .ledger
                .read(move |reader| reader.unannounced(&kinds, before, now, AT_ONCE))
                .await?;
            if waiting.is_empty() {
                return Ok(());
            }
            tracing::info!(
                ids = waiting.len(),
                "announcing ids by SetId: no envelope of their own came"
            );
            self.ledger
                .write(move |tx| {
                    for identity in &waiting {
                        if !tx.is_being_announced(&identity.temporary())? {
                            request_set_id(tx, &identity.temporary(), None)?;
                        }
                    }
                    Ok(())
                })
                .await?;
            self.calls.notify_one();
        }
    }
}
