//! Lists by pages, and what their addresses ask for.

use std::collections::BTreeMap;

use askama::Template;
use askama::filters::HtmlSafe;
use axum::http::Uri;
use url::form_urlencoded;

use crate::ledger::{Lines, Listed};
use crate::web::words::Words;

/// Lines of a page.
pub(super) const ON_A_PAGE: u64 = 50;
/// No list is paged further.
const MOST_PAGES: u64 = 100_000;

/// What the address of a page asks for.
#[derive(Debug, Default)]
pub(super) struct Asked(BTreeMap<String, String>);

impl Asked {
    /// Of this address; the first of a repeated parameter counts.
    pub(super) fn of(uri: &Uri) -> Self {
        let mut asked = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            asked.entry(name.into_owned()).or_insert_with(|| value.into_owned());
        }
        Self(asked)
    }

    /// A parameter; `None` where it is absent or empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// The number of the page, from 1.
    pub(super) fn page(&self) -> u64 {
        let page = self.text("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        u64::clamp(page, 1, MOST_PAGES)
    }

    /// The lines of the page.
    pub(super) fn lines(&self) -> Lines {
        Lines { first: (self.page() - 1) * ON_A_PAGE, most: ON_A_PAGE }
    }

    /// The links from one page to the next.
    pub(super) fn pager<T>(&self, w: &'static Words, path: &str, listed: &Listed<T>) -> Pager {
        let page = self.page();
        let pages = listed.total.div_ceil(ON_A_PAGE).max(1);
        let link = |page: u64| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            let others =
                self.0.iter().filter(|(name, _)| !matches!(name.as_str(), "page" | "lang"));
            query.extend_pairs(others);
            query.append_pair("page", &page.to_string());
            format!("{path}?{}", query.finish())
        };
        Pager {
            w,
            page,
            pages,
            previous: (page > 1).then(|| link((page - 1).min(pages))),
            next: (page < pages).then(|| link(page + 1)),
        }
    }
}

/// The links from one page of a list to the next.
#[derive(Template)]
#[template(path = "pager.html")]
pub(super) struct Pager {
    w: &'static Words,
    page: u64,
    pages: u64,
    previous: Option<String>,
    next: Option<String>,
}

impl Pager {
    /// Whether there is no such page: what stood on it may have been done meanwhile.
    pub(super) fn is_beyond(&self) -> bool {
        self.page > self.pages
    }
}

impl HtmlSafe for Pager {}
