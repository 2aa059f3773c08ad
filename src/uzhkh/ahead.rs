//! Commits that follow each other without a pause.
//!
//! The writer shares one transaction between all that has been sent to it. So what arrives
//! is sent while what came before is still being committed: the next transaction then
//! holds several batches, and the acknowledgements that were answered meanwhile. A page of
//! the ledger that all of them touch is written once.

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use tokio::sync::mpsc;

use crate::ledger;

/// Has `submit` send each batch that arrives to the writer, in order, and `note` take what
/// came of it, in the same order. At most `most` are being committed, or wait for it. Ends with
/// the first error; what was sent by then is committed all the same.
pub(super) async fn commit_ahead<B, C, T, E>(
    most: usize,
    mut arrived: mpsc::Receiver<B>,
    mut submit: impl FnMut(B) -> C,
    mut note: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E>
where
    C: Future<Output = Result<T, ledger::Error>>,
    E: From<ledger::Error>,
{
    let mut under_way = FuturesOrdered::new();
    let mut is_open = true;
    loop {
        tokio::select! {
            biased;
            Some(committed) = under_way.next() => note(committed?)?,
            batch = arrived.recv(), if is_open && under_way.len() < most => match batch {
                Some(batch) => under_way.push_back(submit(batch)),
                None => is_open = false,
            },
            else => return Ok(()),
        }
    }
}
