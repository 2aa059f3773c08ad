//! `changes`: the log of changes as JSON lines, for those who follow the ledger.
//!
//! It reads, and only that: a daemon that runs beside it is not disturbed. With
//! `--follow` the ledger is asked now and then whether anything was committed, which
//! costs next to nothing, and it ends with a signal or with the reader of its output.

use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use anyhow::bail;
use clap::builder::PossibleValuesParser;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio_util::sync::CancellationToken;

use super::{output, run as service, runtime};
use crate::ledger::{Change, ChangeSeq, Reader, Wanted};
use crate::registry;

/// Interval between two looks for further changes.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Time that the lines at hand may take after a stop signal.
const WRITTEN_WITHIN: Duration = Duration::from_secs(1);
/// As many changes are read at once.
const PAGE: usize = 1000;

/// The options of `changes`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    uzhkh-ledger changes --after 14130 --limit 100\n  \
    uzhkh-ledger changes --after 14130 --follow --source uzhkh --kind account --with-body")]
pub(super) struct Args {
    /// Start after this `seq`: that of the last change you processed
    #[arg(long, value_name = "SEQ", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
    after: i64,
    /// Refuse to go on where the ledger is not the one with this id, which the cursor is of;
    /// `status --json` has it as `ledger_id`
    #[arg(long, value_name = "ID")]
    ledger: Option<String>,
    /// Keep waiting for further changes, until SIGINT, SIGTERM or a closed pipe
    #[arg(long)]
    follow: bool,
    /// Stop after this many changes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Only changes of this system
    #[arg(long, value_parser = PossibleValuesParser::new(registry::sources()))]
    source: Option<String>,
    /// Only changes of this kind
    #[arg(long, value_parser = PossibleValuesParser::new(registry::record_kinds()))]
    kind: Option<String>,
    /// Add `body`: the record's current version, null if it is deleted
    #[arg(long)]
    with_body: bool,
}

pub(super) fn run(path: &Path, args: Args) -> anyhow::Result<()> {
    let follower = Follower {
        path,
        file: identity(path),
        reader: Reader::open(path)?,
        is_following: args.follow,
        left: args.limit,
        wanted: Wanted {
            after: ChangeSeq(args.after),
            ledger: args.ledger,
            limit: PAGE,
            sources: args.source.into_iter().collect(),
            kinds: args.kind.into_iter().collect(),
            with_body: args.with_body,
        },
    };
    service::start_logging("error");
    // A reader that takes nothing any more may hold a write up for ever: nothing is waited for.
    let ended = runtime::block_on_within(Duration::ZERO, async {
        let stop = CancellationToken::new();
        service::stop_on_signals(stop.clone())?;
        follower.run(&stop).await
    })?;
    match ended {
        // The reader has seen enough.
        Err(error) if is_broken_pipe(&error) => Ok(()),
        ended => ended,
    }
}

/// The file behind a path, as long as it is that one.
type Identity = (u64, u64);

fn identity(path: &Path) -> Option<Identity> {
    let file = std::fs::metadata(path).ok()?;
    Some((file.dev(), file.ino()))
}

struct Follower<'p> {
    path: &'p Path,
    /// The file that the reader has open.
    file: Option<Identity>,
    reader: Reader,
    wanted: Wanted,
    is_following: bool,
    /// Number of changes that may still be printed; `None`: no limit.
    left: Option<u64>,
}

impl Follower<'_> {
    /// Prints what there is and, where it follows, what comes.
    async fn run(mut self, stop: &CancellationToken) -> anyhow::Result<()> {
        loop {
            // Asked before the changes are read: what is committed meanwhile shows after.
            let version = self.reader.data_version()?;
            while !self.print_page(stop).await? {}
            if !self.is_following || self.left == Some(0) || stop.is_cancelled() {
                return Ok(());
            }
            while self.reader.data_version()? == version {
                tokio::select! {
                    () = stop.cancelled() => return Ok(()),
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
                if is_reader_gone() {
                    return Ok(());
                }
                self.check_file()?;
            }
        }
    }

    /// Prints some; answers whether it came to the end, or is to come to it.
    async fn print_page(&mut self, stop: &CancellationToken) -> anyhow::Result<bool> {
        let left = self.left.unwrap_or(u64::MAX);
        self.wanted.limit = usize::try_from(left).unwrap_or(PAGE).min(PAGE);
        if self.wanted.limit == 0 || stop.is_cancelled() {
            return Ok(true);
        }
        let page = self.reader.changes(&self.wanted)?;
        let text = lines(&page.changes)?;
        tokio::select! {
            written = tokio::task::spawn_blocking(move || write(&text)) => written?.map_err(output::unwritten)?,
            () = stopped_for(stop, WRITTEN_WITHIN) => return Ok(true),
        }
        self.wanted.after = page.last;
        self.left = self.left.map(|left| left - page.changes.len() as u64);
        Ok(page.is_end)
    }

    /// A ledger that was put in the place of this one would never show here.
    fn check_file(&self) -> anyhow::Result<()> {
        if identity(self.path) == self.file {
            return Ok(());
        }
        bail!(
            "the ledger was replaced by another file; look whether its change {} is the one that was seen, then go \
             on with `uzhkh-ledger changes --after {}`",
            self.wanted.after,
            self.wanted.after
        );
    }
}

async fn stopped_for(stop: &CancellationToken, patience: Duration) {
    stop.cancelled().await;
    tokio::time::sleep(patience).await;
}

fn lines(changes: &[Change]) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    for change in changes {
        serde_json::to_writer(&mut text, change)?;
        text.push(b'\n');
    }
    Ok(text)
}

fn write(text: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text)?;
    out.flush()
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// Whether the other end of a pipe on standard output is closed, which a program that has
/// nothing to write would not notice.
fn is_reader_gone() -> bool {
    let out = io::stdout();
    let mut watched = [PollFd::new(&out, PollFlags::empty())];
    let at_once = Timespec::default();
    let asked = poll(&mut watched, Some(&at_once));
    asked.is_ok() && watched[0].revents().contains(PollFlags::ERR)
}
