//! A list of a portal, kept in the ledger by the shared [`crate::mirror`]: read whole, or
//! what has changed since it was last read.
//!
//! Increments never delete. What is gone is found out by the full read that comes every
//! `full_every`, and after each change of what is asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::api::Api;
use super::error::Error;
use super::query::{Kind, PAGE, written};
use super::{SOURCE, answer, rows};
use crate::config;
use crate::http::Class;
use crate::ledger::{self, FRACTIONS, Feed, FeedRead, FeedState, NewItem, hex};
use crate::mirror::{self, Batch, Extent, Failure, Mirror, Outcome, Reading};
use crate::runtime::poll_log::PollLog;
use crate::runtime::system::Context;

/// What the fingerprint begins with: another number has the next read be a full one.
const VERSION: &str = "1";

/// One kind of records.
pub(super) struct List {
    pub(super) kind: Kind,
    mirror: Arc<Mirror>,
    settings: config::Bitrix24,
    fingerprint: String,
    /// It was said that the portal does not filter by time.
    is_said: AtomicBool,
}

/// Since when changes are asked for.
#[derive(Debug, Clone)]
pub(super) struct Since {
    at: Timestamp,
    /// As the portal is told it.
    pub(super) text: String,
}

/// Why a list could not be read.
pub(super) enum Stopped {
    Failed(Failure),
    /// By our own end.
    Ended,
    Ledger(ledger::Error),
}

impl From<mirror::Error> for Stopped {
    fn from(error: mirror::Error) -> Self {
        match error {
            mirror::Error::Stopped => Stopped::Ended,
            mirror::Error::Ledger(error) => Stopped::Ledger(error),
            error => Stopped::Failed(Failure::new(format!("bitrix24: {error}"))),
        }
    }
}

impl From<ledger::Error> for Stopped {
    fn from(error: ledger::Error) -> Self {
        Stopped::Ledger(error)
    }
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        let outcome = match error.class() {
            _ if matches!(error, Error::Stopped) => return Stopped::Ended,
            Class::Unauthorized => ledger::Outcome::Unauthorized,
            Class::Retry { .. } | Class::Reject => ledger::Outcome::Failed,
        };
        Stopped::Failed(Failure {
            outcome,
            said: error.said().map(str::to_owned),
            ..Failure::new(error)
        })
    }
}

/// What a page came to.
struct Page {
    /// The id that the next one begins after.
    last: u64,
    is_last: bool,
    /// Rows whose id nobody knows: what is missing may be among them.
    has_nameless: bool,
}

impl List {
    pub(super) fn new(kind: Kind, context: &Context<'_>, settings: &config::Bitrix24) -> Self {
        let updated = match kind.is_contact() {
            true => "DATE_MODIFY",
            false => "updatedTime",
        };
        let mirror = Mirror {
            ledger: Arc::clone(context.ledger),
            feed: Feed { source: SOURCE, name: kind.name.to_owned(), kind: kind.name },
            called: context.feed_name(SOURCE, kind.name),
            others: Vec::new(),
            max_shrink: settings.max_shrink,
            path: context.config.ledger.path.clone(),
            decimals: &[FRACTIONS],
            form: Arc::new(rows::Form::new(kind.name, updated, &settings.fields)),
            stop: context.stop.clone(),
        };
        Self {
            kind,
            mirror: Arc::new(mirror),
            settings: settings.clone(),
            fingerprint: fingerprint(kind, settings),
            is_said: AtomicBool::new(false),
        }
    }

    /// What is to be asked for now: what has changed since a time, or (`None`) all.
    pub(super) async fn asked(&self, now: Timestamp) -> Result<Option<Since>, ledger::Error> {
        let feed = self.mirror.feed.clone();
        let state = self.mirror.ledger.read(move |reader| reader.feed_state(&feed));
        Ok(self.since(&state.await?, now))
    }

    fn since(&self, state: &FeedState, now: Timestamp) -> Option<Since> {
        let (read_at, full_at) = (state.read_at?, state.full_at?);
        let is_another = state.asked_sha256.as_ref() != Some(&self.fingerprint);
        // Where the clock has been set back since, nobody knows how long it was wrong.
        let was_ahead = read_at > now || full_at > now;
        // Only a full read deletes what an operator says is gone.
        let is_accepted = state.shrink_accepted_at.is_some();
        let is_due = is_over(full_at, self.settings.full_every, now);
        if is_another || was_ahead || is_accepted || is_due {
            return None;
        }
        let at = read_at.checked_sub(self.settings.overlap).ok()?;
        let (format, timezone) = (self.settings.updated_format, &self.settings.timezone);
        let text = written(at, format, timezone);
        Some(Since { at, text })
    }

    /// Begins a read; call it before anything is asked for.
    pub(super) async fn begin(&self, began_at: Timestamp) -> Result<Reading, ledger::Error> {
        Reading::begin(&self.mirror, began_at).await
    }

    /// Reads the list to its end, page by page. Of an increment the `first` page may have
    /// come already.
    pub(super) async fn read(
        &self,
        api: &Api,
        mut reading: Reading,
        since: Option<&Since>,
        mut first: Option<Result<String, Error>>,
    ) -> Result<(Outcome, Extent), Stopped> {
        let text = since.map(|since| since.text.as_str());
        let mut extent = match since {
            Some(_) => Extent::Part,
            None => Extent::Full,
        };
        let mut after = 0;
        loop {
            let result = match first.take() {
                Some(Ok(result)) => result,
                // What may work later is waited for as where a page is asked for alone.
                Some(Err(error)) if !matches!(error.class(), Class::Retry { .. }) => {
                    return Err(error.into());
                }
                _ => api.page(self.kind, after, text).await?,
            };
            let page = self.take(&mut reading, &result, after, since).await?;
            if page.has_nameless {
                extent = Extent::Part;
            }
            if page.is_last {
                break;
            }
            after = page.last;
        }
        Ok((reading.end(extent).await?, extent))
    }

    /// Hands the rows of a page on.
    async fn take(
        &self,
        reading: &mut Reading,
        result: &str,
        after: u64,
        since: Option<&Since>,
    ) -> Result<Page, Stopped> {
        let undocumented =
            |problem| Error::Undocumented { operation: self.kind.method(), status: 200, problem };
        let rows = answer::rows(result).ok_or_else(|| undocumented("its result is not a list"))?;
        let mut page = Page { last: after, is_last: rows.len() < PAGE, has_nameless: false };
        let mut batch = Batch::default();
        for text in rows {
            let (id, bad) = match rows::read(text) {
                Ok(row) => {
                    self.look_at(row.updated, since);
                    batch.push_known(row.id.to_string(), &row.text);
                    (Some(row.id), None)
                }
                Err(reason) => (rows::salvage(text), Some(reason)),
            };
            // Were they not in order, what comes after the last one might be skipped.
            if id.is_some_and(|id| id <= page.last) {
                let problem = "its rows are not ordered by id, or come again";
                return Err(undocumented(problem).into());
            }
            page.last = id.unwrap_or(page.last);
            page.has_nameless |= id.is_none();
            if let Some(reason) = bad {
                let item = NewItem::whole(SOURCE, self.kind.name, text.as_bytes(), reason);
                reading.take_bad(item, id.map(|id| id.to_string()))?;
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

    /// A row that is older than what was asked for does no harm, but the portal does not
    /// filter as it is told to.
    fn look_at(&self, updated: Option<Timestamp>, since: Option<&Since>) {
        let (Some(updated), Some(since)) = (updated, since) else {
            return;
        };
        let second = jiff::SignedDuration::from_secs(1);
        if since.at.duration_since(updated) > second && !self.is_said.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                source = SOURCE,
                feed = self.kind.name,
                "the portal also shows what has not changed, which costs time alone; another bitrix24.updated_format \
                 or timezone may help"
            );
        }
    }

    /// Records how a read ended; true when it succeeded.
    pub(super) async fn report(
        &self,
        polls: &PollLog,
        began_at: Timestamp,
        ended: Result<(Outcome, Extent), Stopped>,
    ) -> Result<bool, ledger::Error> {
        let ended = match ended {
            Ok((outcome, extent)) => Ok((
                outcome,
                FeedRead {
                    asked_sha256: self.fingerprint.clone(),
                    began_at,
                    is_full: extent == Extent::Full,
                },
            )),
            Err(Stopped::Failed(failure)) => Err(failure),
            // It was cut off by our own end: neither a success nor a failure.
            Err(Stopped::Ended) => return Ok(false),
            Err(Stopped::Ledger(error)) if error.is_fatal() => return Err(error),
            Err(Stopped::Ledger(error)) => Err(Failure::new(error)),
        };
        self.mirror.report(polls, began_at, ended).await
    }
}

/// Whether the time for the next full read has come.
fn is_over(full_at: Timestamp, full_every: Duration, now: Timestamp) -> bool {
    Duration::try_from(now.duration_since(full_at)).is_ok_and(|since| since >= full_every)
}

/// What is asked for, and how, hashed: the webhook is a secret.
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
