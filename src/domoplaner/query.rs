//! The query of a poll: everything, or the deals that changed lately.
//!
//! Filters have the granularity of a day, so an increment begins the day before the
//! last success, in the account's time zone, and the content tells what is really new.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use sha2::{Digest, Sha256};

use crate::config::{Feed, FeedKind, Filters};
use crate::json::stream::Pointer;
use crate::ledger::{FeedState, hex};
use crate::mirror::Coverage;

/// The query of a poll.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(super) filters: Filters,
    pub(super) coverage: Coverage,
}

/// The query of a poll that begins now.
pub(super) fn query(feed: &Feed, state: &FeedState, now: Timestamp, timezone: &TimeZone) -> Query {
    let full = Query {
        filters: feed.filters.clone(),
        // A filtered feed shows only some, and deals never vanish.
        coverage: match feed.kind {
            _ if !feed.filters.is_empty() => Coverage::Selection,
            FeedKind::Premises => Coverage::Complete,
            FeedKind::Deals => Coverage::Lasting,
        },
    };
    let has_days_of_its_own =
        feed.filters.dt_updated_last_days.is_some() || feed.filters.dt_updated_to.is_some();
    if feed.kind == FeedKind::Premises || has_days_of_its_own {
        return full;
    }
    let (Some(read_at), Some(full_at)) = (state.read_at, state.full_at) else {
        return full;
    };
    let is_another = state.asked_sha256.as_ref() != Some(&fingerprint(feed));
    // The clock has been set back since: how long it was wrong is not known, and increments
    // asked for meanwhile began on days that had not come.
    let was_ahead = read_at > now;
    if is_another || was_ahead || is_over(full_at, feed.full_every, now) {
        return full;
    }
    let day = read_at.to_zoned_datetime(timezone.clone()).date();
    let from = day.saturating_sub(Span::new().days(1));
    let mut filters = feed.filters.clone();
    filters.dt_updated_from = Some(filters.dt_updated_from.map_or(from, |own| own.max(from)));
    Query { filters, coverage: Coverage::Partial }
}

/// Whether the time for the next full read has come, or the clock has been set back.
fn is_over(full_at: Timestamp, full_every: Duration, now: Timestamp) -> bool {
    Duration::try_from(now.duration_since(full_at)).is_ok_and(|since| since >= full_every)
        || full_at > now
}

/// A hash of what a feed is configured to ask for and to make of it: the link is a secret.
pub(super) fn fingerprint(feed: &Feed) -> String {
    let mut hasher = Sha256::new();
    let filters = feed.filters.query();
    let parts = [
        Some(feed.url.expose_secret().as_str()),
        feed.items.as_ref().map(Pointer::text),
        feed.id_field.as_deref(),
    ];
    for part in parts {
        hasher.update(part.unwrap_or_default());
        hasher.update("\n");
    }
    for field in &feed.date_fields {
        hasher.update(format!("{field}\n"));
    }
    for (name, value) in filters {
        hasher.update(format!("{name}={value}\n"));
    }
    hex(&hasher.finalize())
}
