//! What no output may hold: the credentials of every system, on every bench.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The token of UZhKH.
pub(crate) const TOKEN: &str = "t0ken-0f-the-tests";
/// The key of Alma.
pub(crate) const API_KEY: &str = "ap1-key-0f-the-tests";
/// The simulator's internal link, but for the address.
pub(crate) const LINK: &str = "/internal";
/// The webhook's secret of Bitrix24.
pub(crate) const WEBHOOK_SECRET: &str = "s3cret0fThePortal";
/// The application's secret of MACRO.
pub(crate) const APP_SECRET: &str = "s3cret-0f-the-tests";
/// The domain of MACRO.
pub(crate) const DOMAIN: &str = "сайт-Тестов.рф";
/// The beginning of the domain as it stands in a query.
const ENCODED_DOMAIN: &str = "%D1%81%D0%B0%D0%B9%D1%82";
/// The end of every token of a program.
const OF_PROGRAMS: &str = "-1n-tests";
/// What is never shown.
const ALWAYS: [&str; 8] =
    [TOKEN, API_KEY, LINK, WEBHOOK_SECRET, APP_SECRET, DOMAIN, ENCODED_DOMAIN, OF_PROGRAMS];
/// What is never kept either.
const NEVER_KEPT: [&str; 5] = [TOKEN, API_KEY, WEBHOOK_SECRET, APP_SECRET, OF_PROGRAMS];

/// The token of a program of `[web]`.
pub(crate) fn web_token(program: &str) -> String {
    format!("t0ken-0f-{program}{OF_PROGRAMS}")
}

/// The secret parts of all links of feeds so far, of every bench of this process.
static FEEDS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The secret parts of all links of feeds so far.
pub(crate) fn of_feeds() -> Vec<String> {
    FEEDS.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Adds the secret part of a feed's link.
pub(super) fn add_feed(secret: &str) {
    let mut feeds = FEEDS.lock().unwrap_or_else(PoisonError::into_inner);
    if !feeds.iter().any(|known| known == secret) {
        feeds.push(secret.to_owned());
    }
}

/// Everything that every process says is searched for every secret there is by then: `contains`
/// of a build for development would take a good part of the time of all tests.
pub(crate) fn holds(bytes: &[u8], secret: &str) -> bool {
    memchr::memmem::find(bytes, secret.as_bytes()).is_some()
}

/// An output shows none.
#[track_caller]
pub(crate) fn assert_none_in(told: &str) {
    let feeds = of_feeds();
    for secret in feeds.iter().map(String::as_str).chain(ALWAYS) {
        assert!(!holds(told.as_bytes(), secret), "{secret}: {told}");
    }
}

/// No file of the directory whose name begins so holds one.
#[track_caller]
pub(crate) fn assert_none_in_files(directory: &Path, beginning: &str) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with(beginning) || !path.is_file() {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let feeds = of_feeds();
        for secret in feeds.iter().map(String::as_str).chain(NEVER_KEPT) {
            assert!(!holds(&bytes, secret), "{name} holds {secret}");
        }
    }
}
