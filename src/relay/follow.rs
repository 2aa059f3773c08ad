//! Changes after the cursor, each with its record as that is now.
//!
//! A row that PostgreSQL does not take fails its whole step. The next one is half as long, and
//! so on until one change is left: that is put among what is stuck, before the cursor moves
//! past it.

use super::Relay;
use super::cursor::{self, Cursor};
use super::failure::Failure;
use super::rows::{self, Known, Rows};
use super::session::Session;
use super::source::{Batch, Relayed};
use super::step::{Live, Progress};
use crate::ledger::{ChangeSeq, RelayKey};
use crate::metrics::{self, Metric};

impl Relay {
    /// Brings the next changes.
    pub(super) async fn follow(
        &self,
        live: &mut Live,
        cursor: &Cursor,
    ) -> Result<Progress, Failure> {
        let batch = match live.ahead.take() {
            Some(batch) => batch,
            None => match self.read(cursor.seq, live.size).await {
                Ok(batch) => batch,
                Err(Failure::Ledger(error)) if error.newest_change().is_some() => {
                    tracing::warn!(%error, "the relay begins anew");
                    return self.begin_anew(live).await;
                }
                Err(error) => return Err(error),
            },
        };
        Self::note_growth(live, batch.newest);
        if batch.changes.is_empty() {
            if batch.last > cursor.seq {
                self.pass_over(live, cursor, batch.last).await?;
            }
            if !batch.is_end {
                return Ok(Progress::More);
            }
            self.bring_missing(live).await?;
            return Ok(Progress::End);
        }
        let size = live.size.saturating_mul(2).min(self.batch);
        let reading = async {
            // Where this step fails it is read again.
            if batch.is_end { None } else { self.read(batch.last, size).await.ok() }
        };
        let bringing = self.within(self.bring(live.session()?, cursor, &batch));
        let (ahead, brought) = tokio::join!(reading, bringing);
        match brought {
            Ok(()) => {}
            Err(Failure::Row(reason)) => return self.refuse(live, cursor, &batch, reason).await,
            Err(error) => {
                live.failed(batch.changes.len(), &error);
                return Err(error);
            }
        }
        metrics::count(Metric::RelayCleaned, &[], batch.cleaned);
        live.succeeded(self.clock.now());
        live.missing.brought(&batch.records);
        live.size = size;
        live.ahead = ahead;
        live.cursor = Some(Cursor { seq: batch.last, ..cursor.clone() });
        self.unstick(live, &batch.records).await?;
        Ok(Progress::More)
    }

    async fn read(&self, after: ChangeSeq, size: usize) -> Result<Batch, Failure> {
        Ok(self.source.changes(after, self.there.kinds.clone(), size).await?)
    }

    /// Brings changes, their records and the cursor in one transaction.
    async fn bring(
        &self,
        session: &mut Session,
        cursor: &Cursor,
        batch: &Batch,
    ) -> Result<(), Failure> {
        let transaction = session.begin().await?;
        cursor::hold(&transaction, &self.there, cursor).await?;
        let rows = Rows {
            transaction: &transaction,
            there: &self.there,
            epoch: cursor.epoch,
            newest: batch.newest,
        };
        // They go out one after another without waiting for each other's answers. The first
        // failure counts: those after it say no more than that.
        let (changes, records, gone, moved) = tokio::join!(
            rows.add_changes(&batch.changes, Known::Impossible),
            rows.put_records(&batch.records),
            rows.mark_gone(&batch.gone),
            cursor::set(&transaction, &self.there, batch.last, None),
        );
        changes.and(records).and(gone).and(moved)?;
        rows::commit(transaction).await
    }

    /// Deals with changes of which PostgreSQL does not take one.
    async fn refuse(
        &self,
        live: &mut Live,
        cursor: &Cursor,
        batch: &Batch,
        reason: String,
    ) -> Result<Progress, Failure> {
        if let [_, _, ..] = batch.changes.as_slice() {
            live.size = batch.changes.len() / 2;
            return Ok(Progress::More);
        }
        for change in &batch.changes {
            self.stick(live, change.seq.0, &change.key, &reason).await?;
        }
        self.pass_over(live, cursor, batch.last).await?;
        Ok(Progress::More)
    }

    /// Writes down that something is not taken.
    pub(super) async fn stick(
        &self,
        live: &mut Live,
        seq: i64,
        key: &RelayKey,
        reason: &str,
    ) -> Result<(), Failure> {
        let (source, kind) = (key.source.as_str(), key.kind.as_str());
        tracing::warn!(seq, source, kind, error = reason, "PostgreSQL does not take a row");
        let (key, reason) = (key.clone(), reason.to_owned());
        self.ledger.write(move |tx| tx.stick_relay(seq, &key, &reason)).await?;
        live.has_stuck = true;
        Ok(())
    }

    /// Moves the cursor, and nothing else.
    async fn pass_over(
        &self,
        live: &mut Live,
        cursor: &Cursor,
        to: ChangeSeq,
    ) -> Result<(), Failure> {
        let session = live.session()?;
        let moving = async {
            let transaction = session.begin().await?;
            cursor::hold(&transaction, &self.there, cursor).await?;
            cursor::set(&transaction, &self.there, to, None).await?;
            Ok(transaction.commit().await?)
        };
        self.within(moving).await?;
        live.succeeded(self.clock.now());
        live.cursor = Some(Cursor { seq: to, ..cursor.clone() });
        Ok(())
    }

    /// Records that a backfill could not bring have come by now.
    async fn unstick(&self, live: &Live, records: &[Relayed]) -> Result<(), Failure> {
        if !live.has_stuck {
            return Ok(());
        }
        let keys: Vec<RelayKey> = records.iter().map(|one| one.record.key.clone()).collect();
        let unsticking =
            self.ledger.write(move |tx| keys.iter().try_for_each(|key| tx.unstick_relay(0, key)));
        Ok(unsticking.await?)
    }
}
