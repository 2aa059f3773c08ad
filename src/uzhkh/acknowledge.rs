//! Acknowledges committed envelopes by UZhKH's Delete.
//!
//! The work list is the ledger itself: committed envelopes are read back, each
//! gets its Delete, and the answers are recorded in batches. Nothing is carried in
//! memory from the commit to here, so recovery after a crash is the ordinary path.
//!
//! A Delete names a Guid, and UZhKH may offer that Guid with another body by now. So
//! while a fetch goes on, only envelopes that it has offered are acknowledged; those left over
//! from an earlier one wait until this one is committed.

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::api::{Api, Deleted, Error};
use super::apply;
use super::concurrency::Load;
use super::gate::Gate;
use crate::clock::{SharedClock, later};
use crate::http::{Backoff, Class, Sent};
use crate::ledger::{self, Due, EnvelopeSeq, Ledger, Queue, Reader, Tx};
use crate::metrics::{self, Metric};
use crate::runtime::gather::gather;
use crate::runtime::pace::{Pace, Sign};

/// Rows read at a time.
const CHUNK: usize = 1024;
/// The most answers recorded in one transaction.
const ANSWERS: usize = 4096;

/// Acknowledges the committed envelopes of one queue.
pub(super) struct Acknowledger {
    pub(super) queue: Queue,
    pub(super) api: Arc<Api>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) clock: SharedClock,
    pub(super) stop: CancellationToken,
    /// Woken when there may be more to acknowledge.
    pub(super) wake: Notify,
    pub(super) pace: Pace<EnvelopeSeq>,
    /// Shared with the other queue's: together they keep to its limit.
    pub(super) gate: Arc<Gate>,
}

/// The result of a pass.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pass {
    pub(super) acknowledged: u64,
    pub(super) failed: u64,
}

/// An acknowledgement and its answer.
struct Outcome {
    due: Due,
    answer: Result<Deleted, Error>,
}

impl Acknowledger {
    /// Acknowledges all that is due now.
    pub(super) async fn pass_over_all(&self) -> Result<Pass, ledger::Error> {
        self.pass(None, watch::channel(false).1).await
    }

    /// Acknowledges the envelopes that are due, all or those newer than `newest`, until there are
    /// none and `committing` has become false. An upstream that refuses, or fails again and
    /// again, ends the pass early.
    pub(super) async fn pass(
        &self,
        newest: Option<EnvelopeSeq>,
        committing: watch::Receiver<bool>,
    ) -> Result<Pass, ledger::Error> {
        if self.pace.is_cooling_down() {
            return Ok(Pass::default());
        }
        let halt = &CancellationToken::new();
        let (found, due) = mpsc::channel::<Due>(CHUNK);
        let (outcomes, answered) = mpsc::channel::<Outcome>(ANSWERS);
        let (read, (), recorded) = tokio::join!(
            self.read(newest, found, committing, halt),
            self.send(due, outcomes, halt),
            self.record_all(answered, halt),
        );
        read?;
        let pass = recorded?;
        if self.pace.end_pass() == 1 {
            tracing::warn!(
                failed = pass.failed,
                acknowledged = pass.acknowledged,
                "acknowledging paused: UZhKH refuses it or fails; see `uzhkh-ledger status`"
            );
        }
        Ok(pass)
    }

    /// Reads what is due and hands it to the senders: in order what is being committed, else what
    /// has failed least first, so that many that fail each time keep no other from its turn.
    async fn read(
        &self,
        newest: Option<EnvelopeSeq>,
        found: mpsc::Sender<Due>,
        mut committing: watch::Receiver<bool>,
        halt: &CancellationToken,
    ) -> Result<(), ledger::Error> {
        let queue = self.queue;
        let mut after = (0, newest.unwrap_or_default());
        loop {
            // Looked at before the read, so that nothing committed in between is missed.
            let is_last = !*committing.borrow_and_update();
            // What is being committed is new, and goes as it comes.
            let now =
                newest.map_or_else(|| self.pace.due_by(&self.clock), |_| Some(self.clock.now()));
            let in_order = newest.is_some();
            let due = move |reader: &Reader| reader.due(queue, after, now, in_order, CHUNK);
            let due = self.ledger.read(due).await?;
            let is_empty = due.is_empty();
            for due in due {
                after = (due.attempts(), due.seq());
                if self.pace.is_used_up(&due.seq()) {
                    continue;
                }
                tokio::select! {
                    biased;
                    () = self.stop.cancelled() => return Ok(()),
                    () = halt.cancelled() => return Ok(()),
                    sent = found.send(due) => if sent.is_err() { return Ok(()) },
                }
            }
            if !is_empty {
                continue;
            }
            if is_last {
                return Ok(());
            }
            tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                () = halt.cancelled() => return Ok(()),
                () = self.wake.notified() => {}
                // An error means that the committing side has ended.
                changed = committing.changed() => if changed.is_err() { return Ok(()) },
            }
        }
    }

    /// Sends a Delete for each, several at once.
    async fn send(
        &self,
        due: mpsc::Receiver<Due>,
        outcomes: mpsc::Sender<Outcome>,
        halt: &CancellationToken,
    ) {
        let outcomes = &outcomes;
        // A fault of our own, which the next one would meet as well.
        let end = || {
            self.pace.count(Sign::Closed, self.gate.limit());
            halt.cancel();
        };
        let end = &end;
        stream::unfold(due, |mut due| async { due.recv().await.map(|next| (next, due)) })
            .for_each_concurrent(self.gate.most(), |due| async move {
                let mut pass = self.gate.enter().await;
                if halt.is_cancelled() || self.stop.is_cancelled() {
                    return;
                }
                let due = match self.marked(due).await {
                    Ok(due) => due,
                    Err(error) => {
                        end();
                        tracing::warn!(%error, "an acknowledgement was not begun");
                        return;
                    }
                };
                if self.ledger.check_in_place().is_err() {
                    // The next read fails with it, and ends the process.
                    end();
                    return;
                }
                pass.sent();
                let answer = self.api.delete(&due).await;
                let load = load(&answer);
                pass.answered(load);
                if let Err(error) = &answer
                    && let Class::Retry { after } = error.class()
                {
                    self.pace.is_asked_to_wait(after);
                }
                // Here and not where it is recorded: a commit may take long.
                if self.pace.count(sign(load), self.gate.limit()) {
                    halt.cancel();
                }
                // Fails only when the ledger has failed, which ends the pass anyway.
                drop(outcomes.send(Outcome { due, answer }).await);
            })
            .await;
    }

    /// The acknowledgement, once it is durable that its id may be known from now on.
    async fn marked(&self, due: Due) -> Result<Due, ledger::Error> {
        if !due.must_be_marked() {
            return Ok(due);
        }
        self.ledger.write(move |tx| tx.begin_acknowledging(&due)).await
    }

    /// Records the outcomes as they arrive, many in one transaction.
    async fn record_all(
        &self,
        mut answered: mpsc::Receiver<Outcome>,
        halt: &CancellationToken,
    ) -> Result<Pass, ledger::Error> {
        let mut pass = Pass::default();
        let mut batch = Vec::new();
        while gather(&mut answered, &mut batch, ANSWERS).await {
            let batch = std::mem::take(&mut batch);
            let mut failed = 0;
            for outcome in batch.iter().filter(|outcome| outcome.answer.is_err()) {
                failed += 1;
                self.pace.count_failure(outcome.due.seq());
                tell_of_refusal(outcome);
            }
            let taken = batch.len() as u64 - failed;
            pass.acknowledged += taken;
            pass.failed += failed;
            let now = self.clock.now();
            let recorded = self
                .ledger
                .write(move |tx| batch.iter().try_for_each(|outcome| record(tx, outcome, now)))
                .await;
            if let Err(error) = recorded {
                halt.cancel();
                return Err(error);
            }
            let queue = [self.queue.word()];
            metrics::count(Metric::EnvelopesAcknowledged, &queue, taken);
            metrics::count(Metric::AcknowledgementsFailed, &queue, failed);
        }
        Ok(pass)
    }
}

/// What an answer says of how much UZhKH bears.
fn load(answer: &Result<Deleted, Error>) -> Load {
    let Err(error) = answer else { return Load::Borne };
    match error.class() {
        Class::Unauthorized => Load::Unknown,
        // A refusal of this one acknowledgement.
        _ if error.refused_status().is_some() => Load::Borne,
        Class::Retry { .. } | Class::Reject => Load::TooMuch,
    }
}

/// What that says of others. Where it is found out how many UZhKH bears, a connection that is not
/// made may have been one too many: it alone does not end a pass.
fn sign(load: Load) -> Sign {
    match load {
        Load::Borne => Sign::Takes,
        Load::TooMuch => Sign::Fails,
        Load::Unknown => Sign::Closed,
    }
}

/// Records one outcome.
fn record(tx: &Tx<'_>, outcome: &Outcome, now: Timestamp) -> Result<(), ledger::Error> {
    let due = &outcome.due;
    let error = match &outcome.answer {
        Ok(deleted) => {
            let unannounced = match deleted {
                Deleted::Done => tx.acknowledged(due)?,
                Deleted::Unknown => tx.acknowledged_before(due)?,
            };
            if let Some(temporary_id) = unannounced
                && !tx.is_being_announced(temporary_id)?
            {
                apply::announce_by_set_id(tx, temporary_id, None)?;
            }
            return Ok(());
        }
        Err(error) => error,
    };
    let after = match error.class() {
        Class::Retry { after } => after,
        Class::Reject => None,
        // Not authorized: due again as soon as the pause is over.
        Class::Unauthorized => return tx.acknowledgement_refused(due, &error.to_string()),
    };
    let delay = Backoff::default().delay_after(due.attempts(), after, &mut fastrand::Rng::new());
    let may_have_arrived = error.sent() != Sent::No;
    tx.acknowledgement_failed(
        due,
        &error.to_string(),
        later(now, delay),
        may_have_arrived,
        error.refused_status(),
    )
}

/// Says once of an envelope that UZhKH does not let go of it, as far as can be told for good.
fn tell_of_refusal(outcome: &Outcome) {
    let Err(error) = &outcome.answer else { return };
    if error.refused_status().is_some() && outcome.due.attempts() == 0 {
        tracing::warn!(
            envelope = outcome.due.seq().0,
            %error,
            "UZhKH refuses an acknowledgement; it is tried again now and then, ask UZhKH's support"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_one_acknowledgement_is_no_sign_of_too_many() {
        let answered = |status| load(&Err(Error::Undocumented { operation: "Delete", status }));
        assert_eq!(answered(400), Load::Borne);
        // A page for people, in the place of UZhKH.
        assert_eq!(answered(200), Load::TooMuch);
    }
}
