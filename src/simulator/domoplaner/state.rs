//! State of Domoplaner: the account's clock, the catalogue and the feeds.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::catalogue::Catalogue;
use super::facts::Item;
use super::{FeedKind, Layout};
use crate::Options;
use crate::clock::Clock;

const LINK_LENGTH: usize = 64;

pub(crate) struct Memory {
    pub(super) clock: Clock,
    /// Shared with the answers that are being sent, which must not see it move.
    pub(super) catalogue: Arc<Catalogue>,
    /// By link.
    pub(super) feeds: BTreeMap<String, Feed>,
    random: fastrand::Rng,
    /// Of the links alone, which so stay the same whatever else is drawn.
    links: fastrand::Rng,
}

/// A feed, and what it holds instead of the catalogue.
pub(super) struct Feed {
    pub(super) kind: FeedKind,
    pub(super) layout: Arc<Layout>,
    pub(super) items: Option<Arc<Vec<Item>>>,
    pub(super) raw: Option<Bytes>,
}

impl Memory {
    pub(crate) fn new(options: &Options) -> Self {
        let mut memory = Self {
            clock: Clock::new(options.timezone.clone()),
            catalogue: Arc::default(),
            feeds: BTreeMap::new(),
            random: fastrand::Rng::with_seed(options.seed ^ 0xd030),
            links: fastrand::Rng::with_seed(options.seed ^ 0x1132),
        };
        memory.grow(options.catalogue);
        memory
    }

    pub(super) fn add_feed(&mut self, root: &str, kind: FeedKind, layout: Layout) -> String {
        let account = self.links.u32(1000..10_000);
        let secret = std::iter::repeat_with(|| self.links.alphanumeric());
        let secret: String = secret.take(LINK_LENGTH).collect();
        let url = format!("{root}{account}-{secret}/");
        let feed = Feed { kind, layout: Arc::new(layout), items: None, raw: None };
        self.feeds.insert(url.clone(), feed);
        url
    }

    pub(super) fn feed(&mut self, url: &str) -> &mut Feed {
        self.feeds.get_mut(url).expect("the link is a feed's")
    }

    pub(super) fn grow(&mut self, premises: usize) {
        let now = self.clock.now();
        Arc::make_mut(&mut self.catalogue).grow(premises, &mut self.random, now);
    }

    pub(super) fn step(&mut self, n: usize) {
        let now = self.clock.now();
        let catalogue = Arc::make_mut(&mut self.catalogue);
        for _ in 0..n {
            catalogue.step(&mut self.random, now);
        }
    }

    pub(super) fn remove_premises(&mut self, id: u64) -> bool {
        Arc::make_mut(&mut self.catalogue).remove(id)
    }

    pub(super) fn ids(&self, kind: FeedKind) -> Vec<u64> {
        let catalogue = &self.catalogue;
        match kind {
            FeedKind::Premises => {
                let present = catalogue.flats.iter().filter(|flat| !flat.gone);
                present.map(|flat| flat.id()).collect()
            }
            FeedKind::Deals => catalogue.deals.iter().map(|deal| deal.id()).collect(),
        }
    }
}
