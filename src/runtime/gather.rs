//! Gathers what comes one by one, so that it is recorded in few transactions: each writes the
//! pages of all indexes that it touches, and waits for the disk.

use std::time::Duration;

use tokio::sync::mpsc;

/// How long what has come waits for more.
const LONGEST: Duration = Duration::from_millis(40);

/// Takes what comes, no more than `most`; false when no more will.
pub(crate) async fn gather<T>(
    inbox: &mut mpsc::Receiver<T>,
    batch: &mut Vec<T>,
    most: usize,
) -> bool {
    if inbox.recv_many(batch, most).await == 0 {
        return false;
    }
    let more = async {
        while batch.len() < most {
            let left = most - batch.len();
            if inbox.recv_many(batch, left).await == 0 {
                return;
            }
        }
    };
    // What did not come in time is the beginning of the next.
    drop(tokio::time::timeout(LONGEST, more).await);
    true
}
