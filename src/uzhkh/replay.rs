//! Records saved answers of UZhKH without a request: split, decoded, batched and committed
//! by the same code as a drain and a resync. The benchmarks measure the ledger alone with it.

use tokio::sync::mpsc;

use super::SOURCE;
use super::ahead::commit_ahead;
use super::apply::{self, Applied};
use super::batch::{BATCHES_AHEAD, Batch, BatchReader, SLICE};
use super::lists::{Committed, LISTS, PAGES_AHEAD, PageBatch, commit, whole_page};
use crate::json::stream::Malformed;
use crate::ledger::{self, Assign, ChangeSeq, Ledger, Queue};

/// The reason why a saved answer cannot be recorded.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The text is not an answer of UZhKH.
    #[error("{0}")]
    NotAnAnswer(String),
    /// There is no such Download list.
    #[error("there is no list {0}")]
    NoSuchList(String),
    /// The ledger's own.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
}

impl From<Malformed> for ReplayError {
    fn from(problem: Malformed) -> Self {
        ReplayError::NotAnAnswer(problem.to_string())
    }
}

/// The names of the Download lists, in the order in which they are read.
pub fn lists() -> impl Iterator<Item = &'static str> {
    LISTS.into_iter().map(|list| list.name)
}

/// Records a saved answer of a queue; returns how many entries were new.
///
/// # Errors
/// [`ReplayError::NotAnAnswer`] where it is no such answer; the complete entries before the
/// fault are recorded.
pub async fn replay_queue(
    ledger: &Ledger,
    queue: Queue,
    answer: &[u8],
) -> Result<u64, ReplayError> {
    let (batches, arrived) = mpsc::channel(1);
    let read = async move {
        let mut reader = BatchReader::new(queue, usize::MAX);
        for slice in answer.chunks(SLICE) {
            reader.feed(slice)?;
            if let Some(batch) = reader.due_batch()
                && batches.send(batch).await.is_err()
            {
                // The commit failed and says why.
                return Ok(());
            }
        }
        let (last, ended) = reader.finish();
        if let Some(batch) = last {
            drop(batches.send(batch).await);
        }
        ended
    };
    let commit_all = async move {
        let mut applied = Applied::default();
        let submit = |batch: Batch| apply::commit(ledger, batch.entries, Assign::Uuid);
        let note = |committed| {
            applied.add(committed);
            Ok::<_, ledger::Error>(())
        };
        commit_ahead(BATCHES_AHEAD, arrived, submit, note).await?;
        Ok::<_, ledger::Error>(applied.new)
    };
    let (read, committed) = tokio::join!(read, commit_all);
    let new = committed?;
    read?;
    Ok(new)
}

/// Records the saved pages of a Download list, from the first to the last; returns
/// how many rows of `change` they made.
///
/// # Errors
/// As [`replay_queue`].
pub async fn replay_list<'a>(
    ledger: &Ledger,
    name: &str,
    pages: impl IntoIterator<Item = &'a [u8]>,
) -> Result<u64, ReplayError> {
    let list = LISTS.into_iter().find(|list| list.name == name);
    let list = list.ok_or_else(|| ReplayError::NoSuchList(name.to_owned()))?;
    let names = LISTS.map(|list| list.name);
    ledger.write(move |tx| tx.begin_resync(&names)).await?;
    let (batches, arrived) = mpsc::channel(1);
    let read = async move {
        for (page, answer) in (1..).zip(pages) {
            let batch = whole_page(list, page, ChangeSeq(i64::MAX), answer)?;
            if batches.send(batch).await.is_err() {
                // The commit failed and says why.
                break;
            }
        }
        Ok::<_, Malformed>(())
    };
    let commit_all = async move {
        let mut changed = 0;
        let submit =
            |batch: PageBatch| ledger.submit(move |tx| commit(tx, list, &batch, Assign::Uuid));
        let note = |committed: Committed| {
            changed += committed.changed;
            Ok::<_, ledger::Error>(())
        };
        commit_ahead(PAGES_AHEAD, arrived, submit, note).await?;
        Ok::<_, ledger::Error>(changed)
    };
    let (read, committed) = tokio::join!(read, commit_all);
    let changed = committed?;
    read?;
    ledger.write(move |tx| tx.list_done(SOURCE, list.name, list.kinds)).await?;
    Ok(changed)
}
