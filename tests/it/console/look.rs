//! What a person, and a program in their place, would mind about a page in a browser: that it
//! cannot be read, that it complains, that it asks others.

use std::path::{Path, PathBuf};

use super::site::{PASSWORD, Site};
use super::webdriver::{Browser, button};
use crate::support::skip;

/// A telephone's width, and a desk's.
pub(super) const WIDTHS: [u32; 2] = [390, 1280];
pub(super) const HEIGHT: u32 = 1400;

/// The rules of axe-core that another language or the dark can break.
const WORDS_AND_COLOURS: &str = "runOnly: ['color-contrast', 'button-name', 'link-name', 'label', \
     'select-name', 'document-title', 'html-has-lang', 'html-lang-valid', 'valid-lang']";

/// What each page is looked at with.
pub(super) struct Eye<'s> {
    site: &'s Site,
    /// `None`: this machine has no axe-core.
    axe: Option<String>,
    screenshots: PathBuf,
}

impl<'s> Eye<'s> {
    pub(super) fn new(site: &'s Site) -> Self {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
        let screenshots = target.join("screenshots");
        std::fs::create_dir_all(&screenshots).unwrap();
        Self { site, axe: axe(&target.join("axe-core/package/axe.min.js")), screenshots }
    }

    /// Opens a page of the site.
    pub(super) fn open(&self, browser: &Browser<'_>, path: &str) {
        browser.goto(&format!("http://{}{path}", self.site.address));
    }

    pub(super) fn sign_in(&self, browser: &Browser<'_>, name: &str, lang: &str) {
        let words = match lang {
            "ru" => ["Имя", "Пароль", "Войти", "Выйти"],
            _ => ["Name", "Password", "Sign in", "Sign out"],
        };
        self.open(browser, &format!("/login?lang={lang}"));
        browser.fill(words[0], name);
        browser.fill(words[1], PASSWORD);
        browser.click(&button("main", words[2]));
        assert_eq!(browser.text(&button("header", words[3])), words[3]);
    }

    /// Looks that nothing sticks out of the page that is open, and keeps a picture of it.
    #[track_caller]
    pub(super) fn picture(&self, browser: &Browser<'_>, name: &str, lang: &str, width: u32) {
        browser.screenshot(&self.screenshots.join(format!("{name}-{lang}-{width}.png")));
        let over = browser.run(
            "const html = document.documentElement; return html.scrollWidth - html.clientWidth",
        );
        assert_eq!(over.as_i64(), Some(0), "{name} is wider than {width}");
    }

    /// Looks that the page that is open keeps nobody out: all of it in the light and in Russian,
    /// its colours in the dark and its words in English.
    #[track_caller]
    pub(super) fn is_accessible(&self, browser: &Browser<'_>, name: &str, lang: &str) {
        if lang == "en" {
            browser.prefer("dark");
            browser.screenshot(&self.screenshots.join(format!("{name}-dark.png")));
        }
        if let Some(axe) = &self.axe {
            let rules = if lang == "en" { WORDS_AND_COLOURS } else { "" };
            assert_eq!(violations(browser, axe, rules), [""; 0], "{name} {lang}");
        }
        if lang == "en" {
            browser.prefer("light");
        }
    }

    /// A page that is met on the way, at both widths.
    #[track_caller]
    pub(super) fn examine(&self, browser: &Browser<'_>, name: &str, lang: &str) {
        for width in WIDTHS {
            browser.resize(width, HEIGHT);
            self.picture(browser, name, lang, width);
        }
        self.is_accessible(browser, name, lang);
    }

    /// Looks that the pages since the last look have not made the browser complain, nor ask
    /// anyone but us; `name`: of the last page.
    #[track_caller]
    pub(super) fn is_quiet(&self, browser: &Browser<'_>, name: &str) {
        let mut heard = complaints(browser, &format!("http://{}/", self.site.address));
        // The status of a page that is not there, and of an act that another was first to do.
        let statuses = ["/nothing", "status of 409 (Conflict)"];
        heard.retain(|one| !statuses.iter().any(|status| one.contains(status)));
        assert_eq!(heard, [""; 0], "{name}");
    }
}

/// axe-core, where `.ci/run` has brought it.
fn axe(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok();
    if text.is_none() {
        let why = format!("{} is missing; `.ci/run` brings it", path.display());
        assert!(std::env::var_os("CI").is_none(), "{why}");
        skip(&why);
    }
    text
}

/// The serious violations that axe-core finds on the page.
fn violations(browser: &Browser<'_>, axe: &str, rules: &str) -> Vec<String> {
    // What is fine need not be described.
    let run = format!(
        "; const done = arguments[arguments.length - 1]; \
         axe.run({{ resultTypes: ['violations'], {rules} }}).then(found => done(found.violations \
         .filter(one => ['serious', 'critical'].includes(one.impact)) \
         .map(one => one.id + ': ' + one.nodes.map(node => node.html).join(' '))))"
    );
    serde_json::from_value(browser.await_script(&format!("{axe}{run}"))).unwrap()
}

/// What the browser complained of since it was last asked, and whom it asked for anything.
fn complaints(browser: &Browser<'_>, own: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for entry in browser.log("browser") {
        found.push(format!("{}: {}", entry["level"], entry["message"]));
    }
    for entry in browser.log("performance") {
        let told: serde_json::Value =
            serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
        let told = &told["message"];
        if told["method"] == "Network.requestWillBeSent" {
            let url = told["params"]["request"]["url"].as_str().unwrap_or_default();
            if !url.starts_with(own) && !url.starts_with("data:") && !url.starts_with("chrome") {
                found.push(format!("asked for {url}"));
            }
        }
    }
    found
}
