//! `item`: what a full list brought and could not be understood.

use std::borrow::Cow;

use rusqlite::params;

use super::envelope::Verbatim;
use super::hash::sha256;
use super::{Error, Tx};

/// An element of a full list that could not be understood.
#[derive(Debug, Clone)]
pub struct NewItem {
    /// The system it came from.
    pub source: &'static str,
    /// The list it came from: `DownloadAccounts`, or the feed's name.
    pub feed: Cow<'static, str>,
    /// Its bytes, or their beginning where `bytes` says that there were more.
    pub body: Vec<u8>,
    /// SHA-256 of all its bytes, lower-case hex.
    pub sha256: String,
    /// How many bytes it had.
    pub bytes: u64,
    /// Why it could not be understood.
    pub reason: String,
}

impl NewItem {
    /// An element that was received whole.
    pub fn whole(
        source: &'static str,
        feed: impl Into<Cow<'static, str>>,
        body: &[u8],
        reason: String,
    ) -> Self {
        Self {
            source,
            feed: feed.into(),
            body: body.to_vec(),
            sha256: sha256(body),
            bytes: body.len() as u64,
            reason,
        }
    }
}

impl Tx<'_> {
    /// Keeps an element that could not be understood, unless it is here already.
    /// Answers whether it is new.
    pub fn quarantine_item(&self, item: &NewItem) -> Result<bool, Error> {
        let known = self
            .connection
            .prepare_cached(
                "SELECT 1 FROM item WHERE source = ?1 AND feed = ?2 AND body_sha256 = ?3",
            )?
            .exists(params![item.source, item.feed, item.sha256])?;
        if known {
            return Ok(false);
        }
        self.connection
            .prepare_cached(
                "INSERT INTO item (source, feed, body, body_sha256, bytes, received_at, state, last_error, as_of) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'quarantined', ?7, ?8)",
            )?
            .execute(params![
                item.source,
                item.feed,
                Verbatim(&item.body),
                item.sha256,
                item.bytes,
                self.now,
                item.reason,
                self.newest_change()?
            ])?;
        Ok(true)
    }
}
