//! Announces the permanent ids of entities that were only referred to, once they have
//! waited for their own envelope for `identity.announce_after`, and names here what the
//! accounting system has not named for `identity.external_timeout`.

use std::sync::PoisonError;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::Uzhkh;
use super::apply::announce_by_set_id;
use super::model::Kind;
use super::naming::name;
use crate::clock::{believed_jump, stamp};
use crate::ledger::{self, IdentityState};

/// The most ids of one transaction.
const AT_ONCE: usize = 1000;

/// What is remembered from one look to the next.
#[derive(Debug, Default)]
pub(super) struct LastLook {
    at: Option<Timestamp>,
    is_held: bool,
    is_behind: bool,
}

impl Uzhkh {
    /// Names, and announces, what has waited for that long enough.
    pub(super) async fn look_at_identities(&self) -> Result<(), ledger::Error> {
        self.name_overdue().await?;
        self.announce_reserved().await
    }

    /// Gives a UUID to every identity that has waited for its name for
    /// `identity.external_timeout`.
    async fn name_overdue(&self) -> Result<(), ledger::Error> {
        let Some(timeout) = self.external_timeout else {
            return Ok(());
        };
        let now = self.clock.now();
        let before = now.checked_sub(timeout).unwrap_or(Timestamp::MIN);
        if self.is_clock_doubted(now, before, timeout).await?
            || self.is_clock_behind(now, timeout).await?
        {
            return Ok(());
        }
        let assign = self.assign;
        loop {
            let overdue = self.ledger.read(move |reader| reader.waiting(before, AT_ONCE)).await?;
            if overdue.is_empty() {
                return Ok(());
            }
            tracing::warn!(
                ids = overdue.len(),
                "naming ids here: they have waited for their names for identity.external_timeout"
            );
            self.ledger
                .write(move |tx| {
                    for identity in &overdue {
                        // Others may have named it since it was read: theirs is its name.
                        let known = tx.identity(&identity.temporary())?;
                        if known.is_none_or(|known| known.state != IdentityState::Waiting) {
                            continue;
                        }
                        let fresh = Uuid::now_v7().to_string();
                        name(tx, assign, &identity.kind, &identity.temporary_id, &fresh)?;
                    }
                    Ok(())
                })
                .await?;
            self.calls.notify_one();
        }
    }

    /// Whether nothing is named now because the clock has gone on at once by more than half of
    /// the time that ids wait: half of it goes without a question, as after an outage.
    async fn is_clock_doubted(
        &self,
        now: Timestamp,
        before: Timestamp,
        timeout: SignedDuration,
    ) -> Result<bool, ledger::Error> {
        if timeout.is_zero() {
            return Ok(false);
        }
        let waits = timeout.unsigned_abs();
        let trusted = believed_jump(waits);
        let last = self.last_look().at.replace(now).or(self.ledger.last_used_at());
        let passed = last.and_then(|last| Duration::try_from(now.duration_since(last)).ok());
        let has_jumped = passed.is_some_and(|passed| passed > trusted);
        let looking = self.ledger.read(move |reader| {
            let is_due = !reader.waiting(before, 1)?.is_empty();
            Ok((is_due, reader.is_naming_hold_over(now, waits, trusted)?))
        });
        let (is_due, is_over) = looking.await?;
        if !has_jumped && !is_due {
            if is_over {
                self.ledger.write(move |tx| tx.hold_naming(false, waits)).await?;
                self.last_look().is_held = false;
            }
            return Ok(false);
        }
        let held = self.ledger.write(move |tx| tx.hold_naming(has_jumped, waits)).await?;
        let was_held = std::mem::replace(&mut self.last_look().is_held, held.is_some());
        if let Some(until) = held.filter(|_| !was_held) {
            let until = stamp(until);
            tracing::warn!(
                %until,
                "no id is named for identity.external_timeout: the clock has gone on by much at once; if it is wrong, \
                 set it right; if it is right, naming goes on then"
            );
        }
        Ok(held.is_some())
    }

    /// Whether nothing is named now because something that waits was first seen later than now: the
    /// clock may be behind. Where that stays so, it was ahead before, and such wait from then on.
    async fn is_clock_behind(
        &self,
        now: Timestamp,
        timeout: SignedDuration,
    ) -> Result<bool, ledger::Error> {
        let (is_ahead, was_ahead) = self
            .ledger
            .read(move |reader| Ok((reader.is_waiting_ahead(now)?, reader.was_seen_ahead()?)))
            .await?;
        if !is_ahead && !was_ahead {
            return Ok(false);
        }
        let held = self.ledger.write(move |tx| {
            // Without a time to wait there is none that a wrong clock could shorten.
            let held = tx.hold_seen_ahead(is_ahead && !timeout.is_zero())?;
            if is_ahead && held.is_none() {
                tx.see_waiting_now()?;
            }
            Ok(held)
        });
        let held = held.await?;
        let was_held = std::mem::replace(&mut self.last_look().is_behind, held.is_some());
        if let Some(until) = held.filter(|_| !was_held) {
            let until = stamp(until);
            tracing::warn!(
                %until,
                "no id is named for identity.external_timeout: what waits was first seen later than now; if the clock \
                 is behind, set it right; if it was ahead then, such ids begin to wait anew then"
            );
        }
        Ok(held.is_some())
    }

    fn last_look(&self) -> std::sync::MutexGuard<'_, LastLook> {
        self.last_look.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a SetId for every id that has been reserved for
    /// `identity.announce_after`.
    async fn announce_reserved(&self) -> Result<(), ledger::Error> {
        let now = self.clock.now();
        let before = now.checked_sub(self.announce_after).unwrap_or(Timestamp::MIN);
        let kinds = Kind::ALL.into_iter().filter(|kind| kind.has_set_id());
        let kinds: Vec<&str> = kinds.map(Kind::word).collect();
        loop {
            let kinds = kinds.clone();
            let waiting = self
                .ledger
                .read(move |reader| reader.unannounced(&kinds, before, now, AT_ONCE))
                .await?;
            if waiting.is_empty() {
                return Ok(());
            }
            tracing::info!(
                ids = waiting.len(),
                "announcing ids by SetId: no envelope of their own came"
            );
            self.ledger
                .write(move |tx| {
                    for identity in &waiting {
                        if !tx.is_being_announced(&identity.temporary())? {
                            announce_by_set_id(tx, &identity.temporary(), None)?;
                        }
                    }
                    Ok(())
                })
                .await?;
            self.calls.notify_one();
        }
    }
}
