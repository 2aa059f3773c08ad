//! Announces the permanent ids of entities that were only referred to, once they have
//! waited for their own envelope for `identity.announce_after`, and names here what the
//! accounting system has not named for `identity.external_timeout`.

use uuid::Uuid;

use super::Uzhkh;
use super::apply::announce_by_set_id;
use super::model::Kind;
use super::naming::name;
use crate::ledger;

/// The most ids of one transaction.
const AT_ONCE: usize = 1000;

impl Uzhkh {
    /// Names, and announces, what has waited for that long enough.
    pub(super) async fn look_at_identities(&self) -> Result<(), ledger::Error> {
        self.name_overdue().await?;
        self.announce_reserved().await
    }

    /// Gives a UUID to every identity that has waited for its name for
    /// `identity.external_timeout`.
    async fn name_overdue(&self) -> Result<(), ledger::Error> {
        let Some(timeout) = self.external_timeout else {
            return Ok(());
        };
        let before = self.clock.now().checked_sub(timeout).unwrap_or(jiff::Timestamp::MIN);
        let assign = self.assign;
        loop {
            let overdue = self.ledger.read(move |reader| reader.waiting(before, AT_ONCE)).await?;
            if overdue.is_empty() {
                return Ok(());
            }
            tracing::warn!(
                ids = overdue.len(),
                "naming ids here: they have waited for their names for identity.external_timeout"
            );
            self.ledger
                .write(move |tx| {
                    for identity in &overdue {
                        let fresh = Uuid::now_v7().to_string();
                        name(tx, assign, &identity.kind, &identity.temporary_id, &fresh)?;
                    }
                    Ok(())
                })
                .await?;
            self.calls.notify_one();
        }
    }

    /// Adds a SetId for every id that has been reserved for
    /// `identity.announce_after`.
    async fn announce_reserved(&self) -> Result<(), ledger::Error> {
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
                            announce_by_set_id(tx, &identity.temporary(), None)?;
                        }
                    }
                    Ok(())
                })
                .await?;
            self.calls.notify_one();
        }
    }
}
