//! The six lists of `Synchronization/Download…`, page by page.
//!
//! Each answers `Items`, `Page` and `NoResults`; the first page is 1, and also
//! what a missing page, 0 or less means. `NoResults` says that there is no data
//! on this page any more, so it comes with empty Items, after the last full page.
//! An upstream can also page badly, see [`DownloadMode`].

use std::str::FromStr;

use crate::json::Writer;
use crate::state::State;

/// Paging of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DownloadMode {
    /// As documented.
    #[default]
    Normal,
    /// Every page has the first page's items and is not the last.
    IgnoresPage,
    /// Beyond the end the last page comes again and again.
    NeverEnds,
    /// Beyond the end pages are empty and still not the last.
    EndlessEmpty,
    /// Never ends: there are always new items.
    EndlessNew,
}

/// A list that can be downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum List {
    Accounts,
    Flats,
    Payments,
    Counters,
    Requests,
    Docs,
}

impl List {
    /// The member of the general class that its items look like.
    pub(super) fn member(self) -> &'static str {
        match self {
            Self::Accounts => "Account",
            Self::Flats => "Obj",
            Self::Payments => "Payment",
            Self::Counters => "Counter",
            Self::Requests => "Request",
            Self::Docs => "Doc",
        }
    }
}

impl FromStr for List {
    type Err = String;

    /// From the list's name, `Accounts` or `DownloadAccounts`.
    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text.strip_prefix("Download").unwrap_or(text) {
            "Accounts" => Self::Accounts,
            "Flats" => Self::Flats,
            "Payments" => Self::Payments,
            "Counters" => Self::Counters,
            "Requests" => Self::Requests,
            "Docs" => Self::Docs,
            _ => return Err(format!("there is no list {text}")),
        })
    }
}

impl State {
    /// The JSON of one page; with `twice`, its first items come twice.
    pub(super) fn page(&mut self, list: List, page: i64, size: usize, twice: bool) -> String {
        let mode = self.uzhkh.modes.get(&list).copied().unwrap_or_default();
        let wanted = usize::try_from(page.max(1)).unwrap_or(usize::MAX);
        if mode == DownloadMode::EndlessNew {
            // The world must not outgrow the memory for a wild page number.
            let enough = wanted.min(10_000).saturating_mul(size);
            self.uzhkh.world.grow(list, enough, &mut self.uzhkh.identities);
        }
        let own = self.uzhkh.downloads.get(&list).filter(|_| mode != DownloadMode::EndlessNew);
        let total = own.map_or_else(|| self.uzhkh.world.count(list), Vec::len);
        let last = total.div_ceil(size).max(1);
        let shown = match mode {
            DownloadMode::IgnoresPage => 1,
            DownloadMode::NeverEnds => wanted.min(last),
            _ => wanted,
        };
        let skip = (shown - 1).saturating_mul(size);
        let items = match own {
            Some(items) => items.iter().skip(skip).take(size).cloned().collect(),
            None => self.uzhkh.world.items(list, skip, size, &self.uzhkh.identities),
        };
        let ended = mode == DownloadMode::Normal && items.is_empty();
        let mut json = Writer::default();
        json.open();
        json.name("Items");
        json.open_list();
        for (index, item) in items.iter().enumerate() {
            json.element(item);
            if twice && index % 4 == 0 {
                json.element(item);
            }
        }
        json.close_list();
        json.raw("Page", wanted);
        json.flag("NoResults", ended);
        json.close();
        json.into_text()
    }
}
