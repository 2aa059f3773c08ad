//! The full resync: the six Download lists, page by page.
//!
//! Pages commit as they come, together with the number of the next one, so that a
//! resync that was interrupted carries on where it was. The next page is asked for
//! while one is committed. A page says what UZhKH held when it was asked for: it
//! does not undo what the queue has brought since.

use std::collections::VecDeque;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::api;
use super::apply::{self, Applied};
use super::decode::{self, Decoded};
use super::elements::{End, Piece, Splitter};
use super::model::{Holds, Kind};
use super::queue::{Drained, Error};
use super::{SOURCE, Uzhkh};
use crate::ledger::{self, ListState, NewItem, Tx, hex};

/// A Download list.
#[derive(Debug, Clone, Copy)]
struct List {
    name: &'static str,
    holds: Holds,
    kinds: &'static [&'static str],
}

/// The lists, so that what is referred to comes before what refers.
const LISTS: [List; 6] = [
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
/// Elements that are committed together; a page of 200 is one such part.
const PART: usize = 500;

/// An element of a page.
enum Element {
    Good(Box<Decoded>),
    Bad(NewItem),
}

/// A page as it came.
struct Page {
    number: u32,
    asked_at: Timestamp,
    elements: Vec<Element>,
    end: End,
    sha256: String,
}

/// What a page came to when it was committed.
#[derive(Debug, Default, Clone, Copy)]
struct Committed {
    changed: u64,
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
            self.outbox.pass().await?;
            if self.stop.is_cancelled() {
                break;
            }
        }
        Ok(all_well)
    }

    async fn read_list(
        &self,
        list: List,
        first: u32,
        mut last_sha256: Option<String>,
        drained: &mut Drained,
    ) -> Result<(), Error> {
        let misbehaves = |problem| Error::Misbehaves {
            feed: list.name,
            problem,
        };
        let mut empty = 0;
        let mut page = self.page(list, first).await?;
        loop {
            if self.stop.is_cancelled() {
                return Ok(());
            }
            let asked = i64::from(page.number);
            if page.end.page.is_some_and(|number| number != asked) {
                return Err(misbehaves("it ignores page: it answered with another one"));
            }
            let is_last = page.end.no_results == Some(true);
            let count = page.elements.len() as u64;
            if count > 0 && last_sha256.as_ref() == Some(&page.sha256) {
                return Err(misbehaves("it ignores page: it repeats itself"));
            }
            empty = if count == 0 { empty + 1 } else { 0 };
            if !is_last && (empty > EMPTY_PAGES || page.number >= self.max_pages) {
                return Err(misbehaves("it never says NoResults"));
            }
            drained.fetched += count;
            last_sha256 = Some(page.sha256.clone());
            let number = page.number;
            let (committed, next) = tokio::join!(self.commit_page(list, page), async {
                if is_last {
                    None
                } else {
                    Some(self.page(list, number + 1).await)
                }
            });
            let committed = committed?;
            drained.applied.add(Applied {
                changed: committed.changed,
                ..Applied::default()
            });
            let Some(next) = next else { break };
            if count > 0 && committed.unseen == 0 && number > first {
                return Err(misbehaves("it repeats what it has shown before"));
            }
            page = next?;
        }
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

    /// Asks for a page and reads it. A page is some 200 elements; one that is much
    /// larger is held in memory.
    async fn page(&self, list: List, number: u32) -> Result<Page, Error> {
        let asked_at = self.clock.now();
        let mut answer = tokio::select! {
            biased;
            () = self.stop.cancelled() => return Err(Error::Stopped),
            answer = self.api.page(list.name, number) => answer?,
        };
        let mut splitter = Splitter::new(self.max_envelope_bytes);
        let mut elements = Vec::new();
        let mut hasher = Sha256::new();
        let malformed = |problem| Error::Malformed {
            feed: list.name,
            problem,
        };
        while let Some(chunk) = answer.chunk().await.map_err(api::Error::from)? {
            splitter
                .feed(&chunk, &mut |piece| {
                    if let Piece::Whole { bytes, .. } = piece {
                        hasher.update(bytes);
                    }
                    elements.push(element(list, &piece));
                })
                .map_err(malformed)?;
        }
        Ok(Page {
            number,
            asked_at,
            elements,
            end: splitter.finish().map_err(malformed)?,
            sha256: hex(&hasher.finalize()),
        })
    }

    /// Commits a page, in parts where it is large; the last part moves the list on.
    async fn commit_page(&self, list: List, page: Page) -> Result<Committed, ledger::Error> {
        let (number, asked_at, sha256) = (page.number, page.asked_at, page.sha256);
        let mut rest = VecDeque::from(page.elements);
        let mut committed = Committed::default();
        loop {
            let part: Vec<Element> = rest.drain(..rest.len().min(PART)).collect();
            let last = rest.is_empty().then(|| sha256.clone());
            let part = self
                .ledger
                .write(move |tx| {
                    let committed = elements(tx, &part, asked_at)?;
                    if let Some(sha256) = &last {
                        tx.page_done(list.name, number, sha256)?;
                    }
                    Ok(committed)
                })
                .await?;
            committed.changed += part.changed;
            committed.unseen += part.unseen;
            if rest.is_empty() {
                return Ok(committed);
            }
        }
    }
}

fn element(list: List, piece: &Piece<'_>) -> Element {
    match *piece {
        Piece::Whole { bytes, depth } => match decode::item(list.holds, bytes, depth) {
            Ok(decoded) => Element::Good(Box::new(decoded)),
            Err(reason) => Element::Bad(NewItem::whole(SOURCE, list.name, bytes, reason)),
        },
        Piece::Oversize {
            beginning,
            sha256,
            bytes,
        } => Element::Bad(NewItem {
            source: SOURCE,
            feed: list.name,
            body: beginning.to_vec(),
            sha256: hex(&sha256),
            bytes,
            reason: format!(
                "{bytes} bytes, over uzhkh.max_envelope_bytes; only the beginning is kept"
            ),
        }),
    }
}

fn elements(
    tx: &Tx<'_>,
    elements: &[Element],
    asked_at: Timestamp,
) -> Result<Committed, ledger::Error> {
    let mut committed = Committed::default();
    for element in elements {
        match element {
            Element::Good(decoded) => {
                let (id, changed) = apply::item(tx, decoded, asked_at)?;
                committed.changed += changed;
                committed.unseen += u64::from(tx.saw(decoded.kind.word(), &id)?);
            }
            Element::Bad(item) => {
                tx.quarantine_item(item)?;
                committed.unseen += 1;
            }
        }
    }
    Ok(committed)
}

/// Takes a quarantined element of a list apart again.
pub(super) fn decode_again(feed: &str, bytes: &[u8], depth: usize) -> Result<Decoded, String> {
    let list = LISTS.into_iter().find(|list| list.name == feed);
    let list = list.ok_or("of a list that this program does not know")?;
    decode::item(list.holds, bytes, depth)
}
