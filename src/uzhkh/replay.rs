//! Answers of UZhKH that were saved, put into the ledger without asking anybody:
//! cut, decoded, batched and committed by the same code as a drain and a resync.
//! The benchmarks measure the ledger alone with it.

use tokio::sync::mpsc;

use super::SOURCE;
use super::apply::{self, Applied};
use super::batch::{Cutter, SLICE};
use super::lists::{LISTS, commit, whole_page};
use crate::json::stream::Malformed;
use crate::ledger::{self, Ledger, Queue};

/// Why a saved answer cannot be stored.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// It is not what UZhKH answers.
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

/// Stores a saved answer of a queue; answers how many entries were new.
///
/// # Errors
/// It is no such answer; what was whole before the fault is stored. Or the ledger's.
pub async fn replay_queue(
    ledger: &Ledger,
    queue: Queue,
    answer: &[u8],
) -> Result<u64, ReplayError> {
    let (batches, mut committing) = mpsc::channel(1);
    let cutting = async move {
        let mut cutter = Cutter::new(queue, usize::MAX);
        for slice in answer.chunks(SLICE) {
            cutter.feed(slice)?;
            if let Some(batch) = cutter.full_batch()
                && batches.send(batch).await.is_err()
            {
                // The commit failed and says why.
                return Ok(());
            }
        }
        let (last, ended) = cutter.finish();
        if let Some(batch) = last {
            drop(batches.send(batch).await);
        }
        ended
    };
    let committing = async move {
        let mut applied = Applied::default();
        while let Some(batch) = committing.recv().await {
            applied.add(apply::commit(ledger, batch.entries).await?);
        }
        Ok::<_, ledger::Error>(applied.new)
    };
    let (cut, committed) = tokio::join!(cutting, committing);
    let new = committed?;
    cut?;
    Ok(new)
}

/// Stores the saved pages of a Download list, from the first to the last; answers
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
    let (parts, mut coming) = mpsc::channel(1);
    let cutting = async move {
        for (page, answer) in (1..).zip(pages) {
            let part = whole_page(list, page, i64::MAX, answer)?;
            if parts.send(part).await.is_err() {
                // The commit failed and says why.
                break;
            }
        }
        Ok::<_, Malformed>(())
    };
    let committing = async move {
        let mut changed = 0;
        while let Some(part) = coming.recv().await {
            changed += ledger.write(move |tx| commit(tx, list, &part)).await?.changed;
        }
        Ok::<_, ledger::Error>(changed)
    };
    let (cut, committed) = tokio::join!(cutting, committing);
    let changed = committed?;
    cut?;
    let done = ledger.write(move |tx| tx.list_done(SOURCE, list.name, list.kinds));
    done.await?;
    Ok(changed)
}
