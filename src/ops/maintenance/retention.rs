//! Retention: what is older than `ledger.keep_envelopes` and `ledger.keep_changes`, and answers
//! kept for an Idempotency-Key of more than a week ago, are removed, a little at a time, so that
//! no writer waits for it.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::{Maintenance, SOURCE};
use crate::clock::{JUMP, believed_jump, stamp};
use crate::ledger::{self, ANSWERS_KEPT, LOOSE, Loose, Outcome, Reader, Trusted};

/// `poll.feed`
const FEED: &str = "retention";
/// How often is looked for something old.
pub(super) const EVERY: Duration = Duration::from_secs(60 * 60);
/// The rows that are touched in one transaction.
const AT_ONCE: usize = 500;
/// The rows that are looked through at a time.
const LOOKED_AT: usize = 10_000;
/// The envelopes that are removed in one go through the tables that name them, which takes
/// long in a large ledger: so these are many.
const ROUND: usize = 1_000_000;

/// When answers that are kept for a key were last looked at, and whether they were held then.
#[derive(Debug, Default)]
pub(super) struct LastLook {
    at: Option<Timestamp>,
    is_held: bool,
}

impl Maintenance {
    /// Forgets what is old, and records it where there was something.
    pub(super) async fn forget_old(&self) -> Result<(), ledger::Error> {
        let started_at = self.clock.now();
        match self.forget_answers(started_at).await {
            Ok(()) => {}
            Err(ledger::Error::Closed) => return Ok(()),
            Err(error) => return self.record(FEED, started_at, Err(error.to_string())).await,
        }
        if self.keep_envelopes.is_none() && self.keep_changes.is_none() {
            return self.recover(started_at).await;
        }
        let last_used = self.ledger.last_used_at();
        let trusted = self.trusted(started_at);
        let held = self.ledger.write(move |tx| tx.begin_retention(last_used, trusted)).await;
        match held {
            Err(ledger::Error::Closed) => return Ok(()),
            Err(error) => return self.record(FEED, started_at, Err(error.to_string())).await,
            Ok(Some(held)) => {
                let until = stamp(held.until);
                let why = match held.known.map(stamp) {
                    Some(known) => format!(
                        "nothing old is removed: the clock has gone on from {known} at once; if it is wrong, set it \
                         right; if it is right, removing goes on at {until}"
                    ),
                    None => format!(
                        "nothing old is removed: more than half of what is kept would go at once; if the clock, \
                         ledger.keep_envelopes or ledger.keep_changes is wrong, set it right; if they are right, \
                         removing goes on at {until}"
                    ),
                };
                return self.record(FEED, started_at, Err(why)).await;
            }
            Ok(None) => {}
        }
        match self.forget(started_at).await {
            Err(ledger::Error::Closed) => Ok(()),
            Ok((0, 0)) => self.recover(started_at).await,
            Ok(counts) => {
                let (envelopes, changes) = counts;
                tracing::info!(envelopes, changes, "forgot what was older than is kept");
                self.record(FEED, started_at, Ok(counts)).await
            }
            Err(error) => self.record(FEED, started_at, Err(error.to_string())).await,
        }
    }

    /// Records that all is well where the last run had failed, though nothing was old: else that
    /// failure would be shown until something is, for years.
    async fn recover(&self, started_at: Timestamp) -> Result<(), ledger::Error> {
        let reading = self.ledger.read(move |reader| reader.last_polls(started_at));
        let has_failed = reading.await.unwrap_or_default().iter().any(|last| {
            (last.source.as_str(), last.feed.as_str()) == (SOURCE, FEED)
                && last.outcome != Outcome::Ok.word()
        });
        match has_failed {
            true => self.record(FEED, started_at, Ok((0, 0))).await,
            false => Ok(()),
        }
    }

    /// What goes without a question: an outage of half the time that is kept takes no more than
    /// half of it.
    fn trusted(&self, now: Timestamp) -> Trusted {
        let before =
            |kept: Option<Duration>| Some(now.checked_sub(kept?).unwrap_or(Timestamp::MIN));
        let shortest = self.keep_envelopes.into_iter().chain(self.keep_changes).min();
        Trusted {
            jump: shortest.map_or(JUMP, believed_jump),
            envelopes_before: before(self.keep_envelopes),
            changes_before: before(self.keep_changes),
        }
    }

    /// Forgets all that may go now; answers how many envelopes and changes went.
    async fn forget(&self, now: Timestamp) -> Result<(u64, u64), ledger::Error> {
        let before = |kept: Duration| now.checked_sub(kept).unwrap_or(Timestamp::MIN);
        let mut changes = 0;
        if let Some(kept) = self.keep_changes {
            changes = self.forget_changes(before(kept)).await?;
        }
        let mut envelopes = 0;
        if let Some(kept) = self.keep_envelopes {
            loop {
                let removed = self.forget_envelopes(before(kept)).await?;
                envelopes += removed;
                if removed == 0 || self.stop.is_cancelled() {
                    break;
                }
            }
        }
        Ok((envelopes, changes))
    }

    /// Forgets the answers that no request with their key asks for any more. They are kept for a
    /// shorter time than all else, so that a smaller jump of the clock makes all of them old.
    async fn forget_answers(&self, now: Timestamp) -> Result<(), ledger::Error> {
        let last = self.last_look().at.replace(now).or(self.ledger.last_used_at());
        let passed = last.and_then(|last| Duration::try_from(now.duration_since(last)).ok());
        let trusted = believed_jump(ANSWERS_KEPT);
        let has_jumped = passed.is_some_and(|passed| passed > trusted);
        let looking = self.look(move |reader| {
            Ok((reader.has_old_answers(now)?, reader.is_answers_hold_over(now, trusted)?))
        });
        let (are_any_old, is_over) = looking.await.unwrap_or_default();
        if !has_jumped && !are_any_old {
            if is_over {
                self.ledger.write(move |tx| tx.hold_answers(false)).await?;
            }
            return Ok(());
        }
        let held = self.ledger.write(move |tx| tx.hold_answers(has_jumped)).await?;
        let is_held = held.is_some() && are_any_old;
        let was_held = std::mem::replace(&mut self.last_look().is_held, is_held);
        if let Some(until) = held {
            if is_held && !was_held {
                let until = stamp(until);
                tracing::warn!(
                    %until,
                    "no answer is forgotten that is kept for an Idempotency-Key: the clock has gone on by much at \
                     once; if it is wrong, set it right; if it is right, forgetting goes on then"
                );
            }
            return Ok(());
        }
        while !self.stop.is_cancelled() {
            let removing = self.ledger.write(move |tx| tx.forget_answers(now, AT_ONCE));
            if removing.await? == 0 {
                break;
            }
        }
        Ok(())
    }

    fn last_look(&self) -> MutexGuard<'_, LastLook> {
        self.last_look.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn forget_changes(&self, before: Timestamp) -> Result<u64, ledger::Error> {
        let follows_alma = self.follows_alma;
        let mut forgotten = 0;
        while !self.stop.is_cancelled() {
            let removed =
                self.ledger.write(move |tx| tx.forget_changes(before, follows_alma, AT_ONCE));
            match removed.await? {
                0 => break,
                removed => forgotten += removed as u64,
            }
        }
        Ok(forgotten)
    }

    /// One round: what may go is found, what names it is made to name nothing, it goes.
    async fn forget_envelopes(&self, before: Timestamp) -> Result<u64, ledger::Error> {
        let old = self.look(move |reader| reader.forgettable_envelopes(before, ROUND)).await?;
        if old.is_empty() {
            return Ok(0);
        }
        let old: Arc<[i64]> = old.into();
        for table in LOOSE {
            self.loosen(table, &old).await?;
        }
        let mut forgotten = 0;
        for some in old.chunks(AT_ONCE) {
            if self.stop.is_cancelled() {
                break;
            }
            let removing = self.ledger.forget_envelopes(some.to_vec(), before);
            forgotten += removing.await? as u64;
        }
        Ok(forgotten)
    }

    async fn loosen(&self, table: Loose, old: &Arc<[i64]>) -> Result<(), ledger::Error> {
        let mut after = 0;
        loop {
            let naming =
                self.look(move |reader| reader.naming_envelopes(table, after, LOOKED_AT)).await?;
            let Some((last, _)) = naming.last() else {
                return Ok(());
            };
            after = *last;
            let is_old = |(_, envelope): &&(i64, i64)| old.binary_search(envelope).is_ok();
            let rows: Vec<i64> = naming.iter().filter(is_old).map(|(row, _)| *row).collect();
            for some in rows.chunks(AT_ONCE) {
                let some = some.to_vec();
                let loosening = self.ledger.write(move |tx| tx.loosen(table, &some));
                loosening.await?;
            }
        }
    }

    /// Looks through much of the ledger, beside the reader that others wait for.
    async fn look<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, ledger::Error> + Send + 'static,
    ) -> Result<T, ledger::Error> {
        let path = self.path.clone();
        let looking = tokio::task::spawn_blocking(move || question(&Reader::open(&path)?));
        looking.await.unwrap_or(Err(ledger::Error::Closed))
    }
}
