//! `feed` and `feed_item`: lists that are read whole, again and again, and what each
//! showed when it was last read.
//!
//! A record may be shown by several feeds of its system (one for each house, say): it
//! is deleted only when none of them shows it any more.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};

use super::record::Origin;
use super::{ChangeSeq, Comparison, Error, Finding, Put, Reader, RecordKey, Tx};
use crate::clock::{later, stamp};

/// What is dated no further after now than this was written just before.
const GRACE: Duration = Duration::from_secs(60);

/// A feed and the kind of records that it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The system: `domoplaner`, `macrocrm`.
    pub source: &'static str,
    /// Its name in the config; the category of a list of MACRO.
    pub name: String,
    /// `record.kind` of what it shows.
    pub kind: &'static str,
}

impl Feed {
    /// The record of an item that it shows.
    pub fn key<'k>(&'k self, id: &'k str) -> RecordKey<'k> {
        RecordKey::new(self.source, self.kind, id)
    }
}

/// The position of a feed: what was read of it, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedState {
    /// SHA-256 of the request that it was read with, lower-case hex.
    pub asked_sha256: Option<String>,
    /// Start of the last read that succeeded.
    pub read_at: Option<Timestamp>,
    /// By how many seconds the upstream's clock was ahead of ours then; `None`: by next to
    /// nothing, or not known.
    pub portal_ahead: Option<i64>,
    /// Start of the last full read that succeeded.
    pub full_at: Option<Timestamp>,
    /// Time when an operator let the next full read delete all that it lacks; `None`: it may
    /// not.
    pub shrink_accepted_at: Option<Timestamp>,
}

/// A read that has succeeded.
#[derive(Debug, Clone)]
pub struct FeedRead {
    /// SHA-256 of the request that it was read with, lower-case hex.
    pub asked_sha256: String,
    /// Its start.
    pub began_at: Timestamp,
    /// By how many seconds the upstream's clock is ahead of ours, where that is much.
    pub portal_ahead: Option<i64>,
    /// Whether it was a full read.
    pub is_full: bool,
}

impl FeedRead {
    /// Whether another read asked for the same in the same way.
    pub(super) fn is_like(&self, other: &FeedRead) -> bool {
        (&self.asked_sha256, self.is_full) == (&other.asked_sha256, other.is_full)
    }
}

impl FeedState {
    /// Whether an operator has let the feed shrink: a clock that is ahead of ours has not.
    pub(crate) fn is_shrink_accepted(&self, now: Timestamp) -> bool {
        self.shrink_accepted_at.is_some_and(|at| at <= later(now, GRACE))
    }

    /// The feed has been read further, where it has.
    pub(super) fn go_on(&mut self, read: &FeedRead) {
        if self.read_at.is_some_and(|at| at >= read.began_at) {
            return;
        }
        self.asked_sha256 = Some(read.asked_sha256.clone());
        self.read_at = Some(read.began_at);
        self.portal_ahead = read.portal_ahead;
        if read.is_full {
            self.full_at = Some(read.began_at);
        }
    }
}

/// The hash of an item as it came.
pub type ItemSha = [u8; 32];

/// The hash of no item. It marks an item that the feed shows, whose record the next read is to
/// compare again.
pub const UNKNOWN_SHA: ItemSha = [0; 32];

/// Items that a full read no longer shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missing {
    /// Their ids.
    pub ids: Vec<String>,
    /// Their share of all items that the feed showed.
    pub of_all: Share,
    /// Their share of the items that the last full read that succeeded had: what came since by other
    /// reads must not make up for what is missing.
    pub of_earlier: Share,
}

/// A part of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// The part.
    pub missing: u64,
    /// The whole.
    pub of: u64,
}

impl Share {
    fn count(&mut self, is_missing: bool) {
        self.missing += u64::from(is_missing);
        self.of += 1;
    }
}

impl Tx<'_> {
    /// Records an item of a feed that was read when `as_of` was the newest change.
    /// Where the record has changed since, it is only noted that the feed shows it: the
    /// next read tells.
    pub fn put_item(
        &self,
        feed: &Feed,
        id: &str,
        sha256: &ItemSha,
        body: &str,
        comparison: Comparison<'_>,
        as_of: ChangeSeq,
    ) -> Result<Put, Error> {
        let origin = Origin::Page(as_of);
        let put = self.put_record(feed.key(id), body, comparison, origin)?;
        let sha256 = match put {
            Put::Outdated | Put::Deleted => &UNKNOWN_SHA,
            _ => sha256,
        };
        self.connection
            .prepare_cached(
                "INSERT INTO feed_item (source, kind, id, feed, sha256, after_full_at) VALUES (?1, ?2, ?3, ?4, ?5, \
                 (SELECT full_at FROM feed WHERE source = ?1 AND feed = ?4)) \
                 ON CONFLICT (source, kind, id, feed) DO UPDATE SET sha256 = excluded.sha256",
            )?
            .execute(params![feed.source, feed.kind, id, feed.name, sha256])?;
        Ok(put)
    }

    /// A full read that began when `as_of` was the newest change lacks an item: its
    /// record is deleted, unless one of the `others` (names of feeds) shows it, or it
    /// has changed since. Answers whether it was deleted.
    pub fn drop_item(
        &self,
        feed: &Feed,
        id: &str,
        others: &[String],
        as_of: ChangeSeq,
    ) -> Result<bool, Error> {
        if self.has_changed_since(feed.key(id), as_of)? {
            return Ok(false);
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT feed FROM feed_item WHERE source = ?1 AND kind = ?2 AND id = ?3",
        )?;
        let mut rows = statement.query([feed.source, feed.kind, id])?;
        let mut is_shown = false;
        while let Some(row) = rows.next()? {
            // What a feed that is no longer configured showed says nothing.
            is_shown |= others.contains(&row.get(0)?);
        }
        drop(rows);
        if is_shown {
            self.leave_to_others(feed, id)?;
            return Ok(false);
        }
        // Also what a feed showed that is no longer configured: should it be again, what it
        // shows is restored.
        self.connection
            .prepare_cached("DELETE FROM feed_item WHERE source = ?1 AND kind = ?2 AND id = ?3")?
            .execute([feed.source, feed.kind, id])?;
        self.delete_record(feed.key(id), Origin::Page(as_of))
    }

    /// A feed lacks an item that another shows: it counts as shown by that one alone.
    fn leave_to_others(&self, feed: &Feed, id: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "DELETE FROM feed_item WHERE source = ?1 AND kind = ?2 AND id = ?3 AND feed = ?4",
            )?
            .execute([feed.source, feed.kind, id, &feed.name])?;
        // The record may be as this feed had it: the feeds that show it have it from now on.
        self.connection
            .prepare_cached(
                "UPDATE feed_item SET sha256 = ?4 WHERE source = ?1 AND kind = ?2 AND id = ?3",
            )?
            .execute(params![feed.source, feed.kind, id, UNKNOWN_SHA])?;
        Ok(())
    }

    /// A full read that began when `as_of` was the newest change lacks an item of what never
    /// vanishes: its record is marked as missing, with a finding, unless one of the `others`
    /// shows it, or it has changed since. Being seen again clears the mark.
    pub fn miss_item(
        &self,
        feed: &Feed,
        id: &str,
        others: &[String],
        as_of: ChangeSeq,
    ) -> Result<(), Error> {
        let key = feed.key(id);
        if self.has_changed_since(key, as_of)? {
            return Ok(());
        }
        let others = serde_json::Value::from(others).to_string();
        let is_shown = self
            .connection
            .prepare_cached(
                "SELECT 1 FROM feed_item WHERE source = ?1 AND kind = ?2 AND id = ?3 \
                 AND feed IN (SELECT value FROM json_each(?4))",
            )?
            .exists(params![key.source, key.kind, key.id, others])?;
        if is_shown {
            // Else each of two feeds that lack it would be answered by what the other once showed.
            return self.leave_to_others(feed, id);
        }
        let marked = self
            .connection
            .prepare_cached(
                "UPDATE record SET missing_since = ?4 WHERE source = ?1 AND kind = ?2 AND id = ?3 \
                 AND deleted_at IS NULL AND missing_since IS NULL",
            )?
            .execute([key.source, key.kind, key.id, &self.now])?;
        if marked > 0 {
            // When it is shown again, as it was, it is not passed over.
            self.connection
                .prepare_cached(
                    "UPDATE feed_item SET sha256 = ?4 WHERE source = ?1 AND kind = ?2 AND id = ?3",
                )?
                .execute(params![key.source, key.kind, key.id, UNKNOWN_SHA])?;
            self.note(key, None, &Finding::new("", format!("missing from {}", feed.name)))?;
        }
        Ok(())
    }

    /// A feed has been read.
    /// `is_late`: it may be written long after it ended, and changed nothing: what an operator
    /// has accepted since is for the next one.
    pub(super) fn feed_read(
        &self,
        feed: &Feed,
        read: &FeedRead,
        is_late: bool,
    ) -> Result<(), Error> {
        let began_at = stamp(read.began_at);
        let full_at = read.is_full.then_some(&began_at);
        self.connection
            .prepare_cached(
                "INSERT INTO feed (source, feed, asked_sha256, read_at, full_at, portal_ahead) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                 ON CONFLICT (source, feed) DO UPDATE SET asked_sha256 = excluded.asked_sha256, \
                 read_at = excluded.read_at, portal_ahead = excluded.portal_ahead, full_at = coalesce(excluded.full_at, full_at), \
                 shrink_accepted_at = CASE WHEN excluded.full_at IS NULL \
                     OR (?7 AND shrink_accepted_at > excluded.full_at AND shrink_accepted_at <= ?8) \
                     THEN shrink_accepted_at END",
            )?
            .execute(params![
                feed.source,
                feed.name,
                read.asked_sha256,
                began_at,
                full_at,
                read.portal_ahead,
                is_late,
                stamp(later(self.at, GRACE))
            ])?;
        Ok(())
    }

    /// Whether the operator lets a feed shrink, and said so no longer ago than this. What a clock
    /// that was ahead has dated after now says nothing of today, and is dropped.
    pub(crate) fn is_shrink_accepted(
        &self,
        feed: &Feed,
        lasts: SignedDuration,
    ) -> Result<bool, Error> {
        self.connection
            .prepare_cached(
                "UPDATE feed SET shrink_accepted_at = NULL \
                 WHERE source = ?1 AND feed = ?2 AND shrink_accepted_at > ?3",
            )?
            .execute([feed.source, &feed.name, &stamp(later(self.at, GRACE))])?;
        let since = self.at.checked_sub(lasts).unwrap_or(Timestamp::MIN);
        let is_accepted = self
            .connection
            .prepare_cached(
                "SELECT 1 FROM feed WHERE source = ?1 AND feed = ?2 AND shrink_accepted_at > ?3",
            )?
            .exists([feed.source, &feed.name, &stamp(since)])?;
        Ok(is_accepted)
    }

    /// The operator lets the next full read of a feed delete all that it lacks.
    pub fn accept_shrink(&self, source: &str, feed: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO feed (source, feed, shrink_accepted_at) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (source, feed) DO UPDATE SET shrink_accepted_at = excluded.shrink_accepted_at",
            )?
            .execute([source, feed, &self.now])?;
        Ok(())
    }
}

impl Reader {
    /// The position of a feed; empty where it has not been read.
    pub fn feed_state(&self, feed: &Feed) -> Result<FeedState, Error> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT asked_sha256, read_at, full_at, shrink_accepted_at, portal_ahead FROM feed \
                 WHERE source = ?1 AND feed = ?2",
            )?
            .query_row([feed.source, &feed.name], |row| {
                let at = |column| -> rusqlite::Result<Option<Timestamp>> {
                    let text: Option<String> = row.get(column)?;
                    Ok(text.and_then(|text| text.parse().ok()))
                };
                Ok(FeedState {
                    asked_sha256: row.get(0)?,
                    read_at: at(1)?,
                    full_at: at(2)?,
                    shrink_accepted_at: at(3)?,
                    portal_ahead: row.get(4)?,
                })
            });
        Ok(found.optional()?.unwrap_or_default())
    }

    /// The id of the item that a feed showed with this text, hashed, when it was last
    /// read; `None` where it showed no such item.
    pub fn known_item(&self, feed: &Feed, sha256: &ItemSha) -> Result<Option<String>, Error> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT id FROM feed_item INDEXED BY feed_item_known \
                 WHERE sha256 = ?1 AND source = ?2 AND kind = ?3 AND feed = ?4",
            )?
            .query_row(params![sha256, feed.source, feed.kind, feed.name], |row| row.get(0));
        Ok(found.optional()?)
    }

    /// Of the items that a feed showed when it was last read, those that `is_missing`
    /// names.
    pub fn missing_items(
        &self,
        feed: &Feed,
        is_missing: impl Fn(&str) -> bool,
    ) -> Result<Missing, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT item.id, item.after_full_at IS NOT feed.full_at \
             FROM feed_item AS item LEFT JOIN feed ON feed.source = item.source AND feed.feed = item.feed \
             WHERE item.source = ?1 AND item.kind = ?2 AND item.feed = ?3",
        )?;
        let mut rows = statement.query([feed.source, feed.kind, &feed.name])?;
        let mut missing = Missing::default();
        while let Some(row) = rows.next()? {
            let id = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            let is_missing = is_missing(id);
            missing.of_all.count(is_missing);
            if row.get(1)? {
                missing.of_earlier.count(is_missing);
            }
            if is_missing {
                missing.ids.push(id.to_owned());
            }
        }
        Ok(missing)
    }
}
