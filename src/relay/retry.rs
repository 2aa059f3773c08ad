//! `relay retry`: what PostgreSQL did not take, once more, each by itself.

use super::Relay;
use super::cursor;
use super::failure::Failure;
use super::rows::{self, Known, Rows};
use super::source::{Batch, Page};
use super::step::Live;
use crate::ledger::{ChangeSeq, Reader, RelayAct, RelayKey};

impl Relay {
    /// Tries all that is stuck.
    pub(super) async fn retry_stuck(&self, live: &mut Live) -> Result<(), Failure> {
        let stuck = self.source.ask(Reader::relay_stuck).await?;
        let (mut taken, mut refused) = (0_u32, 0_u32);
        for one in stuck {
            let key = RelayKey { source: one.source, kind: one.kind, id: one.id };
            let batch = self.stuck_rows(one.seq, &key).await?;
            match self.within(self.try_again(live, &batch)).await {
                Ok(()) => {
                    taken += 1;
                    let seq = one.seq;
                    self.ledger.write(move |tx| tx.unstick_relay(seq, &key)).await?;
                }
                Err(Failure::Row(reason)) => {
                    refused += 1;
                    self.stick(live, one.seq, &key, &reason).await?;
                }
                Err(error) => return Err(error),
            }
        }
        live.has_stuck = refused > 0;
        tracing::info!(taken, refused, "tried again what was stuck");
        self.ledger.write(|tx| tx.end_relay_act(RelayAct::Retry)).await?;
        Ok(())
    }

    /// The rows as they are now. A change that is no longer kept comes without itself.
    async fn stuck_rows(&self, seq: i64, key: &RelayKey) -> Result<Batch, Failure> {
        let key = key.clone();
        let reading = self.source.ask(move |reader| {
            let kept = match seq {
                0 => None,
                seq => reader.relay_change(ChangeSeq(seq))?,
            };
            if let Some(page) = kept {
                return Ok(Batch::from(page));
            }
            let page = reader.relay_record(&key)?.map(Page::from).unwrap_or_default();
            let Page { records, newest, cleaned, .. } = page;
            Ok(Batch { records, newest, cleaned, ..Batch::default() })
        });
        Ok(reading.await?)
    }

    async fn try_again(&self, live: &mut Live, batch: &Batch) -> Result<(), Failure> {
        let Some(cursor) = live.cursor.clone() else { return Err(Failure::Moved) };
        let transaction = live.session()?.begin().await?;
        cursor::hold(&transaction, &self.there, &cursor).await?;
        let rows = Rows {
            transaction: &transaction,
            there: &self.there,
            epoch: cursor.epoch,
            newest: batch.newest,
        };
        rows.add_changes(&batch.changes, Known::Stays).await?;
        rows.put_records(&batch.records).await?;
        rows.mark_gone(&batch.gone).await?;
        let backfill = cursor.backfill.as_ref();
        cursor::set(&transaction, &self.there, cursor.seq, backfill).await?;
        rows::commit(transaction).await?;
        live.succeeded(self.clock.now());
        live.missing.brought(&batch.records);
        Ok(())
    }
}
