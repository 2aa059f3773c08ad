//! The full resync: the six Download lists, page by page.
//!
//! Pages commit as they arrive, together with the number of the next one, so that an
//! interrupted resync carries on where it was. The next page is asked for
//! while one is committed. A page shows UZhKH's state when it was asked for: it
//! does not undo what the queue has brought since.

use tokio::sync::mpsc;

use super::ahead::commit_ahead;
use super::api;
use super::batch::SLICE;
use super::lists::{
    Committed, LISTS, List, PAGE_BATCH, PAGES_AHEAD, PageBatch, PageReader, commit,
};
use super::queue::{Drained, Error};
use super::{SOURCE, Uzhkh};
use crate::ledger::{self, Finding, ListState, Reader, RecordKey};

/// The most empty pages in a row without NoResults that are followed.
const EMPTY_PAGES: u32 = 3;
/// A list is given up after this many pages in a row with nothing unseen.
const STALE_PAGES: u32 = 3;

impl Uzhkh {
    /// Begins a full resync, or carries on with the one under way.
    pub(super) async fn begin_resync(&self) -> Result<(), ledger::Error> {
        let lists = LISTS.map(|list| list.name);
        self.ledger.write(move |tx| tx.begin_resync(&lists)).await
    }

    /// Whether a full resync is under way.
    pub(super) async fn resync_under_way(&self) -> Result<bool, ledger::Error> {
        self.ledger.read(ledger::Reader::resync_under_way).await
    }

    /// Reads the lists that are still to be read. True when none failed.
    pub(super) async fn resync(&self) -> Result<bool, ledger::Error> {
        let mut all_well = true;
        for list in LISTS {
            let progress = self.ledger.read(move |reader| reader.list_progress(list.name)).await?;
            let Some(progress) = progress.filter(|list| list.state == ListState::Reading) else {
                continue;
            };
            tracing::info!(list = list.name, page = progress.next_page, "full list: polling");
            let started_at = self.clock.now();
            let mut drained = Drained::default();
            let outcome =
                self.read_list(list, progress.next_page, progress.page_sha256, &mut drained).await;
            match outcome {
                Ok(()) => {}
                Err(Error::Ledger(error)) => return Err(error),
                Err(Error::Stopped) => return Ok(false),
                Err(error) => {
                    if matches!(error, Error::Misbehaves { .. }) {
                        let text = error.to_string();
                        self.ledger
                            .write(move |tx| {
                                let key = RecordKey::new(SOURCE, list.name, "");
                                tx.note(key, None, &Finding::new("", text.as_str()))?;
                                tx.list_failed(list.name, list.kinds, &text)
                            })
                            .await?;
                    }
                    all_well = false;
                    drained.error = Some(error);
                }
            }
            self.report(list.name, started_at, &drained).await?;
            self.calls.notify_one();
            // While we are refused no list is to be had.
            if self.paused_until().is_some() {
                return Ok(false);
            }
            if self.stop.is_cancelled() {
                break;
            }
        }
        Ok(all_well)
    }

    /// Reads a list from a page on: one side asks and parses, the other commits,
    /// so that the next page is on its way meanwhile.
    async fn read_list(
        &self,
        list: List,
        first: u32,
        last_sha256: Option<String>,
        drained: &mut Drained,
    ) -> Result<(), Error> {
        let (batches, arrived) = mpsc::channel(1);
        let (read, committed) = tokio::join!(
            self.read_pages(list, first, last_sha256, batches),
            self.commit_batches(list, arrived, drained),
        );
        committed?;
        read?;
        let missing =
            self.ledger.write(move |tx| tx.list_done(SOURCE, list.name, list.kinds)).await?;
        if missing > 0 {
            tracing::warn!(
                list = list.name,
                missing,
                "reconciled: records are missing from the full list"
            );
        }
        Ok(())
    }

    /// Asks for page after page until NoResults.
    async fn read_pages(
        &self,
        list: List,
        first: u32,
        mut last_sha256: Option<String>,
        batches: mpsc::Sender<PageBatch>,
    ) -> Result<(), Error> {
        let misbehaves = |problem| Error::Misbehaves { feed: list.name, problem };
        let mut empty = 0;
        for page in first.. {
            // Asked for once the page before is being committed: one ahead, not more.
            drop(batches.reserve().await.map_err(|_| Error::Stopped)?);
            let last = self.read_page(list, page, &batches).await?;
            let Some(end) = &last.end else { break };
            if end.beside.page.is_some_and(|number| number != i64::from(page)) {
                return Err(misbehaves("it ignores page: it answered with another one"));
            }
            if end.count > 0 && last_sha256.as_ref() == Some(&end.sha256) {
                return Err(misbehaves("it ignores page: it repeats itself"));
            }
            empty = if end.count == 0 { empty + 1 } else { 0 };
            let is_last = end.beside.no_results == Some(true);
            if !is_last && (empty > EMPTY_PAGES || page >= self.max_pages) {
                return Err(misbehaves("it never says NoResults"));
            }
            last_sha256 = Some(end.sha256.clone());
            if batches.send(last).await.is_err() || is_last {
                break;
            }
        }
        Ok(())
    }

    /// Reads a page, and again where it breaks off, at most twice.
    async fn read_page(
        &self,
        list: List,
        page: u32,
        batches: &mpsc::Sender<PageBatch>,
    ) -> Result<PageBatch, Error> {
        let mut rereads = 0;
        loop {
            let error = match self.read_page_once(list, page, batches).await {
                Err(error) if error.is_broken_body() => error,
                read => return read,
            };
            let upstream = self.api.upstream();
            if !upstream.may_read_again(list.name, &mut rereads, &error).await {
                return Err(error);
            }
        }
    }

    /// Reads a page and hands its elements on in batches; returns the last batch, with the end
    /// of the page.
    async fn read_page_once(
        &self,
        list: List,
        page: u32,
        batches: &mpsc::Sender<PageBatch>,
    ) -> Result<PageBatch, Error> {
        let as_of = self.ledger.read(Reader::newest_change).await?;
        let mut answer = tokio::select! {
            biased;
            () = self.stop.cancelled() => return Err(Error::Stopped),
            answer = self.api.page(list.name, page) => answer?,
        };
        let malformed = |problem| Error::Malformed { feed: list.name, problem };
        let batch = |elements, end| PageBatch { page, as_of, elements, end };
        let mut reader = PageReader::new(list, self.max_envelope_bytes);
        loop {
            let chunk = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(Error::Stopped),
                chunk = answer.chunk() => chunk.map_err(api::Error::from)?,
            };
            let Some(chunk) = chunk else { break };
            for slice in chunk.chunks(SLICE) {
                reader.feed(slice).map_err(malformed)?;
                if reader.elements.len() >= PAGE_BATCH {
                    let full = batch(std::mem::take(&mut reader.elements), None);
                    batches.send(full).await.map_err(|_| Error::Stopped)?;
                }
            }
        }
        let end = reader.end().map_err(malformed)?;
        Ok(batch(reader.elements, Some(end)))
    }

    /// Commits batches as they arrive; the last one of a page moves the list on.
    async fn commit_batches(
        &self,
        list: List,
        arrived: mpsc::Receiver<PageBatch>,
        drained: &mut Drained,
    ) -> Result<(), Error> {
        let (mut unseen, mut stale) = (0, 0);
        let submit = |batch: PageBatch| {
            let came = batch.elements.len() as u64;
            // Of a page that ends here: how many elements it had, and whether it is the last.
            let ended =
                batch.end.as_ref().map(|end| (end.count, end.beside.no_results == Some(true)));
            let assign = self.assign;
            let committed = self.ledger.submit(move |tx| commit(tx, list, &batch, assign));
            async move { Ok((came, ended, committed.await?)) }
        };
        let note = |(came, ended, committed): (u64, Option<(u64, bool)>, Committed)| {
            drained.fetched += came;
            drained.applied.changed += committed.changed;
            unseen += committed.unseen;
            let Some((count, is_last)) = ended else { return Ok(()) };
            // A list that moves may show a page again, and the first one may have
            // been committed before a crash: one or two of them prove nothing.
            stale = if count > 0 && unseen == 0 { stale + 1 } else { 0 };
            unseen = 0;
            if stale < STALE_PAGES || is_last {
                return Ok(());
            }
            let problem = "it repeats what it has shown before";
            Err(Error::Misbehaves { feed: list.name, problem })
        };
        commit_ahead(PAGES_AHEAD, arrived, submit, note).await
    }
}
