//! The pages of the console: one list for whatever looks at each of them.

/// A page of the console.
pub(super) struct Page {
    /// What its pictures are called; empty: a browser need not look, it looks like another.
    pub(super) name: &'static str,
    pub(super) path: &'static str,
    /// Whether auditors alone may open it.
    pub(super) is_auditors: bool,
}

pub(super) const PAGES: [Page; 13] = [
    page("today", "/"),
    page("requests", "/requests"),
    page("keys", "/keys"),
    page("stuck", "/stuck"),
    page("quarantine", "/quarantine"),
    page("", "/alma"),
    page("alma", "/alma?state=held"),
    page("search", "/search"),
    page("card", "/records/uzhkh/object/o1"),
    page("account", "/records/uzhkh/account/a1"),
    page("", "/records/uzhkh/resident/r1"),
    page("systems", "/systems"),
    Page { name: "log", path: "/log", is_auditors: true },
];

/// Where one comes in, from outside.
pub(super) const LOGIN: Page = page("login", "/login");
/// What stands where no page is.
pub(super) const NONE: Page = page("none", "/nothing");

const fn page(name: &'static str, path: &'static str) -> Page {
    Page { name, path, is_auditors: false }
}

/// The pages that a role may open.
pub(super) fn of(role: &str) -> impl Iterator<Item = &'static Page> {
    let is_auditor = role == "auditor";
    PAGES.iter().filter(move |page| is_auditor || !page.is_auditors)
}

impl Page {
    /// Its path, in a language.
    pub(super) fn in_language(&self, lang: &str) -> String {
        let mark = if self.path.contains('?') { '&' } else { '?' };
        format!("{}{mark}lang={lang}", self.path)
    }
}
