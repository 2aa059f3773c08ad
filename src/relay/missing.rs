//! `missing_since`, which comes and goes without a change: at the end of the log what the
//! ledger has of it is compared with what was last brought.

use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::Relay;
use super::cursor;
use super::failure::Failure;
use super::rows::{self, Rows};
use super::source::Relayed;
use super::step::Live;
use crate::ledger::{ChangeSeq, RelayKey};

/// How often it is compared where the ledger is written all the time.
const EVERY: Duration = Duration::from_secs(2);

/// What was last brought.
#[derive(Default)]
pub(super) struct Missing {
    /// `PRAGMA data_version` when it was last compared.
    version: Option<i64>,
    digest: Option<[u8; 32]>,
    looked_at: Option<Instant>,
    /// What is to be brought, and the newest change at that moment.
    news: Option<(Vec<(RelayKey, String)>, ChangeSeq)>,
}

impl Missing {
    /// Records have come since it was last compared. What one of them has of it may be gone again
    /// by the end of the log, and what was found before them is no news any more: then all of it is
    /// to be brought.
    pub(super) fn brought(&mut self, records: &[Relayed]) {
        let is_missing = |one: &Relayed| one.record.missing_since.is_some();
        if self.news.is_some() || records.iter().any(is_missing) {
            *self = Self::default();
        }
    }
}

fn digest(missing: &[(RelayKey, String)]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for (key, since) in missing {
        for part in [&key.source, &key.kind, &key.id, since] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part.as_bytes());
        }
    }
    digest.finalize().into()
}

impl Relay {
    /// Whether other records are missing than were when that was last brought. Asked where
    /// all changes up to `seq` have been.
    pub(super) async fn has_missing_changed(
        &self,
        live: &mut Live,
        seq: ChangeSeq,
    ) -> Result<bool, Failure> {
        let known = &live.missing;
        if known.news.is_some() {
            return Ok(true);
        }
        let is_first = known.digest.is_none();
        if !is_first && known.looked_at.is_some_and(|at| at.elapsed() < EVERY) {
            return Ok(false);
        }
        let (before, kinds) = (known.version, self.there.kinds.clone());
        let reading = self.source.ask(move |reader| {
            // First, so that what is written meanwhile is seen the next time.
            let version = reader.data_version()?;
            if before == Some(version) {
                return Ok(None);
            }
            reader.at_one_moment(|reader| {
                let missing = reader.relay_missing(kinds.as_deref())?;
                Ok(Some((version, missing, reader.end_of_log()?)))
            })
        });
        let found = reading.await?;
        live.missing.looked_at = Some(Instant::now());
        let Some((version, missing, newest)) = found else { return Ok(false) };
        // Of a later moment it says nothing yet.
        if newest > seq {
            return Ok(false);
        }
        live.missing.version = Some(version);
        if live.missing.digest == Some(digest(&missing)) {
            return Ok(false);
        }
        live.missing.news = Some((missing, newest));
        Ok(true)
    }

    /// Brings it in step where it differs.
    pub(super) async fn bring_missing(&self, live: &mut Live) -> Result<(), Failure> {
        let Some(cursor) = live.cursor.clone() else { return Err(Failure::Moved) };
        if !self.has_missing_changed(live, cursor.seq).await? {
            return Ok(());
        }
        let Some((mut missing, newest)) = live.missing.news.take() else { return Ok(()) };
        let digest = digest(&missing);
        // No text there holds a NUL: such a record is stuck.
        missing.retain(|(key, _)| !key.id.contains('\0'));
        let session = live.session()?;
        let bringing = async {
            let transaction = session.begin().await?;
            cursor::hold(&transaction, &self.there, &cursor).await?;
            let rows =
                Rows { transaction: &transaction, there: &self.there, epoch: cursor.epoch, newest };
            rows.set_missing(&missing).await?;
            cursor::set(&transaction, &self.there, cursor.seq, None).await?;
            rows::commit(transaction).await
        };
        match self.within(bringing).await {
            // One row's fault, which its own changes show: it stops nothing else.
            Err(Failure::Row(error)) => {
                tracing::warn!(%error, "PostgreSQL does not take what is missing");
            }
            brought => brought?,
        }
        live.succeeded(self.clock.now());
        live.missing.digest = Some(digest);
        Ok(())
    }
}
