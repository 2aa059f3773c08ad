//! What of a command waits for others, and how that ends.

use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;

use crate::service;

/// How long threads that only read are waited for at the end.
const READERS_END_WITHIN: Duration = Duration::from_secs(5);

/// The work is done, and the runtime ends what still runs beside it.
static IS_ENDING: AtomicBool = AtomicBool::new(false);

/// Does the work of a command. The ledger is closed when it is done: a thread that reads beside it, or
/// hangs in the folder of the backups, is not waited for without an end.
pub(super) fn block_on<W: Future>(work: W) -> anyhow::Result<W::Output> {
    block_on_within(READERS_END_WITHIN, work)
}

/// Does the work of a command; threads that only read are waited for so long.
pub(super) fn block_on_within<W: Future>(patience: Duration, work: W) -> anyhow::Result<W::Output> {
    let runtime = service::runtime().context("the asynchronous runtime cannot be started")?;
    let output = runtime.block_on(work);
    IS_ENDING.store(true, Ordering::Relaxed);
    runtime.shutdown_timeout(patience);
    IS_ENDING.store(false, Ordering::Relaxed);
    Ok(output)
}

/// A panic is a bug and ends the process. Its message may quote data, so only the
/// place is told.
pub(super) fn say_panic(info: &PanicHookInfo<'_>) {
    // A task that looks at a timer while the runtime is shut down, which is not a moment that it could
    // know, is made to panic by tokio, and ends with that.
    if IS_ENDING.load(Ordering::Relaxed) {
        return;
    }
    let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    // Where standard error is closed, nothing can be told.
    drop(writeln!(
        io::stderr(),
        "uzhkh-ledger: a bug: panicked at {place}; the ledger is safe, start again"
    ));
    std::process::exit(1);
}
