//! Uploads files from their source to Alma, beside the reconciler: objects go to Alma without
//! their photos and scans, which follow.
//!
//! Each content is uploaded once. It is spooled beside the ledger, never held in memory, and
//! the id of the upload is committed before an object names it, so that a crash repeats no
//! upload that was recorded. An upload whose answer is lost may be there twice: Alma does not
//! list its uploads.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::api::{self, Api, File};
use super::reconcile::sign;
use crate::clock::{SharedClock, later};
use crate::config::Upload;
use crate::http::{self, Backoff, Class};
use crate::ledger::{DueAlmaFile, Error, Ledger};
use crate::runtime::files::{self, FileSource, Spool, Spooled};
use crate::runtime::pace::{Pace, Sign};

/// The most files that are read from the ledger at once.
const CHUNK: usize = 100;
/// How many are under way at once.
const CONCURRENCY: usize = 4;

/// Uploads files.
pub(super) struct Uploads {
    pub(super) api: Arc<Api>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) clock: SharedClock,
    pub(super) stop: CancellationToken,
    pub(super) source: Arc<dyn FileSource>,
    pub(super) upload: Upload,
    /// The most bytes of a file.
    pub(super) limit: u64,
    /// Where files are spooled: beside the ledger.
    pub(super) directory: PathBuf,
    pub(super) pace: Pace<String>,
}

/// The counts of a pass.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Brought {
    /// Files that were tried.
    pub(super) tried: u64,
    /// Files that Alma has now.
    pub(super) uploaded: u64,
    /// Files that failed for good, and wait for the operator.
    pub(super) failed: u64,
    /// The first error of an attempt that is to be repeated.
    pub(super) error: Option<String>,
    /// Alma refuses our key.
    pub(super) is_unauthorized: bool,
}

/// The result of one file.
enum Became {
    Uploaded(Option<(String, u64)>, i64),
    Failed(String),
    Later(String, Option<Duration>),
    /// To be repeated later, for a reason that says nothing of other files.
    NotThis(String),
}

/// The contents of a pass by their hashes, each with Alma's id once it was uploaded: two
/// files under way may have the same content.
type Contents = Mutex<HashMap<String, Arc<Mutex<Option<i64>>>>>;

impl Uploads {
    /// Uploads every file that is due, once.
    pub(super) async fn pass(&self) -> Result<Brought, Error> {
        let mut brought = Brought::default();
        if self.pace.is_cooling_down() {
            return Ok(brought);
        }
        let contents = Contents::default();
        let mut after = (0, 0);
        while !self.pace.is_halted() && !self.stop.is_cancelled() {
            let due = self.due(after).await?;
            let Some(last) = due.last() else { break };
            after = (last.attempts, last.seq);
            let due: Vec<DueAlmaFile> =
                due.into_iter().filter(|due| !self.pace.is_used_up(&due.file)).collect();
            let files: Vec<String> = due.iter().map(|due| due.file.clone()).collect();
            self.source.prepare(&files).await;
            let bringing = stream::iter(due).map(|due| async {
                // Uploads that are under way go on, since they may have arrived.
                if self.pace.is_halted() || self.stop.is_cancelled() {
                    return Ok(Brought::default());
                }
                self.bring(due, &contents).await
            });
            let mut bringing = bringing.buffer_unordered(CONCURRENCY);
            while let Some(one) = bringing.next().await {
                brought.add(one?);
            }
        }
        self.pace.end_pass();
        Ok(brought)
    }

    /// Whether a file is due that this process may still try.
    pub(super) async fn has_more(&self) -> Result<bool, Error> {
        let mut after = (0, 0);
        loop {
            let due = self.due(after).await?;
            let Some(last) = due.last() else {
                return Ok(false);
            };
            after = (last.attempts, last.seq);
            if due.iter().any(|due| !self.pace.is_used_up(&due.file)) {
                return Ok(true);
            }
        }
    }

    async fn due(&self, after: (u32, i64)) -> Result<Vec<DueAlmaFile>, Error> {
        let now = self.pace.due_by(&self.clock);
        self.ledger.read(move |reader| reader.due_alma_files(after, now, CHUNK)).await
    }

    /// Uploads a file, and records the result.
    async fn bring(&self, due: DueAlmaFile, contents: &Contents) -> Result<Brought, Error> {
        let mut brought = Brought { tried: 1, ..Brought::default() };
        let (became, sign) = match self.carry(&due, contents).await? {
            // Its source is away.
            Ok(became @ Became::Later(..)) => (became, Sign::Fails),
            Ok(became) => (became, Sign::Takes),
            Err(error) => {
                brought.is_unauthorized = error.class() == Class::Unauthorized;
                (refused(&error), sign(&error))
            }
        };
        if matches!(became, Became::Later(..)) && self.stop.is_cancelled() {
            // Interrupted by the shutdown, which is not a failure.
            return Ok(Brought::default());
        }
        self.pace.count(sign, CONCURRENCY);
        let file = due.file.clone();
        match became {
            Became::Uploaded(content, id) => {
                brought.uploaded = 1;
                self.ledger
                    .write(move |tx| tx.finish_alma_file(&file, content.as_ref(), id))
                    .await?;
            }
            Became::Failed(reason) => {
                brought.failed = 1;
                self.ledger.write(move |tx| tx.fail_alma_file(&file, &reason)).await?;
            }
            Became::Later(reason, after) => {
                self.pace.count_failure(due.file.clone());
                brought.error = Some(self.postpone(due, after, reason).await?);
            }
            Became::NotThis(reason) => {
                self.pace.use_up(due.file.clone());
                brought.error = Some(self.postpone(due, None, reason).await?);
            }
        }
        Ok(brought)
    }

    /// Records that a file is to be tried again; answers the error with the file's name.
    async fn postpone(
        &self,
        due: DueAlmaFile,
        after: Option<Duration>,
        reason: String,
    ) -> Result<String, Error> {
        let mut rng = fastrand::Rng::new();
        let delay = Backoff::default().delay_after(due.attempts, after, &mut rng);
        let next = later(self.clock.now(), delay);
        let error = format!("{}: {reason}", due.file);
        self.ledger.write(move |tx| tx.postpone_alma_file(&due.file, next, &reason)).await?;
        Ok(error)
    }

    /// Takes a file from its source to Alma.
    async fn carry(
        &self,
        due: &DueAlmaFile,
        contents: &Contents,
    ) -> Result<Result<Became, api::Error>, Error> {
        if self.upload == Upload::JsonUrl {
            return Ok(self.hand_on(due).await);
        }
        let fetched = match Spool::new(&self.directory, self.limit) {
            Ok(spool) => self.source.fetch(&due.file, spool).await,
            Err(error) => Err(error),
        };
        let spooled = match fetched {
            Ok(spooled) => spooled,
            Err(error) => return Ok(Ok(without(error))),
        };
        self.upload(spooled, contents).await
    }

    /// Has Alma fetch a file itself. A link that was read with others may expire before it does:
    /// what failed is sent by a link of its own, at once where Alma refused it.
    async fn hand_on(&self, due: &DueAlmaFile) -> Result<Became, api::Error> {
        let mut is_stale = due.attempts > 0;
        loop {
            let link = match self.source.link(&due.file, is_stale).await {
                Ok(link) => link,
                Err(error) => return Ok(without(error)),
            };
            match self.api.upload(File::Link(&link)).await {
                Err(error) if error.is_final() && !is_stale => is_stale = true,
                uploaded => return uploaded.map(|id| Became::Uploaded(None, id)),
            }
        }
    }

    /// Uploads a content, unless Alma has it already.
    async fn upload(
        &self,
        spooled: Spooled,
        contents: &Contents,
    ) -> Result<Result<Became, api::Error>, Error> {
        let content = (spooled.sha256.clone(), spooled.length);
        let turn = {
            let mut contents = contents.lock().await;
            Arc::clone(contents.entry(spooled.sha256.clone()).or_default())
        };
        let mut known = turn.lock().await;
        if known.is_none() {
            let sha256 = spooled.sha256;
            *known = self.ledger.read(move |reader| reader.alma_file_like(&sha256)).await?;
        }
        if let Some(id) = *known {
            return Ok(Ok(Became::Uploaded(Some(content), id)));
        }
        let file = http::File {
            name: spooled.name,
            content_type: spooled.content_type,
            length: spooled.length,
            content: Box::new(spooled.content),
        };
        let uploaded = self.api.upload(File::Content(file)).await;
        Ok(uploaded.map(|id| {
            *known = Some(id);
            Became::Uploaded(Some(content), id)
        }))
    }
}

/// The result of a file that Alma refuses, or could not be sent.
fn refused(error: &api::Error) -> Became {
    if error.is_final() {
        let said = error.in_full();
        return Became::Failed(match error {
            api::Error::Nameless { .. } => said,
            _ => format!("Alma does not take it: {said}"),
        });
    }
    let after = match error.class() {
        Class::Retry { after } => after,
        Class::Unauthorized | Class::Reject => None,
    };
    Became::Later(error.to_string(), after)
}

/// The result of a file that could not be fetched from its source.
fn without(error: files::Error) -> Became {
    match error {
        files::Error::Later(_) => Became::Later(error.to_string(), None),
        files::Error::NotThis(_) => Became::NotThis(error.to_string()),
        files::Error::Gone(_) => Became::Failed(error.to_string()),
        files::Error::TooLarge(_) => {
            Became::Failed(format!("{error}; make it smaller there, or raise alma.max_file_bytes"))
        }
    }
}

impl Brought {
    pub(super) fn add(&mut self, other: Brought) {
        self.tried += other.tried;
        self.uploaded += other.uploaded;
        self.failed += other.failed;
        if self.error.is_none() || other.is_unauthorized {
            self.error = other.error.or(self.error.take());
        }
        self.is_unauthorized |= other.is_unauthorized;
    }
}
