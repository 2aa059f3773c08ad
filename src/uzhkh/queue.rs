//! Drains a queue: fetch, commit in batches, acknowledge what is committed while
//! the next batch is being read, and fetch again until a fetch brings nothing new.
//!
//! Memory is bounded by the batch under way, however many entries wait. Of an answer
//! that breaks off, the complete entries are committed and acknowledged; for the rest it is
//! asked again, at most twice in a row.

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};

use super::ahead::commit_ahead;
use super::api::{self, NO_CONTENT};
use super::apply::{self, Applied};
use super::batch::{BATCHES_AHEAD, Batch, BatchReader, SLICE};
use super::portions::Portions;
use super::wording::hint;
use super::{SOURCE, Uzhkh};
use crate::http::Class;
use crate::json::stream::Malformed;
use crate::ledger::{self, Finding, Outcome, Queue, Reader, RecordKey, Tx};
use crate::metrics::{self, Metric};
use crate::runtime::poll_log::Run;

/// The reason why a poll failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Api(#[from] api::Error),
    #[error("uzhkh: {feed}: {problem}{}", hint(problem))]
    Malformed { feed: &'static str, problem: Malformed },
    #[error("uzhkh: {feed}: {problem}")]
    Misbehaves { feed: &'static str, problem: &'static str },
    #[error("uzhkh: a call was refused; check the token and that our address is on the allow-list")]
    Refused,
    #[error("uzhkh: the service stops")]
    Stopped,
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
}

impl Error {
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Error::Refused => Outcome::Unauthorized,
            Error::Api(error) if matches!(error.class(), Class::Unauthorized) => {
                Outcome::Unauthorized
            }
            _ => Outcome::Failed,
        }
    }

    /// Whether an answer had begun, and did not come whole: asking again may bring it.
    pub(super) fn is_broken_body(&self) -> bool {
        match self {
            Error::Api(api::Error::Http(error)) => error.is_broken_body(),
            Error::Malformed { problem, .. } => matches!(problem, Malformed::Cut(_)),
            _ => false,
        }
    }
}

/// The result of a drain.
#[derive(Debug, Default)]
pub(super) struct Drained {
    pub(super) fetched: u64,
    pub(super) applied: Applied,
    /// The reason why it ended early.
    pub(super) error: Option<Error>,
}

impl Uzhkh {
    /// Drains a queue and records the poll.
    ///
    /// # Errors
    /// The ledger's alone; a failure of UZhKH is in [`Drained::error`].
    pub(super) async fn drain(&self, queue: Queue) -> Result<Drained, ledger::Error> {
        let started_at = self.clock.now();
        let mut drained = Drained::default();
        let acknowledger = self.acknowledger(queue);
        let (mut rereads, mut portions) = (0, Portions::default());
        let mut looked_once_more = false;
        while !self.stop.is_cancelled() {
            let newest = self.ledger.read(Reader::newest_envelope).await?;
            let (committing, is_committing) = watch::channel(true);
            let fetch = async {
                let fetched = self.fetch(queue).await;
                committing.send_replace(false);
                fetched
            };
            let (round, passed, called) = tokio::join!(
                fetch,
                acknowledger.pass(Some(newest), is_committing.clone()),
                self.call_meanwhile(is_committing),
            );
            passed?;
            called?;
            drained.fetched += round.fetched;
            drained.applied.add(round.applied);
            drained.error = round.error;
            let broken = drained.error.take_if(|error| error.is_broken_body());
            if let Some(error) = broken {
                let upstream = self.api.upstream();
                if upstream.may_read_again(feed(queue), &mut rereads, &error).await {
                    continue;
                }
                drained.error = Some(error);
            }
            rereads = 0;
            let mut freed = 0;
            if drained.error.is_none() {
                // Envelopes unblocked by calls, and those left over from before this fetch:
                // all that UZhKH offers by now is committed.
                freed = acknowledger.pass_over_all().await?.acknowledged;
            }
            if drained.error.is_none() && self.api.upstream().paused().is_some() {
                drained.error = Some(Error::Refused);
            }
            // What is acknowledged only now may have held back more; once, since UZhKH may go on
            // to offer it.
            let is_over = round.applied.new == 0 && (freed == 0 || looked_once_more);
            if drained.error.is_some() || is_over {
                break;
            }
            looked_once_more = round.applied.new == 0;
            if let Some(problem) = portions.take(round.fetched) {
                self.note_never_empty(queue, problem).await?;
                drained.error = Some(Error::Misbehaves { feed: feed(queue), problem });
                break;
            }
        }
        if self.stop.is_cancelled() && drained.error.is_none() {
            // Cut off by our own end: neither a success nor a failure.
            return Ok(drained);
        }
        self.report(feed(queue), started_at, &drained).await?;
        match drained.error {
            Some(Error::Ledger(error)) => Err(error),
            _ => Ok(drained),
        }
    }

    async fn note_never_empty(
        &self,
        queue: Queue,
        problem: &'static str,
    ) -> Result<(), ledger::Error> {
        let note = move |tx: &Tx<'_>| {
            let queue = RecordKey::new(SOURCE, feed(queue), "");
            tx.note(queue, None, &Finding::new("", problem))
        };
        self.ledger.write(note).await
    }

    /// Sends the calls that are being committed, in a pass of `--once`: a service has a task for
    /// it. Ends with the commits, after the calls under way.
    async fn call_meanwhile(
        &self,
        mut committing: watch::Receiver<bool>,
    ) -> Result<(), ledger::Error> {
        while self.deadline.is_of_pass() && *committing.borrow_and_update() {
            tokio::select! {
                biased;
                () = self.calls.notified() => {
                    self.outbox.pass().await?;
                }
                // An error means that the committing side has ended.
                changed = committing.changed() => if changed.is_err() { break },
            }
        }
        Ok(())
    }

    /// Fetches once and commits the entries.
    async fn fetch(&self, queue: Queue) -> Drained {
        let mut round = Drained::default();
        let (batches, committing) = mpsc::channel(1);
        let (read, committed) = tokio::join!(
            self.read(queue, batches, &mut round.fetched),
            self.commit(queue, committing),
        );
        match committed {
            Ok(applied) => round.applied = applied,
            Err(error) => round.error = Some(error.into()),
        }
        if let (None, Err(error)) = (&round.error, read) {
            round.error = Some(error);
        }
        round
    }

    /// Reads one answer and hands its entries on in batches, also those before a
    /// fault.
    async fn read(
        &self,
        queue: Queue,
        batches: mpsc::Sender<Batch>,
        fetched: &mut u64,
    ) -> Result<(), Error> {
        let mut answer = tokio::select! {
            biased;
            () = self.stop.cancelled() => return Ok(()),
            answer = self.api.queue(queue) => answer?,
        };
        if answer.status() == NO_CONTENT {
            return Ok(());
        }
        let mut reader = BatchReader::new(queue, self.max_envelope_bytes);
        let mut fault = None;
        'answer: loop {
            let chunk = tokio::select! {
                biased;
                () = self.stop.cancelled() => break,
                chunk = answer.chunk() => match chunk {
                    Ok(Some(chunk)) => chunk,
                    Ok(None) => break,
                    Err(error) => {
                        fault = Some(api::Error::from(error).into());
                        break;
                    }
                },
            };
            // A chunk may hold many entries; slices of it keep the batches small.
            for slice in chunk.chunks(SLICE) {
                let fed = reader.feed(slice);
                if let Some(batch) = reader.due_batch() {
                    *fetched += batch.entries.len() as u64;
                    if batches.send(batch).await.is_err() {
                        // The commit failed and says why.
                        return Ok(());
                    }
                }
                if let Err(problem) = fed {
                    fault = Some(malformed(queue, problem));
                    break 'answer;
                }
            }
        }
        let (last, ended) = reader.finish();
        if let Some(batch) = last {
            *fetched += batch.entries.len() as u64;
            // As above.
            drop(batches.send(batch).await);
        }
        match fault {
            Some(fault) => Err(fault),
            None if self.stop.is_cancelled() => Ok(()),
            None => ended.map_err(|problem| malformed(queue, problem)),
        }
    }

    async fn commit(
        &self,
        queue: Queue,
        batches: mpsc::Receiver<Batch>,
    ) -> Result<Applied, ledger::Error> {
        let mut applied = Applied::default();
        let submit = |batch: Batch| {
            let came = batch.entries.len() as u64;
            let committed = apply::commit(&self.ledger, batch.entries, self.assign);
            async move { Ok((came, committed.await?)) }
        };
        let note = |(came, committed)| {
            measure(queue, came, committed);
            applied.add(committed);
            self.acknowledger(queue).wake.notify_one();
            self.calls.notify_one();
            Ok::<_, ledger::Error>(())
        };
        commit_ahead(BATCHES_AHEAD, batches, submit, note).await?;
        Ok(applied)
    }

    /// Records a poll.
    pub(super) async fn report(
        &self,
        feed: &'static str,
        started_at: Timestamp,
        drained: &Drained,
    ) -> Result<(), ledger::Error> {
        let run = Run {
            feed: feed.into(),
            started_at,
            outcome: drained.error.as_ref().map_or(Outcome::Ok, Error::outcome),
            fetched: drained.fetched,
            new: drained.applied.new,
            changed: drained.applied.changed,
            quarantined: drained.applied.quarantined,
            error: drained.error.as_ref().map(ToString::to_string),
            said: None,
            is_notable: drained.applied.new > 0 || feed.starts_with("Download"),
        };
        self.polls.record(&self.ledger, run, None).await
    }
}

/// Counts a batch that is committed.
fn measure(queue: Queue, came: u64, committed: Applied) {
    let understood = committed.new.saturating_sub(committed.quarantined);
    for (metric, entries) in [
        (Metric::EnvelopesReceived, came),
        (Metric::EnvelopesApplied, understood),
        (Metric::EnvelopesQuarantined, committed.quarantined),
    ] {
        metrics::count(metric, &[queue.word()], entries);
    }
}

fn feed(queue: Queue) -> &'static str {
    match queue {
        Queue::Requests => "Requests",
        Queue::Deleted => "DeletedItems",
    }
}

fn malformed(queue: Queue, problem: Malformed) -> Error {
    Error::Malformed { feed: feed(queue), problem }
}
