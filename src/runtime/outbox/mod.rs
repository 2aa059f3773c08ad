//! Carries out the calls that wait in the ledger.
//!
//! A call is counted as sent in one transaction, sent, and settled in another, so
//! that a crash between the two leaves a row that says it may have acted. What a
//! call means is its [`Target`]'s business: here are only the order of effects,
//! the concurrency and the pace.

mod failure;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

pub(crate) use failure::Failure;

pub use super::pace::Sign;
use crate::clock::SharedClock;
use crate::http::Deadline;
use crate::ledger::{self, Call, Ledger, Tx, Verdict};
use crate::metrics::{self, Metric};
use crate::runtime::driver::{Next, Rounds};
use crate::runtime::pace::{Pace, TICK};

/// The most calls that are begun in one transaction.
const CHUNK: usize = 128;

/// What a call says, operation and parameters: calls with the same key are twins.
type CallKey = (String, String);

/// A system that calls go to.
pub trait Target: Send + Sync + 'static {
    /// The word in `call.target`.
    fn name(&self) -> &'static str;

    /// How many calls may be under way at once.
    fn concurrency(&self) -> usize;

    /// Whether a person has to look where this call may have been sent and its outcome was not
    /// noted. After a crash all that were counted as sent may have arrived, so of such calls only
    /// those are counted that are sent at once.
    fn is_left_to_people(&self, call: &Call) -> bool;

    /// Whether a person waits for this call to succeed; others may be refused in the
    /// ordinary course of things.
    fn must_succeed(&self, call: &Call) -> bool;

    /// In the transaction that counts the attempt: whether there is anything to
    /// send, and if so whether an earlier attempt may have arrived.
    fn prepare(&self, tx: &Tx<'_>, call: &Call) -> Result<Prepared, ledger::Error>;

    /// Sends it, once.
    fn send(&self, attempt: &Attempt) -> impl Future<Output = Answer> + Send;

    /// Records the outcome, in a transaction after the answer.
    fn settle(&self, tx: &Tx<'_>, attempt: &Attempt, answer: &Answer) -> Result<(), ledger::Error>;
}

/// What a target says of a call before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prepared {
    /// It has become needless, and is settled.
    Needless,
    /// It can have no effect any more, and is settled as failed.
    TooLate,
    /// It is to be sent; `sent_before`: an earlier attempt may have arrived.
    Send {
        /// Whether an earlier attempt may have arrived.
        sent_before: bool,
    },
}

/// A call that has been counted as sent.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The call.
    pub call: Call,
    /// Whether an earlier attempt may have arrived.
    pub sent_before: bool,
    /// The time of the transaction that counted it.
    pub begun_at: Timestamp,
}

/// What came of an attempt.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What the call's row becomes.
    pub verdict: Verdict,
    /// The HTTP status, where an answer came.
    pub status: Option<u16>,
    /// What went wrong, in words and without secrets.
    pub error: Option<String>,
    /// The other side's own words, without secrets; they may name people.
    pub said: Option<String>,
    /// What it says of the target.
    pub sign: Sign,
    /// How long the target asks to be left alone.
    pub after: Option<Duration>,
}

impl Answer {
    /// It did not leave, for no fault of its own.
    fn not_sent(now: Timestamp) -> Self {
        let verdict = Verdict::NotSent(now);
        let sign = Sign::Closed;
        Self { verdict, status: None, error: None, said: None, sign, after: None }
    }
}

/// What a pass over the waiting calls came to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    /// Calls that were settled for good.
    pub settled: u64,
    /// Attempts that failed and are to be repeated.
    pub failed: u64,
}

/// The calls of one target.
pub struct Outbox<T> {
    ledger: Arc<Ledger>,
    clock: SharedClock,
    target: Arc<T>,
    stop: CancellationToken,
    pace: Pace<CallKey>,
    one_at_a_time: tokio::sync::Mutex<()>,
    /// Calls that must succeed and were settled without, in all passes: those beside a drain
    /// of `--once` count too.
    unsuccessful: AtomicU64,
}

impl<T: Target> Outbox<T> {
    /// The outbox of a target.
    pub fn new(
        ledger: Arc<Ledger>,
        clock: SharedClock,
        target: Arc<T>,
        deadline: &Deadline,
        stop: CancellationToken,
    ) -> Self {
        Self {
            ledger,
            clock,
            target,
            stop,
            pace: Pace::new(deadline),
            one_at_a_time: tokio::sync::Mutex::new(()),
            unsuccessful: AtomicU64::new(0),
        }
    }

    /// Sends every call whose time has come, once. Failures in a row end the pass
    /// early: the target does not take calls now.
    pub async fn pass(&self) -> Result<Pass, ledger::Error> {
        let _alone = self.one_at_a_time.lock().await;
        let mut pass = Pass::default();
        if self.pace.is_cooling_down() {
            return Ok(pass);
        }
        let mut after = (0, 0);
        let mut has_twins = false;
        while !self.pace.is_halted() && !self.stop.is_cancelled() {
            let mut due = self.due(after).await?;
            due.truncate(self.together(&due));
            if let Some(last) = due.last() {
                after = (last.attempts, last.seq);
                has_twins |= self.chunk(due, &mut pass).await?;
            } else if std::mem::take(&mut has_twins) {
                // What was passed over beside its twin may go now.
                after = (0, 0);
            } else {
                break;
            }
        }
        self.pace.end_pass();
        Ok(pass)
    }

    /// When to look again, unless something is committed: soon, while any call waits for its
    /// time or for a target that takes none now.
    pub(crate) async fn next(&self) -> Result<Next, ledger::Error> {
        Ok(if self.has_pending().await? { Next::Within(TICK) } else { Next::WhenDue })
    }

    async fn has_pending(&self) -> Result<bool, ledger::Error> {
        let target = self.target.name();
        self.ledger.read(move |reader| reader.has_pending_call(target)).await
    }

    /// A pass of `--once`: what fails is taken up again, shortly. True when every call
    /// was settled, and those that must succeed have.
    pub async fn passes(&self) -> Result<bool, ledger::Error> {
        let mut rounds = Rounds::default();
        loop {
            let has_failed = self.pass().await?.failed > 0;
            if !rounds.go_on(&self.stop, has_failed, has_failed).await {
                break;
            }
        }
        Ok(self.all_succeeded() && !self.has_pending().await?)
    }

    /// Whether every call so far that must succeed and is settled has succeeded.
    pub(crate) fn all_succeeded(&self) -> bool {
        self.unsuccessful.load(Ordering::Relaxed) == 0
    }

    async fn due(&self, after: (u32, i64)) -> Result<Vec<Call>, ledger::Error> {
        let target = self.target.name();
        let now = self.pace.due_by(&self.clock);
        let due = self.ledger.read(move |reader| reader.due_calls(target, after, now, CHUNK));
        due.await
    }

    /// How many of these calls, from the first on, are begun in one transaction.
    fn together(&self, due: &[Call]) -> usize {
        let first = due.iter().position(|call| self.target.is_left_to_people(call));
        first.map_or(due.len(), |first| first.max(self.target.concurrency()))
    }

    /// Carries calls out. Twins are not sent side by side: true when some were passed
    /// over for that.
    async fn chunk(&self, due: Vec<Call>, pass: &mut Pass) -> Result<bool, ledger::Error> {
        let mut seen = HashSet::new();
        let (wanted, twins): (Vec<Call>, Vec<Call>) = due
            .into_iter()
            .filter(|call| !self.pace.is_used_up(&key(call)))
            .partition(|call| seen.insert(key(call)));
        let wanted: Vec<i64> = wanted.into_iter().map(|call| call.seq).collect();
        let target = Arc::clone(&self.target);
        let begin = self.ledger.write(move |tx| begin(tx, &*target, &wanted));
        let begun = begin.await?;
        pass.settled += begun.settled;
        self.unsuccessful.fetch_add(begun.unsuccessful, Ordering::Relaxed);
        let sending = stream::iter(begun.attempts).map(|attempt| async move {
            let is_over = self.stop.is_cancelled()
                || self.pace.is_halted()
                || self.ledger.check_in_place().is_err();
            if is_over {
                // It is given back, and has not failed.
                return (attempt, None);
            }
            let answer = self.target.send(&attempt).await;
            self.pace.is_asked_to_wait(answer.after);
            self.pace.count(answer.sign, self.target.concurrency());
            (attempt, Some(answer))
        });
        // Recorded as they come: what was answered must not be in doubt after a crash.
        let mut answers = sending.buffer_unordered(self.target.concurrency()).ready_chunks(CHUNK);
        while let Some(answers) = answers.next().await {
            let sent =
                answers.iter().filter_map(|(attempt, answer)| Some((attempt, answer.as_ref()?)));
            for (attempt, answer) in sent {
                let labels = [self.target.name(), &attempt.call.op, answer.verdict.word()];
                metrics::count(Metric::CallAttempts, &labels, 1);
                if is_settled(&answer.verdict) {
                    let is_done = matches!(answer.verdict, Verdict::Done);
                    if !is_done && self.target.must_succeed(&attempt.call) {
                        self.unsuccessful.fetch_add(1, Ordering::Relaxed);
                    }
                    pass.settled += 1;
                } else {
                    pass.failed += 1;
                    self.pace.count_failure(key(&attempt.call));
                }
            }
            let target = Arc::clone(&self.target);
            let unsent = Answer::not_sent(self.clock.now());
            let settled = self.ledger.write(move |tx| {
                answers.iter().try_for_each(|(attempt, answer)| {
                    let answer = answer.as_ref().unwrap_or(&unsent);
                    target.settle(tx, attempt, answer)?;
                    if let Verdict::Again(next) = answer.verdict {
                        tx.postpone_twins(&attempt.call, next)?;
                    }
                    Ok(())
                })
            });
            settled.await?;
        }
        Ok(!twins.is_empty())
    }
}

fn key(call: &Call) -> CallKey {
    (call.op.clone(), call.params.clone())
}

/// What is to be sent, and what has been settled instead.
#[derive(Default)]
struct Begun {
    attempts: Vec<Attempt>,
    settled: u64,
    unsuccessful: u64,
}

/// Counts the attempts that are about to be sent.
fn begin<T: Target>(tx: &Tx<'_>, target: &T, wanted: &[i64]) -> Result<Begun, ledger::Error> {
    let mut begun = Begun::default();
    for seq in wanted {
        let Some(call) = tx.pending_call(*seq)? else {
            continue;
        };
        let prepared = target.prepare(tx, &call)?;
        if let Prepared::Send { sent_before } = prepared {
            tx.begin_call(*seq)?;
            begun.attempts.push(Attempt { call, sent_before, begun_at: tx.at() });
            continue;
        }
        begun.settled += 1;
        if prepared == Prepared::TooLate {
            begun.unsuccessful += u64::from(target.must_succeed(&call));
        }
    }
    Ok(begun)
}

fn is_settled(verdict: &Verdict) -> bool {
    !matches!(verdict, Verdict::Again(_) | Verdict::NotSent(_))
}
