//! A list of a portal, kept in the ledger by the shared [`crate::mirror`]: read whole, or
//! what has changed since it was last read.
//!
//! Increments never delete. Records that are gone are found by the full read that comes every
//! `full_every`, and after each change of what is asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::answer::{self, PageText};
use super::api::Api;
use super::error::Error;
use super::query::{Kind, PAGE, written};
use super::{SOURCE, rows};
use crate::config;
use crate::http::Class;
use crate::ledger::{Comparison, FRACTIONS, Feed, FeedState, hex};
use crate::mirror::{self, Batch, Coverage, Failure, Mirror, Reading, Source};
use crate::runtime::poll_log::PollLog;
use crate::runtime::system::Context;

/// The first line of the fingerprint: another number makes the next read a full one.
const VERSION: &str = "2";

/// One kind of records.
pub(super) struct List {
    pub(super) kind: Kind,
    api: Arc<Api>,
    mirror: Arc<Mirror>,
    settings: config::Bitrix24,
    fingerprint: String,
    /// The warning has been logged that the portal does not filter by time.
    is_warned: AtomicBool,
}

/// The time since which changes are asked for.
#[derive(Debug, Clone)]
pub(super) struct Since {
    at: Timestamp,
    /// As it stands in the request.
    pub(super) text: String,
}

/// The query of a poll.
pub(super) struct Query {
    /// Only what has changed since; None: everything.
    pub(super) since: Option<Since>,
    /// The first page of an increment, where it has been asked for already.
    pub(super) first: Option<Result<PageText, Error>>,
}

impl From<Error> for mirror::Error {
    fn from(error: Error) -> Self {
        if matches!(error, Error::Stopped) {
            return mirror::Error::Stopped;
        }
        Failure::of_request(&error, error.class(), error.said()).into()
    }
}

/// The ids of a page.
struct Page {
    /// The highest id: the next page begins after it.
    last: u64,
    rows: usize,
    is_last: bool,
    /// Some rows have no readable id: a record that seems missing may be one of them.
    has_nameless: bool,
}

impl List {
    pub(super) fn new(
        kind: Kind,
        context: &Context<'_>,
        settings: &config::Bitrix24,
        api: &Arc<Api>,
        polls: &Arc<PollLog>,
    ) -> Self {
        let updated = if kind.is_contact() { "DATE_MODIFY" } else { "updatedTime" };
        let list = mirror::List {
            feed: Feed { source: SOURCE, name: kind.name.to_owned(), kind: kind.name },
            others: Vec::new(),
            max_shrink: settings.max_shrink,
            // An empty field is not one that the webhook may not read.
            comparison: Comparison { decimals: &[FRACTIONS], tells_absent: true },
            form: Arc::new(rows::Form::new(kind.name, updated, &settings.fields, &settings.only)),
        };
        Self {
            kind,
            api: Arc::clone(api),
            mirror: Mirror::new(list, context, polls),
            settings: settings.clone(),
            fingerprint: fingerprint(kind, settings),
            is_warned: AtomicBool::new(false),
        }
    }

    fn since(&self, state: &FeedState, now: Timestamp) -> Option<Since> {
        let (read_at, full_at) = (state.read_at?, state.full_at?);
        let is_another = state.asked_sha256.as_ref() != Some(&self.fingerprint);
        // The clock has been set back since: how long it was wrong is not known.
        let was_ahead = read_at > now || full_at > now;
        // Only a full read deletes what an operator says is gone.
        let is_accepted = state.is_shrink_accepted(now);
        let is_due = is_over(full_at, self.settings.full_every, now);
        if is_another || was_ahead || is_accepted || is_due {
            return None;
        }
        // The portal's rows have the times of its own clock.
        let ahead = SignedDuration::from_secs(state.portal_ahead.unwrap_or_default());
        let there = read_at.checked_add(ahead).ok()?;
        let at = there.checked_sub(self.settings.overlap).ok()?;
        let (format, timezone) = (self.settings.updated_format, &self.settings.timezone);
        let text = written(at, format, timezone);
        Some(Since { at, text })
    }

    /// Hands the rows of a page on.
    async fn take(
        &self,
        reading: &mut Reading,
        text: &PageText,
        after: u64,
        since: Option<&Since>,
    ) -> Result<Page, mirror::Error> {
        let undocumented =
            |problem| Error::Undocumented { operation: self.kind.method(), status: 200, problem };
        let rows =
            answer::rows(&text.result).ok_or_else(|| undocumented("its result is not a list"))?;
        let is_beyond = text.more.is_beyond(rows.len());
        if rows.is_empty() && is_beyond {
            return Err(undocumented("it is empty and says that there are rows").into());
        }
        let mut page = Page {
            last: after,
            rows: rows.len(),
            is_last: rows.len() < PAGE && !is_beyond,
            has_nameless: false,
        };
        let mut batch = Batch::default();
        for text in rows {
            let (id, bad) = match rows::read(text) {
                Ok(row) => {
                    self.check_age(row.updated, since);
                    batch.push_known(row.id.to_string(), &row.text);
                    (Some(row.id), None)
                }
                Err(reason) => (rows::salvage(text), Some(reason)),
            };
            // Out of order, rows after the last one could be skipped.
            if id.is_some_and(|id| id <= page.last) {
                let problem = "its rows are not ordered by id, or come again";
                return Err(undocumented(problem).into());
            }
            page.last = id.unwrap_or(page.last);
            page.has_nameless |= id.is_none();
            if let Some(reason) = bad {
                reading.take_bad(text.as_bytes(), reason, id.map(|id| id.to_string()))?;
            }
        }
        if !page.is_last && page.last == after {
            return Err(undocumented("none of its rows has an id").into());
        }
        if !batch.is_empty() {
            reading.take(batch).await?;
        }
        Ok(page)
    }

    /// Warns once where a row is older than what was asked for: harmless, but the portal does
    /// not filter as it is told to.
    fn check_age(&self, updated: Option<Timestamp>, since: Option<&Since>) {
        let (Some(updated), Some(since)) = (updated, since) else {
            return;
        };
        let second = jiff::SignedDuration::from_secs(1);
        if since.at.duration_since(updated) > second
            && !self.is_warned.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                source = SOURCE,
                feed = self.kind.name,
                "the portal also shows unchanged rows, which only costs time; another bitrix24.updated_format or \
                 timezone may help"
            );
        }
    }
}

impl Source for List {
    type Query = Query;

    fn mirror(&self) -> &Arc<Mirror> {
        &self.mirror
    }

    fn query(&self, state: &FeedState, now: Timestamp) -> Query {
        Query { since: self.since(state, now), first: None }
    }

    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    fn portal_ahead(&self) -> Option<i64> {
        self.api.ahead()
    }

    /// Reads the list to its end, page by page.
    async fn read(&self, query: Query, reading: &mut Reading) -> Result<Coverage, mirror::Error> {
        let Query { since, mut first } = query;
        let text = since.as_ref().map(|since| since.text.as_str());
        let mut coverage = if since.is_some() { Coverage::Partial } else { Coverage::Complete };
        let (mut after, mut count) = (0, 0);
        let mut total = None;
        loop {
            let text_of_page = match first.take() {
                Some(Ok(page)) => page,
                // An error that may pass is retried as that of a page asked for alone.
                Some(Err(error)) if !matches!(error.class(), Class::Retry { .. }) => {
                    return Err(error.into());
                }
                _ => self.api.page(self.kind, after, text).await?,
            };
            let page = self.take(reading, &text_of_page, after, since.as_ref()).await?;
            total = total.or(text_of_page.more.total);
            count += page.rows as u64;
            if page.has_nameless {
                coverage = Coverage::Partial;
            }
            if page.is_last {
                // What it counts and does not show is there all the same.
                let is_short = total.is_some_and(|total| total > count);
                return Ok(if is_short { Coverage::Partial } else { coverage });
            }
            after = page.last;
        }
    }
}

/// Whether the time for the next full read has come.
fn is_over(full_at: Timestamp, full_every: Duration, now: Timestamp) -> bool {
    Duration::try_from(now.duration_since(full_at)).is_ok_and(|since| since >= full_every)
}

/// A hash of what is asked for and how: the webhook is a secret.
fn fingerprint(kind: Kind, settings: &config::Bitrix24) -> String {
    let mut hasher = Sha256::new();
    let page = kind.page(0, Some(settings.updated_format.word()));
    let timezone = settings
        .timezone
        .iana_name()
        .map_or_else(|| format!("{:?}", settings.timezone), str::to_owned);
    for part in [
        VERSION,
        settings.webhook_url.expose_secret().as_str(),
        kind.method(),
        &page.to_string(),
        &timezone,
        &format!("{:?}", settings.fields),
    ] {
        hasher.update(part);
        hasher.update("\n");
    }
    hex(&hasher.finalize())
}
