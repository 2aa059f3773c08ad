//! Every record anew, deleted ones too, in the order of their names. The last name stands in
//! the cursor's row, so that it goes on there after whatever ends it.

use std::time::Duration;

use tokio_postgres::types::{ToSql, Type};

use super::Relay;
use super::cursor::{self, Cursor};
use super::failure::Failure;
use super::rows::{self, Rows};
use super::session::Session;
use super::source::Page;
use super::step::{Live, Progress};
use crate::ledger::{Reader, RelayKey, RelayStuck};
use crate::metrics::{self, Metric};

/// How long the last transaction may take, which looks at every row of the ledger.
const FINISH: Duration = Duration::from_secs(15 * 60);

impl Relay {
    /// Brings the next records.
    pub(super) async fn backfill(
        &self,
        live: &mut Live,
        cursor: &Cursor,
    ) -> Result<Progress, Failure> {
        let Some(after) = cursor.backfill.clone() else { return Ok(Progress::More) };
        let page = match live.page_ahead.take() {
            Some(page) => page,
            None => self.source.records(after, self.there.kinds.clone(), live.size).await?,
        };
        Self::note_growth(live, page.newest);
        if page.records.is_empty() && page.is_end {
            return self.finish(live, cursor).await;
        }
        let size = live.size.saturating_mul(2).min(self.batch);
        let reading = async {
            if page.is_end {
                return None;
            }
            let next = self.source.records(page.last.clone(), self.there.kinds.clone(), size);
            next.await.ok()
        };
        let bringing = self.within(self.put(live.session()?, cursor, &page));
        let (ahead, brought) = tokio::join!(reading, bringing);
        match brought {
            Ok(()) => {
                metrics::count(Metric::RelayCleaned, &[], page.cleaned);
                live.size = size;
                live.page_ahead = ahead;
            }
            Err(Failure::Row(reason)) => match page.records.as_slice() {
                [only] => {
                    self.stick(live, 0, &only.record.key, &reason).await?;
                    let none = Page { records: Vec::new(), last: page.last.clone(), ..page };
                    let bringing = self.within(self.put(live.session()?, cursor, &none));
                    bringing.await?;
                    self.moved(live, cursor, none.last);
                    return Ok(Progress::More);
                }
                several => {
                    live.size = several.len() / 2;
                    return Ok(Progress::More);
                }
            },
            Err(error) => {
                live.failed(page.records.len(), &error);
                return Err(error);
            }
        }
        self.moved(live, cursor, page.last);
        Ok(Progress::More)
    }

    /// The row of the cursor says by now that it has come so far.
    fn moved(&self, live: &mut Live, cursor: &Cursor, last: RelayKey) {
        live.succeeded(self.clock.now());
        live.cursor = Some(Cursor { backfill: Some(last), ..cursor.clone() });
    }

    async fn put(
        &self,
        session: &mut Session,
        cursor: &Cursor,
        page: &Page,
    ) -> Result<(), Failure> {
        let transaction = session.begin().await?;
        cursor::hold(&transaction, &self.there, cursor).await?;
        let rows = Rows {
            transaction: &transaction,
            there: &self.there,
            epoch: cursor.epoch,
            newest: page.newest,
        };
        let (records, moved) = tokio::join!(
            rows.put_records(&page.records),
            cursor::set(&transaction, &self.there, cursor.seq, Some(&page.last)),
        );
        records.and(moved)?;
        rows::commit(transaction).await
    }

    /// All records have come: what the ledger does not have is deleted. What it has and
    /// PostgreSQL did not take stays as it was.
    async fn finish(&self, live: &mut Live, cursor: &Cursor) -> Result<Progress, Failure> {
        let there = &self.there;
        let stuck = self.source.ask(Reader::relay_stuck).await?;
        let stuck: Vec<RelayStuck> = stuck.into_iter().filter(|one| one.seq == 0).collect();
        let session = live.session()?;
        let finishing = async {
            let transaction = session.begin().await?;
            cursor::hold(&transaction, there, cursor).await?;
            let left = format!(
                "UPDATE {}.record AS r SET deleted_at = now() \
                 WHERE ledger = $1 AND epoch < $2 AND deleted_at IS NULL AND NOT EXISTS (\
                     SELECT FROM unnest($3, $4, $5) AS t (source, kind, id) \
                     WHERE r.source = t.source AND r.kind = t.kind AND r.id = t.id)",
                there.schema
            );
            let text = |of: fn(&RelayStuck) -> &str| stuck.iter().map(of).collect::<Vec<&str>>();
            let (source, kind) = (text(|one| &one.source), text(|one| &one.kind));
            // A NUL is in no id that is there.
            let id: Vec<String> = stuck.iter().map(|one| one.id.replace('\0', " ")).collect();
            let parameters: [(&(dyn ToSql + Sync), Type); 5] = [
                (&there.ledger, Type::TEXT),
                (&cursor.epoch, Type::INT8),
                (&source, Type::TEXT_ARRAY),
                (&kind, Type::TEXT_ARRAY),
                (&id, Type::TEXT_ARRAY),
            ];
            transaction.execute_typed(&left, &parameters).await?;
            if let Some(kinds) = &there.kinds {
                let others = format!(
                    "DELETE FROM {}.record WHERE ledger = $1 AND NOT kind = ANY ($2)",
                    there.schema
                );
                let parameters: [(&(dyn ToSql + Sync), Type); 2] =
                    [(&there.ledger, Type::TEXT), (kinds, Type::TEXT_ARRAY)];
                transaction.execute_typed(&others, &parameters).await?;
            }
            cursor::set(&transaction, there, cursor.seq, None).await?;
            Ok(transaction.commit().await?)
        };
        let limit = if self.deadline.is_of_pass() { self.step_within } else { FINISH };
        self.within_time(limit, finishing).await?;
        live.succeeded(self.clock.now());
        live.size = self.batch;
        live.cursor = Some(Cursor { backfill: None, ..cursor.clone() });
        Ok(Progress::More)
    }
}
