//! The full resync: the six Download lists, page by page.
//!
//! Pages commit as they come, together with the number of the next one, so that a
//! resync that was interrupted carries on where it was. The next page is asked for
//! while one is committed. A page says what UZhKH held when it was asked for: it
//! does not undo what the queue has brought since.

use tokio::sync::mpsc;

use super::api;
use super::batch::SLICE;
use super::lists::{Arriving, LISTS, List, PART, Part, commit};
use super::queue::{Drained, Error};
use super::{SOURCE, Uzhkh};
use crate::ledger::{self, ListState, Reader};

/// How many empty pages without NoResults are followed.
const EMPTY_PAGES: u32 = 3;
/// After so many pages in a row without anything unseen a list is not followed.
const STALE_PAGES: u32 = 3;

impl Uzhkh {
    /// Begins a full resync, or carries on with the one under way.
    ///
    /// # Errors
    /// The ledger's.
    pub(super) async fn begin_resync(&self) -> Result<(), ledger::Error> {
        let lists = LISTS.map(|list| list.name);
        self.ledger.write(move |tx| tx.begin_resync(&lists)).await
    }

    /// Whether a full resync is under way.
    ///
    /// # Errors
    /// The ledger's.
    pub(super) async fn resync_under_way(&self) -> Result<bool, ledger::Error> {
        self.ledger.read(ledger::Reader::resync_under_way).await
    }

    /// Reads what is left of the lists. True when none failed.
    ///
    /// # Errors
    /// The ledger's.
    pub(super) async fn resync(&self) -> Result<bool, ledger::Error> {
        let mut all_well = true;
        for list in LISTS {
            let progress = self.ledger.read(move |reader| reader.list_progress(list.name)).await?;
            let Some(progress) = progress.filter(|list| list.state == ListState::Reading) else {
                continue;
            };
            tracing::info!(list = list.name, page = progress.next_page, "reading a full list");
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
                            .write(move |tx| tx.list_failed(list.name, list.kinds, &text))
                            .await?;
                    }
                    all_well = false;
                    drained.error = Some(error);
                }
            }
            self.report(list.name, started_at, &drained).await?;
            self.calls.notify_one();
            if self.stop.is_cancelled() {
                break;
            }
        }
        Ok(all_well)
    }

    /// Reads a list from a page on: one side asks and takes apart, the other commits,
    /// so that the next page is on its way meanwhile.
    async fn read_list(
        &self,
        list: List,
        first: u32,
        last_sha256: Option<String>,
        drained: &mut Drained,
    ) -> Result<(), Error> {
        let (parts, coming) = mpsc::channel(1);
        let (read, committed) = tokio::join!(
            self.read_pages(list, first, last_sha256, parts),
            self.commit_parts(list, coming, drained),
        );
        committed?;
        read?;
        let done = self.ledger.write(move |tx| tx.list_done(SOURCE, list.name, list.kinds));
        let missing = done.await?;
        if missing > 0 {
            tracing::warn!(list = list.name, missing, "records are missing from the list");
        }
        Ok(())
    }

    /// Asks for page after page until NoResults.
    async fn read_pages(
        &self,
        list: List,
        first: u32,
        mut last_sha256: Option<String>,
        parts: mpsc::Sender<Part>,
    ) -> Result<(), Error> {
        let misbehaves = |problem| Error::Misbehaves { feed: list.name, problem };
        let mut empty = 0;
        for page in first.. {
            // Asked for once the page before is being committed: one ahead, not more.
            drop(parts.reserve().await.map_err(|_| Error::Stopped)?);
            let last_part = self.read_page(list, page, &parts).await?;
            let Some(end) = &last_part.end else { break };
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
            if parts.send(last_part).await.is_err() || is_last {
                break;
            }
        }
        Ok(())
    }

    /// Reads a page and hands its elements on, some at a time; the last of them are
    /// answered, with what is known of the whole page.
    async fn read_page(
        &self,
        list: List,
        page: u32,
        parts: &mpsc::Sender<Part>,
    ) -> Result<Part, Error> {
        let as_of = self.ledger.read(Reader::newest_change).await?;
        let mut answer = tokio::select! {
            biased;
            () = self.stop.cancelled() => return Err(Error::Stopped),
            answer = self.api.page(list.name, page) => answer?,
        };
        let malformed = |problem| Error::Malformed { feed: list.name, problem };
        let part = |elements, end| Part { page, as_of, elements, end };
        let mut arriving = Arriving::new(list, self.max_envelope_bytes);
        loop {
            let chunk = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(Error::Stopped),
                chunk = answer.chunk() => chunk.map_err(api::Error::from)?,
            };
            let Some(chunk) = chunk else { break };
            for slice in chunk.chunks(SLICE) {
                arriving.feed(slice).map_err(malformed)?;
                if arriving.elements.len() >= PART {
                    let full = part(std::mem::take(&mut arriving.elements), None);
                    parts.send(full).await.map_err(|_| Error::Stopped)?;
                }
            }
        }
        let end = arriving.end().map_err(malformed)?;
        Ok(part(arriving.elements, Some(end)))
    }

    /// Commits what comes; the last part of a page moves the list on.
    async fn commit_parts(
        &self,
        list: List,
        mut coming: mpsc::Receiver<Part>,
        drained: &mut Drained,
    ) -> Result<(), Error> {
        let (mut unseen, mut stale) = (0, 0);
        while let Some(part) = coming.recv().await {
            drained.fetched += part.elements.len() as u64;
            let (count, is_last) = part
                .end
                .as_ref()
                .map_or((0, true), |end| (end.count, end.beside.no_results == Some(true)));
            let ends = part.end.is_some();
            let committed = self.ledger.write(move |tx| commit(tx, list, &part)).await?;
            drained.applied.changed += committed.changed;
            unseen += committed.unseen;
            if ends {
                // A list that moves may show a page again, and the first one may have
                // been committed before a crash: one or two of them prove nothing.
                stale = if count > 0 && unseen == 0 { stale + 1 } else { 0 };
                unseen = 0;
            }
            if stale >= STALE_PAGES && !is_last {
                return Err(Error::Misbehaves {
                    feed: list.name,
                    problem: "it repeats what it has shown before",
                });
            }
        }
        Ok(())
    }
}
