//! Gathers what comes one by one, so that it is recorded in few transactions: each writes the
//! pages of all indexes that it touches, and waits for the disk.

use std::time::Duration;

use tokio::sync::mpsc;

/// How long what has come waits for more.
const LONGEST: Duration = Duration::from_millis(40);

/// Takes what comes, no more than `most`, until something is urgent; false when no more will.
pub(crate) async fn gather<T>(
    inbox: &mut mpsc::Receiver<T>,
    batch: &mut Vec<T>,
    most: usize,
    is_urgent: impl Fn(&T) -> bool,
) -> bool {
    if inbox.recv_many(batch, most).await == 0 {
        return false;
    }
    let more = async {
        let mut looked_at = 0;
        while batch.len() < most && !batch[looked_at..].iter().any(&is_urgent) {
            looked_at = batch.len();
            let left = most - looked_at;
            if inbox.recv_many(batch, left).await == 0 {
                return;
            }
        }
    };
    // What did not come in time is the beginning of the next.
    drop(tokio::time::timeout(LONGEST, more).await);
    true
}
