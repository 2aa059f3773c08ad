//! A feed's answer, written while it is sent.

use std::sync::Arc;

use bytes::Bytes;

use super::catalogue::{Catalogue, Place};
use super::facts::Item;
use super::filter::Filter;
use super::state::Feed;
use super::{FeedKind, Layout};
use crate::answer::{CHUNK, Chunks};

/// A walk through what a feed held when it was asked.
#[derive(Clone)]
pub(super) struct Walk {
    kind: FeedKind,
    layout: Arc<Layout>,
    catalogue: Arc<Catalogue>,
    items: Option<Arc<Vec<Item>>>,
    filter: Filter,
    twice: bool,
    next: usize,
    place: Option<Place>,
    stage: Stage,
}

/// Progress of a walk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Opening,
    First,
    Further,
    Over,
}

impl Walk {
    pub(super) fn begin(
        feed: &Feed,
        catalogue: Arc<Catalogue>,
        mut filter: Filter,
        twice: bool,
    ) -> Self {
        if !feed.layout.heeds_date_format {
            filter.dates = super::dates::DateFormat::default();
        }
        Self {
            kind: feed.kind,
            layout: Arc::clone(&feed.layout),
            catalogue,
            items: feed.items.clone(),
            filter,
            twice,
            next: 0,
            place: None,
            stage: Stage::Opening,
        }
    }

    /// The text at an index and where it stands; the outer None is beyond the end,
    /// the inner what is not asked for.
    fn item(&self, index: usize) -> Option<Option<(String, Place)>> {
        let open = self.filter.is_open();
        if let Some(items) = &self.items {
            let item = items.get(index)?;
            let asked = open || self.filter.passes(&item.facts);
            return Some(asked.then(|| (item.text.clone(), Place::FIRST)));
        }
        let catalogue = &self.catalogue;
        Some(match self.kind {
            FeedKind::Premises => {
                let flat = catalogue.flats.get(index)?;
                let asked = !flat.gone && (open || self.filter.passes(&catalogue.flat_facts(flat)));
                asked.then(|| {
                    let text = catalogue.premises(flat, &self.layout, &self.filter.dates);
                    (text, flat.place())
                })
            }
            FeedKind::Deals => {
                let deal = catalogue.deals.get(index)?;
                let asked = open || self.filter.passes(&catalogue.deal_facts(deal));
                asked.then(|| {
                    let text = catalogue.deal(deal, &self.layout, &self.filter.dates);
                    (text, Place::FIRST)
                })
            }
        })
    }

    fn put(&mut self, text: &str, place: Place, chunk: &mut String) {
        let moved = self.layout.is_nested() && self.place != Some(place);
        if moved {
            self.layout.pass(self.place, Some(place), chunk);
            self.place = Some(place);
        } else if self.stage == Stage::Further {
            chunk.push(',');
        }
        self.stage = Stage::Further;
        chunk.push_str(text);
    }
}

impl Chunks for Walk {
    /// Only a fault wants to know: the whole is written once more to be measured.
    fn length(&self) -> usize {
        let mut whole = self.clone();
        let mut length = 0;
        while let Some(chunk) = whole.chunk() {
            length += chunk.len();
        }
        length
    }

    fn chunk(&mut self) -> Option<Bytes> {
        if self.stage == Stage::Over {
            return None;
        }
        let mut chunk = String::with_capacity(CHUNK + 8 * 1024);
        if self.stage == Stage::Opening {
            chunk.push_str(&self.layout.opening());
            self.stage = Stage::First;
        }
        while chunk.len() < CHUNK {
            let index = self.next;
            self.next += 1;
            match self.item(index) {
                Some(Some((text, place))) => {
                    for _ in 0..=u8::from(self.twice && index.is_multiple_of(4)) {
                        self.put(&text, place, &mut chunk);
                    }
                }
                Some(None) => {}
                None => {
                    self.layout.pass(self.place.take(), None, &mut chunk);
                    chunk.push_str(&self.layout.closing());
                    self.stage = Stage::Over;
                    break;
                }
            }
        }
        Some(chunk.into())
    }
}
