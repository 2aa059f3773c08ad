//! `idempotent_answer`: what a request with an Idempotency-Key was answered, written with its
//! effect. The same request again finds the answer and has no effect; another one with the
//! same key is refused. Looked up inside the writing transaction, so that of two requests at
//! once the later one waits for the earlier.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Error, Reader, Tx};
use crate::clock::stamp;

/// So long an answer is kept.
pub(crate) const ANSWERS_KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The name of a request: the token that it came with, and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// The name of the token.
    pub token: String,
    /// The header's text, 1 to 200 characters.
    pub key: String,
    /// SHA-256 of what was asked, lower-case hex.
    pub request_sha256: String,
}

/// An answer that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The HTTP status, 2xx.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// What is known of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Earlier {
    /// It is new.
    None,
    /// It had its effect, and was answered this.
    Answered(KeptAnswer),
    /// Another request came with its key.
    AnotherRequest,
}

impl Tx<'_> {
    /// What is known of a request.
    pub fn earlier_answer(&self, request: &RequestKey) -> Result<Earlier, Error> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT request_sha256, status, body FROM idempotent_answer WHERE token = ?1 AND key = ?2",
            )?
            .query_row([&request.token, &request.key], |row| {
                let answer = KeptAnswer { status: row.get(1)?, body: row.get(2)? };
                Ok((row.get::<_, String>(0)?, answer))
            })
            .optional()?;
        Ok(match found {
            None => Earlier::None,
            Some((sha256, answer)) if sha256 == request.request_sha256 => Earlier::Answered(answer),
            Some(_) => Earlier::AnotherRequest,
        })
    }

    /// Keeps the answer to a request that is new.
    ///
    /// # Errors
    /// [`Error::Sqlite`] for a status that tells of no effect.
    pub fn keep_answer(&self, request: &RequestKey, answer: &KeptAnswer) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO idempotent_answer (token, key, request_sha256, status, body, at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                request.token,
                request.key,
                request.request_sha256,
                answer.status,
                answer.body,
                self.now
            ])?;
        Ok(())
    }

    /// Removes answers that have been kept long enough, at most `limit`; answers how many.
    pub(crate) fn forget_answers(&self, now: Timestamp, limit: usize) -> Result<usize, Error> {
        let removed = self
            .connection
            .prepare_cached(
                "DELETE FROM idempotent_answer WHERE (token, key) IN \
                 (SELECT token, key FROM idempotent_answer WHERE at < ?1 LIMIT ?2)",
            )?
            .execute(params![old_before(now), limit])?;
        Ok(removed)
    }
}

impl Reader {
    /// Whether an answer has been kept long enough.
    pub(crate) fn has_old_answers(&self, now: Timestamp) -> Result<bool, Error> {
        let found = self
            .connection
            .prepare_cached("SELECT 1 FROM idempotent_answer WHERE at < ?1 LIMIT 1")?
            .exists([old_before(now)])?;
        Ok(found)
    }
}

fn old_before(now: Timestamp) -> String {
    stamp(now.checked_sub(ANSWERS_KEPT).unwrap_or(Timestamp::MIN))
}
