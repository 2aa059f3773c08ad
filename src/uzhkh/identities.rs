//! Announces permanent ids that nothing else does: those of entities that were
//! only referred to, once they have waited for their own envelope long enough.

use super::Uzhkh;
use super::apply::request_set_id;
use super::model::Kind;
use crate::ledger;

/// The most ids that are taken up at a time.
const AT_ONCE: usize = 1000;

impl Uzhkh {
    /// Adds a SetId for every id that has been reserved for
    /// `identity.announce_after`.
    ///
    /// # Errors
    /// The ledger's.
    pub(super) async fn announce_reserved(&self) -> Result<(), ledger::Error> {
        let before =
            self.clock.now().checked_sub(self.announce_after).unwrap_or(jiff::Timestamp::MIN);
        let kinds = Kind::ALL.into_iter().filter(|kind| kind.has_set_id());
        let kinds: Vec<&str> = kinds.map(Kind::word).collect();
        loop {
            let kinds = kinds.clone();
            let waiting =
                self.ledger.read(move |reader| reader.unannounced(&kinds, before, AT_ONCE));
            let waiting = waiting.await?;
            if waiting.is_empty() {
                return Ok(());
            }
            tracing::info!(ids = waiting.len(), "announcing ids that were only referred to");
            let announced = self.ledger.write(move |tx| {
                for identity in &waiting {
                    if !tx.is_being_announced(&identity.kind, &identity.temporary_id)? {
                        request_set_id(tx, &identity.kind, &identity.temporary_id, None)?;
                    }
                }
                Ok(())
            });
            announced.await?;
            self.calls.notify_one();
        }
    }
}
