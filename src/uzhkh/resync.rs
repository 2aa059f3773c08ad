//! The full resync: the six Download lists, page by page.
//!
//! Pages commit as they come, together with the number of the next one, so that a
//! resync that was interrupted carries on where it was. The next page is asked for
//! while one is committed. A page says what UZhKH held when it was asked for: it
//! does not undo what the queue has brought since.

use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::api;
use super::apply;
use super::decode::{self, Decoded};
use super::elements::{End, Malformed, Piece, Splitter};
use super::model::{Holds, Kind};
use super::queue::{Drained, Error, SLICE};
use super::{SOURCE, Uzhkh};
use crate::ledger::{self, ListState, NewItem, Reader, Tx, hex};

/// A Download list.
#[derive(Debug, Clone, Copy)]
pub(super) struct List {
    pub(super) name: &'static str,
    holds: Holds,
    pub(super) kinds: &'static [&'static str],
}

/// The lists, so that what is referred to comes before what refers.
pub(super) const LISTS: [List; 6] = [
    List::of("DownloadFlats", Holds::One(Kind::Object), &["object"]),
    List::of("DownloadAccounts", Holds::One(Kind::Account), &["account"]),
    List::of("DownloadCounters", Holds::One(Kind::Counter), &["counter"]),
    List::of("DownloadRequests", Holds::One(Kind::Request), &["request"]),
    List::of("DownloadPayments", Holds::One(Kind::Payment), &["payment"]),
    List::of(
        "DownloadDocs",
        Holds::Document,
        &["article", "news", "notice"],
    ),
];

impl List {
    const fn of(name: &'static str, holds: Holds, kinds: &'static [&'static str]) -> Self {
        Self { name, holds, kinds }
    }
}

/// How many empty pages without NoResults are followed.
const EMPTY_PAGES: u32 = 3;
/// After so many pages in a row without anything unseen a list is not followed.
const STALE_PAGES: u32 = 3;
/// The most elements that are committed together, give or take a chunk; a page of 200
/// is committed whole.
const PART: usize = 500;

/// An element of a page.
enum Element {
    Good(Box<Decoded>),
    /// What could not be understood, and whose it seems to be.
    Bad(NewItem, Option<(&'static str, ledger::Part)>),
}

/// Some of the elements of a page, to be committed together.
pub(super) struct Part {
    page: u32,
    /// The newest change when it was asked for.
    as_of: i64,
    elements: Vec<Element>,
    /// Set where the page ends with this part.
    end: Option<PageEnd>,
}

/// What is known of a page once all of it is here.
struct PageEnd {
    /// What stood beside the elements.
    beside: End,
    /// How many elements there were.
    count: u64,
    /// What they held, as a hash.
    sha256: String,
}

/// A page while it arrives.
struct Arriving {
    list: List,
    splitter: Splitter,
    hasher: Sha256,
    count: u64,
    elements: Vec<Element>,
}

impl Arriving {
    fn new(list: List, max_envelope_bytes: usize) -> Self {
        Self {
            list,
            splitter: Splitter::new(max_envelope_bytes),
            hasher: Sha256::new(),
            count: 0,
            elements: Vec::new(),
        }
    }

    fn feed(&mut self, slice: &[u8]) -> Result<(), Malformed> {
        let Self {
            list,
            hasher,
            count,
            elements,
            ..
        } = self;
        self.splitter.feed(slice, &mut |piece| {
            if let Piece::Whole { bytes, .. } = piece {
                hasher.update(bytes);
            }
            *count += 1;
            elements.push(element(*list, &piece));
        })
    }

    fn end(&self) -> Result<PageEnd, Malformed> {
        Ok(PageEnd {
            beside: self.splitter.finish()?,
            count: self.count,
            sha256: hex(&self.hasher.clone().finalize()),
        })
    }
}

/// A page that is here already, as one part.
pub(super) fn whole_page(
    list: List,
    page: u32,
    as_of: i64,
    answer: &[u8],
) -> Result<Part, Malformed> {
    let mut arriving = Arriving::new(list, usize::MAX);
    arriving.feed(answer)?;
    Ok(Part {
        page,
        as_of,
        end: Some(arriving.end()?),
        elements: arriving.elements,
    })
}

/// What a part came to when it was committed.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Committed {
    pub(super) changed: u64,
    unseen: u64,
}

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
            let progress = self
                .ledger
                .read(move |reader| reader.list_progress(list.name))
                .await?;
            let Some(progress) = progress.filter(|list| list.state == ListState::Reading) else {
                continue;
            };
            tracing::info!(
                list = list.name,
                page = progress.next_page,
                "reading a full list"
            );
            let started_at = self.clock.now();
            let mut drained = Drained::default();
            let outcome = self
                .read_list(list, progress.next_page, progress.page_sha256, &mut drained)
                .await;
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
        let done = self
            .ledger
            .write(move |tx| tx.list_done(SOURCE, list.name, list.kinds));
        let missing = done.await?;
        if missing > 0 {
            tracing::warn!(
                list = list.name,
                missing,
                "records are missing from the list"
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
        parts: mpsc::Sender<Part>,
    ) -> Result<(), Error> {
        let misbehaves = |problem| Error::Misbehaves {
            feed: list.name,
            problem,
        };
        let mut empty = 0;
        for page in first.. {
            // Asked for once the page before is being committed: one ahead, not more.
            drop(parts.reserve().await.map_err(|_| Error::Stopped)?);
            let last_part = self.read_page(list, page, &parts).await?;
            let Some(end) = &last_part.end else { break };
            if end
                .beside
                .page
                .is_some_and(|number| number != i64::from(page))
            {
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
        let malformed = |problem| Error::Malformed {
            feed: list.name,
            problem,
        };
        let part = |elements, end| Part {
            page,
            as_of,
            elements,
            end,
        };
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
            let (count, is_last) = part.end.as_ref().map_or((0, true), |end| {
                (end.count, end.beside.no_results == Some(true))
            });
            let ends = part.end.is_some();
            let committed = self.ledger.write(move |tx| commit(tx, list, &part)).await?;
            drained.applied.changed += committed.changed;
            unseen += committed.unseen;
            if ends {
                // A list that moves may show a page again, and the first one may have
                // been committed before a crash: one or two of them prove nothing.
                stale = if count > 0 && unseen == 0 {
                    stale + 1
                } else {
                    0
                };
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

fn element(list: List, piece: &Piece<'_>) -> Element {
    match *piece {
        Piece::Whole { bytes, depth } => match decode::item(list.holds, bytes, depth) {
            Ok(decoded) => Element::Good(Box::new(decoded)),
            Err(reason) => Element::Bad(
                NewItem::whole(SOURCE, list.name, bytes, reason),
                decode::whose(list.holds, bytes),
            ),
        },
        Piece::Oversize {
            beginning,
            sha256,
            bytes,
        } => Element::Bad(
            NewItem {
                source: SOURCE,
                feed: list.name,
                body: beginning.to_vec(),
                sha256: hex(&sha256),
                bytes,
                reason: format!(
                    "{bytes} bytes, over uzhkh.max_envelope_bytes; only the beginning is kept"
                ),
            },
            decode::whose(list.holds, beginning),
        ),
    }
}

pub(super) fn commit(tx: &Tx<'_>, list: List, part: &Part) -> Result<Committed, ledger::Error> {
    let mut committed = Committed::default();
    for element in &part.elements {
        match element {
            Element::Good(decoded) => {
                let (id, changed) = apply::item(tx, decoded, part.as_of)?;
                committed.changed += changed;
                committed.unseen += u64::from(tx.saw(decoded.kind.word(), &id)?);
            }
            Element::Bad(item, whose) => {
                tx.quarantine_item(item)?;
                // It is not understood, but it is not missing either.
                match whose {
                    Some((kind, id)) => {
                        tx.saw(kind, &tx.resolve(id)?)?;
                    }
                    None => tx.saw_something_nameless(list.name)?,
                }
                committed.unseen += 1;
            }
        }
    }
    if let Some(end) = &part.end {
        tx.page_done(list.name, part.page, &end.sha256)?;
    }
    Ok(committed)
}

/// Takes a quarantined element of a list apart again.
pub(super) fn decode_again(feed: &str, bytes: &[u8], depth: usize) -> Result<Decoded, String> {
    let list = LISTS.into_iter().find(|list| list.name == feed);
    let list = list.ok_or("of a list that this program does not know")?;
    decode::item(list.holds, bytes, depth)
}
