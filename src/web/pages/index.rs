//! Fills the index of the search, on a thread that gives way to others.

use std::time::Duration;

use rustix::process::setpriority_process;
use rustix::thread::gettid;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::ledger::{Error, Indexer, Step};
use crate::web::Web;

/// How often it is looked whether something has changed.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a failure is waited out.
const AFTER_FAILURE: Duration = Duration::from_secs(10);
/// How much it gives way to others.
const NICE: i32 = 10;

/// Follows the ledger until the stop, where there is a console.
pub(in crate::web) async fn fill(web: &Web) {
    if web.config.web.as_ref().is_none_or(|settings| settings.users.is_empty()) {
        return;
    }
    let (ledger, stop) = (web.config.ledger.path.clone(), &web.stop);
    let stopped = Stop { stop: stop.clone(), runtime: Handle::current() };
    let thread = std::thread::Builder::new().name("search-index".to_owned());
    let (ended, end) = futures_channel::oneshot::channel::<()>();
    let started = thread.spawn(move || {
        follow(&ledger, &stopped);
        drop(ended);
    });
    if let Err(error) = started {
        tracing::error!(%error, "the search index has no thread; nothing new is found until a restart");
        return stop.cancelled().await;
    }
    // Its end of the channel goes with the thread, however that ends.
    end.await.unwrap_or_default();
}

/// The stop, for a thread of its own.
struct Stop {
    stop: CancellationToken,
    runtime: Handle,
}

impl Stop {
    /// Waits for so long, or until the stop.
    fn wait(&self, time: Duration) {
        // Either may be: the caller looks.
        drop(self.runtime.block_on(async { timeout(time, self.stop.cancelled()).await }));
    }
}

fn follow(ledger: &std::path::Path, stop: &Stop) {
    let mut indexer = None;
    let (mut is_failing, mut is_nice) = (false, false);
    while !stop.stop.is_cancelled() {
        let stepped = step(&mut indexer, ledger);
        match stepped {
            Ok(Step::More) => is_failing = false,
            Ok(Step::Even) => {
                is_failing = false;
                if !std::mem::replace(&mut is_nice, true) {
                    give_way();
                }
                stop.wait(LOOK_EVERY);
            }
            Err(error) => {
                indexer = None;
                if !std::mem::replace(&mut is_failing, true) {
                    tracing::warn!(%error, "the search index cannot be filled; it is tried again");
                }
                stop.wait(AFTER_FAILURE);
            }
        }
    }
}

/// Once it is even with the ledger it comes after all others: an index that is late by a moment
/// harms none, and the drain comes first.
fn give_way() {
    if let Err(error) = setpriority_process(Some(gettid()), NICE) {
        tracing::debug!(%error, "the thread of the search index keeps its priority");
    }
}

fn step(indexer: &mut Option<Indexer>, ledger: &std::path::Path) -> Result<Step, Error> {
    match indexer {
        Some(indexer) => indexer.step(),
        None => {
            *indexer = Some(Indexer::open(ledger)?);
            Ok(Step::More)
        }
    }
}
