//! The Download lists: their names and kinds, the elements of a page, and how they are
//! recorded.

use sha2::{Digest, Sha256};

use super::SOURCE;
use super::apply;
use super::decode::{self, Decoded};
use super::model::{Holds, Kind};
use super::wording::oversize;
use crate::json::stream::{End, Layout, Malformed, Piece, Splitter};
use crate::ledger::{self, Assign, ChangeSeq, NewItem, Part, Tx, hex};

/// A Download list.
#[derive(Debug, Clone, Copy)]
pub(super) struct List {
    pub(super) name: &'static str,
    holds: Holds,
    pub(super) kinds: &'static [&'static str],
}

/// The lists, in an order in which an entity comes before those that refer to it.
pub(super) const LISTS: [List; 6] = [
    List::of("DownloadFlats", Holds::One(Kind::Object), &["object"]),
    List::of("DownloadAccounts", Holds::One(Kind::Account), &["account"]),
    List::of("DownloadCounters", Holds::One(Kind::Counter), &["counter"]),
    List::of("DownloadRequests", Holds::One(Kind::Request), &["request"]),
    List::of("DownloadPayments", Holds::One(Kind::Payment), &["payment"]),
    List::of("DownloadDocs", Holds::Document, &["article", "news", "notice"]),
];

impl List {
    const fn of(name: &'static str, holds: Holds, kinds: &'static [&'static str]) -> Self {
        Self { name, holds, kinds }
    }
}

/// The most elements that are committed together, give or take a chunk; a page of 200
/// is committed whole.
pub(super) const PAGE_BATCH: usize = 500;

/// The most batches that are being committed, or wait for it: what a death costs is the page
/// under way and the one asked for ahead.
pub(super) const PAGES_AHEAD: usize = 1;

/// An element of a page.
pub(super) enum Element {
    Good(Box<Decoded>),
    /// An unreadable element, with the kind and id that it seems to have.
    Bad(NewItem, Option<(&'static str, Part)>),
}

/// Elements of a page that are committed together.
pub(super) struct PageBatch {
    pub(super) page: u32,
    /// The newest change when the page was asked for.
    pub(super) as_of: ChangeSeq,
    pub(super) elements: Vec<Element>,
    /// Set where the page ends with this batch.
    pub(super) end: Option<PageEnd>,
}

/// The end of a page.
pub(super) struct PageEnd {
    /// The members beside the list.
    pub(super) beside: End,
    /// The number of elements.
    pub(super) count: u64,
    /// A hash of all elements.
    pub(super) sha256: String,
}

/// Reads a page while it arrives.
pub(super) struct PageReader {
    list: List,
    splitter: Splitter,
    hasher: Sha256,
    count: u64,
    pub(super) elements: Vec<Element>,
}

impl PageReader {
    pub(super) fn new(list: List, max_envelope_bytes: usize) -> Self {
        Self {
            list,
            splitter: Splitter::new(Layout::Items, max_envelope_bytes),
            hasher: Sha256::new(),
            count: 0,
            elements: Vec::new(),
        }
    }

    pub(super) fn feed(&mut self, slice: &[u8]) -> Result<(), Malformed> {
        let Self { list, hasher, count, elements, .. } = self;
        self.splitter.feed(slice, &mut |piece| {
            if let Piece::Whole { bytes, .. } = piece {
                hasher.update(bytes);
            }
            *count += 1;
            elements.push(element(*list, &piece));
        })
    }

    pub(super) fn end(&self) -> Result<PageEnd, Malformed> {
        Ok(PageEnd {
            beside: self.splitter.finish()?,
            count: self.count,
            sha256: hex(&self.hasher.clone().finalize()),
        })
    }
}

/// A saved page as one batch.
pub(super) fn whole_page(
    list: List,
    page: u32,
    as_of: ChangeSeq,
    answer: &[u8],
) -> Result<PageBatch, Malformed> {
    let mut reader = PageReader::new(list, usize::MAX);
    reader.feed(answer)?;
    Ok(PageBatch { page, as_of, end: Some(reader.end()?), elements: reader.elements })
}

/// The result of a committed batch.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Committed {
    pub(super) changed: u64,
    pub(super) unseen: u64,
}

fn element(list: List, piece: &Piece<'_>) -> Element {
    match *piece {
        Piece::Whole { bytes, depth, .. } => match decode::item(list.holds, bytes, depth) {
            Ok(decoded) => Element::Good(Box::new(decoded)),
            Err(reason) => Element::Bad(
                NewItem::whole(SOURCE, list.name, bytes, reason),
                decode::whose(list.holds, bytes),
            ),
        },
        Piece::Oversize { beginning, sha256, bytes, .. } => Element::Bad(
            NewItem {
                source: SOURCE,
                feed: list.name.into(),
                body: beginning.to_vec(),
                sha256: hex(&sha256),
                bytes,
                reason: oversize(bytes),
            },
            decode::whose(list.holds, beginning),
        ),
    }
}

pub(super) fn commit(
    tx: &Tx<'_>,
    list: List,
    batch: &PageBatch,
    assign: Assign,
) -> Result<Committed, ledger::Error> {
    let mut committed = Committed::default();
    for element in &batch.elements {
        match element {
            Element::Good(decoded) => {
                let done = apply::item(tx, decoded, batch.as_of, assign)?;
                committed.changed += done.changed;
                // What has changed since the list began is not missing: it need not be noted.
                let is_unseen = done.is_change || tx.saw(decoded.kind.word(), &done.id)?;
                committed.unseen += u64::from(is_unseen);
            }
            Element::Bad(item, whose) => {
                tx.quarantine_item(item)?;
                // Unreadable, but not missing either.
                match whose {
                    Some((kind, id)) => {
                        tx.saw(kind, &tx.resolve(id, assign)?)?;
                    }
                    None => tx.saw_something_nameless(list.name)?,
                }
                committed.unseen += 1;
            }
        }
    }
    if let Some(end) = &batch.end {
        tx.page_done(list.name, batch.page, &end.sha256)?;
    }
    Ok(committed)
}

/// Parses a quarantined element of a list again.
pub(super) fn decode_again(feed: &str, bytes: &[u8], depth: usize) -> Result<Decoded, String> {
    let list = LISTS.into_iter().find(|list| list.name == feed);
    let list = list.ok_or("of a list that this program does not know")?;
    decode::item(list.holds, bytes, depth)
}
