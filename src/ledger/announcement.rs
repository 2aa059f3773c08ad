//! `identity`: what UZhKH has been told of the permanent ids, and what it made of them.

use jiff::Timestamp;
use rusqlite::params;

use super::{Error, TemporaryId, Tx};
use crate::clock::stamp;

impl Tx<'_> {
    /// Notes that UZhKH has taken a permanent id over.
    pub fn announce(&self, temporary_id: &TemporaryId<'_>) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE identity SET state = 'announced', announced_at = ?3, \
                 sent_at = coalesce(sent_at, ?3) \
                 WHERE kind = ?1 AND temporary_id = ?2 AND state <> 'announced'",
            )?
            .execute(params![temporary_id.kind, temporary_id.id, self.now])?;
        // A name that is known for ever is not looked for in records any more.
        self.connection
            .prepare_cached(
                "DELETE FROM identity_reference WHERE of_kind = ?1 AND temporary_id = ?2",
            )?
            .execute(temporary_id.params())?;
        Ok(())
    }

    /// Notes that UZhKH refused a permanent id: what was sent of it before had no effect.
    /// An announced one stays announced.
    pub fn reject(&self, temporary_id: &TemporaryId<'_>) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE identity SET state = 'rejected', sent_at = NULL \
                 WHERE kind = ?1 AND temporary_id = ?2 AND state = 'reserved'",
            )?
            .execute(temporary_id.params())?;
        Ok(())
    }

    /// Makes a refused identity a reserved one again: its entity was seen anew.
    pub fn reserve_again(&self, temporary_id: &TemporaryId<'_>) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE identity SET state = 'reserved' \
                 WHERE kind = ?1 AND temporary_id = ?2 AND state = 'rejected'",
            )?
            .execute(temporary_id.params())?;
        Ok(())
    }

    /// UZhKH still shows the temporary id: that it was announced is in doubt, and it is
    /// to be announced again. That it may have been sent stays known.
    pub fn doubt_announcement(&self, temporary_id: &TemporaryId<'_>) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                // Its links went when it was announced, so that any record may hold it.
                "UPDATE identity SET state = 'reserved', announced_at = NULL, \
                 seen_after = CASE linked WHEN 1 THEN 0 ELSE seen_after END, linked = 0 \
                 WHERE kind = ?1 AND temporary_id = ?2 AND state = 'announced'",
            )?
            .execute(temporary_id.params())?;
        Ok(())
    }

    /// Notes that UZhKH may have a permanent id from us from now on; false where that was known.
    pub fn mark_sent(&self, temporary_id: &TemporaryId<'_>) -> Result<bool, Error> {
        let marked = self
            .connection
            .prepare_cached(
                "UPDATE identity SET sent_at = ?3 \
                 WHERE kind = ?1 AND temporary_id = ?2 AND sent_at IS NULL",
            )?
            .execute(params![temporary_id.kind, temporary_id.id, self.now])?;
        Ok(marked == 1)
    }

    /// Notes that UZhKH may have a permanent id from us although no answer said so: no mark of
    /// before can be taken back any more.
    pub fn mark_lost(&self, temporary_id: &TemporaryId<'_>) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE identity SET sent_at = ?3 \
                 WHERE kind = ?1 AND temporary_id = ?2 AND state <> 'announced'",
            )?
            .execute(params![temporary_id.kind, temporary_id.id, self.now])?;
        Ok(())
    }

    /// Takes back a [`Tx::mark_sent`] of this time: what it was for certainly did not get there.
    /// Others carry the same id, by Delete or by SetId: what they have marked since stays.
    pub fn unmark_sent(
        &self,
        temporary_id: &TemporaryId<'_>,
        marked_at: Timestamp,
    ) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE identity SET sent_at = NULL WHERE kind = ?1 AND temporary_id = ?2 \
                 AND state <> 'announced' AND sent_at = ?3",
            )?
            .execute(params![temporary_id.kind, temporary_id.id, stamp(marked_at)])?;
        Ok(())
    }

    /// At a start: the ids that envelopes still to be acknowledged carry may have
    /// been sent before the program ended. Linked ones were marked before they were sent.
    pub fn doubt_unsent_ids(&self) -> Result<(), Error> {
        self.connection
            .prepare(
                "UPDATE identity SET sent_at = ?1 WHERE sent_at IS NULL AND linked = 0 \
                 AND (kind, temporary_id) IN (SELECT announces_kind, announces_id FROM envelope \
                  WHERE state = 'committed' AND announces_id IS NOT NULL)",
            )?
            .execute([&self.now])?;
        Ok(())
    }
}
